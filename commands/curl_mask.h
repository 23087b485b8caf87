// SPDX-License-Identifier: Apache-2.0
// Calls of curl as they may be shown.
#pragma once

#include <string>

#include "commands/conversion.h"

namespace metactl::commands {

/// The text of the call in a command, without its secrets: those of `names` as variables, all
/// others masked. Values of parameters in the URL that no service knows count as secrets.
std::string masked_call(const cli::ShellScript& script, const cli::ShellCommand& command,
                        const cli::CurlCall& call, const CurlRequest& request,
                        const SecretNames& names);

/// True when a word of the text, such as sk or password, names a secret.
bool speaks_of_secrets(const std::string& text);

}  // namespace metactl::commands
