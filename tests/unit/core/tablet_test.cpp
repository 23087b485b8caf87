// SPDX-License-Identifier: Apache-2.0
// Creating tablets, their rows and their statistics. Source: txn-tablet-job.md, section 3.

#include <catch2/catch.hpp>

#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

TEST_CASE_METHOD(LoadFixture, "create_tablets refuses the first broken rule", "[core][tablet]") {
  CHECK_REFUSED(api::create_tablets, "{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400,
                "no tablet meta");
  CHECK_REFUSED(api::create_tablets, "{cloud_unique_id: '1:nobody:x', tablet_metas: [{}]}",
                "INVALID_ARGUMENT", 400, "empty instance_id");
  CHECK_REFUSED(api::create_tablets, in_i("storage_vault_name: 'v', tablet_metas: [{}]"),
                "INVALID_ARGUMENT", 400, "failed to get vault id, vault name=v");
  CHECK_REFUSED(api::create_tablets, in_i("storage_vault_name: '', tablet_metas: [{}]"),
                "INVALID_ARGUMENT", 400, "failed to get vault id");
  CHECK_REFUSED(api::create_tablets, in_i("tablet_metas: [{tablet_id: 1}]"), "INVALID_ARGUMENT",
                400, "tablet_meta must have either schema or schema_version");
}

TEST_CASE_METHOD(LoadFixture, "create_tablets writes tablet, index and statistics",
                 "[core][tablet]") {
  create_tablet(1, "schema_version: 3, tablet_state: 'PB_NOTREADY', table_name: 't'");
  CHECK(api::to_json(*row<pb::TabletMetaCloudPB>(keys::tablet_key("i", place(1)))) ==
        R"({"table_id":"10","partition_id":"12","tablet_id":"1","tablet_state":"PB_NOTREADY",)"
        R"("index_id":"11","table_name":"t","schema_version":3})");
  const std::string index =
      R"({"db_id":"7","table_id":"10","index_id":"11","partition_id":"12","tablet_id":"1"})";
  CHECK(api::to_json(*row<pb::TabletIndexPB>(keys::tablet_index_key("i", 1))) == index);
  CHECK(api::to_json(*main_stats(1)) ==
        R"({"idx":)" + index +
            R"(,"num_rowsets":"1","num_segments":"0","base_compaction_cnt":"0",)"
            R"("cumulative_compaction_cnt":"0","cumulative_point":"2"})");
}

TEST_CASE_METHOD(LoadFixture, "the database of a tablet is only stored when it is given",
                 "[core][tablet]") {
  ask(api::create_tablets, "tablet_metas: [{tablet_id: 1, schema_version: 0}]");
  CHECK_FALSE(row<pb::TabletIndexPB>(keys::tablet_index_key("i", 1))->has_db_id());
}

TEST_CASE_METHOD(LoadFixture, "a schema and the first rowset stand apart from the tablet",
                 "[core][tablet]") {
  const auto before = content().size();
  create_tablet(1,
                "schema: {schema_version: 4, num_short_key_columns: 2}, rs_metas: [{rowset_id: 0, "
                "end_version: 1, num_rows: 5, tablet_schema: {schema_version: 4}}, {rowset_id: 0, "
                "end_version: 2}]");
  CHECK(content().size() == before + 6);  // Tablet, index, statistics, rowset, schema, journal.
  const auto meta = row<pb::TabletMetaCloudPB>(keys::tablet_key("i", place(1))).value();
  CHECK(meta.schema_version() == 4);
  CHECK_FALSE(meta.has_schema());
  CHECK(meta.rs_metas().empty());
  CHECK(api::to_json(*row<pb::RowsetMetaCloudPB>(keys::rowset_key("i", 1, 1))) ==
        R"({"rowset_id":"0","end_version":"1","num_rows":"5","index_id":"11","schema_version":4})");
  const auto schema_keys = keys::schema_keys("i", 11, 4, 10);
  REQUIRE(schema_keys.size() == 1);
  CHECK(schema_keys[0] == keys::build(*keys::find_type("MetaSchemaKey"),
                                      {std::string("i"), std::int64_t{11}, std::int64_t{4}}) +
                              std::string("\x12\x01\0\0\0\0\0\0\0", 9));
  CHECK(api::to_json(*row<pb::TabletSchemaCloudPB>(schema_keys[0])) ==
        R"({"num_short_key_columns":2,"schema_version":4})");
}

TEST_CASE_METHOD(LoadFixture, "a large schema is split into rows", "[core][tablet]") {
  const std::string name(200'000, 'n');
  create_tablet(1, fmt::format("schema: {{schema_version: 4, column: [{{unique_id: 1, type: 'INT', "
                               "name: '{}'}}]}}",
                               name));
  std::string bytes;
  const auto split = keys::schema_keys("i", 11, 4, 200'020);
  REQUIRE(split.size() == 3);
  for (const auto& key : split) bytes += value(key).value();
  pb::TabletSchemaCloudPB schema;
  REQUIRE(schema.ParseFromString(bytes));
  CHECK(schema.column(0).name() == name);
}

TEST_CASE_METHOD(LoadFixture, "tablets in front of a refused one stay", "[core][tablet]") {
  CHECK(outcome(api::create_tablets,
                "tablet_metas: [{tablet_id: 1, schema_version: 0}, {tablet_id: 2}, {tablet_id: 3, "
                "schema_version: 0}]") == "INVALID_ARGUMENT");
  CHECK(value(keys::tablet_index_key("i", 1)));
  CHECK_FALSE(value(keys::tablet_index_key("i", 2)));
  CHECK_FALSE(value(keys::tablet_index_key("i", 3)));
}

TEST_CASE_METHOD(LoadFixture, "a vault is found by its name, the default one by an empty name",
                 "[core][tablet]") {
  call(api::create_instance, fmt::format("{{instance_id: 'v', vault: {{obj_info: {{{}}}}}}}",
                                         metactl::tests::complete_store));
  const auto name = stored("v").storage_vault_names(0);
  const auto create = [&](const std::string& vault) {
    return call(api::create_tablets,
                fmt::format("{{cloud_unique_id: '1:v:x', storage_vault_name: '{}', tablet_metas: "
                            "[{{tablet_id: 1, schema_version: 0}}]}}",
                            vault));
  };
  CHECK(create(name).storage_vault_id() == stored("v").resource_ids(0));
  CHECK(create(name).storage_vault_name() == name);
  if (stored("v").default_storage_vault_name().empty()) {
    CHECK_THROWS(create(""));
  } else {
    CHECK(create("").storage_vault_name() == stored("v").default_storage_vault_name());
  }
}

TEST_CASE_METHOD(LoadFixture, "statistics of a new tablet show all sums, zeros too",
                 "[core][tablet]") {
  create_tablet(1);
  CHECK(shown(api::get_tablet_stats, in_i("tablet_idx: [{tablet_id: 1}]")) ==
        R"({"tablet_stats":[{"idx":{"db_id":"7","table_id":"10","index_id":"11",)"
        R"("partition_id":"12","tablet_id":"1"},"data_size":"0","num_rows":"0",)"
        R"("num_rowsets":"1","num_segments":"0","base_compaction_cnt":"0",)"
        R"("cumulative_compaction_cnt":"0","cumulative_point":"2","index_size":"0",)"
        R"("segment_size":"0"}]})");
}

TEST_CASE_METHOD(LoadFixture, "statistics are main row and counters", "[core][tablet]") {
  create_tablet(1);
  create_tablet(2);
  put_counter(1, "StatsTabletNumRowsetsKey", 4);
  put_counter(1, "StatsTabletNumRowsKey", 300);
  put_counter(1, "StatsTabletNumSegsKey", 2);
  put_counter(1, "StatsTabletIndexSizeKey", 20);
  put_counter(1, "StatsTabletSegmentSizeKey", 80);
  put_counter(1, "StatsTabletDataSizeKey", -1);
  const auto response = ask(api::get_tablet_stats, "tablet_idx: [{tablet_id: 2}, {tablet_id: 1}]");
  REQUIRE(response.tablet_stats_size() == 2);
  CHECK(response.tablet_stats(0).num_rowsets() == 1);
  const auto& stats = response.tablet_stats(1);
  CHECK(stats.num_rowsets() == 5);
  CHECK(stats.num_rows() == 300);
  CHECK(stats.num_segments() == 2);
  CHECK(stats.index_size() == 20);
  CHECK(stats.segment_size() == 80);
  CHECK(stats.data_size() == 0);
  CHECK(main_stats(1)->num_rowsets() == 1);
}

TEST_CASE_METHOD(LoadFixture, "get_tablet_stats ends with the first tablet that is not there",
                 "[core][tablet]") {
  create_tablet(1);
  CHECK_REFUSED(api::get_tablet_stats, "{tablet_idx: [{tablet_id: 1}]}", "INVALID_ARGUMENT", 400);
  pb::GetTabletStatsResponse response;
  CHECK(outcome(api::get_tablet_stats, "tablet_idx: [{tablet_id: 1}, {tablet_id: 9}]", &response) ==
        "TABLET_NOT_FOUND");
  CHECK_THAT(message, Catch::StartsWith("failed to get tablet_idx, "));
  CHECK(response.tablet_stats().empty());
  CHECK(outcome(api::get_tablet_stats, "tablet_idx: [{}]") == "TABLET_NOT_FOUND");
  CHECK(shown(api::get_tablet_stats, in_i("")) == "{}");
}

TEST_CASE_METHOD(LoadFixture, "ids that are all given are used as they are", "[core][tablet]") {
  create_tablet(1);
  const std::string ids = "table_id: 10, index_id: 11, tablet_id: 1";
  CHECK(outcome(api::get_tablet_stats,
                fmt::format("tablet_idx: [{{{}, partition_id: 12}}]", ids)) == "OK");
  CHECK(outcome(api::get_tablet_stats,
                fmt::format("tablet_idx: [{{{}, partition_id: 13}}]", ids)) == "TABLET_NOT_FOUND");
  CHECK(message == "tablet stats not found, tablet_id=1");
  // One that is missing lets the index decide about all.
  CHECK(outcome(api::get_tablet_stats, "tablet_idx: [{tablet_id: 1, table_id: 99}]") == "OK");
}

TEST_CASE_METHOD(LoadFixture, "fix_tablet_db_id corrects index and statistics", "[core][tablet]") {
  create_tablet(1);
  call(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: '1', db_id: '8'}");
  CHECK(row<pb::TabletIndexPB>(keys::tablet_index_key("i", 1))->db_id() == 8);
  CHECK(main_stats(1)->idx().db_id() == 8);
  CHECK(main_stats(1)->cumulative_point() == 2);
}

TEST_CASE_METHOD(LoadFixture, "fix_tablet_stats sums up rowsets, and leaves tablets without them",
                 "[core][tablet]") {
  create_tablet(1,
                "schema_version: 0, rs_metas: [{rowset_id: 0, end_version: 1, num_rows: 5, "
                "total_disk_size: 9, data_disk_size: 7, index_disk_size: 2, num_segments: 1}]");
  create_tablet(2);
  put_counter(1, "StatsTabletNumRowsKey", 300);
  const auto untouched = api::to_json(*main_stats(2));
  call(api::fix_tablet_stats, in_i("table_id: '10'"));
  const auto stats = ask(api::get_tablet_stats, "tablet_idx: [{tablet_id: 1}]").tablet_stats(0);
  CHECK(stats.num_rows() == 5);
  CHECK(stats.num_rowsets() == 1);
  CHECK(stats.data_size() == 9);
  CHECK(stats.segment_size() == 7);
  CHECK(stats.index_size() == 2);
  CHECK(stats.num_segments() == 1);
  CHECK(stats.cumulative_point() == 2);
  CHECK(api::to_json(*main_stats(2)) == untouched);
  CHECK_REFUSED(api::fix_tablet_stats, in_i("table_id: '10', tablet_id: '9'"), "TABLET_NOT_FOUND",
                404);
  CHECK_REFUSED(api::fix_tablet_stats, in_i("table_id: '99', tablet_id: '1'"), "TABLET_NOT_FOUND",
                404);
}

TEST_CASE_METHOD(LoadFixture, "a lazy commit of a known transaction is refused as such",
                 "[core][txn]") {
  const auto id = begin("l");
  CHECK_REFUSED(api::txn_lazy_commit, fmt::format("{{instance_id: 'i', txn_id: '{}'}}", id),
                "INVALID_ARGUMENT", 400, "lazy commits are not supported");
}
