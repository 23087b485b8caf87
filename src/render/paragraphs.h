// SPDX-License-Identifier: Apache-2.0
// Lists whose rows are too long for a line of a terminal.
#pragma once

#include "render/render.h"

namespace metactl::render {

/// Each row as a paragraph: the first `heads` cells in one line, every other in one of its own,
/// with the name of its column in front unless it is the first of them. Empty cells are left out.
void print_paragraphs(std::ostream& out, const List& list, std::size_t heads, const Style& style);

}  // namespace metactl::render
