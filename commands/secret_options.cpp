// SPDX-License-Identifier: Apache-2.0
#include "commands/secret_options.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/files.h"

namespace metactl::commands {
namespace {

constexpr auto sources = "--sk-file FILE, --sk-env VARIABLE or --sk-stdin";

/// The first line, without blanks around it.
std::string first_line(const std::string& content) {
  return std::string(text::trim(content.substr(0, content.find_first_of("\r\n"))));
}

std::string from_stdin(cli::Session& session) {
  auto secret = first_line(cli::read_input(session.io(), "-", "read", cli::largest_secret));
  if (secret.empty()) throw Error(Reason::usage, "no secret key: standard input is empty");
  return secret;
}

std::string from_prompt(cli::Session& session) {
  const auto typed = session.ask_hidden("secret key: ");
  if (!typed) throw Error(Reason::usage, "no secret key is given", sources);
  auto secret = first_line(*typed);
  if (secret.empty()) throw Error(Reason::usage, "no secret key was typed", sources);
  return secret;
}

}  // namespace

std::string secret_variable(cli::Session& session, const std::string& name) {
  const auto variable = session.io().environment(name);
  if (!variable || variable->empty())
    throw Error(Reason::usage, fmt::format("the environment has no variable '{}'", name));
  return *variable;
}

std::string read_secret_key(cli::Session& session, const SecretOptions& options) {
  const int given = (options.sk.empty() ? 0 : 1) + (options.sk_file.empty() ? 0 : 1) +
                    (options.sk_env.empty() ? 0 : 1) + (options.sk_stdin ? 1 : 0);
  if (given > 1)
    throw Error(Reason::usage, fmt::format("only one secret key is possible: {}", sources));
  if (!options.sk.empty()) {
    session.warn("a secret key on the command line is visible to others; use --sk-file FILE");
    return options.sk;
  }
  if (options.sk_stdin || options.sk_file == "-") return from_stdin(session);
  if (!options.sk_file.empty()) return cli::read_named_secret(options.sk_file);
  if (!options.sk_env.empty()) return secret_variable(session, options.sk_env);
  return from_prompt(session);
}

}  // namespace metactl::commands
