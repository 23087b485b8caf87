// SPDX-License-Identifier: Apache-2.0
// Beginning transactions: arguments, ids, labels and rows. Source: txn-tablet-job.md, sections 2.3
// and 2.4.

#include <catch2/catch.hpp>

#include "tests/support/conflicting_store.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::ConflictingStore;
using metactl::tests::LoadFixture;

TEST_CASE_METHOD(LoadFixture, "begin_txn needs database, label, tables and timeout",
                 "[core][txn]") {
  const auto* members = GENERATE("request_ip: 'x'", "txn_info: {}",
                                 "txn_info: {db_id: 7, table_ids: [1], timeout_ms: 1}",
                                 "txn_info: {label: '', db_id: 7, table_ids: [1], timeout_ms: 1}",
                                 "txn_info: {label: 'l', table_ids: [1], timeout_ms: 1}",
                                 "txn_info: {label: 'l', db_id: -1, table_ids: [1], timeout_ms: 1}",
                                 "txn_info: {label: 'l', db_id: 7, timeout_ms: 1}",
                                 "txn_info: {label: 'l', db_id: 7, table_ids: [1]}");
  CHECK_REFUSED(api::begin_txn, in_i(members), "INVALID_ARGUMENT", 400, "invalid argument, ");
}

TEST_CASE_METHOD(LoadFixture, "bad arguments of begin_txn win over an unknown instance",
                 "[core][txn]") {
  CHECK_REFUSED(api::begin_txn, "{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400,
                "missing txn info");
  CHECK_REFUSED(api::begin_txn, "{cloud_unique_id: '1:nobody:x', " + to_begin("l") + "}",
                "INVALID_ARGUMENT", 400, "empty instance_id");
}

TEST_CASE_METHOD(LoadFixture, "database 0 and a timeout of 0 are given", "[core][txn]") {
  CHECK(outcome(api::begin_txn,
                "txn_info: {label: 'l', db_id: 0, table_ids: [1], timeout_ms: 0}") == "OK");
}

TEST_CASE_METHOD(LoadFixture, "begin_txn writes label, info, index and running rows",
                 "[core][txn]") {
  const auto id = begin("l", ", load_cluster_id: 'c', status: 'TXN_STATUS_VISIBLE', txn_id: 1");
  CHECK(label_ids("l") == std::vector{id});
  CHECK(api::to_json(*info(id)) ==
        fmt::format(R"({{"db_id":"7","table_ids":["71","72"],"txn_id":"{}","label":"l",)"
                    R"("timeout_ms":"60000","precommit_timeout_ms":"5000",)"
                    R"("prepare_time":"1700000000123","status":"TXN_STATUS_PREPARED",)"
                    R"("load_cluster_id":"c"}})",
                    id));
  CHECK(api::to_json(*row<pb::TxnIndexPB>(keys::txn_index_key("i", id))) ==
        R"({"tablet_index":{"db_id":"7"}})");
  CHECK(api::to_json(*running(id)) ==
        R"({"table_ids":["71","72"],"timeout_time":"1700000060123"})");
  CHECK_FALSE(recycled(id));
}

TEST_CASE_METHOD(LoadFixture, "ids grow with each transaction and are made from the commit",
                 "[core][txn]") {
  const auto revision_before =
      memory.read([](metactl::store::View& view) { return view.revision(); });
  const auto first = begin("a");
  const auto second = begin("b");
  CHECK(first == static_cast<std::int64_t>(revision_before + 1) << 10);
  CHECK(second > first);
  CHECK(second % 1024 == 0);
}

TEST_CASE_METHOD(LoadFixture, "ids stay unique under conflicts", "[core][txn]") {
  ConflictingStore store(memory, 3);
  target = &store;
  const auto first = begin("a");
  const auto second = begin("b");
  CHECK(second > first);
  CHECK(label_ids("a") == std::vector{first});
  CHECK(label_ids("b") == std::vector{second});
}

TEST_CASE_METHOD(LoadFixture, "the label's row ends with the stamp of its last commit",
                 "[core][txn]") {
  begin("l");
  const auto value = label_value("l");
  const auto revision = memory.read([](metactl::store::View& view) { return view.revision(); });
  CHECK(value.substr(value.size() - 10) == metactl::store::versionstamp(revision, 0));
}

TEST_CASE_METHOD(LoadFixture, "a refused begin changes the stamp of the label and nothing else",
                 "[core][txn]") {
  const auto id = begin("l");
  const auto before = label_value("l");
  const auto rows = content().size();
  CHECK(outcome(api::begin_txn, to_begin("l")) == "TXN_LABEL_ALREADY_USED");
  CHECK(label_value("l") != before);
  CHECK(label_ids("l") == std::vector{id});
  CHECK(content().size() == rows + 1);  // The journal record of the stamp.
}

TEST_CASE_METHOD(LoadFixture, "labels are taken in one database of one instance only",
                 "[core][txn]") {
  create("j");
  begin("l");
  CHECK(outcome(api::begin_txn, to_begin("L")) == "OK");
  CHECK(outcome(api::begin_txn,
                "txn_info: {label: 'l', db_id: 8, table_ids: [1], timeout_ms: 1}") == "OK");
  CHECK_NOTHROW(call(api::begin_txn, "{cloud_unique_id: '1:j:x', " + to_begin("l") + "}"));
}

TEST_CASE_METHOD(LoadFixture, "only the newest transaction of a label decides", "[core][txn]") {
  const auto first = begin("l");
  ask(api::abort_txn, by_id(first));
  const auto second = begin("l");
  CHECK(label_ids("l") == std::vector{first, second});
  ask(api::abort_txn, by_id(second));
  force(first, pb::TXN_STATUS_VISIBLE);
  CHECK(outcome(api::begin_txn, to_begin("l")) == "OK");
}

TEST_CASE_METHOD(LoadFixture, "a label whose newest transaction has no record is refused",
                 "[core][txn]") {
  const auto id = begin("l");
  memory.transact([&](metactl::store::Txn& txn) { txn.erase(keys::txn_info_key("i", 7, id)); });
  CHECK(outcome(api::begin_txn, to_begin("l")) == "TXN_ID_NOT_FOUND");
}

TEST_CASE_METHOD(LoadFixture, "the same request is told its own transaction", "[core][txn]") {
  const auto id = begin("l", ", request_id: {hi: 1, lo: 2}");
  const auto status = GENERATE(pb::TXN_STATUS_PREPARED, pb::TXN_STATUS_PRECOMMITTED);
  force(id, status);
  pb::BeginTxnResponse response;
  CHECK(outcome(api::begin_txn, to_begin("l", ", request_id: {hi: 1, lo: 2}"), &response) ==
        "TXN_DUPLICATED_REQ");
  CHECK(response.dup_txn_id() == id);
  CHECK_FALSE(response.has_txn_id());
}

TEST_CASE_METHOD(LoadFixture, "another request, or one without id, is told that the label is taken",
                 "[core][txn]") {
  begin("l", ", request_id: {hi: 1, lo: 2}");
  const auto* more = GENERATE("", ", request_id: {hi: 1, lo: 3}", ", request_id: {hi: 2, lo: 2}");
  CHECK(outcome(api::begin_txn, to_begin("l", more)) == "TXN_LABEL_ALREADY_USED");
}

TEST_CASE_METHOD(LoadFixture, "the same request after the end is told that the label is taken",
                 "[core][txn]") {
  const auto id = begin("l", ", request_id: {hi: 1, lo: 2}");
  ask(api::commit_txn, by_id(id));
  CHECK(outcome(api::begin_txn, to_begin("l", ", request_id: {hi: 1, lo: 2}")) ==
        "TXN_LABEL_ALREADY_USED");
}

TEST_CASE_METHOD(LoadFixture, "a label with 100 aborted transactions is used up", "[core][txn]") {
  for (int i = 0; i < 100; ++i) ask(api::abort_txn, by_id(begin("l")));
  CHECK(outcome(api::begin_txn, to_begin("l")) == "INVALID_ARGUMENT");
  CHECK_THAT(message, Catch::StartsWith("too many aborted txn for label=l"));
  call(api::update_config, "{configs: 'max_num_aborted_txn=101'}");
  CHECK(outcome(api::begin_txn, to_begin("l")) == "OK");
}

TEST_CASE_METHOD(LoadFixture, "a damaged row of a label is told", "[core][txn]") {
  put(keys::txn_label_key("i", 7, "l"), "short");
  CHECK(outcome(api::begin_txn, to_begin("l")) == "PROTOBUF_PARSE_ERR");
}
