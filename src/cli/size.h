// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace metactl::cli {

/// Bytes: "0", "1000", or with a unit of powers of 1024: "64K", "100M", "1G", "2T", as "64KiB" too.
/// Throws Error, usage, for anything else.
std::uint64_t parse_size(const std::string& text);

}  // namespace metactl::cli
