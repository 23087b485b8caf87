// SPDX-License-Identifier: Apache-2.0
// From the command line to the request, for transactions, tablets and jobs.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

struct Loads : RecordedWorld {
  Loads() {
    run_line("instance create prod --user-id ops");
    run_line("tablet create 1 --table 10 --index 11 --partition 12");
    run_line("tablet create 2 --table 10 --index 11 --partition 12 --not-ready");
  }
};

struct Line {
  std::string words;  // Separated by one blank.
  std::string request;
};

const std::string unique_id = R"("cloud_unique_id":"1:prod:metactl")";

}  // namespace

TEST_CASE_METHOD(Loads, "commands about transactions make these requests", "[cli][parse]") {
  const auto line =
      GENERATE(Line{"txn begin l --db 7 --table 71 --table 72",
                    "begin_txn {" + unique_id +
                        R"(,"txn_info":{"db_id":"7","table_ids":["71","72"],"label":"l",)"
                        R"("timeout_ms":"600000","precommit_timeout_ms":"600000"}})"},
               Line{"txn begin l --db 7 --table 71 --timeout 5s --precommit-timeout 1h",
                    "begin_txn {" + unique_id +
                        R"(,"txn_info":{"db_id":"7","table_ids":["71"],"label":"l",)"
                        R"("timeout_ms":"5000","precommit_timeout_ms":"3600000"}})"},
               Line{"txn precommit 5", "precommit_txn {" + unique_id + R"(,"txn_id":"5"})"},
               Line{"txn commit 5", "commit_txn {" + unique_id + R"(,"txn_id":"5"})"},
               Line{"txn commit 5 --two-phases",
                    "commit_txn {" + unique_id + R"(,"txn_id":"5","is_2pc":true})"},
               Line{"txn abort 5 --yes", "abort_txn {" + unique_id + R"(,"txn_id":"5"})"},
               Line{"txn abort --db 7 --label l --reason r --yes",
                    "abort_txn {" + unique_id + R"(,"db_id":"7","label":"l","reason":"r"})"});
  CAPTURE(line.words);
  CHECK(change(text::split(line.words, ' ')) == line.request);
}

TEST_CASE_METHOD(Loads, "commands about tablets and jobs make these requests", "[cli][parse]") {
  const auto line = GENERATE(
      Line{"tablet create 3 --db 7 --table 10 --index 11 --partition 12 --schema-version 4",
           "create_tablets {" + unique_id +
               R"(,"tablet_metas":[{"table_id":"10","partition_id":"12","tablet_id":"3",)"
               R"("tablet_state":"PB_RUNNING","index_id":"11","schema_version":4}],"db_id":"7"})"},
      Line{"job start 1 a --type base --versions 2-5 --expiration 9 --lease 8 --initiator b",
           "start_tablet_job {" + unique_id +
               R"(,"job":{"idx":{"tablet_id":"1"},"compaction":[{"initiator":"b","type":"BASE",)"
               R"("input_versions":["2","5"],"base_compaction_cnt":"0",)"
               R"("cumulative_compaction_cnt":"0","id":"a","expiration":"9","lease":"8"}]}})"},
      Line{"job start 1 s --type schema_change --new-tablet 2 --expiration 9",
           "start_tablet_job {" + unique_id +
               R"(,"job":{"idx":{"tablet_id":"1"},"schema_change":{"initiator":"metactl",)"
               R"("id":"s","expiration":"9","new_tablet_idx":{"tablet_id":"2"}}}})"},
      Line{"job finish 1 a --action lease --lease 9",
           "finish_tablet_job {" + unique_id +
               R"(,"action":"LEASE","job":{"idx":{"tablet_id":"1"},"compaction":[{)"
               R"("initiator":"metactl","type":"CUMULATIVE","id":"a","lease":"9"}]}})"},
      Line{"job finish 1 a --type empty_cumulative --action commit --output-point 6",
           "finish_tablet_job {" + unique_id +
               R"(,"action":"COMMIT","job":{"idx":{"tablet_id":"1"},"compaction":[{)"
               R"("initiator":"metactl","type":"EMPTY_CUMULATIVE","output_cumulative_point":"6",)"
               R"("id":"a"}]}})"},
      Line{"job abort 1 a --yes",
           "abort_tablet_job {" + unique_id +
               R"(,"action":"ABORT","job":{"idx":{"tablet_id":"1"},"compaction":[{)"
               R"("initiator":"metactl","type":"CUMULATIVE","id":"a"}]}})"});
  CAPTURE(line.words);
  CHECK(change(text::split(line.words, ' ')) == line.request);
}

TEST_CASE_METHOD(Loads, "times may be counted from now", "[cli][parse]") {
  const auto sent = change({"job", "start", "1", "a", "--lease", "+5m"});
  CHECK_THAT(sent, Catch::Contains(R"("expiration":")") && Catch::Contains(R"("lease":")"));
}

TEST_CASE_METHOD(Loads, "refused lines about transactions and jobs send nothing", "[cli][parse]") {
  const auto* words = GENERATE(
      "txn begin", "txn begin l", "txn begin l --db 7", "txn begin l --table 7",
      "txn begin l --db x --table 7", "txn commit", "txn commit x", "txn abort 5",
      "txn abort --yes", "txn abort --db 7 --yes", "txn abort 5 --db 7 --yes", "tablet create 3",
      "tablet create 3 --table 1 --index 2", "job start 1", "job start 1 a --type big",
      "job start 1 a --versions 5", "job abort 1 a", "job start 1 s --type schema_change",
      "job finish 1 a", "job finish 1 a --action abort", "job start 1 a --lease x");
  CAPTURE(words);
  recording.calls.clear();
  CHECK(run_line(words).status == 2);
  CHECK(recording.last_change().empty());
}

}  // namespace metactl::tests
