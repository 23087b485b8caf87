// SPDX-License-Identifier: Apache-2.0
#include "base/shell_word.h"

#include <algorithm>

#include "base/text.h"

namespace metactl::text {
namespace {

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

std::string escaped(const std::string& word) {
  std::string result = "$'";
  for (const char c : word) {
    if (is_control(c)) {
      result += "\\x" + hex({&c, 1});
    } else {
      if (c == '\'' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + "'";
}

}  // namespace

std::string shell_word(const std::string& word) {
  const auto needs_escape = [](char c) { return is_control(c) && c != '\n' && c != '\t'; };
  if (std::any_of(word.begin(), word.end(), needs_escape)) return escaped(word);
  return consists_of(word, "_-.:/@+,%#=") && !word.starts_with('#') ? word : shell_quote(word);
}

}  // namespace metactl::text
