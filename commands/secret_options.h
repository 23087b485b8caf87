// SPDX-License-Identifier: Apache-2.0
// Secrets as they are entered: from a file, the environment, standard input or a prompt; on the
// command line only with a warning.
#pragma once

#include <string>

#include "cli/tree.h"

namespace metactl::commands {

/// Where a secret key is. At most one is given.
struct SecretOptions {
  std::string sk;
  std::string sk_file;
  std::string sk_env;
  bool sk_stdin = false;

  bool any() const { return !sk.empty() || !sk_file.empty() || !sk_env.empty() || sk_stdin; }
};

struct KeyOptions : SecretOptions {
  std::string ak;
  bool any() const { return !ak.empty() || SecretOptions::any(); }
};

/// The secret key; asked for at a terminal when no option says where it is. Throws Error, usage,
/// when there is none, or more than one option.
std::string read_secret_key(cli::Session& session, const SecretOptions& options);

/// The value of an environment variable that holds a secret. Throws Error, usage, when empty.
std::string secret_variable(cli::Session& session, const std::string& name);

/// Adds --sk-file, --sk-env, --sk-stdin and --sk.
template <class Options>
void add_secret_options(cli::Command<Options>& command) {
  command.option("--sk-file", &SecretOptions::sk_file, "File with the secret key", "FILE")
      .option("--sk-env", &SecretOptions::sk_env, "Environment variable with the secret key",
              "VARIABLE")
      .flag("--sk-stdin", &SecretOptions::sk_stdin, "Read the secret key from standard input")
      .option("--sk", &SecretOptions::sk, "The secret key itself; visible to others, so better not")
      .secret("--sk");
}

/// A secret key is wanted, unless one of `unless` is typed.
template <class Options>
void need_secret_key(cli::Command<Options>& command, std::vector<std::string> unless = {}) {
  unless.insert(unless.end(), {"--sk-env", "--sk-stdin", "--sk"});
  command.asks_for("--sk-file", unless);
}

/// Adds --ak and the options of the secret key.
template <class Options>
void add_key_options(cli::Command<Options>& command) {
  command.option("--ak", &KeyOptions::ak, "Access key", "AK").secret("--ak");
  add_secret_options(command);
}

}  // namespace metactl::commands
