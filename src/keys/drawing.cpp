// SPDX-License-Identifier: Apache-2.0
#include "keys/drawing.h"

#include <fmt/format.h>

#include "keys/fields.h"

namespace metactl::keys {
namespace {

struct MarkSet {
  std::string_view corner, horizontal, vertical, arrow;
};

constexpr MarkSet unicode{"┌", "─", "│", "▼"};
constexpr MarkSet ascii{"/", "-", "|", "v"};

/// The columns of the marks, which stand over the first digit of each tag.
std::vector<std::size_t> columns_of(std::span<const Field> fields) {
  std::vector<std::size_t> columns = {0};
  for (const auto& field : fields) columns.push_back(2 * field.offset);
  return columns;
}

/// A line up to the last of the columns, which all hold `mark`; between them stand blanks.
std::string marked(std::span<const std::size_t> columns, std::string_view mark) {
  std::string line;
  std::size_t width = 0;
  for (const auto column : columns) {
    line.append(column - width, ' ');
    line += mark;
    width = column + 1;
  }
  return line;
}

/// From the corner of a field to its text.
std::string field_line(std::span<const std::size_t> columns, std::size_t index,
                       const std::string& text, const MarkSet& marks) {
  auto line = marked(columns.first(index), marks.vertical);
  const std::size_t width = index == 0 ? 0 : columns[index - 1] + 1;
  line.append(columns[index] - width, ' ');
  line += marks.corner;
  for (auto column = columns[index] + 1; column < columns.back() + 2; ++column)
    line += marks.horizontal;
  return line + fmt::format(" {}. ", index) + text;
}

}  // namespace

std::vector<std::string> drawing_lines(std::uint8_t space, std::span<const Field> fields,
                                       std::string_view hex, Marks marks) {
  const auto& set = marks == Marks::unicode ? unicode : ascii;
  const auto columns = columns_of(fields);
  // The Meta Service prints the byte as a signed char.
  std::vector<std::string> lines = {
      field_line(columns, 0, fmt::format("key space: {}", static_cast<std::int8_t>(space)), set)};
  for (const auto& field : fields)
    lines.push_back(field_line(columns, lines.size(), to_text(field.value), set));
  lines.push_back(marked(columns, set.vertical) + ' ');
  lines.push_back(marked(columns, set.arrow) + ' ');
  lines.emplace_back(hex);
  return lines;
}

std::string drawing(std::uint8_t space, std::span<const Field> fields, std::string_view hex,
                    Marks marks) {
  std::string text;
  for (const auto& line : drawing_lines(space, fields, hex, marks)) text += line + '\n';
  return text;
}

}  // namespace metactl::keys
