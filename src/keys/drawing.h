// SPDX-License-Identifier: Apache-2.0
// The drawing of a key over its hexadecimal digits, as the Meta Service's decode_key prints it,
// byte for byte. Source: key-encoding.md, section 4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keys/codec.h"

namespace metactl::keys {

enum class Marks : std::uint8_t { unicode, ascii };

/// The lines, without their ends: one for the key space and each field, one of bars, one of
/// arrows (both end with a blank), and `hex` as it is given. Contents of byte strings are raw: zero
/// bytes, line ends and bytes that a terminal would act on stand in the lines as they are.
std::vector<std::string> drawing_lines(std::uint8_t space, std::span<const Field> fields,
                                       std::string_view hex, Marks marks);

/// The same with a line end behind each line. (Over HTTP one more follows.)
std::string drawing(std::uint8_t space, std::span<const Field> fields, std::string_view hex,
                    Marks marks);

}  // namespace metactl::keys
