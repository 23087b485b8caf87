// SPDX-License-Identifier: Apache-2.0
// Going through many rows without holding them all.
#pragma once

#include <string>

#include "store/store.h"

namespace metactl::core {

/// Calls `visit(store::Pair&)` with each row of first <= key < last, in byte order of keys. An
/// empty `last` means "to the end". Rows may be changed meanwhile.
template <class Visit>
void each_row(store::View& view, const Visit& visit, std::string first = {},
              const std::string& last = {}) {
  constexpr std::size_t page_size = 64;  // Values may have half a megabyte.
  for (;;) {
    auto page = view.scan(first, last, page_size);
    if (page.empty()) return;
    first = page.back().key + '\0';
    const bool is_last = page.size() < page_size;
    for (auto& row : page) visit(row);
    if (is_last) return;
  }
}

}  // namespace metactl::core
