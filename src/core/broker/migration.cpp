// SPDX-License-Identifier: Apache-2.0
#include "core/broker/migration.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace metactl::core::broker {
namespace {

/// A part, and how many slots it is to give away or to get.
struct Amount {
  Place part;
  std::uint64_t slots;
};

using Take = Ranges (*)(Ranges&, std::uint64_t);

std::uint64_t number_of(const Place& part) {
  return static_cast<std::uint64_t>(part.chunk) * parts + static_cast<std::uint64_t>(part.side);
}

std::uint64_t difference(std::uint64_t larger, std::uint64_t smaller) {
  return larger > smaller ? larger - smaller : 0;
}

void add_task(pb::BrokerClusterPB& cluster, const Place& from, const Place& to, Ranges ranges,
              std::uint64_t epoch) {
  pb::MigrationTaskPB task;
  task.mutable_range_list()->Swap(&ranges);
  task.set_is_migrating(true);
  auto& meta = *task.mutable_meta();
  meta.set_epoch(epoch);
  meta.set_src_chunk_index(static_cast<std::uint64_t>(from.chunk));
  meta.set_src_chunk_part(static_cast<std::uint64_t>(from.side));
  meta.set_dst_chunk_index(static_cast<std::uint64_t>(to.chunk));
  meta.set_dst_chunk_part(static_cast<std::uint64_t>(to.side));
  *part_at(cluster, from).add_migrating_slots() = task;
  task.set_is_migrating(false);
  *part_at(cluster, to).add_migrating_slots() = std::move(task);
}

/// Pours slots from one part after the other into one after the other.
void pour(pb::BrokerClusterPB& cluster, const std::vector<Amount>& from, std::vector<Amount> to,
          Take take, std::uint64_t epoch) {
  auto target = to.begin();
  for (auto [source, left] : from) {
    auto& slots = *part_at(cluster, source).mutable_stable_slots()->mutable_range_list();
    while (left > 0) {
      target = std::find_if(target, to.end(), [](const Amount& each) { return each.slots > 0; });
      if (target == to.end()) return;
      const auto moved = std::min(target->slots, left);
      add_task(cluster, source, target->part, take(slots, moved), epoch);
      target->slots -= moved;
      left -= moved;
    }
  }
}

std::uint64_t count_in_order(pb::ChunkPartPB& part) {
  auto& ranges = *part.mutable_stable_slots()->mutable_range_list();
  normalise(ranges);
  return count(ranges);
}

/// All tasks of a cluster in order.
template <class See>
void each_task(pb::BrokerClusterPB& cluster, const See& see) {
  each_part(cluster, [&](const Place& place, pb::ChunkPartPB& part) {
    for (auto& task : *part.mutable_migrating_slots()) see(place, task);
  });
}

template <class Unwanted>
void remove_tasks(pb::ChunkPartPB& part, const Unwanted& is_unwanted) {
  auto& tasks = *part.mutable_migrating_slots();
  tasks.erase(std::remove_if(tasks.begin(), tasks.end(), is_unwanted), tasks.end());
}

}  // namespace

void plan_expansion(pb::BrokerClusterPB& cluster, std::uint64_t epoch) {
  const Shares shares(static_cast<std::uint64_t>(cluster.chunks_size()) * parts);
  std::vector<Amount> from;
  std::vector<Amount> to;
  each_part(cluster, [&](const Place& place, pb::ChunkPartPB& part) {
    const auto share = shares.size(number_of(place));
    if (part.has_stable_slots())
      from.push_back({place, difference(count_in_order(part), share)});
    else if (is_free(cluster.chunks(place.chunk)))
      to.push_back({place, share});
  });
  pour(cluster, from, std::move(to), take_back, epoch);
}

void plan_shrinking(pb::BrokerClusterPB& cluster, int chunks, std::uint64_t epoch) {
  const Shares shares(static_cast<std::uint64_t>(chunks) * parts);
  std::vector<Amount> from;
  std::vector<Amount> to;
  each_part(cluster, [&](const Place& place, pb::ChunkPartPB& part) {
    const auto slots = count_in_order(part);
    if (place.chunk < chunks)
      to.push_back({place, difference(shares.size(number_of(place)), slots)});
    else
      from.push_back({place, slots});
  });
  pour(cluster, from, std::move(to), take_front, epoch);
  for (const auto& each : from) {
    auto& part = part_at(cluster, each.part);
    if (part.stable_slots().range_list().empty()) part.clear_stable_slots();
  }
}

bool end_migration(pb::BrokerClusterPB& cluster, const Ranges& ranges, std::uint64_t epoch) {
  std::optional<pb::MigrationTaskPB> found;
  std::optional<Place> from;
  each_task(cluster, [&](const Place& place, const pb::MigrationTaskPB& task) {
    if (found || !task.is_migrating() || task.meta().epoch() != epoch) return;
    if (!same(task.range_list(), ranges)) return;
    found = task;
    from = place;
  });
  if (!found) return false;
  const auto to = destination(cluster, found->meta());
  if (!to) return false;
  auto& target = part_at(cluster, *to);
  const auto wanted = identity(*found);
  const auto is_incoming = [&](const pb::MigrationTaskPB& task) {
    return !task.is_migrating() && identity(task) == wanted;
  };
  const auto& tasks = target.migrating_slots();
  if (std::none_of(tasks.begin(), tasks.end(), is_incoming)) return false;

  remove_tasks(part_at(cluster, *from), [&](const pb::MigrationTaskPB& task) {
    return task.is_migrating() && identity(task) == wanted;
  });
  remove_tasks(target, is_incoming);
  merge(*target.mutable_stable_slots()->mutable_range_list(), ranges);
  return true;
}

void restart_migrations(pb::BrokerClusterPB& cluster, const Place& part, std::uint64_t epoch) {
  std::set<Place> touched;
  for (const auto& task : part_at(cluster, part).migrating_slots())
    for (const auto& place : {source(cluster, task.meta()), destination(cluster, task.meta())})
      if (place) touched.insert(*place);
  const auto is_touched = [&](const std::optional<Place>& place) {
    return place && touched.contains(*place);
  };
  each_task(cluster, [&](const Place&, pb::MigrationTaskPB& task) {
    if (is_touched(source(cluster, task.meta())) || is_touched(destination(cluster, task.meta())))
      task.mutable_meta()->set_epoch(epoch);
  });
}

void hide_migrations(pb::BrokerClusterPB& cluster, std::uint64_t limit) {
  if (limit == 0) return;
  std::set<std::string> shown;
  each_part(cluster, [&](const Place&, pb::ChunkPartPB& part) {
    bool shows_one = false;
    remove_tasks(part, [&](const pb::MigrationTaskPB& task) {
      if (!task.is_migrating()) return false;
      if (!shows_one && shown.size() < limit) {
        shows_one = shown.insert(identity(task)).second;
        return false;
      }
      merge(*part.mutable_stable_slots()->mutable_range_list(), task.range_list());
      return true;
    });
  });
  each_part(cluster, [&](const Place&, pb::ChunkPartPB& part) {
    remove_tasks(part, [&](const pb::MigrationTaskPB& task) {
      return !task.is_migrating() && !shown.contains(identity(task));
    });
  });
}

}  // namespace metactl::core::broker
