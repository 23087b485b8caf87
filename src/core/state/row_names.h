// SPDX-License-Identifier: Apache-2.0
// What a row is, by its key, and how findings call it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keys/explain.h"

namespace metactl::core {

struct RowName {
  /// Nothing when the key cannot be cut into fields.
  std::optional<keys::Explanation> explanation;
  std::string object;   // "key/TxnInfoKey{instance_id=prod db_id=7 txn_id=1024}"
  std::string problem;  // Why this is no key that rows are stored under; "" when it is.

  /// What the key is called without "key/".
  std::string text() const { return object.substr(object.find('/') + 1); }

  // Of a key without a problem.
  const keys::Match& match() const { return explanation->matches.front(); }
  std::string text(std::string_view field) const;
  std::int64_t number(std::string_view field) const;
};

RowName name_row(std::string_view key);

}  // namespace metactl::core
