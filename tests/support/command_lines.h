// SPDX-License-Identifier: Apache-2.0
// Whether command lines that the program proposes can be typed.
#pragma once

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "commands/commands.h"
#include "tests/golden/script.h"

namespace metactl::tests {

/// "" when `line` is `metactl` and words that the tree of commands knows, else why not.
inline std::string parse_failure(const std::string& line) {
  if (!line.starts_with("metactl ")) return "not metactl: " + line;
  cli::Tree tree;
  commands::add_all_commands(tree);
  try {
    tree.parse(golden::split_words(line));
    return "";
  } catch (const Error& error) {
    return line + ": " + error.what();
  }
}

/// The same of every `metactl` in a mend, up to the next ';' or '|'; "" when there is none.
inline std::string mend_failure(std::string mend) {
  std::replace(mend.begin(), mend.end(), '|', ';');
  std::string failures;
  for (const auto& part : text::split(mend, ';')) {
    const std::string command(text::trim(part));
    if (command.starts_with("metactl ")) failures += parse_failure(command);
  }
  return failures;
}

}  // namespace metactl::tests
