// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

using cli::ShellText;

/// The most lines that are left out.
constexpr int most_lines = 50;

/// Commands that speak about curl or URLs, but call nothing.
constexpr std::array quiet = {"echo", "printf", ":",   "[",    "[[",   "test",    "for",
                              "case", "grep",   "jq",  "sed",  "awk",  "export",  "local",
                              "cat",  "logger", "((",  "read", "tee",  "alias",   "declare",
                              "exit", "return", "die", "log",  "info", "readonly"};

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

/// curl as a word of its own, with something behind it.
bool calls_curl(std::string_view text) {
  for (auto at = text.find("curl"); at != std::string_view::npos; at = text.find("curl", at + 1)) {
    const bool is_start = at == 0 || !is_letter(text[at - 1]);
    if (is_start && at + 4 < text.size() && (text[at + 4] == ' ' || text[at + 4] == '\t'))
      return true;
  }
  return false;
}

bool is_assignment(std::string_view text) {
  const auto equals = text.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         text::consists_of(text.substr(0, equals), "_");
}

/// it's: a quotation mark between two letters.
bool has_apostrophe(std::string_view line) {
  for (std::size_t i = 1; i + 1 < line.size(); ++i)
    if (line[i] == '\'' && std::isalpha(static_cast<unsigned char>(line[i - 1])) != 0 &&
        std::isalpha(static_cast<unsigned char>(line[i + 1])) != 0)
      return true;
  return false;
}

bool may_leave_out(const std::string& line) {
  return !text::trim(line).empty() && line.find("curl") == std::string::npos &&
         !names_service(line);
}

/// The line to leave out, from 0 on, where the text cannot be read at line `at`; none: at the end.
std::size_t line_to_leave(const std::vector<std::string>& lines, std::size_t at) {
  for (std::size_t i = 0; i <= at && i < lines.size(); ++i)
    if (may_leave_out(lines[i]) && has_apostrophe(lines[i])) return i;
  return at < lines.size() && may_leave_out(lines[at]) ? at : lines.size();
}

}  // namespace

cli::ShellScript read_pasted(std::string text, const std::string& name,
                             std::vector<Mistake>& mistakes) {
  for (int i = 0;; ++i) {
    try {
      return {text, name};
    } catch (const Error& error) {
      constexpr std::string_view mark = ": line ";
      const std::string_view message = error.what();
      const auto place = message.rfind(mark);
      if (place == std::string_view::npos || i == most_lines) throw;
      const auto digits = message.substr(place + mark.size());
      const auto line = text::to_int(digits.substr(0, digits.find(':')));
      auto lines = text::split(text, '\n');
      const auto at = line_to_leave(lines, static_cast<std::size_t>(line.value_or(1) - 1));
      if (at >= lines.size()) throw;
      lines[at].clear();
      text = text::join(lines, "\n");
      mistakes.push_back({"unread-line", at + 1, "this line is not closed as shell text is",
                          "close its quotation mark, or leave the line out"});
    }
  }
}

std::optional<Mistake> find_unread_call(const std::vector<ShellText>& all) {
  const std::vector<ShellText> words(
      std::find_if_not(all.begin(), all.end(),
                       [](const auto& word) { return is_assignment(word.text); }),
      all.end());
  if (words.empty()) return std::nullopt;
  const auto& first = words.front().text;
  if (std::find(quiet.begin(), quiet.end(), first) != quiet.end()) return std::nullopt;
  const bool has_url = std::any_of(words.begin(), words.end(),
                                   [](const auto& word) { return names_service(word.text); });
  const bool has_text = std::any_of(words.begin(), words.end(),
                                    [](const auto& word) { return calls_curl(word.text); });
  const bool is_open =
      cli::has_variable(first) && std::any_of(words.begin() + 1, words.end(), [](const auto& word) {
        return word.text.find("://") != std::string::npos;
      });
  const bool is_bare =
      (first == "curl" || first == "xargs" || first.ends_with("/curl")) && words.size() > 1 &&
      std::any_of(words.begin(), words.end(),
                  [](const auto& word) {
                    return word.text == "-K" || word.text.starts_with("--config") ||
                           (word.text == "curl");
                  }) &&
      words[1].text != "--version" && words[1].text != "-V" && words[1].text != "--help";
  if (!has_url && !has_text && !is_open && !is_bare) return std::nullopt;
  return Mistake{"unread-call", words.front().line_at(0), "a call of curl here is not read",
                 "write it as curl, its options and one URL"};
}

std::optional<Mistake> find_unread_part(const cli::CurlCall& call) {
  if (call.others.empty()) return std::nullopt;
  return Mistake{"unread-call", call.line, "only the first URL of this call is read",
                 "write a call of its own for each URL, without --next and --config"};
}

}  // namespace metactl::commands
