// SPDX-License-Identifier: Apache-2.0
#include "core/broker/slots.h"

#include <algorithm>
#include <limits>

namespace metactl::core::broker {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// Documents may hold any numbers; only a full range has more slots than can be counted.
std::uint64_t length(const pb::SlotRangePB& range) {
  const auto more_than_one = range.end() - range.start();
  return more_than_one == most ? most : more_than_one + 1;
}

bool meet(const pb::SlotRangePB& range, const pb::SlotRangePB& next) {
  return range.end() == most || range.end() + 1 >= next.start();
}

}  // namespace

void normalise(Ranges& ranges) {
  for (auto& range : ranges) {
    if (range.start() <= range.end()) continue;
    const auto end = range.start();
    range.set_start(range.end());
    range.set_end(end);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& one, const auto& other) { return one.start() < other.start(); });
  int last = 0;  // Of those that are in order.
  for (int i = 1; i < ranges.size(); ++i) {
    if (meet(ranges[last], ranges[i]))
      ranges[last].set_end(std::max(ranges[last].end(), ranges[i].end()));
    else
      ranges.SwapElements(++last, i);
  }
  if (!ranges.empty()) ranges.DeleteSubrange(last + 1, ranges.size() - last - 1);
}

void merge(Ranges& ranges, const Ranges& more) {
  ranges.MergeFrom(more);
  normalise(ranges);
}

std::uint64_t count(const Ranges& ranges) {
  std::uint64_t slots = 0;
  for (const auto& range : ranges) slots += std::min(length(range), most - slots);
  return slots;
}

Ranges take_front(Ranges& ranges, std::uint64_t wanted) {
  Ranges taken;
  int whole = 0;
  for (; whole < ranges.size() && length(ranges[whole]) <= wanted; ++whole)
    wanted -= length(ranges[whole]);
  for (int i = 0; i < whole; ++i) *taken.Add() = ranges[i];
  ranges.DeleteSubrange(0, whole);
  if (wanted > 0 && !ranges.empty()) {
    auto& part = *taken.Add();
    part.set_start(ranges[0].start());
    part.set_end(ranges[0].start() + wanted - 1);
    ranges[0].set_start(part.end() + 1);
  }
  return taken;
}

Ranges take_back(Ranges& ranges, std::uint64_t wanted) {
  Ranges taken;
  int kept = ranges.size();
  for (; kept > 0 && length(ranges[kept - 1]) <= wanted; --kept) {
    wanted -= length(ranges[kept - 1]);
    *taken.Add() = ranges[kept - 1];
  }
  ranges.DeleteSubrange(kept, ranges.size() - kept);
  if (wanted > 0 && kept > 0) {
    auto& part = *taken.Add();
    part.set_end(ranges[kept - 1].end());
    part.set_start(part.end() - wanted + 1);
    ranges[kept - 1].set_end(part.start() - 1);
  }
  normalise(taken);
  return taken;
}

bool same(const Ranges& one, const Ranges& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& first, const auto& second) {
                      return first.start() == second.start() && first.end() == second.end();
                    });
}

Shares::Shares(std::uint64_t parts)
    : average_(parts == 0 ? 0 : slot_count / parts),
      remainder_(parts == 0 ? 0 : slot_count % parts) {}

std::uint64_t Shares::size(std::uint64_t number) const {
  return average_ + (number < remainder_ ? 1 : 0);
}

std::optional<pb::SlotRangePB> Shares::range(std::uint64_t number) const {
  if (size(number) == 0) return std::nullopt;
  pb::SlotRangePB range;
  range.set_start(number * average_ + std::min(number, remainder_));
  range.set_end(range.start() + size(number) - 1);
  return range;
}

}  // namespace metactl::core::broker
