// SPDX-License-Identifier: Apache-2.0
#include "core/state/backwards.h"

namespace metactl::core {
namespace {

struct Row {
  std::uint64_t number = 0;
  std::string value;
};

/// The row with the largest number of first <= number < last: mostly that of last - 1. After a gap,
/// as a restore leaves it, halving what is left finds it.
std::optional<Row> last_row(store::View& view, const NumberedRows& rows, std::uint64_t first,
                            std::uint64_t last) {
  if (auto value = view.get(rows.key(last - 1))) return Row{last - 1, std::move(*value)};
  std::optional<Row> found;
  for (--last; first < last;) {
    const auto middle = first + (last - first) / 2;
    auto upper = view.scan(rows.key(middle), rows.key(last), 1);
    if (upper.empty()) {
      last = middle;
    } else {
      found = {rows.number(upper[0].key).value_or(middle), std::move(upper[0].value)};
      first = found->number + 1;
    }
  }
  return found;
}

}  // namespace

void each_row_backwards(
    store::View& view, const NumberedRows& rows, std::uint64_t first, std::uint64_t last,
    const std::function<bool(std::uint64_t number, std::string& value)>& visit) {
  while (first < last) {
    auto row = last_row(view, rows, first, last);
    if (!row || !visit(row->number, row->value)) return;
    last = row->number;
  }
}

}  // namespace metactl::core
