// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace metactl::tests::golden {
namespace {

/// What is told of changes of a server only.
constexpr std::string_view server_note = "! note: metactl cannot undo on a server: ";

std::string joined(const std::vector<std::string>& lines) {
  std::string content;
  for (const auto& line : lines) content += line + "\n";
  return content;
}

void set_variable(CommandWorld& world, const Step& step) {
  const auto equals = step.text.find('=');
  if (equals == std::string::npos)
    throw std::runtime_error(fmt::format("line {}: not NAME=VALUE: {}", step.line, step.text));
  world.environment[step.text.substr(0, equals)] = step.text.substr(equals + 1);
}

/// The environment names the server or the state, and so do the commands that findings propose.
void remove_place(const CommandWorld& world, std::string& line) {
  const auto named = [&](const char* variable, const std::string& flag, const std::string& rest) {
    const auto found = world.environment.find(variable);
    if (found == world.environment.end() || found->second.empty()) return;
    const auto place = flag + found->second + rest;
    for (auto at = line.find(place); at != std::string::npos; at = line.find(place))
      line.erase(at, place.size());
  };
  named("METACTL_SERVER", " --server ", " --token-file server.token");
  named("METACTL_STATE", " --state ", "");
}

/// The lines that differ, with up to two equal ones before them.
std::string diff(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  const auto [left, right] =
      std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
  const auto [left_end, right_end] =
      std::mismatch(expected.rbegin(), std::make_reverse_iterator(left), actual.rbegin(),
                    std::make_reverse_iterator(right));
  std::string text;
  const auto add = [&](std::string_view mark, auto first, auto last) {
    for (; first != last; ++first) text += fmt::format("  {} {}\n", mark, *first);
  };
  add(" ", left - std::min<std::ptrdiff_t>(2, left - expected.begin()), left);
  add("-", left, left_end.base());
  add("+", right, right_end.base());
  return text;
}

}  // namespace

Script run(const Script& script, Mode mode) {
  CommandWorld world(mode);
  if (!script.services.empty()) world.use_services(script.services);
  auto result = script;
  for (auto& step : result.steps) {
    if (step.kind == Step::Kind::environment) set_variable(world, step);
    if (step.kind == Step::Kind::file) CommandWorld::write_file(step.text, joined(step.input));
    if (step.kind != Step::Kind::command) continue;
    step.expected = expectation(world.run(split_words(step.text), joined(step.input)));
    if (script.modes.size() > 1) {
      for (auto& line : step.expected) remove_place(world, line);
      std::erase_if(step.expected, [](const auto& line) { return line.starts_with(server_note); });
    }
  }
  return result;
}

std::string differences(const Script& expected, const Script& actual, const std::string& file,
                        Mode mode) {
  std::string text;
  for (std::size_t i = 0; i < expected.steps.size(); ++i) {
    const auto& step = expected.steps[i];
    if (step.expected == actual.steps[i].expected) continue;
    text += fmt::format("{}:{} on {}: {}\n{}", file, step.line,
                        mode_names.at(static_cast<std::size_t>(mode)), step.text,
                        diff(step.expected, actual.steps[i].expected));
  }
  return text;
}

}  // namespace metactl::tests::golden
