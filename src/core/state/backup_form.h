// SPDX-License-Identifier: Apache-2.0
// What writer and reader of backups agree on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metactl::core {

inline constexpr std::string_view backup_line = "metactl backup 1\n";
inline constexpr std::size_t checksum_size = 32;

/// Larger ones than SQLite's own limit of a value are not written.
inline constexpr std::uint64_t largest_part = 1'000'100'000;

}  // namespace metactl::core
