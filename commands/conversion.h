// SPDX-License-Identifier: Apache-2.0
// From a request to the command that an operator would type for it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "commands/curl_request.h"

namespace metactl::commands {

/// How a member of a request is typed.
struct Part {
  enum class Kind : std::uint8_t {
    position,
    option,        // `flag` VALUE
    each,          // `flag` VALUE for all items of a list
    positions,     // All items of a list as arguments; `flag` for an empty list.
    enabled,       // `flag` for true
    variable,      // `flag` NAME for a secret that stands in a variable
    is,            // Nothing, for the one value `flag`
    word,          // The word `flag`, whatever the request holds.
    implied,       // Nothing: the command finds it out itself.
    body_only,     // The request cannot be typed, but given as --body.
    milliseconds,  // `flag` TIME
    nodes,         // Nodes as ADDRESS:PORT...; `flag` in front of each, if it is not "".
    endpoints,     // The same, but ADDRESS:PORT only.
    tablets,       // The ids of tablets
    members,       // --active and --standby, from the names and the policy of a virtual cluster
    s3,            // `flag` KEY=VALUE,...
    hdfs,
    pairs,     // `flag` KEY=VALUE for all items of a list of key and value
    settings,  // KEY=VALUE for all items of a text with commas
    fields,    // NAME=VALUE for all items of a map
  };
  Kind kind;
  std::string_view path;
  std::string_view flag = {};
  bool is_needed = false;  // Without it the command does not do, or does something of its own.
  void (*check)(const std::string&) = nullptr;  // Throws Error for a name that the command refuses.
};

/// Where a command has its instance from.
enum class InstanceFrom : std::uint8_t { nothing, flag };

struct Conversion {
  std::string_view operation;
  std::string_view words;
  std::vector<Part> parts;
  InstanceFrom instance = InstanceFrom::flag;
  bool has_body = false;  // The command takes --body.
};

/// All of them; of several for one operation the first that can say everything is taken.
const std::vector<Conversion>& conversions();

/// The variables that stand for secrets which a text has in the clear.
class SecretNames {
 public:
  /// The same one for the same secret in the same field.
  std::string variable(const std::string& field, const std::string& secret);
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return taken_.contains(name); }
  /// By the field and the secret.
  const std::map<std::pair<std::string, std::string>, std::string>& all() const { return names_; }

 private:
  std::map<std::pair<std::string, std::string>, std::string> names_;
  std::set<std::string> taken_;
  std::map<std::string, int> next_;  // The next number behind a name that several fields have.
};

/// Puts variables in place of the secrets of a request, and tells where they stand in the clear.
void hide_secrets(const cli::ShellScript& script, const cli::CurlCall& call, CurlRequest& request,
                  SecretNames& names, std::vector<Mistake>& mistakes);

/// The command as shell text, without a line end; "" when there is none.
std::string command_for(const cli::CurlCall& call, const CurlRequest& request);

}  // namespace metactl::commands
