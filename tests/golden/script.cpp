// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/text.h"

namespace metactl::tests::golden {
namespace {

constexpr std::string_view modes_mark = "modes:";
constexpr std::string_view services_mark = "services:";

bool has_mark(const std::string& line, char mark) {
  return line.starts_with(mark) && (line.size() == 1 || line[1] == ' ');
}

std::string without_mark(const std::string& line) {
  return line.size() < 2 ? "" : line.substr(2);
}

[[noreturn]] void refuse(std::size_t line, const std::string& why) {
  throw std::runtime_error(fmt::format("line {}: {}", line, why));
}

std::vector<Mode> parse_modes(const std::string& line, std::size_t number) {
  std::vector<Mode> modes;
  for (const auto& word : text::split(text::trim(line.substr(modes_mark.size())), ' ')) {
    const auto* found = std::find(mode_names.begin(), mode_names.end(), word);
    if (found == mode_names.end()) refuse(number, fmt::format("no mode '{}'", word));
    modes.push_back(static_cast<Mode>(found - mode_names.begin()));
  }
  return modes;
}

std::set<api::Service> parse_services(const std::string& line, std::size_t number) {
  const std::map<std::string, api::Service, std::less<>> known = {
      {"meta", api::Service::meta},
      {"broker", api::Service::broker},
      {"qluster", api::Service::qluster},
      {"nodemgr", api::Service::nodemgr}};
  std::set<api::Service> services;
  for (const auto& word : text::split(text::trim(line.substr(services_mark.size())), ' ')) {
    if (!known.contains(word)) refuse(number, fmt::format("no service '{}'", word));
    services.insert(known.at(word));
  }
  return services;
}

/// A line that starts a step; nothing when it goes on with the step before.
std::optional<Step> new_step(const std::string& line, std::size_t number) {
  if (has_mark(line, '%')) return Step{Step::Kind::environment, number, without_mark(line), {}, {}};
  if (has_mark(line, '>')) return Step{Step::Kind::file, number, without_mark(line), {}, {}};
  if (has_mark(line, '$')) return Step{Step::Kind::command, number, without_mark(line), {}, {}};
  if (line.empty() || line.starts_with('#')) return Step{Step::Kind::text, number, line, {}, {}};
  return std::nullopt;
}

void continue_step(Script& script, const std::string& line, std::size_t number) {
  const auto kind = script.steps.empty() ? Step::Kind::text : script.steps.back().kind;
  if (kind == Step::Kind::text && line.starts_with(modes_mark)) {
    script.modes = parse_modes(line, number);
    script.steps.push_back({Step::Kind::text, number, line, {}, {}});
  } else if (kind == Step::Kind::text && line.starts_with(services_mark)) {
    script.services = parse_services(line, number);
    script.steps.push_back({Step::Kind::text, number, line, {}, {}});
  } else if (has_mark(line, '<') && (kind == Step::Kind::file || kind == Step::Kind::command)) {
    script.steps.back().input.push_back(without_mark(line));
  } else if (kind == Step::Kind::command) {
    script.steps.back().expected.push_back(line);
  } else {
    refuse(number, fmt::format("no command stands before '{}'", line));
  }
}

std::vector<std::string> lines_of(const std::string& content) {
  auto lines = text::split(content, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

/// A line of output as it stands in a file.
std::string escaped(const std::string& line) {
  constexpr std::string_view marks = "$<>%!=";
  const bool is_marked = line.empty() || line[0] == '|' || line[0] == '#' || line == "\\" ||
                         (marks.find(line[0]) != std::string_view::npos && has_mark(line, line[0]));
  return is_marked ? "|" + line : line;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string masked(const std::string& text) {
  return replaced(replaced(text, fixed_time_text, "<time>"), std::to_string(fixed_time), "<time>");
}

}  // namespace

Script parse(const std::string& content) {
  Script script{{Mode::memory, Mode::sqlite, Mode::served}, {}, {}};
  std::size_t number = 0;
  for (const auto& line : lines_of(content)) {
    if (auto step = new_step(line, ++number)) {
      script.steps.push_back(std::move(*step));
    } else {
      continue_step(script, line, number);
    }
  }
  return script;
}

std::string print(const Script& script) {
  std::string content;
  for (const auto& step : script.steps) {
    const std::string_view mark = step.kind == Step::Kind::environment ? "% "
                                  : step.kind == Step::Kind::file      ? "> "
                                  : step.kind == Step::Kind::command   ? "$ "
                                                                       : "";
    content += fmt::format("{}{}\n", mark, step.text);
    for (const auto& line : step.input) content += line.empty() ? "<\n" : "< " + line + "\n";
    for (const auto& line : step.expected) content += line + "\n";
  }
  return content;
}

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && c == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) throw std::runtime_error("unbalanced quotes: " + line);
  if (words.empty() || words[0] != "metactl") throw std::runtime_error("not metactl: " + line);
  words.erase(words.begin());
  return words;
}

std::vector<std::string> expectation(const CommandWorld::Result& result) {
  std::vector<std::string> lines;
  if (!result.out.empty())
    for (const auto& line : lines_of(masked(result.out))) lines.push_back(escaped(line));
  if (!result.out.empty() && !result.out.ends_with('\n')) lines.emplace_back("\\");
  if (!result.err.empty())
    for (const auto& line : lines_of(masked(result.err)))
      lines.push_back(line.empty() ? "!" : "! " + line);
  if (result.status != 0) lines.push_back(fmt::format("= {}", result.status));
  return lines;
}

}  // namespace metactl::tests::golden
