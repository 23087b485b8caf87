// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_conditions.h"

#include <algorithm>
#include <array>

namespace metactl::commands {
namespace {

using cli::ShellCommand;
using Next = ShellCommand::Next;

/// True when nobody would put the command in front of && to test something.
bool is_step(const cli::ShellScript& script, const ShellCommand& command) {
  constexpr std::array steps = {"curl",  ":",    "true",   "echo", "printf", "cat",   "cd",
                                "sleep", "date", "export", "set",  "source", "mkdir", "."};
  if (command.words.empty()) return true;
  const auto& word = command.words[0];
  if (!word.pieces.empty() && word.pieces[0].text.find('=') != std::string::npos) return true;
  const auto name = word.plain().value_or("");
  return script.has_function(name) || std::find(steps.begin(), steps.end(), name) != steps.end();
}

}  // namespace

bool is_conditional(const cli::ShellScript& script, std::size_t index) {
  const auto& commands = script.commands();
  const auto& command = commands[index];
  if (!command.block.empty()) return true;
  for (auto before = command.previous; before != ShellCommand::none;
       before = commands[before].previous) {
    const auto& each = commands[before];
    if (each.next == Next::end) break;
    if (each.next == Next::either || (each.next == Next::both && !is_step(script, each)))
      return true;
  }
  return command.outer != ShellCommand::none && is_conditional(script, command.outer);
}

}  // namespace metactl::commands
