// SPDX-License-Identifier: Apache-2.0
// The command as it was typed, for the history.
#include <CLI/CLI.hpp>
#include <optional>

#include "api/mask.h"
#include "api/secret_text.h"
#include "base/shell_word.h"
#include "cli/tree.h"

namespace metactl::cli {
namespace {

constexpr std::size_t longest_line = 4096;

void add_values(const CLI::App& app, const std::set<std::string>& names,
                std::vector<std::string>& values) {
  for (const auto& name : names)
    for (const auto& value : app.get_option(name)->results())
      if (!value.empty()) values.push_back(value);
}

/// What is in front of the value in VALUE, --sk=VALUE and -kVALUE; nothing when it is none of them.
std::optional<std::string> before_value(const std::string& word,
                                        const std::vector<std::string>& values) {
  for (const auto& value : values) {
    if (!word.ends_with(value)) continue;
    const auto before = word.substr(0, word.size() - value.size());
    const bool is_short_flag = before.size() == 2 && before[0] == '-';
    if (before.empty() || is_short_flag || (before[0] == '-' && before.back() == '='))
      return before;
  }
  return std::nullopt;
}

std::string shown(const std::string& word, const std::vector<std::string>& secrets) {
  if (const auto before = before_value(word, secrets))
    return *before + std::string(api::masked_password);
  return text::shell_word(api::mask_text(api::mask_url(word)));
}

/// Whole characters only: protobuf's texts are UTF-8.
void cut(std::string& line) {
  constexpr std::string_view mark = "...";
  if (line.size() <= longest_line) return;
  auto end = longest_line - mark.size();
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  line.replace(end, std::string::npos, mark);
}

}  // namespace

std::string Tree::command_line(const std::vector<std::string>& words) const {
  std::vector<std::string> secrets;
  const auto token = globals_.settings.find("token");
  if (token != globals_.settings.end()) secrets.push_back(token->second);
  for (const auto& [app, info] : commands_)
    if (app && app->parsed()) add_values(*app, info.secrets, secrets);
  std::string line = "metactl";
  for (const auto& word : words) line += " " + shown(word, secrets);
  cut(line);
  return line;
}

}  // namespace metactl::cli
