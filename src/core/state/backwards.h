// SPDX-License-Identifier: Apache-2.0
// Going through numbered rows from the newest back, one in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace metactl::core {

/// Rows whose keys differ in the number at their end only, such as the journal's.
struct NumberedRows {
  std::function<std::string(std::uint64_t number)> key;
  std::function<std::optional<std::uint64_t>(std::string_view key)> number;
};

/// Hands on the values of the rows with first <= number < last, the largest number first, until
/// `visit` gives false; it may take the value.
void each_row_backwards(store::View& view, const NumberedRows& rows, std::uint64_t first,
                        std::uint64_t last,
                        const std::function<bool(std::uint64_t number, std::string& value)>& visit);

}  // namespace metactl::core
