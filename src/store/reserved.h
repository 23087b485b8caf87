// SPDX-License-Identifier: Apache-2.0
// The keys that callers of a store may not use.
#pragma once

#include <stdexcept>
#include <string_view>

namespace metactl::store {

/// The smallest key that callers may use; keys before it belong to the store.
inline constexpr std::string_view first_key = "\x01";

constexpr bool reserved(std::string_view key) {
  return key < first_key;
}

/// Throws logic_error: no key that an operator can name is reserved.
inline void refuse_reserved(std::string_view key) {
  if (reserved(key)) throw std::logic_error("key is empty or starts with byte 00");
}

}  // namespace metactl::store
