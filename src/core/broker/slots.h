// SPDX-License-Identifier: Apache-2.0
// Lists of slot ranges. Source: broker-api.md, sections 7.1 and 7.2.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/broker.pb.h"

namespace metactl::core::broker {

using Ranges = google::protobuf::RepeatedPtrField<pb::SlotRangePB>;

inline constexpr std::uint64_t slot_count = 16384;

/// Brings the list into order: sorted, ends behind starts, ranges joined that overlap or touch.
void normalise(Ranges& ranges);

/// Adds `more`, and brings the list into order.
void merge(Ranges& ranges, const Ranges& more);

/// How many slots there are in a list that is in order; at most 2^64-1.
std::uint64_t count(const Ranges& ranges);

/// Takes `wanted` slots, or all there are, from the front of a list that is in order.
Ranges take_front(Ranges& ranges, std::uint64_t wanted);

/// The same from its end.
Ranges take_back(Ranges& ranges, std::uint64_t wanted);

bool same(const Ranges& one, const Ranges& other);

/// How all slots are spread evenly over so many parts.
class Shares {
 public:
  explicit Shares(std::uint64_t parts);

  /// How many slots part `number` has, counted from 0.
  std::uint64_t size(std::uint64_t number) const;
  /// Those that it has in a new cluster; nothing when there are more parts than slots.
  std::optional<pb::SlotRangePB> range(std::uint64_t number) const;

 private:
  std::uint64_t average_;
  std::uint64_t remainder_;  // So many parts have one more.
};

}  // namespace metactl::core::broker
