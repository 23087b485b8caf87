// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/meta.h"
#include "api/secret_text.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

constexpr std::string_view hidden = "***";
// Shorter ones are masked behind their names only.
constexpr std::size_t shortest = 3;

bool replace(std::string& text, const std::string& part, std::string_view other) {
  bool is_found = false;
  for (auto at = text.find(part); !part.empty() && at != std::string::npos;
       at = text.find(part, at + other.size())) {
    text.replace(at, part.size(), other);
    is_found = true;
  }
  return is_found;
}

std::string without_quotes(std::string text) {
  std::erase_if(text, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
  return text;
}

/// The parts of a secret that are no variables, and the values that stand in for unset ones.
void add_parts(std::string_view secret, std::set<std::string>& parts) {
  while (!secret.empty()) {
    const auto begin = std::min(secret.find(cli::variable_begin), secret.size());
    parts.emplace(secret.substr(0, begin));
    const auto end = std::min(secret.find(cli::variable_end), secret.size());
    const auto source = secret.substr(begin, end - begin);
    const auto other = source.find_first_of("-=+");
    if (other != std::string_view::npos && source.ends_with('}') && source.find('{') < other)
      parts.emplace(source.substr(other + 1, source.size() - other - 2));
    secret.remove_prefix(std::min(end + cli::variable_end.size(), secret.size()));
  }
}

/// A parameter that the operation reads.
bool is_known(const CurlRequest& request, const std::string& name) {
  if (!request.operation) return false;
  const auto& message = request.operation->request();
  const auto* type = message.GetDescriptor();
  return type->FindFieldByName(name) || type->FindFieldByName("parameters");
}

std::set<std::string> secrets_of(const cli::CurlCall& call, const CurlRequest& request) {
  std::set<std::string> parts;
  for (const auto& secret : call.secrets) add_parts(secret, parts);
  auto query = cli::split_url(call.url.text).query;
  for (const auto& pair : text::split(query, '&')) {
    const auto equals = std::min(pair.find('='), pair.size() - (pair.empty() ? 0 : 1));
    const auto name = pair.substr(0, equals);
    const auto value = pair.substr(std::min(equals + 1, pair.size()));
    if (name == "token" ? cli::has_variable(value) : !is_known(request, name))
      add_parts(value, parts);
  }
  const auto& body = call.data.text;
  for (const auto& found : api::find_secrets(body))
    if (found.end - found.value > shortest)
      add_parts(std::string_view(body).substr(found.value, found.end - found.value), parts);
  parts.erase("");
  return parts;
}

}  // namespace

bool speaks_of_secrets(const std::string& text) {
  const auto upper = text::upper(text);
  for (const auto* name : {"SECRET", "PASS", "TOKEN", "KEY"})
    if (upper.find(name) != std::string::npos) return true;
  for (auto at = upper.find("SK"); at != std::string::npos; at = upper.find("SK", at + 1)) {
    const auto is_letter = [&](std::size_t place) {
      return place < upper.size() && text::consists_of(upper.substr(place, 1), "");
    };
    if (!is_letter(at - 1) && !is_letter(at + 2)) return true;
  }
  return false;
}

std::string masked_call(const cli::ShellScript& script, const cli::ShellCommand& command,
                        const cli::CurlCall& call, const CurlRequest& request,
                        const SecretNames& names) {
  auto text = script.text().substr(command.begin, command.end - command.begin);
  // Each secret is looked for in the whole text.
  const auto spend = [&](std::size_t secrets) { script.spend(secrets * (text.size() / 16 + 16)); };
  // A command that makes a body has secrets anywhere.
  for (const auto& start : {"$(", "`"}) {
    const auto at = text.find(start);
    if (at != std::string::npos && speaks_of_secrets(text.substr(at)))
      return fmt::format("curl {}", hidden);
  }
  spend(names.all().size());
  // Secrets with variables in them first: parts of these may be secrets too.
  std::set<std::string> parts;
  for (const auto& [secret, name] : names.all())
    if (cli::has_variable(secret.second)) add_parts(secret.second, parts);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) replace(text, *part, hidden);
  for (const auto& [secret, name] : names.all())
    for (const auto* colon : {"\": \"", "\":\""})
      replace(text, secret.first + colon + secret.second + '"',
              fmt::format("{}{}${}\"", secret.first, colon, name));
  for (const auto& [secret, name] : names.all())
    if (secret.second.size() > shortest) replace(text, secret.second, "$" + name);
  const auto found = api::find_secrets(text);
  spend(found.size());
  std::set<std::string> repeated;
  for (auto secret = found.rbegin(); secret != found.rend(); ++secret) {
    const auto value = text.substr(secret->value, secret->end - secret->value);
    if (value.empty() || value[0] == '$') continue;
    text.replace(secret->value, value.size(), api::masked(*secret, text));
    if (value.size() > shortest) repeated.insert(value);
  }
  repeated.merge(secrets_of(call, request));
  spend(repeated.size());
  for (auto secret = repeated.rbegin(); secret != repeated.rend(); ++secret) {
    if (replace(text, *secret, hidden)) continue;
    // Quotes may stand inside a secret: then nothing of the call is shown.
    const auto bare = without_quotes(*secret);
    if (!bare.empty() && without_quotes(text).find(bare) != std::string::npos)
      return fmt::format("curl {}", hidden);
  }
  return text;
}

}  // namespace metactl::commands
