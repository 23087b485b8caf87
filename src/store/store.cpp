// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

namespace metactl::store {

std::string versionstamp(std::uint64_t revision, std::uint16_t order) {
  std::string stamp;
  for (int shift = 56; shift >= 0; shift -= 8) stamp += static_cast<char>(revision >> shift & 0xff);
  for (int shift = 8; shift >= 0; shift -= 8) stamp += static_cast<char>(order >> shift & 0xff);
  return stamp;
}

std::string versionstamp(const Txn& txn) {
  return versionstamp(txn.revision(), txn.order());
}

}  // namespace metactl::store
