// SPDX-License-Identifier: Apache-2.0
// Creating tablets, and correcting the database of one. Source: txn-tablet-job.md, section 3.1;
// meta-service-api.md, section 8.10.
#include <fmt/format.h>

#include <set>

#include "api/json.h"
#include "api/meta_errors.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/tablets.h"
#include "core/meta/vaults.h"

namespace metactl::core::meta {
namespace {

/// What the rows of one tablet are made from.
struct NewTablet {
  const std::string& instance_id;
  const pb::TabletMetaCloudPB& meta;  // As the request has it.
  pb::TabletIndexPB index;
  std::int32_t schema_version = 0;
};

NewTablet new_tablet(const std::string& instance_id, const pb::CreateTabletsRequest& request,
                     const pb::TabletMetaCloudPB& meta) {
  if (!meta.has_schema() && !meta.has_schema_version())
    throw invalid_argument("tablet_meta must have either schema or schema_version");
  NewTablet tablet{instance_id, meta, {}, meta.schema_version()};
  if (meta.has_schema()) tablet.schema_version = meta.schema().schema_version();
  if (request.has_db_id()) tablet.index.set_db_id(request.db_id());
  tablet.index.set_table_id(meta.table_id());
  tablet.index.set_index_id(meta.index_id());
  tablet.index.set_partition_id(meta.partition_id());
  tablet.index.set_tablet_id(meta.tablet_id());
  return tablet;
}

void store_meta(store::Txn& txn, const NewTablet& tablet) {
  auto meta = tablet.meta;
  meta.clear_rs_metas();
  meta.clear_schema();
  meta.set_schema_version(tablet.schema_version);
  put_row(txn, keys::tablet_key(tablet.instance_id, place_of(tablet.index)), meta);
}

void store_new_stats(store::Txn& txn, const NewTablet& tablet) {
  pb::TabletStatsPB stats;
  *stats.mutable_idx() = tablet.index;
  stats.set_num_rowsets(1);
  stats.set_num_segments(0);
  stats.set_base_compaction_cnt(0);
  stats.set_cumulative_compaction_cnt(0);
  stats.set_cumulative_point(2);
  put_row(txn, keys::tablet_stats_key(tablet.instance_id, place_of(tablet.index)), stats);
}

void store_first_rowset(store::Txn& txn, const NewTablet& tablet) {
  if (tablet.meta.rs_metas().empty()) return;
  auto rowset = tablet.meta.rs_metas(0);
  rowset.set_index_id(tablet.meta.index_id());
  rowset.set_schema_version(tablet.schema_version);
  rowset.clear_tablet_schema();
  put_row(txn, keys::rowset_key(tablet.instance_id, tablet.meta.tablet_id(), rowset.end_version()),
          rowset);
}

void store_schema(store::Txn& txn, const NewTablet& tablet) {
  const auto bytes = api::serialize(tablet.meta.schema());
  const auto keys = keys::schema_keys(tablet.instance_id, tablet.meta.index_id(),
                                      tablet.schema_version, bytes.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    txn.put(keys[i], bytes.substr(i * keys::split_row_size, keys::split_row_size));
}

/// Names in the response the vault that the request asks for, "" for the default one.
void resolve_vault(store::View& view, const std::string& instance_id, const std::string& name,
                   pb::CreateTabletsResponse& response) {
  const auto instance = load_instance(view, instance_id, pb::KV_TXN_GET_ERR);
  const auto& wanted = name.empty() ? instance.default_storage_vault_name() : name;
  if (wanted.empty()) throw invalid_argument("failed to get vault id, there is no default vault");
  const auto place = find_vault(instance, wanted);
  if (!place || *place >= instance.resource_ids_size())
    throw invalid_argument(fmt::format("failed to get vault id, vault name={}", wanted));
  response.set_storage_vault_id(instance.resource_ids(*place));
  response.set_storage_vault_name(wanted);
}

}  // namespace

keys::TabletPlace place_of(const pb::TabletIndexPB& index) {
  return {index.table_id(), index.index_id(), index.partition_id(), index.tablet_id()};
}

std::int64_t required_number(const std::string& value, std::string_view name) {
  const auto number = text::to_int(value);
  if (!number) throw invalid_argument(fmt::format("{0} is not a number, {0}={1}", name, value));
  return *number;
}

pb::CreateTabletsResponse create_tablets(Context& context,
                                         const pb::CreateTabletsRequest& request) {
  if (request.tablet_metas().empty()) throw invalid_argument("no tablet meta");
  pb::CreateTabletsResponse response;
  const auto instance_id = context.read([&](store::View& view) {
    auto id = required_instance(view, request.cloud_unique_id());
    if (request.has_storage_vault_name())
      resolve_vault(view, id, request.storage_vault_name(), response);
    return id;
  });
  std::set<std::pair<std::int64_t, std::int32_t>> stored_schemas;
  for (const auto& meta : request.tablet_metas()) {
    const auto tablet = new_tablet(instance_id, request, meta);
    const bool has_new_schema =
        meta.has_schema() && stored_schemas.emplace(meta.index_id(), tablet.schema_version).second;
    // A store transaction for each tablet, as in the service: those in front of a refused one stay.
    context.transact([&](store::Txn& txn) {
      store_meta(txn, tablet);
      put_row(txn, keys::tablet_index_key(instance_id, meta.tablet_id()), tablet.index);
      store_new_stats(txn, tablet);
      store_first_rowset(txn, tablet);
      if (has_new_schema) store_schema(txn, tablet);
    });
  }
  return response;
}

pb::StatusResponse fix_tablet_db_id(Context& context, const pb::FixTabletDbIdRequest& request) {
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  const auto tablet_id = required_number(request.tablet_id(), "tablet_id");
  const auto db_id = required_number(request.db_id(), "db_id");
  const auto& instance_id = request.instance_id();
  context.transact([&](store::Txn& txn) {
    const auto key = keys::tablet_index_key(instance_id, tablet_id);
    auto index = find_row<pb::TabletIndexPB>(txn, key);
    if (!index) throw tablet_not_found(fmt::format("tablet not found, tablet_id={}", tablet_id));
    index->set_db_id(db_id);
    put_row(txn, key, *index);
    auto stats = find_main_stats(txn, instance_id, *index);
    if (!stats) return;
    stats->mutable_idx()->set_db_id(db_id);
    put_row(txn, keys::tablet_stats_key(instance_id, place_of(*index)), *stats);
  });
  return {};
}

}  // namespace metactl::core::meta
