// SPDX-License-Identifier: Apache-2.0
// Finding tablets and their statistics. Source: txn-tablet-job.md, section 3.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "keys/load_keys.h"
#include "proto/tablet.pb.h"
#include "store/store.h"

namespace metactl::core::meta {

keys::TabletPlace place_of(const pb::TabletIndexPB& index);

/// A tablet as a request names it: if an id is missing, what the index has for the tablet instead.
/// Throws TABLET_NOT_FOUND when the index is needed and has none.
pb::TabletIndexPB complete_index(store::View& view, const std::string& instance_id,
                                 const pb::TabletIndexPB& given);

/// The main row of a tablet's statistics, without the counters; nothing when there is none.
std::optional<pb::TabletStatsPB> find_main_stats(store::View& view, const std::string& instance_id,
                                                 const pb::TabletIndexPB& index);

/// What is stored about a tablet: the main row, and counters that are added to it.
struct StoredStats {
  pb::TabletStatsPB main;
  pb::TabletStatsPB counters;  // All six are set.
};

/// The rows of a range that begins with the main row; nothing when there are none.
std::optional<StoredStats> read_stats(store::View& view, const keys::Range& range);

/// The sum of both parts.
pb::TabletStatsPB merged(const StoredStats& stats);

/// The statistics of a tablet: main row and counters. Throws TABLET_NOT_FOUND.
pb::TabletStatsPB load_stats(store::View& view, const std::string& instance_id,
                             const pb::TabletIndexPB& index);

Error tablet_not_found(const std::string& message);

/// A parameter of a query as a number. Throws INVALID_ARGUMENT, which names the parameter.
std::int64_t required_number(const std::string& value, std::string_view name);

}  // namespace metactl::core::meta
