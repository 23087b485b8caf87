// SPDX-License-Identifier: Apache-2.0
// The two forms of calls about transactions, tablets and jobs: exact bytes, statuses, token.
// Source: txn-tablet-job.md, sections 1 and 5; meta-service-api.md, section 8.10.

#include <catch2/catch.hpp>

#include "tests/conformance/served_core.h"

using metactl::tests::exchange;
using metactl::tests::raw_request;
using metactl::tests::RawReply;
using metactl::tests::ServedCore;

namespace {

constexpr auto ok_envelope = "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n";

class Served : public ServedCore {
 public:
  explicit Served(bool open_rpc = false) : ServedCore("secret", false, open_rpc) {
    put("create_instance", R"({"instance_id":"i","user_id":"u"})");
  }

  RawReply post(std::string_view path, std::string_view body,
                std::string_view token = "?token=secret") const {
    return exchange(port(),
                    raw_request("POST", fmt::format("/MetaService/{}{}", path, token), body));
  }
  static std::string in_i(std::string_view members) {
    return fmt::format(R"({{"cloud_unique_id":"1:i:x",{}}})", members);
  }
  void create_tablet() const {
    const auto reply =
        post("create_tablets",
             in_i(R"("db_id":1000,"tablet_metas":[{"table_id":113973,"index_id":113974,)"
                  R"("partition_id":113966,"tablet_id":114739,"schema_version":0}])"));
    REQUIRE(reply.status == 200);
  }
  /// The id of a transaction that was just begun.
  std::string begin(std::string_view label) const {
    const auto reply = post("begin_txn", to_begin(label));
    const auto start = reply.body.find("\"txn_id\":\"") + 10;
    return reply.body.substr(start, reply.body.find('"', start) - start);
  }
  static std::string to_begin(std::string_view label) {
    return in_i(fmt::format(
        R"("txn_info":{{"db_id":7,"table_ids":[1],"label":"{}","timeout_ms":60000}})", label));
  }
};

}  // namespace

TEST_CASE("get_tablet_stats is text, byte for byte", "[conformance][rpc]") {
  const Served served;
  served.create_tablet();
  const auto* version = GENERATE("http/", "http/v1/");
  const auto reply = served.post(fmt::format("{}get_tablet_stats", version),
                                 Served::in_i(R"("tablet_idx":[{"tablet_id":114739}])"));
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK(reply.body == R"(status {
  code: OK
  msg: ""
}
tablet_stats {
  idx {
    db_id: 1000
    table_id: 113973
    index_id: 113974
    partition_id: 113966
    tablet_id: 114739
  }
  data_size: 0
  num_rows: 0
  num_rowsets: 1
  num_segments: 0
  base_compaction_cnt: 0
  cumulative_compaction_cnt: 0
  cumulative_point: 2
  index_size: 0
  segment_size: 0
}

)");
}

TEST_CASE("get_tablet_stats of no tablet is a status alone", "[conformance][rpc]") {
  const Served served;
  const auto reply = served.put("get_tablet_stats", R"({"cloud_unique_id":"1:i:x"})");
  CHECK(reply.status == 200);
  CHECK(reply.body == "status {\n  code: OK\n  msg: \"\"\n}\n\n");
}

TEST_CASE("a refusal of get_tablet_stats has no body but a line end", "[conformance][rpc]") {
  const Served served;
  const auto [body, status] = GENERATE(table<std::string, int>({
      {R"({"cloud_unique_id":"1:nobody:x"})", 400},
      {R"({"cloud_unique_id":"1:i:x","tablet_idx":[{"tablet_id":5}]})", 404},
  }));
  const auto reply = served.put("get_tablet_stats", body);
  CHECK(reply.status == status);
  CHECK(reply.body == "\n");
}

TEST_CASE("a body that get_tablet_stats cannot read is told in JSON", "[conformance][rpc]") {
  const Served served;
  const auto* body = GENERATE("not JSON", "", "{} x");
  const auto reply = served.put("get_tablet_stats", body);
  CHECK(reply.status == 400);
  CHECK(reply.body.starts_with("{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \""));
}

TEST_CASE("get_tablet_stats as RPC is the message as JSON", "[conformance][rpc]") {
  const Served served;
  served.create_tablet();
  const auto found =
      served.post("get_tablet_stats", Served::in_i(R"("tablet_idx":[{"tablet_id":114739}])"));
  CHECK(found.status == 200);
  CHECK(found.body ==
        R"({"status":{"code":"OK","msg":""},"tablet_stats":[{"idx":{"db_id":"1000",)"
        R"("table_id":"113973","index_id":"113974","partition_id":"113966","tablet_id":"114739"},)"
        R"("data_size":"0","num_rows":"0","num_rowsets":"1","num_segments":"0",)"
        R"("base_compaction_cnt":"0","cumulative_compaction_cnt":"0","cumulative_point":"2",)"
        R"("index_size":"0","segment_size":"0"}]})"
        "\n");
  const auto missing =
      served.post("get_tablet_stats", Served::in_i(R"("tablet_idx":[{"tablet_id":5}])"));
  CHECK(missing.status == 200);
  CHECK_THAT(missing.body, Catch::StartsWith(R"({"status":{"code":"TABLET_NOT_FOUND","msg":")"));
}

TEST_CASE("abort_txn is an envelope, byte for byte", "[conformance][rpc]") {
  const Served served;
  const auto id = served.begin("l");
  const auto by_id = Served::in_i(fmt::format(R"("txn_id":"{}")", id));
  const auto reply = served.put("abort_txn", by_id);
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.body == ok_envelope);
  const auto again = served.put("v1/abort_txn", by_id);
  CHECK(again.status == 500);
  CHECK(again.body == fmt::format("{{\n    \"code\": \"INTERNAL_ERROR\",\n    \"msg\": "
                                  "\"transaction [{}] is already aborted, db_id=7\"\n}}\n",
                                  id));
}

TEST_CASE("abort_txn by label, and what it refuses", "[conformance][rpc]") {
  const Served served;
  served.begin("l");
  const auto [members, status] = GENERATE(table<std::string, int>({
      {R"("db_id":7,"label":"l","unknown":{"x":[1]})", 200},
      {R"("db_id":7,"label":"nope")", 500},
      {R"("txn_id":5)", 500},
      {R"("db_id":7)", 400},
      {R"("label":5,"db_id":7)", 400},
  }));
  CHECK(served.put("abort_txn", Served::in_i(members)).status == status);
}

TEST_CASE("abort_txn as RPC carries the transaction, on failure too", "[conformance][rpc]") {
  const Served served;
  const auto id = served.begin("l");
  const auto by_id = Served::in_i(fmt::format(R"("txn_id":{})", id));
  CHECK_THAT(served.post("abort_txn", by_id).body,
             Catch::StartsWith(R"({"status":{"code":"OK","msg":""},"txn_info":{"db_id":"7",)"));
  const auto again = served.post("abort_txn", by_id);
  CHECK(again.status == 200);
  CHECK_THAT(again.body, Catch::StartsWith(R"({"status":{"code":"TXN_ALREADY_ABORTED","msg":")") &&
                             Catch::Contains(R"("txn_info":{"db_id":"7",)"));
  CHECK(served.post("abort_txn", Served::in_i(R"("txn_id":5)")).body ==
        R"({"status":{"code":"TXN_ID_NOT_FOUND","msg":"transaction [5] not found"},"txn_info":{}})"
        "\n");
}

TEST_CASE("abort_tablet_job is an envelope, and has no RPC form", "[conformance][rpc]") {
  const Served served;
  served.create_tablet();
  const auto job = R"("job":{"idx":{"tablet_id":114739},"compaction":[{"id":"J")";
  CHECK(served
            .post("start_tablet_job",
                  Served::in_i(fmt::format(
                      R"({},"type":"BASE","base_compaction_cnt":0,"cumulative_compaction_cnt":"0",)"
                      R"("expiration":4000000000,"lease":4000000000}}]}})",
                      job)))
            .body == "{\"status\":{\"code\":\"OK\",\"msg\":\"\"}}\n");
  const auto to_abort = Served::in_i(fmt::format("{}}}]}}", job));
  CHECK(served.post("abort_tablet_job", to_abort).status == 404);
  CHECK(served.put("abort_tablet_job", to_abort).body == ok_envelope);
  const auto again = served.put("abort_tablet_job", to_abort);
  CHECK(again.status == 400);
  CHECK_THAT(again.body, Catch::Contains("there is no running compaction, tablet_id=114739"));
  // As the public document writes it: the id is a text, and a number is none.
  const auto number =
      served.put("abort_tablet_job",
                 Served::in_i(R"("job":{"idx":{"tablet_id":114739},"compaction":[{"id":5}]})"));
  CHECK(number.status == 400);
  CHECK_THAT(number.body, Catch::Contains("\"msg\": \"parse http request"));
}

TEST_CASE("an RPC is refused with HTTP 200, and told by its status", "[conformance][rpc]") {
  const Served served;
  served.begin("l");
  const auto reply = served.post("begin_txn", Served::to_begin("l"));
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK_THAT(reply.body,
             Catch::StartsWith(R"({"status":{"code":"TXN_LABEL_ALREADY_USED","msg":"Label [l] )") &&
                 Catch::EndsWith("\"txn_status\":\"TXN_STATUS_PREPARED\"}\n"));
}

TEST_CASE("an RPC that cannot be read is HTTP 400 with the message", "[conformance][rpc]") {
  const Served served;
  const auto* body = GENERATE("", "not JSON", R"({"txn_info":5})");
  const auto reply = served.post("begin_txn", body);
  CHECK(reply.status == 400);
  CHECK_THAT(reply.body, Catch::StartsWith(R"({"status":{"code":"PROTOBUF_PARSE_ERR","msg":")"));
}

TEST_CASE("RPC-only calls are none over HTTP, and the other way round", "[conformance][rpc]") {
  const Served served;
  CHECK(served.post("http/begin_txn", "{}").status == 404);
  CHECK(served.post("http/v1/get_txn", "{}").status == 404);
  CHECK(served.post("add_cluster", "{}").status == 404);
  CHECK(served.post("nope", "{}").status == 404);
}

TEST_CASE("RPCs need the token like all other calls", "[conformance][rpc]") {
  const Served served;
  const auto* token = GENERATE("", "?token=wrong", "?token=");
  const auto* path = GENERATE("get_txn", "nope", "http/abort_txn");
  CHECK(served.post(path, "{}", token).status == 403);
}

TEST_CASE("open RPCs need no token, and nothing else becomes open", "[conformance][rpc]") {
  const Served served(true);
  CHECK(served.post("get_txn", "{}", "").status == 200);
  CHECK(served.post("get_txn", "{}", "?token=wrong").status == 200);
  CHECK(served.post("nope", "{}", "").status == 404);
  const auto* path =
      GENERATE("http/abort_txn", "http/drop_instance", "%68ttp/drop_instance",
               "http%2Fdrop_instance", "%68ttp%2fv1%2fdrop_instance", "http/", "http/nope");
  CAPTURE(path);
  CHECK(served.post(path, R"({"instance_id":"i"})", "").status == 403);
}
