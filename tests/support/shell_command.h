// SPDX-License-Identifier: Apache-2.0
// Runs what `convert curl` prints in a world of its own, as a shell would.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/golden/script.h"
#include "tests/support/command_world.h"

namespace metactl::tests {

/// Runs "metactl ..." with a here-document, if one follows; $NAME stands for the value of a
/// variable, which is in the environment too. --server is left out.
inline CommandWorld::Result run_as_shell(CommandWorld& world, const std::string& command,
                                         const std::map<std::string, std::string>& variables) {
  const auto expanded = [&](std::string text) {
    for (auto each = variables.rbegin(); each != variables.rend(); ++each) {  // AK_2 before AK.
      const auto& [name, value] = *each;
      const auto guarded = "${" + name + ":?}";
      for (auto at = text.find(guarded); at != std::string::npos; at = text.find(guarded, at))
        text.replace(at, guarded.size(), value);
      for (auto at = text.find("$" + name); at != std::string::npos; at = text.find("$" + name, at))
        text.replace(at, name.size() + 1, value);
    }
    return text;
  };
  const auto line_end = std::min(command.find('\n'), command.size());
  auto line = command.substr(0, line_end);
  std::string input;
  if (const auto mark = line.find(" <<"); mark != std::string::npos) {
    line.resize(mark);
    input = command.substr(line_end + 1, command.rfind('\n') - line_end);
  }
  std::vector<std::string> words;
  bool is_server = false;
  for (const auto& word : golden::split_words(line)) {
    if (!is_server && word != "--server") words.push_back(expanded(word));
    is_server = word == "--server";
  }
  for (const auto& [name, value] : variables) world.environment[name] = value;
  return world.run(words, expanded(input));
}

}  // namespace metactl::tests
