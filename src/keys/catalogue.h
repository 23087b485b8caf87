// SPDX-License-Identifier: Apache-2.0
// All types of keys, each declared once: encoding, decoding, names of fields, help and completion
// come from this table. Types of the Meta Service are those of key-encoding.md, section 3, with the
// names that its HTTP calls use (misspelt ones too), or, where it has none, those of that sheet.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "keys/declare.h"
#include "keys/key_type.h"

namespace metactl::keys {
namespace declare {

/// Sorted by key space; in each, in the order of the sheet. When several types fit a key equally
/// well, the one declared first is taken to be the likelier one.
inline constexpr std::array catalogue = {
    // Key space 01.
    user("InstanceKey", {"instance"_word, instance}, message("InstanceInfoPB"),
         {.written_by = "create_instance, and all that changes an instance, its clusters, nodes, "
                        "stages and access keys"}),
    user("TxnLabelKey", {"txn"_word, instance, "txn_label"_word, "db_id"_integer, "label"_text},
         stamped_message("TxnLabelPB"), {.written_by = "begin_txn"}),
    user("TxnInfoKey", {"txn"_word, instance, "txn_info"_word, "db_id"_integer, "txn_id"_integer},
         message("TxnInfoPB"), {.written_by = "begin_txn, precommit_txn, commit_txn, abort_txn"}),
    user("TxnIndexKey", {"txn"_word, instance, "txn_index"_word, "txn_id"_integer},
         message("TxnIndexPB"), {.written_by = "begin_txn"}),
    user("TxnRunningKey",
         {"txn"_word, instance, "txn_running"_word, "db_id"_integer, "txn_id"_integer},
         message("TxnRunningPB"),
         {.written_by = "begin_txn, precommit_txn; commit_txn and abort_txn remove it"}),
    user("PartitionVersionKey",
         {"version"_word, instance, "partition"_word, "db_id"_integer, "tbl_id"_integer,
          "partition_id"_integer},
         message("VersionPB"), {.written_by = "commit_txn"}),
    user("TableVersionKey",
         {"version"_word, instance, "table"_word, "db_id"_integer, "tbl_id"_integer}, counter,
         {.written_by = "commit_txn"}),
    user("MetaRowsetKey",
         {"meta"_word, instance, "rowset"_word, "tablet_id"_integer, "version"_integer},
         message("RowsetMetaCloudPB"), {.written_by = "create_tablets, commit_txn"}),
    user("MetaRowsetTmpKey",
         {"meta"_word, instance, "rowset_tmp"_word, "txn_id"_integer, "tablet_id"_integer},
         message("RowsetMetaCloudPB")),
    user("TableStreamIndexKey", {"meta"_word, instance, "table_stream"_word, "stream_id"_integer},
         message("IndexIndexPB")),
    user("TableStreamInvertedKey",
         {"meta"_word, instance, "table_stream_inverted"_word, "base_db_id"_integer,
          "base_table_id"_integer, "stream_id"_integer},
         nothing),
    user("TableStreamOffsetKey",
         {"meta"_word, instance, "table_stream_offset"_word, "base_db_id"_integer,
          "base_table_id"_integer, "stream_db_id"_integer, "stream_id"_integer,
          "partition_id"_integer},
         message("TableStreamOffsetPB")),
    user("MetaTabletKey",
         {"meta"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer},
         message("TabletMetaCloudPB"), {.written_by = "create_tablets"}),
    user("MetaTabletIdxKey", {"meta"_word, instance, "tablet_index"_word, "tablet_id"_integer},
         message("TabletIndexPB"), {.written_by = "create_tablets"}),
    user("RecycleIndexKey", {"recycle"_word, instance, "index"_word, "index_id"_integer},
         message("RecycleIndexPB")),
    user("RecyclePartKey", {"recycle"_word, instance, "partition"_word, "part_id"_integer},
         message("RecyclePartitionPB")),
    user("RecycleRowsetKey",
         {"recycle"_word, instance, "rowset"_word, "tablet_id"_integer, "rowset_id"_text},
         message("RecycleRowsetPB"), {.written_by = "finish_tablet_job"}),
    user("RecycleTxnKey", {"recycle"_word, instance, "txn"_word, "db_id"_integer, "txn_id"_integer},
         message("RecycleTxnPB"), {.written_by = "commit_txn, abort_txn"}),
    user("StatsTabletKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer},
         message("TabletStatsPB"), {.written_by = "create_tablets, finish_tablet_job"}),
    user("JobTabletKey",
         {"job"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer},
         message("TabletJobInfoPB"), {.written_by = "start_tablet_job, finish_tablet_job"}),
    user("CopyJobKey",
         {"copy"_word, instance, "job"_word, "stage_id"_text, "table_id"_integer, "copy_id"_text,
          "group_id"_integer},
         message("CopyJobPB")),
    user("CopyFileKey",
         {"copy"_word, instance, "loading_file"_word, "stage_id"_text, "table_id"_integer,
          "obj_key"_text, "obj_etag"_text},
         message("CopyFilePB")),
    user("RecycleStageKey", {"recycle"_word, instance, "stage"_word, "stage_id"_text},
         message("RecycleStagePB")),
    user("JobRecycleKey", {"job"_word, instance, "check"_word}, message("JobRecyclePB")),
    user("MetaSchemaKey",
         {"meta"_word, instance, "schema"_word, "index_id"_integer, "schema_version"_integer},
         message("TabletSchemaCloudPB"), {.split = true, .written_by = "create_tablets"}),
    user("MetaDeleteBitmap",
         {"meta"_word, instance, "delete_bitmap"_word, "tablet_id"_integer, "rowest_id"_text,
          "version"_integer, "seg_id"_integer},
         bitmap, {.split = true}),
    user("MetaDeleteBitmapUpdateLock",
         {"meta"_word, instance, "delete_bitmap_lock"_word, "table_id"_integer,
          "partition_id"_integer},
         message("DeleteBitmapUpdateLockPB")),
    user("MetaPendingDeleteBitmap",
         {"meta"_word, instance, "delete_bitmap_pending"_word, "tablet_id"_integer},
         message("PendingDeleteBitmapPB")),
    user("RLJobProgressKey",
         {"job"_word, instance, "routine_load_progress"_word, "db_id"_integer, "job_id"_integer},
         message("RoutineLoadProgressPB")),
    user("StorageVaultKey", {"storage_vault"_word, instance, "vault"_word, "vault_id"_text},
         message("StorageVaultPB"),
         {.written_by =
              "create_instance, add_s3_vault, add_hdfs_vault, alter_s3_vault, drop_hdfs_vault"}),
    user("MetaSchemaPBDictionaryKey",
         {"meta"_word, instance, "tablet_schema_pb_dict"_word, "index_id"_integer},
         message("SchemaCloudDictionary"), {.split = true}),
    user("PackedFileKey", {"meta"_word, instance, "packed_file"_word, "packed_file_path"_text},
         message("PackedFileInfoPB")),
    user("MowTabletJobKey",
         {"meta"_word, instance, "mow_tablet_job"_word, "table_id"_integer, "initiator"_integer},
         message("MowTabletJobPB"), {.in_http = false}),
    user("JobRecycleRecycleKey", {"job"_word, instance, "recycle"_word}, message("JobRecyclePB"),
         {.in_http = false}),
    user("JobSnapshotDataMigratorKey", {"job"_word, instance, "snapshot_data_migrator"_word},
         message("JobRecyclePB"), {.in_http = false}),
    user("JobSnapshotChainCompactorKey", {"job"_word, instance, "snapshot_chain_compactor"_word},
         message("JobRecyclePB"), {.in_http = false}),
    user("StreamingJobKey",
         {"job"_word, instance, "streaming_job"_word, "db_id"_integer, "job_id"_integer},
         message("StreamingTaskCommitAttachmentPB"), {.in_http = false}),
    user("JobRestoreTabletKey", {"job"_word, instance, "restore_tablet"_word, "tablet_id"_integer},
         message("RestoreJobCloudPB"), {.in_http = false}),
    user("JobRestoreRowsetKey",
         {"job"_word, instance, "restore_rowset"_word, "tablet_id"_integer, "version"_integer},
         message("RowsetMetaCloudPB"), {.in_http = false}),
    user("StatsTabletDataSizeKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "data_size"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    user("StatsTabletNumRowsKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "num_rows"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    user("StatsTabletNumRowsetsKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "num_rowsets"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    user("StatsTabletNumSegsKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "num_segs"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    user("StatsTabletIndexSizeKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "index_size"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    user("StatsTabletSegmentSizeKey",
         {"stats"_word, instance, "tablet"_word, "table_id"_integer, "index_id"_integer,
          "part_id"_integer, "tablet_id"_integer, "segment_size"_word},
         counter, {.in_http = false, .written_by = "commit_txn"}),
    // Key space 02.
    system("MetaServiceRegistryKey", {"system"_word, "meta-service"_word, "registry"_word},
           message("ServiceRegistryPB")),
    system("MetaServiceArnInfoKey", {"system"_word, "meta-service"_word, "arn_info"_word},
           message("RamUserPB"), {.written_by = "alter_iam"}),
    system("MetaServiceEncryptionKey",
           {"system"_word, "meta-service"_word, "encryption_key_info"_word},
           message("EncryptionKeyInfoPB")),
    system("MetaServiceInstanceUpdateKey",
           {"system"_word, "meta-service"_word, "instance_update"_word}, counter,
           {.in_http = false}),
    // Key space 03.
    versioned("VersionedPartitionVersionKey",
              {"version"_word, instance, "partition"_word, "partition_id"_integer},
              message("VersionPB"), {.versioned = true}),
    versioned("VersionedTableVersionKey",
              {"version"_word, instance, "table"_word, "table_id"_integer}, nothing,
              {.versioned = true}),
    versioned("VersionedPartitionIndexKey",
              {"index"_word, instance, "partition"_word, "partition_id"_integer},
              message("PartitionIndexPB")),
    versioned("VersionedPartitionInvertedIndexKey",
              {"index"_word, instance, "partition_inverted"_word, "db_id"_integer,
               "table_id"_integer, "partition_id"_integer},
              nothing),
    versioned("VersionedTabletIndexKey",
              {"index"_word, instance, "tablet"_word, "tablet_id"_integer},
              message("TabletIndexPB")),
    versioned("VersionedTabletInvertedIndexKey",
              {"index"_word, instance, "tablet_inverted"_word, "db_id"_integer, "table_id"_integer,
               "index_id"_integer, "partition_id"_integer, "tablet_id"_integer},
              nothing),
    versioned("VersionedIndexIndexKey", {"index"_word, instance, "index"_word, "index_id"_integer},
              message("IndexIndexPB")),
    versioned("VersionedIndexInvertedKey",
              {"index"_word, instance, "index_inverted"_word, "db_id"_integer, "table_id"_integer,
               "index_id"_integer},
              nothing),
    versioned("VersionedTabletLoadStatsKey",
              {"stats"_word, instance, "tablet_load"_word, "tablet_id"_integer},
              message("TabletStatsPB"), {.versioned = true}),
    versioned("VersionedTabletCompactStatsKey",
              {"stats"_word, instance, "tablet_compact"_word, "tablet_id"_integer},
              message("TabletStatsPB"), {.versioned = true}),
    versioned("VersionedMetaPartitionKey",
              {"meta"_word, instance, "partition"_word, "partition_id"_integer}, nothing,
              {.versioned = true}),
    versioned("VersionedMetaIndexKey", {"meta"_word, instance, "index"_word, "index_id"_integer},
              nothing, {.versioned = true}),
    versioned("VersionedMetaTabletKey", {"meta"_word, instance, "tablet"_word, "tablet_id"_integer},
              message("TabletMetaCloudPB"), {.versioned = true}),
    versioned("VersionedMetaSchemaKey",
              {"meta"_word, instance, "schema"_word, "index_id"_integer, "schema_version"_integer},
              message("TabletSchemaCloudPB")),
    versioned("VersionedMetaRowsetLoadKey",
              {"meta"_word, instance, "rowset_load"_word, "tablet_id"_integer, "version"_integer},
              document("RowsetMetaCloudPB"), {.versioned = true}),
    versioned(
        "VersionedMetaRowsetCompactKey",
        {"meta"_word, instance, "rowset_compact"_word, "tablet_id"_integer, "version"_integer},
        document("RowsetMetaCloudPB"), {.versioned = true}),
    versioned("VersionedMetaDeleteBitmapKey",
              {"meta"_word, instance, "delete_bitmap"_word, "tablet_id"_integer, "rowset_id"_text},
              message("DeleteBitmapStoragePB")),
    versioned("VersionedTableStreamOffsetKey",
              {"meta"_word, instance, "table_stream_offset"_word, "base_db_id"_integer,
               "base_table_id"_integer, "stream_db_id"_integer, "stream_id"_integer,
               "partition_id"_integer},
              message("TableStreamOffsetPB"), {.versioned = true}),
    versioned(
        "VersionedDataRowsetRefCountKey",
        {"data"_word, instance, "rowset_ref_count"_word, "tablet_id"_integer, "rowset_id"_text},
        counter),
    versioned("VersionedSnapshotFullKey", {"snapshot"_word, instance, "full"_word},
              message("SnapshotPB"), {.versioned = true, .in_http = false}),
    versioned(
        "VersionedSnapshotReferenceKey",
        {"snapshot"_word, instance, "reference"_word, "timestamp"_stamp, "ref_instance_id"_text},
        nothing, {.in_http = false}),
    versioned("VersionedLogKey", {"log"_word, instance}, message("OperationLogPB"),
              {.versioned = true, .in_http = false}),

    // Ours.
    tool("NodeIndexKey", {"node_index"_word, "cloud_unique_id"_text}, plain_text,
         {.in_http = false, .written_by = "all that adds or removes nodes"}),
    tool("JournalKey", {"journal"_word, "revision"_integer}, message("JournalRecord"),
         {.in_http = false, .written_by = "every operation that changes something"}),
};

}  // namespace declare

using declare::catalogue;

/// The type of this name, at compile time: a name that does not exist does not compile.
consteval const KeyType& key_type(std::string_view name) {
  for (const auto& type : catalogue)
    if (type.name == name) return type;
  throw "no type of this name";
}

/// The type of this name, or nullptr. Case counts.
const KeyType* find_type(std::string_view name);

/// The type of this name. Throws usage with the nearest name when there is none.
const KeyType& require_type(std::string_view name);

/// Names for one thing that the Meta Service spells differently from type to type. Where a type has
/// one of a pair, the other is taken for it; what we print is always the name in the catalogue.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 3> aliases = {{
    {"partition_id", "part_id"},
    {"table_id", "tbl_id"},
    {"rowset_id", "rowest_id"},
}};

}  // namespace metactl::keys
