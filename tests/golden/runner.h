// SPDX-License-Identifier: Apache-2.0
// Runs golden files.
#pragma once

#include <filesystem>
#include <string>

#include "tests/golden/script.h"

namespace metactl::tests::golden {

/// Runs all commands of `script` in a new world of this mode. Returns the same script with what
/// the commands really printed.
Script run(const Script& script, Mode mode);

/// For each command that printed something else: its place, its line and a diff; "" when there is
/// none. `file` and `mode` are told.
std::string differences(const Script& expected, const Script& actual, const std::string& file,
                        Mode mode);

}  // namespace metactl::tests::golden
