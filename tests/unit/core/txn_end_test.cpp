// SPDX-License-Identifier: Apache-2.0
// Precommitting, committing, aborting and reading transactions: arguments, rows and texts. Source:
// txn-tablet-job.md, sections 2.5 to 2.7.

#include <catch2/catch.hpp>

#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

namespace {
constexpr auto attachment = ", commit_attachment: {type: 0, load_job_final_operation: {id: 4}}";
}

TEST_CASE_METHOD(LoadFixture, "calls without what they need are refused", "[core][txn]") {
  CHECK_REFUSED(api::precommit_txn, in_i(""), "INVALID_ARGUMENT", 400, "invalid argument");
  CHECK_REFUSED(api::precommit_txn, in_i("txn_id: -1, db_id: -1"), "INVALID_ARGUMENT", 400);
  CHECK_REFUSED(api::commit_txn, in_i("db_id: 7"), "INVALID_ARGUMENT", 400,
                "invalid argument, missing txn id");
  CHECK_REFUSED(api::get_txn, in_i("db_id: 7"), "INVALID_ARGUMENT", 400, "invalid argument");
  CHECK_REFUSED(api::get_txn, in_i("txn_id: -1"), "INVALID_ARGUMENT", 400);
  const auto* members = GENERATE("", "db_id: 7", "label: 'l'", "label: 'l', db_id: -1",
                                 "label: '', db_id: 7", "txn_id: -1, db_id: 7");
  CHECK_REFUSED(api::abort_txn, in_i(members), "INVALID_ARGUMENT", 400,
                "invalid txn id and label, db_id=");
}

TEST_CASE_METHOD(LoadFixture, "arguments are looked at before the instance", "[core][txn]") {
  CHECK_REFUSED(api::commit_txn, "{}", "INVALID_ARGUMENT", 400, "missing txn id");
  CHECK_REFUSED(api::abort_txn, "{}", "INVALID_ARGUMENT", 400, "invalid txn id and label");
  CHECK_REFUSED(api::commit_txn, "{txn_id: 5}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(api::precommit_txn, "{txn_id: 5}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(api::abort_txn, "{txn_id: 5}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(api::get_txn, "{txn_id: 5}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
}

TEST_CASE_METHOD(LoadFixture, "precommitting prolongs by the stored timeout", "[core][txn]") {
  const auto id = begin("l");
  now_ms += 1000;
  const auto response =
      ask(api::precommit_txn, by_id(id) + ", precommit_timeout_ms: 99" + attachment);
  CHECK(api::to_json(response) == "{}");
  const auto now = info(id).value();
  CHECK(now.status() == pb::TXN_STATUS_PRECOMMITTED);
  CHECK(now.precommit_time() == now_ms);
  CHECK(now.commit_attachment().load_job_final_operation().id() == 4);
  CHECK(api::to_json(*running(id)) ==
        fmt::format(R"({{"table_ids":["71","72"],"timeout_time":"{}"}})", now_ms + 5000));
  CHECK_FALSE(recycled(id));
}

TEST_CASE_METHOD(LoadFixture, "precommit_txn takes the database that is given", "[core][txn]") {
  const auto id = begin("l");
  CHECK(outcome(api::precommit_txn, by_id(id) + ", db_id: 8") == "TXN_ID_NOT_FOUND");
  CHECK(outcome(api::precommit_txn, "db_id: 7") == "TXN_ID_NOT_FOUND");
  CHECK(outcome(api::precommit_txn, by_id(id) + ", db_id: 7") == "OK");
}

TEST_CASE_METHOD(LoadFixture, "committing makes visible, ends the run and leaves a recycle row",
                 "[core][txn]") {
  const auto id = begin("l");
  now_ms += 1000;
  const auto response =
      ask(api::commit_txn, by_id(id) + ", db_id: 99, enable_txn_lazy_commit: true" + attachment);
  const auto now = info(id).value();
  CHECK(api::to_json(response.txn_info()) == api::to_json(now));
  CHECK(response.version_update_time_ms() == now_ms);
  CHECK(now.status() == pb::TXN_STATUS_VISIBLE);
  CHECK(now.commit_time() == now_ms);
  CHECK(now.finish_time() == now_ms);
  CHECK(now.commit_attachment().load_job_final_operation().id() == 4);
  CHECK(now.has_versioned_write());
  CHECK(now.has_versioned_read());
  CHECK_FALSE(now.versioned_write());
  CHECK_FALSE(now.versioned_read());
  CHECK_FALSE(running(id));
  CHECK(api::to_json(*recycled(id)) ==
        fmt::format(R"({{"creation_time":"{}","label":"l"}})", now_ms));
  CHECK(label_ids("l") == std::vector{id});
  CHECK(value(keys::txn_index_key("i", id)));
}

TEST_CASE_METHOD(LoadFixture, "committing again is OK with a remark", "[core][txn]") {
  const auto id = begin("l");
  ask(api::commit_txn, by_id(id));
  const auto before = content();
  const auto response = ask(api::commit_txn, by_id(id));
  CHECK(response.status().msg() ==
        fmt::format("transaction is already visible: db_id=7 txn_id={}", id));
  CHECK(response.txn_info().txn_id() == id);
  CHECK(content() == before);
}

TEST_CASE_METHOD(LoadFixture, "a commit misses the index, then the record", "[core][txn]") {
  const auto id = begin("l");
  memory.transact([&](metactl::store::Txn& txn) { txn.erase(keys::txn_info_key("i", 7, id)); });
  CHECK(outcome(api::commit_txn, by_id(id)) == "TXN_ID_NOT_FOUND");
  CHECK(message == fmt::format("transaction [{}] not found, db_id=7", id));
  memory.transact([&](metactl::store::Txn& txn) { txn.erase(keys::txn_index_key("i", id)); });
  CHECK(outcome(api::commit_txn, by_id(id)) == "KV_TXN_GET_ERR");
}

TEST_CASE_METHOD(LoadFixture, "what a commit cannot do is refused as a whole", "[core][txn]") {
  const auto id = begin("l");
  const auto [members, code, text] = GENERATE(table<std::string, std::string, std::string>({
      {", mow_table_ids: [71]", "LOCK_EXPIRED", "merge-on-write"},
      {", is_txn_load: true", "INVALID_ARGUMENT", "sub-transactions are not supported"},
      {", sub_txn_infos: [{sub_txn_id: 1}]", "INVALID_ARGUMENT", "sub-transactions"},
      {", table_stream_updates: [{}]", "INVALID_ARGUMENT", "table streams are not supported"},
  }));
  CHECK_REFUSED(api::commit_txn, in_i(by_id(id) + members), code,
                code == "LOCK_EXPIRED" ? 500 : 400, text);
}

TEST_CASE_METHOD(LoadFixture, "a commit of rowsets is refused", "[core][txn]") {
  const auto id = begin("l");
  put(keys::build(*keys::find_type("MetaRowsetTmpKey"), {std::string("i"), id, std::int64_t{1}}),
      "x");
  CHECK_REFUSED(api::commit_txn, in_i(by_id(id)), "INVALID_ARGUMENT", 400,
                "commits with rowsets are not supported");
}

TEST_CASE_METHOD(LoadFixture, "aborting ends the run, leaves a recycle row and frees the label",
                 "[core][txn]") {
  const auto id = begin("l");
  now_ms += 1000;
  const auto response = ask(api::abort_txn, by_id(id) + ", reason: 'because'" + attachment);
  const auto now = info(id).value();
  CHECK(api::to_json(response.txn_info()) == api::to_json(now));
  CHECK(now.status() == pb::TXN_STATUS_ABORTED);
  CHECK(now.finish_time() == now_ms);
  CHECK(now.reason() == "because");
  CHECK(now.commit_attachment().load_job_final_operation().id() == 4);
  CHECK_FALSE(running(id));
  CHECK(api::to_json(*recycled(id)) ==
        fmt::format(R"({{"creation_time":"{}","label":"l"}})", now_ms));
  CHECK(label_ids("l") == std::vector{id});
  CHECK(value(keys::txn_index_key("i", id)));
}

TEST_CASE_METHOD(LoadFixture, "an abort without a reason is the user's", "[core][txn]") {
  const auto id = begin("l");
  ask(api::abort_txn, by_id(id));
  CHECK(info(id)->reason() == "User Abort");
}

TEST_CASE_METHOD(LoadFixture, "abort_txn by id says what is missing", "[core][txn]") {
  const auto id = begin("l");
  pb::AbortTxnResponse response;
  CHECK(outcome(api::abort_txn, "txn_id: 5", &response) == "TXN_ID_NOT_FOUND");
  CHECK(message == "transaction [5] not found");
  CHECK(response.has_txn_info());
  CHECK(outcome(api::abort_txn, "txn_id: 5, db_id: 0") == "TXN_ID_NOT_FOUND");
  CHECK(message == "transaction [5] not found");
  CHECK(outcome(api::abort_txn, by_id(id) + ", db_id: 8") == "TXN_ID_NOT_FOUND");
  CHECK_THAT(message, Catch::StartsWith("failed to get txn_info, db_id=8"));
  CHECK(outcome(api::abort_txn, by_id(id) + ", db_id: 7") == "OK");
}

TEST_CASE_METHOD(LoadFixture, "abort_txn of an ended one says how, and shows it", "[core][txn]") {
  const auto [status, code, text] = GENERATE(table<pb::TxnStatusPB, std::string, std::string>({
      {pb::TXN_STATUS_ABORTED, "TXN_ALREADY_ABORTED", "aborted"},
      {pb::TXN_STATUS_VISIBLE, "TXN_ALREADY_VISIBLE", "VISIBLE"},
      {pb::TXN_STATUS_COMMITTED, "TXN_ALREADY_COMMITED", "COMMITED"},
  }));
  const auto id = begin("l");
  force(id, status);
  pb::AbortTxnResponse response;
  CHECK(outcome(api::abort_txn, by_id(id), &response) == code);
  CHECK(message == fmt::format("transaction [{}] is already {}, db_id=7", id, text));
  CHECK(response.txn_info().txn_id() == id);
  CHECK(response.txn_info().status() == status);
}

TEST_CASE_METHOD(LoadFixture, "abort_txn by label takes the one that runs", "[core][txn]") {
  ask(api::abort_txn, by_id(begin("l")));
  const auto id = begin("l");
  const auto* members = GENERATE("label: 'l', db_id: 7", "label: 'l', db_id: 7, txn_id: 0");
  CHECK(ask(api::abort_txn, members).txn_info().txn_id() == id);
  CHECK(info(id)->status() == pb::TXN_STATUS_ABORTED);
  CHECK(outcome(api::abort_txn, "label: 'l', db_id: 7") == "TXN_INVALID_STATUS");
  CHECK(message == "running transaction not found, db_id=7 label=l");
}

TEST_CASE_METHOD(LoadFixture, "abort_txn of an unknown label fails to read it", "[core][txn]") {
  begin("l");
  CHECK(outcome(api::abort_txn, "label: 'x', db_id: 7") == "KV_TXN_GET_ERR");
  CHECK(outcome(api::abort_txn, "label: 'l', db_id: 8") == "KV_TXN_GET_ERR");
  CHECK(outcome(api::abort_txn, "txn_id: 0") == "KV_TXN_GET_ERR");
}

TEST_CASE_METHOD(LoadFixture, "an id wins over a label", "[core][txn]") {
  const auto id = begin("a");
  const auto other = begin("b");
  ask(api::abort_txn, by_id(id) + ", label: 'b', db_id: 7");
  CHECK(info(id)->status() == pb::TXN_STATUS_ABORTED);
  CHECK(info(other)->status() == pb::TXN_STATUS_PREPARED);
}

TEST_CASE_METHOD(LoadFixture, "get_txn finds by id, with or without database", "[core][txn]") {
  const auto id = begin("l");
  CHECK(ask(api::get_txn, by_id(id)).txn_info().label() == "l");
  CHECK(ask(api::get_txn, by_id(id) + ", db_id: 7").txn_info().label() == "l");
  CHECK(outcome(api::get_txn, by_id(id) + ", db_id: 8") == "TXN_ID_NOT_FOUND");
}

TEST_CASE_METHOD(LoadFixture, "get_txn by label shows the largest id", "[core][txn]") {
  ask(api::abort_txn, by_id(begin("l")));
  const auto id = begin("l");
  CHECK(ask(api::get_txn, "label: 'l', db_id: 7").txn_info().txn_id() == id);
  CHECK(outcome(api::get_txn, "label: 'l'") == "TXN_ID_NOT_FOUND");
  CHECK_THAT(message, Catch::StartsWith("Label [l] has not found"));
  CHECK(outcome(api::get_txn, "label: 'x', db_id: 7") == "TXN_ID_NOT_FOUND");
}

TEST_CASE_METHOD(LoadFixture, "get_txn does not trust an index without a database", "[core][txn]") {
  const auto id =
      ask(api::begin_txn, "txn_info: {label: 'l', db_id: 0, table_ids: [1], timeout_ms: 1}")
          .txn_id();
  CHECK(outcome(api::get_txn, by_id(id)) == "UNDEFINED_ERR");
  CHECK(outcome(api::get_txn, by_id(id) + ", db_id: 0") == "OK");
}
