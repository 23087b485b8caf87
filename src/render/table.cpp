// SPDX-License-Identifier: Apache-2.0
#include "render/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace metactl::render {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // A cut column keeps at least this much.

/// Characters of a text that is UTF-8 and printable; wide characters count as one.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string cut(const std::string& text, std::size_t width) {
  if (length(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && count++ == width - 1) break;
  return text.substr(0, end) + "…";
}

/// The widths that the cells need, made smaller from the widest until a line fits.
std::vector<std::size_t> widths_of(const Cells& header, const std::vector<Cells>& lines,
                                   std::size_t available) {
  std::vector<std::size_t> widths;
  const auto widen = [&](const Cells& cells) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], length(cells[i]));
  };
  widen(header);
  for (const auto& line : lines) widen(line);
  if (available == 0 || widths.empty()) return widths;
  const auto total = [&] {
    std::size_t sum = gap * (widths.size() - 1);
    for (const auto width : widths) sum += width;
    return sum;
  };
  while (total() > available) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= narrowest) break;
    --*widest;
  }
  return widths;
}

/// Green for what is as it should be, yellow for what is on its way, red for what is not.
std::string_view colour_of(std::string_view cell) {
  if (cell == "NORMAL" || cell == "NODE_STATUS_RUNNING") return "\x1b[32m";
  if (cell == "TO_RESUME" || cell == "NODE_STATUS_DECOMMISSIONING" || cell == "OVERDUE")
    return "\x1b[33m";
  if (cell == "SUSPENDED" || cell == "DELETED" || cell == "MANUAL_SHUTDOWN") return "\x1b[31m";
  return "";
}

void print_line(std::ostream& out, const Cells& cells, const std::vector<std::size_t>& widths,
                const Style& style, bool bold) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto shown = cut(cells[i], widths[i]);
    const std::string_view colour = !style.colour ? "" : bold ? "\x1b[1m" : colour_of(cells[i]);
    line += colour;
    line += shown;
    if (!colour.empty()) line += "\x1b[0m";
    if (i + 1 < cells.size()) line += std::string(widths[i] - length(shown) + gap, ' ');
  }
  out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
}

Cells printable(const Cells& cells) {
  Cells result;
  for (const auto& cell : cells) result.push_back(text::printable(cell));
  return result;
}

std::string csv_cell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void print_table(std::ostream& out, const Cells& header, const std::vector<Cells>& lines,
                 const Style& style) {
  std::vector<Cells> shown;
  shown.reserve(lines.size());
  for (const auto& line : lines) shown.push_back(printable(line));
  if (!style.aligned) {
    if (!header.empty()) out << text::join(header, "\t") << '\n';
    for (const auto& line : shown) out << text::join(line, "\t") << '\n';
    return;
  }
  const auto widths = widths_of(header, shown, style.width);
  if (!header.empty()) print_line(out, header, widths, style, true);
  for (const auto& line : shown) print_line(out, line, widths, style, false);
}

void print_csv(std::ostream& out, const Cells& header, const std::vector<Cells>& lines) {
  const auto print = [&](const Cells& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) out << (i ? "," : "") << csv_cell(cells[i]);
    out << '\n';
  };
  if (!header.empty()) print(header);
  for (const auto& line : lines) print(line);
}

}  // namespace metactl::render
