// SPDX-License-Identifier: Apache-2.0
// Variables of a shell text that stay variables in the commands made from it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "commands/conversion.h"
#include "commands/curl_request.h"

namespace metactl::commands {

/// What becomes of the command for a call.
enum class Variables : std::uint8_t {
  none_open,  // It says the same as the call, or has variables that the text never sets.
  some_open,  // It has variables whose values come from loops and the like.
  unreadable  // It would have parts that cannot be taken over: there is no command.
};

/// Looks at the variables that the command for the call has, and tells each once: `told` holds the
/// names of those that were told. Those that stand for secrets need no word.
Variables check_variables(const cli::ShellScript& script, const cli::CurlCall& call,
                          const CurlRequest& request, const SecretNames& secrets,
                          std::set<std::string>& told, std::vector<Mistake>& mistakes);

}  // namespace metactl::commands
