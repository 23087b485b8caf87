// SPDX-License-Identifier: Apache-2.0
// Starting compactions: the order of checks, and which may run beside which. Source:
// txn-tablet-job.md, sections 4.1 and 4.2.

#include <catch2/catch.hpp>

#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

namespace {

class Compactions : public LoadFixture {
 public:
  Compactions() { create_tablet(1); }

  std::string start(std::string_view id, std::string_view more,
                    pb::StartTabletJobResponse* response = nullptr) {
    return outcome(api::start_tablet_job, to_compact(id, more), response);
  }
  /// Records a schema change with an alter version behind the service's back.
  void record_schema_change(std::int64_t alter_version) {
    pb::TabletJobInfoPB jobs;
    jobs.mutable_schema_change()->set_id("s");
    jobs.mutable_schema_change()->set_alter_version(alter_version);
    put_row(keys::tablet_job_key("i", place(1)), jobs);
  }
};

}  // namespace

TEST_CASE_METHOD(Compactions, "starting and finishing check instance, job and tablet in this order",
                 "[core][job]") {
  const auto check = [&](const std::string& request, std::string_view code, int http,
                         std::string_view text) {
    CAPTURE(request);
    CHECK_REFUSED(api::start_tablet_job, request, code, http, text);
    CHECK_REFUSED(api::finish_tablet_job, request, code, http, text);
    CHECK_REFUSED(api::abort_tablet_job, request, code, http, text);
  };
  check("{}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  check("{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400, "empty instance_id");
  check(in_i(""), "INVALID_ARGUMENT", 400, "no valid job specified");
  check(in_i("job: {idx: {tablet_id: 1}}"), "INVALID_ARGUMENT", 400, "no valid job specified");
  check(in_i("job: {compaction: [{}]}"), "INVALID_ARGUMENT", 400, "no valid tablet_id given");
  check(in_i(on_tablet(0, "schema_change: {}")), "INVALID_ARGUMENT", 400,
        "no valid tablet_id given");
  check(in_i(on_tablet(-1, "compaction: [{}]")), "INVALID_ARGUMENT", 400,
        "no valid tablet_id given");
  check(in_i(on_tablet(9, "compaction: [{}]")), "TABLET_NOT_FOUND", 404, "tablet_id=9");
}

TEST_CASE_METHOD(Compactions, "tablets of a dropped index or partition take no jobs",
                 "[core][job]") {
  const auto [is_index, state] = GENERATE(table<bool, int>({{true, 0},
                                                            {true, 1},
                                                            {true, 2},
                                                            {true, 3},
                                                            {false, 0},
                                                            {false, 1},
                                                            {false, 2},
                                                            {false, 3}}));
  if (is_index) {
    pb::RecycleIndexPB recycle;
    recycle.set_state(static_cast<pb::RecycleIndexPB::State>(state));
    put_row(keys::recycle_index_key("i", 11), recycle);
  } else {
    pb::RecyclePartitionPB recycle;
    recycle.set_state(static_cast<pb::RecyclePartitionPB::State>(state));
    put_row(keys::recycle_partition_key("i", 12), recycle);
  }
  CHECK(start("a", "type: 'BASE'") == (state >= 2 ? "TABLET_NOT_FOUND" : "OK"));
  if (state >= 2) CHECK(message == "tablet 1 has been dropped");
}

TEST_CASE_METHOD(Compactions, "starting refuses the first broken rule", "[core][job]") {
  const auto check = [&](std::string_view members, std::string_view text) {
    CAPTURE(members);
    CHECK_REFUSED(api::start_tablet_job,
                  in_i(on_tablet(1, fmt::format("compaction: [{{{}}}]", members))),
                  "INVALID_ARGUMENT", 400, text);
  };
  check("", "no job id specified");
  check("id: ''", "no job id specified");
  check("id: 'a'", "no valid compaction_cnt given");
  check("id: 'a', base_compaction_cnt: 0", "no valid compaction_cnt given");
  check("id: 'a', cumulative_compaction_cnt: 0", "no valid compaction_cnt given");
  const std::string counted = "id: 'a', base_compaction_cnt: 0, cumulative_compaction_cnt: 0";
  check(counted, "no valid expiration given");
  check(counted + ", type: 'BASE', expiration: 0, lease: 1", "no valid expiration given");
  check(counted + ", type: 'EMPTY_CUMULATIVE'", "no valid lease given");
  check(counted + ", expiration: 1, lease: 0", "no valid lease given");
  CHECK(outcome(api::start_tablet_job,
                on_tablet(1, "compaction: [{" + counted +
                                 ", type: 'EMPTY_CUMULATIVE', lease: 1800000000}]")) == "OK");
}

TEST_CASE_METHOD(Compactions, "a tablet without statistics is not found", "[core][job]") {
  memory.transact(
      [&](metactl::store::Txn& txn) { txn.erase(keys::tablet_stats_key("i", place(1))); });
  CHECK(start("a", "type: 'BASE'") == "TABLET_NOT_FOUND");
}

TEST_CASE_METHOD(Compactions, "counters that are too small are stale, larger ones are not",
                 "[core][job]") {
  auto stats = main_stats(1).value();
  stats.set_base_compaction_cnt(2);
  stats.set_cumulative_compaction_cnt(3);
  put_row(keys::tablet_stats_key("i", place(1)), stats);
  const auto [base, cumulative, expected] = GENERATE(table<int, int, std::string>({
      {1, 3, "STALE_TABLET_CACHE"},
      {2, 2, "STALE_TABLET_CACHE"},
      {2, 3, "OK"},
      {3, 4, "OK"},
  }));
  CHECK(outcome(api::start_tablet_job,
                on_tablet(1, fmt::format("compaction: [{{id: 'a', type: 'BASE', "
                                         "base_compaction_cnt: {}, cumulative_compaction_cnt: {}, "
                                         "expiration: 1800000000, lease: 1800000000}}]",
                                         base, cumulative))) == expected);
}

TEST_CASE_METHOD(Compactions, "a started compaction is recorded as given, with the whole tablet",
                 "[core][job]") {
  CHECK(start("a", "type: 'CUMULATIVE', num_input_rows: 5") == "OK");
  const auto recorded = jobs(1).value();
  CHECK(api::to_json(recorded.idx()) ==
        R"({"db_id":"7","table_id":"10","index_id":"11","partition_id":"12","tablet_id":"1"})");
  REQUIRE(recorded.compaction_size() == 1);
  CHECK(recorded.compaction(0).num_input_rows() == 5);
  CHECK_FALSE(recorded.has_schema_change());
}

TEST_CASE_METHOD(Compactions, "only the first compaction counts, and a schema change not beside it",
                 "[core][job]") {
  auto request =
      metactl::tests::from<pb::StartTabletJobRequest>(in_i(to_compact("a", "type: 'BASE'")));
  *request.mutable_job()->add_compaction() = request.job().compaction(0);
  request.mutable_job()->mutable_compaction(1)->set_id("b");
  request.mutable_job()->mutable_schema_change()->set_id("s");
  call(api::start_tablet_job, request);
  CHECK(compactions(1) == "a");
  CHECK_FALSE(jobs(1)->has_schema_change());
}

TEST_CASE_METHOD(Compactions, "which compaction may start beside which", "[core][job]") {
  // Recorded and wanted kind, each without versions.
  const auto [recorded, wanted, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"BASE", "BASE", "busy"},
      {"BASE", "CUMULATIVE", "both"},
      {"BASE", "EMPTY_CUMULATIVE", "both"},
      {"BASE", "FULL", "new"},
      {"BASE", "STOP_TOKEN", "new"},
      {"CUMULATIVE", "BASE", "both"},
      {"CUMULATIVE", "CUMULATIVE", "busy"},
      {"CUMULATIVE", "EMPTY_CUMULATIVE", "both"},
      {"CUMULATIVE", "FULL", "new"},
      {"CUMULATIVE", "STOP_TOKEN", "new"},
      {"EMPTY_CUMULATIVE", "BASE", "both"},
      {"EMPTY_CUMULATIVE", "CUMULATIVE", "both"},
      {"EMPTY_CUMULATIVE", "EMPTY_CUMULATIVE", "busy"},
      {"EMPTY_CUMULATIVE", "FULL", "new"},
      {"EMPTY_CUMULATIVE", "STOP_TOKEN", "new"},
      {"FULL", "BASE", "busy"},
      {"FULL", "CUMULATIVE", "busy"},
      {"FULL", "EMPTY_CUMULATIVE", "busy"},
      {"FULL", "FULL", "new"},
      {"FULL", "STOP_TOKEN", "new"},
      {"STOP_TOKEN", "BASE", "busy"},
      {"STOP_TOKEN", "CUMULATIVE", "busy"},
      {"STOP_TOKEN", "EMPTY_CUMULATIVE", "busy"},
      {"STOP_TOKEN", "FULL", "busy"},
      {"STOP_TOKEN", "STOP_TOKEN", "busy"},
  }));
  CAPTURE(recorded, wanted);
  REQUIRE(start("old", fmt::format("type: '{}'", recorded)) == "OK");
  const auto got = start("new", fmt::format("type: '{}'", wanted));
  CHECK(got == (expected == "busy" ? "JOB_TABLET_BUSY" : "OK"));
  CHECK(compactions(1) == (expected == "busy" ? "old" : expected == "both" ? "old new" : "new"));
}

TEST_CASE_METHOD(Compactions, "a busy tablet says with which job", "[core][job]") {
  start("old", "type: 'BASE'");
  start("new", "type: 'BASE'");
  CHECK_THAT(message, Catch::StartsWith("compaction has already started, tablet_id=1 job={") &&
                          Catch::Contains("\"id\":\"old\""));
}

TEST_CASE_METHOD(Compactions, "ranges of versions decide when both have one", "[core][job]") {
  REQUIRE(start("old", "type: 'BASE', input_versions: [5, 9]") == "OK");
  const auto [wanted, expected] = GENERATE(table<std::string, std::string>({
      {"input_versions: [2, 4]", "OK"},
      {"input_versions: [10, 12]", "OK"},
      {"input_versions: [2, 5]", "JOB_TABLET_BUSY"},
      {"input_versions: [9, 12]", "JOB_TABLET_BUSY"},
      {"input_versions: [6, 7]", "JOB_TABLET_BUSY"},
      {"input_versions: [2, 12]", "JOB_TABLET_BUSY"},
      {"input_versions: [2, 4], check_input_versions_range: true", "OK"},
      {"input_versions: [2, 4], check_input_versions_range: false", "JOB_TABLET_BUSY"},
      {"num_input_rows: 1", "JOB_TABLET_BUSY"},
  }));
  CAPTURE(wanted);
  pb::StartTabletJobResponse response;
  CHECK(start("new", "type: 'BASE', " + wanted, &response) == expected);
  const bool by_range = wanted.starts_with("input") && !wanted.ends_with("false");
  CHECK(response.version_in_compaction_size() == (expected != "OK" && by_range ? 2 : 0));
  if (!response.version_in_compaction().empty()) {
    CHECK(response.version_in_compaction(0) == 5);
    CHECK(response.version_in_compaction(1) == 9);
  }
}

TEST_CASE_METHOD(Compactions, "the same job again is fine and writes nothing", "[core][job]") {
  const auto* versions = GENERATE("", ", input_versions: [2, 4]");
  REQUIRE(start("a", fmt::format("type: 'BASE'{}", versions)) == "OK");
  const auto before = content();
  CHECK(start("a", fmt::format("type: 'BASE'{}", versions)) == "OK");
  CHECK(content() == before);
}

TEST_CASE_METHOD(Compactions, "lapsed jobs make room, which only stays when something is written",
                 "[core][job]") {
  REQUIRE(start("lapses", "type: 'BASE'") == "OK");
  REQUIRE(start("stays", "type: 'CUMULATIVE', expiration: 1800000000, lease: 1800000000") == "OK");
  now_ms += 51'000;  // Behind the lease of the first, before its expiration.
  CHECK(start("new", "type: 'CUMULATIVE'") == "JOB_TABLET_BUSY");
  CHECK(compactions(1) == "lapses stays");
  CHECK(start("new", "type: 'BASE'") == "OK");
  CHECK(compactions(1) == "stays new");
}

TEST_CASE_METHOD(Compactions, "a lapsed stop token stops nothing", "[core][job]") {
  REQUIRE(start("t", "type: 'STOP_TOKEN'") == "OK");
  now_ms += 51'000;
  CHECK(start("a", "type: 'BASE'") == "OK");
  CHECK(compactions(1) == "a");
}

TEST_CASE_METHOD(Compactions, "which compaction fits a running schema change", "[core][job]") {
  record_schema_change(8);
  const auto [wanted, fits] = GENERATE(table<std::string, bool>({
      {"type: 'EMPTY_CUMULATIVE'", true},
      {"type: 'STOP_TOKEN'", true},
      {"type: 'BASE', input_versions: [2, 8]", true},
      {"type: 'BASE', input_versions: [2, 9]", false},
      {"type: 'BASE', input_versions: [8, 2]", false},
      {"type: 'BASE', input_versions: [2]", false},
      {"type: 'BASE'", false},
      {"type: 'CUMULATIVE', input_versions: [9, 9]", true},
      {"type: 'CUMULATIVE', input_versions: [8, 9]", false},
      {"type: 'CUMULATIVE', input_versions: [10, 9]", false},
      {"type: 'CUMULATIVE'", false},
      {"type: 'FULL', input_versions: [2, 8]", false},
  }));
  CAPTURE(wanted);
  pb::StartTabletJobResponse response;
  CHECK(start("a", wanted, &response) == (fits ? "OK" : "JOB_CHECK_ALTER_VERSION"));
  CHECK(response.alter_version() == (fits ? 0 : 8));
  CHECK(jobs(1)->has_schema_change());
}
