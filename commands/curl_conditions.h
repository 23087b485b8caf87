// SPDX-License-Identifier: Apache-2.0
// Calls that a script makes only when something else allows it.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/shell_script.h"

namespace metactl::commands {

/// The commands of a script that depend on a condition: those in a branch or loop, or behind a test
/// with && or anything with ||. Commands such as cd and echo, and other calls of curl, are no
/// tests.
class Conditions {
 public:
  explicit Conditions(const cli::ShellScript& script);

  bool contains(std::size_t index) const { return is_conditional_[index]; }

 private:
  std::vector<bool> is_conditional_;  // By command.
};

}  // namespace metactl::commands
