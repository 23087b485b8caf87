// SPDX-License-Identifier: Apache-2.0
// Pages of names.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// The part of a list that is asked for. `list(limit)` gives its first names, at most `limit`.
template <class List>
std::vector<std::string> page(const pb::BrokerPageRequest& request, const List& list) {
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  const auto limit = request.has_limit() ? request.limit() : all;
  const auto end = request.offset() + std::min(limit, all - request.offset());
  std::vector<std::string> names = list(end);
  const auto skipped = std::min<std::uint64_t>(request.offset(), names.size());
  names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(skipped));
  return names;
}

}  // namespace metactl::core::broker
