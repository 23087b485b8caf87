// SPDX-License-Identifier: Apache-2.0
#include "keys/load_keys.h"

#include "keys/cut.h"

namespace metactl::keys {
namespace {

constexpr const KeyType& txn_label_type = key_type("TxnLabelKey");
constexpr const KeyType& txn_info_type = key_type("TxnInfoKey");
constexpr const KeyType& txn_index_type = key_type("TxnIndexKey");
constexpr const KeyType& txn_running_type = key_type("TxnRunningKey");
constexpr const KeyType& recycle_txn_type = key_type("RecycleTxnKey");
constexpr const KeyType& rowset_type = key_type("MetaRowsetKey");
constexpr const KeyType& temporary_rowset_type = key_type("MetaRowsetTmpKey");
constexpr const KeyType& tablet_type = key_type("MetaTabletKey");
constexpr const KeyType& tablet_index_type = key_type("MetaTabletIdxKey");
constexpr const KeyType& schema_type = key_type("MetaSchemaKey");
constexpr const KeyType& job_type = key_type("JobTabletKey");
constexpr const KeyType& recycle_index_type = key_type("RecycleIndexKey");
constexpr const KeyType& recycle_partition_type = key_type("RecyclePartKey");

std::string at_place(const KeyType& type, std::string_view instance_id, const TabletPlace& tablet) {
  return build(type, {std::string(instance_id), tablet.table_id, tablet.index_id,
                      tablet.partition_id, tablet.tablet_id});
}

}  // namespace

std::string txn_label_key(std::string_view instance_id, std::int64_t db_id,
                          std::string_view label) {
  return build(txn_label_type, {std::string(instance_id), db_id, std::string(label)});
}

std::string txn_info_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id) {
  return build(txn_info_type, {std::string(instance_id), db_id, txn_id});
}

std::string txn_index_key(std::string_view instance_id, std::int64_t txn_id) {
  return build(txn_index_type, {std::string(instance_id), txn_id});
}

std::string txn_running_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id) {
  return build(txn_running_type, {std::string(instance_id), db_id, txn_id});
}

std::string recycle_txn_key(std::string_view instance_id, std::int64_t db_id, std::int64_t txn_id) {
  return build(recycle_txn_type, {std::string(instance_id), db_id, txn_id});
}

Range temporary_rowsets(std::string_view instance_id, std::int64_t txn_id) {
  return below(build(temporary_rowset_type, {std::string(instance_id), txn_id}));
}

std::string tablet_key(std::string_view instance_id, const TabletPlace& tablet) {
  return at_place(tablet_type, instance_id, tablet);
}

std::string tablet_index_key(std::string_view instance_id, std::int64_t tablet_id) {
  return build(tablet_index_type, {std::string(instance_id), tablet_id});
}

std::string rowset_key(std::string_view instance_id, std::int64_t tablet_id, std::int64_t version) {
  return build(rowset_type, {std::string(instance_id), tablet_id, version});
}

std::string tablet_stats_key(std::string_view instance_id, const TabletPlace& tablet) {
  return at_place(tablet_stats_type, instance_id, tablet);
}

std::string tablet_job_key(std::string_view instance_id, const TabletPlace& tablet) {
  return at_place(job_type, instance_id, tablet);
}

std::string recycle_index_key(std::string_view instance_id, std::int64_t index_id) {
  return build(recycle_index_type, {std::string(instance_id), index_id});
}

std::string recycle_partition_key(std::string_view instance_id, std::int64_t partition_id) {
  return build(recycle_partition_type, {std::string(instance_id), partition_id});
}

Range tablets_of_table(std::string_view instance_id, std::int64_t table_id) {
  return below(build(tablet_type, {std::string(instance_id), table_id}));
}

Range rowsets_of_tablet(std::string_view instance_id, std::int64_t tablet_id) {
  return below(build(rowset_type, {std::string(instance_id), tablet_id}));
}

Range tablet_stats(std::string_view instance_id, const TabletPlace& tablet) {
  return below(tablet_stats_key(instance_id, tablet));
}

std::string counter_name(std::string_view key) {
  const auto fields = cut(key).fields;
  constexpr std::size_t fields_of_main_row = 7;
  if (fields.size() <= fields_of_main_row) return "";
  const auto* name = std::get_if<std::string>(&fields.back().value);
  return name ? *name : "";
}

std::vector<std::string> schema_keys(std::string_view instance_id, std::int64_t index_id,
                                     std::int64_t schema_version, std::size_t size) {
  constexpr std::int64_t format = std::int64_t{1} << 56;
  const auto key = build(schema_type, {std::string(instance_id), index_id, schema_version});
  std::vector<std::string> keys;
  for (std::size_t start = 0; start == 0 || start < size; start += split_row_size) {
    keys.push_back(key);
    append_int(keys.back(), format | static_cast<std::int64_t>(keys.size() - 1));
  }
  return keys;
}

}  // namespace metactl::keys
