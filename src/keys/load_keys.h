// SPDX-License-Identifier: Apache-2.0
// The keys of load transactions, tablets and tablet jobs, all of the Meta Service's user space.
// Source: txn-tablet-job.md, sections 2.1, 3.1 and 3.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keys/keys.h"

namespace metactl::keys {

// Transactions.

std::string txn_label_key(std::string_view instance_id, std::int64_t db_id, std::string_view label);
std::string txn_info_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id);
std::string txn_index_key(std::string_view instance_id, std::int64_t txn_id);
std::string txn_running_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id);
std::string recycle_txn_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id);

/// The rowsets that a transaction has written and that are not yet visible.
Range temporary_rowsets(std::string_view instance_id, std::int64_t txn_id);

// Tablets.

/// The place of a tablet, by which most of its keys are built.
struct TabletPlace {
  std::int64_t table_id = 0;
  std::int64_t index_id = 0;
  std::int64_t partition_id = 0;
  std::int64_t tablet_id = 0;
};

std::string tablet_key(std::string_view instance_id, const TabletPlace& tablet);
std::string tablet_index_key(std::string_view instance_id, std::int64_t tablet_id);
std::string rowset_key(std::string_view instance_id, std::int64_t tablet_id, std::int64_t version);
std::string tablet_stats_key(std::string_view instance_id, const TabletPlace& tablet);
std::string tablet_job_key(std::string_view instance_id, const TabletPlace& tablet);
std::string recycle_index_key(std::string_view instance_id, std::int64_t index_id);
std::string recycle_partition_key(std::string_view instance_id, std::int64_t partition_id);

/// All tablets of a table, in order of index, partition and tablet.
Range tablets_of_table(std::string_view instance_id, std::int64_t table_id);

/// All rowsets of a tablet, in order of their versions.
Range rowsets_of_tablet(std::string_view instance_id, std::int64_t tablet_id);

inline constexpr const KeyType& tablet_stats_type = key_type("StatsTabletKey");

/// The statistics of a tablet: its main row, and after it the rows of its counters.
Range tablet_stats(std::string_view instance_id, const TabletPlace& tablet);

/// The name of the counter in a key of such a row, such as "num_rows"; "" for the main row.
std::string counter_name(std::string_view key);

/// The keys of the rows that hold a schema of `size` bytes, 90,000 bytes a row, at least one.
/// Source: key-encoding.md, section 2, split values.
std::vector<std::string> schema_keys(std::string_view instance_id, std::int64_t index_id,
                                     std::int64_t schema_version, std::size_t size);
inline constexpr std::size_t split_row_size = 90'000;

}  // namespace metactl::keys
