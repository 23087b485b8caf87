// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/example.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "base/text.h"

namespace metactl::tests {
namespace {

constexpr std::string_view mark = "--- ";
constexpr std::string_view anything = "[...]";

Step start_step(const std::string& line, int number) {
  const auto words = line.substr(mark.size());
  const auto blank = std::min(words.find(' '), words.size());
  return {words.substr(0, blank), std::string(text::trim(words.substr(blank))), "", number};
}

/// The first line and what follows its line end.
std::pair<std::string_view, std::string_view> first_line(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  return {text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

}  // namespace

std::vector<Step> read_example(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Step> steps;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with('#')) continue;
    if (line.starts_with(mark)) {
      steps.push_back(start_step(line, number));
    } else if (!steps.empty()) {
      steps.back().text += line + "\n";
    } else if (!line.empty()) {
      throw std::runtime_error(fmt::format("{}:{}: text before a section", path.string(), number));
    }
  }
  if (steps.empty()) throw std::runtime_error(path.string() + ": no example");
  for (auto& step : steps) step.text.resize(step.text.find_last_not_of('\n') + 1);
  return steps;
}

http::Request parse_request(const std::string& text, std::string_view token) {
  auto [line, rest] = first_line(text);
  const auto words = text::split(line, ' ');
  http::Request request;
  request.method = words.at(0);
  const auto mark_at = std::min(words.at(1).find('?'), words.at(1).size());
  request.path = words.at(1).substr(0, mark_at);
  request.query = words.at(1).substr(std::min(mark_at + 1, words.at(1).size()));
  constexpr std::string_view placeholder = "<token>";
  if (const auto at = request.query.find(placeholder); at != std::string::npos)
    request.query.replace(at, placeholder.size(), token);
  // Some examples lack the empty line between the headers and the body.
  while (!rest.empty() && !rest.starts_with('{')) std::tie(line, rest) = first_line(rest);
  request.body = rest;
  request.peer = "127.0.0.1";
  return request;
}

bool matches(std::string_view text, std::string_view pattern) {
  const auto gap = pattern.find(anything);
  if (gap == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, gap))) return false;
  const auto rest = pattern.substr(gap + anything.size());
  for (auto at = gap; at <= text.size(); ++at) {
    if (matches(text.substr(at), rest)) return true;
    if (at < text.size() && text[at] == '\n') return false;
  }
  return false;
}

}  // namespace metactl::tests
