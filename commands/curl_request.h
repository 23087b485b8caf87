// SPDX-License-Identifier: Apache-2.0
// What a call of curl asks a service for, and what is wrong with it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/operation.h"
#include "cli/curl_call.h"

namespace metactl::commands {

struct Mistake {
  std::string id;  // What kind of mistake, in words with dashes: "unknown-route".
  std::size_t line = 0;
  std::string message;
  std::string hint = {};  // What to write instead; "" when that is clear.
};

/// The most mistakes of one call that are looked for.
inline constexpr std::size_t most_mistakes = 100;

/// Fields of requests that no service asks for, but for its log.
inline constexpr std::string_view log_field = "request_ip";

struct CurlRequest {
  enum class Target : std::uint8_t {
    none,      // Another server's, or a call that cannot be told: there is nothing to convert.
    service,   // An operation of the Meta Service.
    frontend,  // The call of a frontend that `cluster fragments` makes.
  };
  Target target = Target::none;
  bool is_foreign = false;  // Of Target::none: it goes to something else than these services.
  std::string server;       // "" stands for METACTL_SERVER.
  const api::AnyOperation* operation = nullptr;
  /// The members that the service reads, by their names in snake_case; null when the body is not
  /// known here or cannot be read. Variables of the shell stand in it, see cli/shell_script.h.
  nlohmann::ordered_json members;
  bool is_readable = true;  // False: the service cannot read the body either.
};

/// True when a text holds the path of a Meta Service or of its recycler.
bool names_service(std::string_view text);

/// True when a word may be a call of a service that metactl knows: it is no option, and no URL of
/// something else whose host and path are written out.
bool may_call_service(std::string_view word);

/// Adds what is wrong to `mistakes`.
CurlRequest read_curl_request(const cli::CurlCall& call, std::vector<Mistake>& mistakes);

}  // namespace metactl::commands
