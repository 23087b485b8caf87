// SPDX-License-Identifier: Apache-2.0
// Finishing compactions, and schema changes from start to end. Source: txn-tablet-job.md, sections
// 4.3 and 4.4.

#include <catch2/catch.hpp>

#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

namespace {

class Jobs : public LoadFixture {
 public:
  Jobs() { create_tablet(1); }

  std::string start(std::string_view id, std::string_view more) {
    return outcome(api::start_tablet_job, to_compact(id, more));
  }
  std::string finish(std::string_view action, std::string_view members,
                     pb::FinishTabletJobResponse* response = nullptr) {
    return outcome(api::finish_tablet_job,
                   fmt::format("action: '{}', {}", action,
                               on_tablet(1, fmt::format("compaction: [{{{}}}]", members))),
                   response);
  }

  /// A schema change of tablet 1 into tablet 2.
  std::string to_change(std::string_view members, std::int64_t new_tablet = 2) {
    return on_tablet(1, fmt::format("schema_change: {{new_tablet_idx: {{tablet_id: {}}}, {}}}",
                                    new_tablet, members));
  }
  void create_new_tablet() { create_tablet(2, "schema_version: 4, tablet_state: 'PB_NOTREADY'"); }
};

constexpr auto change = "id: 's', initiator: 'b'";

}  // namespace

TEST_CASE_METHOD(Jobs, "finishing a compaction refuses the first broken rule", "[core][job]") {
  CHECK(finish("ABORT", "id: 'a'") == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::Contains("job not found, "));
  start("a", "type: 'BASE'");
  CHECK(finish("NONSENSE", "id: 'b'") == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::Contains("unmatched job id, recorded_job={") &&
                          Catch::Contains("given_job={\"id\":\"b\"}"));
  CHECK(finish("NONSENSE", "id: 'a'") == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::StartsWith("unsupported action"));
  now_ms += 101'000;
  CHECK(finish("NONSENSE", "id: 'a'") == "JOB_EXPIRED");
}

TEST_CASE_METHOD(Jobs, "an aborted compaction leaves a row with the tablet", "[core][job]") {
  start("a", "type: 'BASE'");
  start("b", "type: 'CUMULATIVE'");
  const auto stats = api::to_json(*main_stats(1));
  CHECK(finish("ABORT", "id: 'a'") == "OK");
  CHECK(compactions(1) == "b");
  CHECK(finish("ABORT", "id: 'a'") == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::Contains("unmatched job id"));
  CHECK(finish("ABORT", "id: 'b'") == "OK");
  CHECK(api::to_json(*jobs(1)) ==
        R"({"idx":{"db_id":"7","table_id":"10","index_id":"11","partition_id":"12",)"
        R"("tablet_id":"1"}})");
  CHECK(finish("ABORT", "id: 'b'") == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::Contains("there is no running compaction, tablet_id=1"));
  CHECK(api::to_json(*main_stats(1)) == stats);
}

TEST_CASE_METHOD(Jobs, "abort_tablet_job aborts whatever the action says", "[core][job]") {
  const auto* action = GENERATE("", "action: 'COMMIT', ", "action: 'LEASE', ");
  start("a", "type: 'BASE'");
  ask(api::abort_tablet_job, action + on_tablet(1, "compaction: [{id: 'a'}]"));
  CHECK(compactions(1).empty());
}

TEST_CASE_METHOD(Jobs, "expiration ends every action, a lapsed lease none", "[core][job]") {
  const auto* action = GENERATE("ABORT", "LEASE", "COMMIT");
  start("a", "type: 'EMPTY_CUMULATIVE'");
  now_ms += 60'000;
  const auto before = content();
  const auto at_lease = finish(action, "id: 'a', type: 'EMPTY_CUMULATIVE', lease: 1900000000");
  CHECK(at_lease == "OK");
  if (std::string_view(action) != "LEASE") return;
  now_ms += 60'000;
  CHECK(finish("LEASE", "id: 'a', lease: 1900000000") == "JOB_EXPIRED");
  CHECK(finish("ABORT", "id: 'a'") == "JOB_EXPIRED");
  CHECK(finish("COMMIT", "id: 'a', type: 'EMPTY_CUMULATIVE'") == "JOB_EXPIRED");
  CHECK(compactions(1) == "a");
}

TEST_CASE_METHOD(Jobs, "a lease is only prolonged", "[core][job]") {
  start("a", "type: 'BASE'");
  const auto recorded = jobs(1)->compaction(0).lease();
  const auto [lease, expected] = GENERATE(table<int, std::string>(
      {{0, "INVALID_ARGUMENT"}, {-1, "INVALID_ARGUMENT"}, {1, "INVALID_ARGUMENT"}}));
  CHECK(finish("LEASE", fmt::format("id: 'a', lease: {}", lease)) == expected);
  CHECK_THAT(message, Catch::StartsWith("invalid lease"));
  CHECK(finish("LEASE", "id: 'a'") == "INVALID_ARGUMENT");
  CHECK(finish("LEASE", fmt::format("id: 'a', lease: {}, expiration: 9", recorded)) == "OK");
  auto expected_row = jobs(1).value();
  expected_row.mutable_compaction(0)->set_lease(recorded + 7);
  CHECK(finish("LEASE", fmt::format("id: 'a', lease: {}", recorded + 7)) == "OK");
  CHECK(api::to_json(*jobs(1)) == api::to_json(expected_row));
}

TEST_CASE_METHOD(Jobs, "committing an empty cumulative compaction moves the point", "[core][job]") {
  put_counter(1, "StatsTabletNumRowsKey", 30);
  start("a", "type: 'EMPTY_CUMULATIVE'");
  now_ms += 1000;
  pb::FinishTabletJobResponse response;
  CHECK(finish("COMMIT", "id: 'a', type: 'EMPTY_CUMULATIVE', output_cumulative_point: 6",
               &response) == "OK");
  const auto stats = main_stats(1).value();
  CHECK(stats.cumulative_compaction_cnt() == 1);
  CHECK(stats.base_compaction_cnt() == 0);
  CHECK(stats.cumulative_point() == 6);
  CHECK(stats.last_cumu_compaction_time_ms() == now_ms);
  CHECK_FALSE(stats.has_num_rows());
  CHECK(response.stats().cumulative_point() == 6);
  CHECK(response.stats().num_rows() == 30);
  CHECK(compactions(1).empty());
}

TEST_CASE_METHOD(Jobs, "commits of compactions with data are refused as a whole", "[core][job]") {
  const auto* type = GENERATE("BASE", "CUMULATIVE", "FULL", "STOP_TOKEN");
  start("a", fmt::format("type: '{}'", type));
  CHECK_REFUSED(
      api::finish_tablet_job,
      in_i(fmt::format("action: 'COMMIT', {}",
                       on_tablet(1, fmt::format("compaction: [{{id: 'a', type: '{}'}}]", type)))),
      "INVALID_ARGUMENT", 400, "not supported", type);
}

TEST_CASE_METHOD(Jobs, "starting a schema change refuses the first broken rule", "[core][job]") {
  const auto check = [&](const std::string& request, std::string_view code, int http,
                         std::string_view text) {
    CAPTURE(request);
    CHECK_REFUSED(api::start_tablet_job, in_i(request), code, http, text);
  };
  check(to_change("initiator: 'b'", 9), "INVALID_ARGUMENT", 400, "no job id specified");
  check(to_change("id: 's'", 9), "INVALID_ARGUMENT", 400, "no initiator specified");
  check(to_change(change, 0), "INVALID_ARGUMENT", 400, "no valid new tablet_id given");
  check(to_change(change, 1), "INVALID_ARGUMENT", 400, "another one than the base tablet");
  check(to_change(change), "TABLET_NOT_FOUND", 404, "tablet_id=2");
  create_new_tablet();
  memory.transact([&](metactl::store::Txn& txn) { txn.erase(keys::tablet_key("i", place(2))); });
  check(to_change(change), "TABLET_NOT_FOUND", 404, "new tablet not found");
  create_tablet(2, "schema_version: 4, tablet_state: 'PB_RUNNING'");
  check(to_change(change), "JOB_ALREADY_SUCCESS", 500, "already succeeded");
  create_tablet(2, "schema_version: 4");
  check(to_change(change), "INVALID_ARGUMENT", 400, "invalid new tablet state");
  create_tablet(2, "schema_version: 4, tablet_state: 'PB_SHUTDOWN'");
  check(to_change(change), "INVALID_ARGUMENT", 400, "invalid new tablet state");
}

TEST_CASE_METHOD(Jobs, "a schema change stands in the rows of both tablets", "[core][job]") {
  create_new_tablet();
  start("a", "type: 'BASE'");
  CHECK(outcome(api::start_tablet_job, to_change(change)) == "OK");
  CHECK(compactions(1) == "a");
  CHECK(jobs(1)->schema_change().id() == "s");
  CHECK(jobs(1)->schema_change().new_tablet_idx().index_id() == 11);
  auto same = jobs(1).value();
  same.clear_compaction();
  CHECK(api::to_json(*jobs(2)) == api::to_json(same));
}

TEST_CASE_METHOD(Jobs, "a schema change with an alter version goes on, others are replaced",
                 "[core][job]") {
  create_new_tablet();
  ask(api::start_tablet_job, to_change(change));
  CHECK(outcome(api::start_tablet_job, to_change(fmt::format("{}, alter_version: 5", change))) ==
        "OK");
  const auto before = content();
  CHECK(ask(api::start_tablet_job, to_change(change)).alter_version() == 5);
  CHECK(content() == before);
  CHECK_FALSE(ask(api::start_tablet_job, to_change("id: 's', initiator: 'c'")).has_alter_version());
  CHECK(jobs(1)->schema_change().initiator() == "c");
  CHECK_FALSE(jobs(1)->schema_change().has_alter_version());
}

TEST_CASE_METHOD(Jobs, "finishing a schema change refuses the first broken rule", "[core][job]") {
  create_new_tablet();
  const auto check = [&](std::string_view action, const std::string& members, std::string_view code,
                         std::string_view text, std::int64_t new_tablet = 2) {
    CAPTURE(action, members);
    CHECK_REFUSED(api::finish_tablet_job,
                  in_i(fmt::format("action: '{}', {}", action, to_change(members, new_tablet))),
                  code, code == "INVALID_ARGUMENT" ? 400 : 500, text);
  };
  check("ABORT", change, "INVALID_ARGUMENT", "another one than", 1);
  check("ABORT", change, "INVALID_ARGUMENT", "there is no running schema_change, tablet_id=1");
  ask(api::start_tablet_job, to_change("id: 's', initiator: 'b', expiration: 1700000100"));
  check("ABORT", "id: 'x'", "INVALID_ARGUMENT", "unmatched job id or initiator");
  check("COMMIT", "id: 's', initiator: 'c'", "INVALID_ARGUMENT", "unmatched job id or initiator");
  check("LEASE", change, "INVALID_ARGUMENT", "not supported");
  check("COMMIT", change, "INVALID_ARGUMENT", "not supported");
  check("NONSENSE", change, "INVALID_ARGUMENT", "unsupported action");
  now_ms += 101'000;
  check("ABORT", "id: 'x'", "JOB_EXPIRED", "expired");
}

TEST_CASE_METHOD(Jobs, "aborting a schema change takes it from both rows", "[core][job]") {
  create_new_tablet();
  start("a", "type: 'BASE'");
  ask(api::start_tablet_job, to_change("id: 's', initiator: 'b', delete_bitmap_lock_initiator: 4"));
  auto at_new = jobs(2).value();
  for (const auto& [id, type, initiator] :
       {std::tuple{"its token", pb::TabletCompactionJobPB::STOP_TOKEN, 4},
        std::tuple{"other token", pb::TabletCompactionJobPB::STOP_TOKEN, 5},
        std::tuple{"base", pb::TabletCompactionJobPB::BASE, 4}}) {
    auto& job = *at_new.add_compaction();
    job.set_id(id);
    job.set_type(type);
    job.set_delete_bitmap_lock_initiator(initiator);
  }
  put_row(keys::tablet_job_key("i", place(2)), at_new);
  ask(api::abort_tablet_job, to_change("id: 's', initiator: 'somebody else'"));
  CHECK_FALSE(jobs(1)->has_schema_change());
  CHECK_FALSE(jobs(2)->has_schema_change());
  CHECK(compactions(1) == "a");
  CHECK(compactions(2) == "other token base");
}

TEST_CASE_METHOD(Jobs, "aborting a schema change into another tablet changes nothing",
                 "[core][job]") {
  create_new_tablet();
  create_tablet(3, "schema_version: 4, tablet_state: 'PB_NOTREADY'");
  ask(api::start_tablet_job, to_change(change));
  const auto before = content();
  CHECK(outcome(api::abort_tablet_job, to_change(change, 3)) == "OK");
  CHECK(content() == before);
}
