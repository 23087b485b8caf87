// SPDX-License-Identifier: Apache-2.0
#include "base/shell_word.h"

#include "base/text.h"

namespace metactl::text {

std::string shell_word(const std::string& word) {
  return consists_of(word, "_-.:/@+,%#=") && !word.starts_with('#') ? word : shell_quote(word);
}

}  // namespace metactl::text
