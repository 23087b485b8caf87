// SPDX-License-Identifier: Apache-2.0
// Calls that a script makes only when something else allows it.
#pragma once

#include <cstddef>

#include "cli/shell_script.h"

namespace metactl::commands {

/// True for a command in a branch or loop, or behind a test with && or anything with ||. Commands
/// such as cd and echo, and other calls of curl, are no tests.
bool is_conditional(const cli::ShellScript& script, std::size_t index);

}  // namespace metactl::commands
