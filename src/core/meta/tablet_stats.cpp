// SPDX-License-Identifier: Apache-2.0
// Statistics of tablets: reading them, and computing them again. Source: txn-tablet-job.md,
// sections 3.2 and 3.3; meta-service-api.md, section 8.10.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/tablets.h"
#include "proto/tablet_meta.pb.h"

namespace metactl::core::meta {
namespace {

/// A member of the statistics that has a counter beside the main row.
struct Counted {
  std::string_view counter;
  std::int64_t (pb::TabletStatsPB::*get)() const;
  void (pb::TabletStatsPB::*set)(std::int64_t);
};

constexpr std::array counted_members = {
    Counted{"data_size", &pb::TabletStatsPB::data_size, &pb::TabletStatsPB::set_data_size},
    Counted{"num_rows", &pb::TabletStatsPB::num_rows, &pb::TabletStatsPB::set_num_rows},
    Counted{"num_rowsets", &pb::TabletStatsPB::num_rowsets, &pb::TabletStatsPB::set_num_rowsets},
    Counted{"num_segs", &pb::TabletStatsPB::num_segments, &pb::TabletStatsPB::set_num_segments},
    Counted{"index_size", &pb::TabletStatsPB::index_size, &pb::TabletStatsPB::set_index_size},
    Counted{"segment_size", &pb::TabletStatsPB::segment_size, &pb::TabletStatsPB::set_segment_size},
};

void add_counter(const store::Pair& row, pb::TabletStatsPB& stats) {
  const auto name = keys::counter_name(row.key);
  for (const auto& member : counted_members)
    if (member.counter == name)
      (stats.*member.set)((stats.*member.get)() + parse_counter(row.key, row.value));
}

/// Sums up what the rowsets of a tablet hold.
pb::TabletStatsPB sum_of(const std::vector<store::Pair>& rowsets) {
  pb::TabletStatsPB sum;
  for (const auto& [key, value] : rowsets) {
    pb::RowsetMetaCloudPB rowset;
    parse_row(key, value, rowset);
    sum.set_data_size(sum.data_size() + rowset.total_disk_size());
    sum.set_num_rows(sum.num_rows() + rowset.num_rows());
    sum.set_num_rowsets(sum.num_rowsets() + 1);
    sum.set_num_segments(sum.num_segments() + rowset.num_segments());
    sum.set_index_size(sum.index_size() + rowset.index_disk_size());
    sum.set_segment_size(sum.segment_size() + rowset.data_disk_size());
  }
  return sum;
}

/// Puts the sums of the rowsets into the main row, and takes the counters away. A tablet without
/// rowsets has nothing to compute from and stays as it is.
void recompute(store::Txn& txn, const std::string& instance_id, const pb::TabletIndexPB& index) {
  const auto range = keys::rowsets_of_tablet(instance_id, index.tablet_id());
  const auto rowsets = txn.scan(range.first, range.last);
  if (rowsets.empty()) return;
  const auto sum = sum_of(rowsets);
  auto stats = find_main_stats(txn, instance_id, index).value_or(pb::TabletStatsPB());
  *stats.mutable_idx() = index;
  for (const auto& member : counted_members) (stats.*member.set)((sum.*member.get)());
  const auto rows = keys::tablet_stats(instance_id, place_of(index));
  for (const auto& row : txn.scan(rows.first, rows.last)) txn.erase(row.key);
  put_row(txn, rows.first, stats);
}

/// The index rows of the tablets that a request means: one, or all of its table.
std::vector<pb::TabletIndexPB> tablets_to_fix(store::View& view, const std::string& instance_id,
                                              const pb::FixTabletStatsRequest& request) {
  const auto table_id = required_number(request.table_id(), "table_id");
  const bool wants_all = request.tablet_id().empty();
  const auto wanted = wants_all ? 0 : required_number(request.tablet_id(), "tablet_id");
  const auto range = keys::tablets_of_table(instance_id, table_id);
  std::vector<pb::TabletIndexPB> tablets;
  for (const auto& [key, value] : view.scan(range.first, range.last)) {
    pb::TabletMetaCloudPB meta;
    parse_row(key, value, meta);
    if (!wants_all && meta.tablet_id() != wanted) continue;
    pb::TabletIndexPB given;
    given.set_tablet_id(meta.tablet_id());
    tablets.push_back(complete_index(view, instance_id, given));
  }
  if (tablets.empty())
    throw tablet_not_found(fmt::format("tablet not found, tablet_id={}", request.tablet_id()));
  return tablets;
}

}  // namespace

Error tablet_not_found(const std::string& message) {
  return api::meta_failure(pb::TABLET_NOT_FOUND, message);
}

pb::TabletIndexPB complete_index(store::View& view, const std::string& instance_id,
                                 const pb::TabletIndexPB& given) {
  if (given.has_table_id() && given.has_index_id() && given.has_partition_id() &&
      given.has_tablet_id())
    return given;
  auto index =
      find_row<pb::TabletIndexPB>(view, keys::tablet_index_key(instance_id, given.tablet_id()));
  if (!index)
    throw tablet_not_found(
        fmt::format("failed to get tablet_idx, tablet_id={}", given.tablet_id()));
  return std::move(*index);
}

std::optional<pb::TabletStatsPB> find_main_stats(store::View& view, const std::string& instance_id,
                                                 const pb::TabletIndexPB& index) {
  return find_row<pb::TabletStatsPB>(view, keys::tablet_stats_key(instance_id, place_of(index)));
}

std::optional<StoredStats> read_stats(store::View& view, const keys::Range& range) {
  const auto rows = view.scan(range.first, range.last);
  if (rows.empty()) return std::nullopt;
  StoredStats stats;
  for (const auto& member : counted_members) (stats.counters.*member.set)(0);
  for (const auto& row : rows) {
    if (row.key == range.first) {
      parse_row(row.key, row.value, stats.main);
    } else {
      add_counter(row, stats.counters);
    }
  }
  return stats;
}

pb::TabletStatsPB merged(const StoredStats& stats) {
  auto sum = stats.main;
  for (const auto& member : counted_members)
    (sum.*member.set)((sum.*member.get)() + (stats.counters.*member.get)());
  sum.set_data_size(std::max<std::int64_t>(sum.data_size(), 0));
  return sum;
}

pb::TabletStatsPB load_stats(store::View& view, const std::string& instance_id,
                             const pb::TabletIndexPB& index) {
  const auto stats = read_stats(view, keys::tablet_stats(instance_id, place_of(index)));
  if (!stats)
    throw tablet_not_found(fmt::format("tablet stats not found, tablet_id={}", index.tablet_id()));
  return merged(*stats);
}

pb::GetTabletStatsResponse get_tablet_stats(Context& context,
                                            const pb::GetTabletStatsRequest& request) {
  return context.read([&](store::View& view) {
    const auto instance_id = required_instance(view, request.cloud_unique_id());
    pb::GetTabletStatsResponse response;
    for (const auto& given : request.tablet_idx())
      *response.add_tablet_stats() =
          load_stats(view, instance_id, complete_index(view, instance_id, given));
    return response;
  });
}

pb::StatusResponse fix_tablet_stats(Context& context, const pb::FixTabletStatsRequest& request) {
  context.transact([&](store::Txn& txn) {
    const auto instance_id = required_instance(txn, request.cloud_unique_id());
    for (const auto& index : tablets_to_fix(txn, instance_id, request))
      recompute(txn, instance_id, index);
  });
  return {};
}

}  // namespace metactl::core::meta
