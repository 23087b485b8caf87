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

Conditions::Conditions(const cli::ShellScript& script) : is_conditional_(script.commands().size()) {
  const auto& commands = script.commands();
  std::vector<bool> is_behind_test(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto before = commands[i].previous;  // Always a smaller number.
    if (before == ShellCommand::none || commands[before].next == Next::end) continue;
    const auto& each = commands[before];
    is_behind_test[i] = is_behind_test[before] || each.next == Next::either ||
                        (each.next == Next::both && !is_step(script, each));
  }
  for (auto i = commands.size(); i-- > 0;) {
    const auto outer = commands[i].outer;  // Always a larger number.
    is_conditional_[i] = commands[i].block != 0 || is_behind_test[i] ||
                         (outer != ShellCommand::none && is_conditional_[outer]);
  }
}

}  // namespace metactl::commands
