// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/meta.h"
#include "base/text.h"
#include "commands/curl_mask.h"

namespace metactl::commands {
namespace {

using cli::CurlCall;
using nlohmann::ordered_json;

/// All texts of the request that the command has.
void collect(const ordered_json& members, std::vector<std::string>& texts) {
  if (members.is_string()) texts.push_back(members.get<std::string>());
  if (members.is_structured())
    for (const auto& [name, value] : members.items()) {
      texts.push_back(name);
      collect(value, texts);
    }
}

/// ${NAME:-VALUE} where nothing in VALUE is expanded: a command can have that too.
bool has_own_default(std::string_view source) {
  const auto operation = source.find_first_of(":-=");
  return source.starts_with("${") && operation != std::string_view::npos &&
         source.find_first_of("$`", 2) == std::string_view::npos &&
         source.find_first_of("#%/!^@*,[") > operation;
}

class Check {
 public:
  Check(const cli::ShellScript& script, const CurlCall& call, const SecretNames& secrets,
        std::set<std::string>& told, std::vector<Mistake>& mistakes)
      : script_(script), call_(call), secrets_(secrets), told_(told), mistakes_(mistakes) {}

  Variables result() const { return result_; }

  void look(const std::string& text, bool may_be_output) {
    for (const auto& [source, offset] : cli::variables_in(text)) {
      const auto marked = fmt::format("{}{}{}", cli::variable_begin, source, cli::variable_end);
      const bool is_output = source.starts_with("$(") || source.starts_with('`');
      if (is_output) {
        if (may_be_output && marked == text && is_harmless(source)) {
          note_inner(source);
          continue;
        }
        refuse(source, "what a command writes here is not known");
        continue;
      }
      const auto name = name_of(source);
      if (!name.empty()) {
        note(name, source);
      } else if (!has_own_default(source)) {
        refuse(source, fmt::format("the value of '{}' is not known here", shown(source)));
      }
    }
  }

 private:
  /// Without what stands behind the name, which may be a secret.
  static std::string shown(const std::string& source) {
    const auto name = source.find_first_not_of("${!#");
    auto end = std::min(name, source.size());
    while (end < source.size() && text::consists_of(source.substr(end, 1), "_")) ++end;
    return source.substr(0, end) + (source.starts_with("${") ? "...}" : "");
  }

  static std::string name_of(const std::string& source) {
    const auto name = source.starts_with('$') ? source.substr(1) : "";
    return text::consists_of(name, "_") ? name : "";
  }

  /// No call of its own, none of a function of the text, no arithmetic, and no secret.
  bool is_harmless(const std::string& source) const {
    if (speaks_of_secrets(source)) return false;
    if (source.starts_with("$((") || source.find("curl") != std::string::npos) return false;
    return !script_.calls_function(source);
  }

  std::size_t line_of(const std::string& source) const {
    const auto written = std::string(cli::variable_begin) + source;
    for (const auto* text : {&call_.data, &call_.url})
      if (const auto at = text->text.find(written); at != std::string::npos)
        return text->line_at(at);
    return call_.line;
  }

  void refuse(const std::string& source, const std::string& message) {
    result_ = Variables::unreadable;
    if (mistakes_.size() < most_mistakes)
      mistakes_.push_back({"unread-value", line_of(source), text::printable(message),
                           "put it into a variable of its own first"});
  }

  /// The variables that the command in a substitution is not run without.
  void note_inner(const std::string& source) {
    constexpr std::string_view end = ":?}";
    for (auto at = source.find("${"); at != std::string::npos; at = source.find("${", at + 2)) {
      const auto close = source.find(end, at);
      const auto name = source.substr(at + 2, std::min(close, source.size()) - at - 2);
      if (close != std::string::npos && text::consists_of(name, "_")) note(name, source);
    }
  }

  void note(const std::string& name, const std::string& source) {
    const auto origin = script_.origin(name);
    if (!origin.empty() && result_ == Variables::none_open) result_ = Variables::some_open;
    if (secrets_.has(name) || !told_.insert(name).second) return;
    mistakes_.push_back({"unset-variable", line_of(source),
                         origin.empty() ? fmt::format("'{}' is not set in this text", name)
                                        : fmt::format("'{}' {}", name, origin),
                         origin.empty()
                             ? "set it before the command runs"
                             : "set it before the command, and run that for each of its values"});
  }

  const cli::ShellScript& script_;
  const CurlCall& call_;
  const SecretNames& secrets_;
  std::set<std::string>& told_;
  std::vector<Mistake>& mistakes_;
  Variables result_ = Variables::none_open;
};

}  // namespace

Variables check_variables(const cli::ShellScript& script, const CurlCall& call,
                          const CurlRequest& request, const SecretNames& secrets,
                          std::set<std::string>& told, std::vector<Mistake>& mistakes) {
  Check check(script, call, secrets, told, mistakes);
  check.look(request.server, false);
  if (request.target == CurlRequest::Target::frontend) {
    check.look(call.user, false);
    return check.result();
  }
  if (call.body == CurlCall::Body::file) check.look(call.file, false);
  std::vector<std::string> texts;
  collect(request.members, texts);
  for (const auto& text : texts) check.look(text, false);
  if (request.members.is_null() && call.body == CurlCall::Body::text)
    check.look(call.data.text, true);
  return check.result();
}

}  // namespace metactl::commands
