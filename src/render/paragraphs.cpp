// SPDX-License-Identifier: Apache-2.0
#include "render/paragraphs.h"

#include <algorithm>

#include "base/text.h"

namespace metactl::render {
namespace {

std::string label(const std::string& column) {
  std::string result;
  for (const char c : column)
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result + ": ";
}

}  // namespace

void print_paragraphs(std::ostream& out, const List& list, std::size_t heads, const Style& style) {
  const auto shown = selected(list, style);
  for (const auto& row : shown.rows) {
    for (std::size_t i = 0; i < heads; ++i)
      out << (i == 0 ? "" : "  ") << text::printable(row.cells[i]);
    out << '\n';
    for (std::size_t i = heads; i < row.cells.size(); ++i)
      if (!row.cells[i].empty())
        out << "  " << (i == heads ? "" : label(list.columns[i].name))
            << text::printable(row.cells[i]) << '\n';
  }
}

}  // namespace metactl::render
