// SPDX-License-Identifier: Apache-2.0
// Shell completion: small scripts that ask the program itself what may follow.
#pragma once

#include <string>
#include <vector>

#include "cli/tree.h"

namespace metactl::cli {

/// The scripts call `metactl __complete WORD...`, the last word being the one that is typed.
inline constexpr auto completion_word = "__complete";

/// Prints what may stand for the last word, one a line, with a tab and its meaning behind it where
/// it has one. Names of live objects are asked of the service; when that fails there are none.
void complete(const Tree& tree, const std::vector<std::string>& words, Io& io,
              const Services& services);

/// The script for "bash", "zsh" or "fish". Throws Error, usage, for another shell.
std::string completion_script(const std::string& shell);

}  // namespace metactl::cli
