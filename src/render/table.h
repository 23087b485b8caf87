// SPDX-License-Identifier: Apache-2.0
// Lines of cells: aligned for a terminal, tab-separated for a pipe, or CSV.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "render/render.h"

namespace metactl::render {

using Cells = std::vector<std::string>;

/// `header` is left out when empty.
void print_table(std::ostream& out, const Cells& header, const std::vector<Cells>& lines,
                 const Style& style);

/// RFC 4180, with line ends of one byte.
void print_csv(std::ostream& out, const Cells& header, const std::vector<Cells>& lines);

}  // namespace metactl::render
