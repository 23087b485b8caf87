// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace metactl::text {

/// One word of a command line: as it is where every shell takes it so, else in single quotes, or,
/// with other control characters than tabs and line ends, as $'...', which bash and zsh read.
std::string shell_word(const std::string& word);

}  // namespace metactl::text
