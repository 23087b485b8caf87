// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace metactl::text {

/// One word of a command line: as it is where every shell takes it so, else in single quotes.
std::string shell_word(const std::string& word);

}  // namespace metactl::text
