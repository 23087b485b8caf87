// SPDX-License-Identifier: Apache-2.0
// What each call makes of a transaction in each state. Source: txn-tablet-job.md, section 2.2.

#include <catch2/catch.hpp>

#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

namespace {

struct Cell {
  pb::TxnStatusPB from;
  std::string outcome;
  pb::TxnStatusPB to;
};

constexpr auto prepared = pb::TXN_STATUS_PREPARED;
constexpr auto precommitted = pb::TXN_STATUS_PRECOMMITTED;
constexpr auto committed = pb::TXN_STATUS_COMMITTED;
constexpr auto visible = pb::TXN_STATUS_VISIBLE;
constexpr auto aborted = pb::TXN_STATUS_ABORTED;

class States : public LoadFixture {
 public:
  /// A call on a transaction in the state of the cell.
  template <class Operation>
  void check(const Cell& cell, const Operation& operation, std::string_view more = "") {
    CAPTURE(pb::TxnStatusPB_Name(cell.from), operation.info.name);
    const auto id = begin("l");
    force(id, cell.from);
    const auto before = content();
    CHECK(outcome(operation, by_id(id) + std::string(more)) == cell.outcome);
    CHECK(pb::TxnStatusPB_Name(info(id)->status()) == pb::TxnStatusPB_Name(cell.to));
    CHECK((content() == before) == (cell.from == cell.to));
  }
};

}  // namespace

TEST_CASE_METHOD(States, "a transaction that was never begun is unknown to each call in its way",
                 "[core][txn]") {
  CHECK(outcome(api::precommit_txn, "txn_id: 5") == "TXN_ID_NOT_FOUND");
  CHECK(outcome(api::commit_txn, "txn_id: 5") == "KV_TXN_GET_ERR");
  CHECK(outcome(api::abort_txn, "txn_id: 5") == "TXN_ID_NOT_FOUND");
  CHECK(outcome(api::get_txn, "txn_id: 5") == "TXN_ID_NOT_FOUND");
}

TEST_CASE_METHOD(States, "precommit_txn in every state", "[core][txn]") {
  check(GENERATE(Cell{prepared, "OK", precommitted},
                 Cell{precommitted, "TXN_ALREADY_PRECOMMITED", precommitted},
                 Cell{committed, "OK", precommitted}, Cell{visible, "TXN_ALREADY_VISIBLE", visible},
                 Cell{aborted, "TXN_ALREADY_ABORTED", aborted}),
        api::precommit_txn);
}

TEST_CASE_METHOD(States, "commit_txn in every state", "[core][txn]") {
  check(GENERATE(Cell{prepared, "OK", visible}, Cell{precommitted, "OK", visible},
                 Cell{committed, "INVALID_ARGUMENT", committed}, Cell{visible, "OK", visible},
                 Cell{aborted, "TXN_ALREADY_ABORTED", aborted}),
        api::commit_txn);
}

TEST_CASE_METHOD(States, "commit_txn of two phases in every state", "[core][txn]") {
  check(GENERATE(Cell{prepared, "TXN_INVALID_STATUS", prepared}, Cell{precommitted, "OK", visible},
                 Cell{visible, "TXN_ALREADY_VISIBLE", visible},
                 Cell{aborted, "TXN_ALREADY_ABORTED", aborted}),
        api::commit_txn, ", is_2pc: true");
}

TEST_CASE_METHOD(States, "abort_txn in every state", "[core][txn]") {
  check(GENERATE(Cell{prepared, "OK", aborted}, Cell{precommitted, "OK", aborted},
                 Cell{committed, "TXN_ALREADY_COMMITED", committed},
                 Cell{visible, "TXN_ALREADY_VISIBLE", visible},
                 Cell{aborted, "TXN_ALREADY_ABORTED", aborted}),
        api::abort_txn);
}

TEST_CASE_METHOD(States, "begin_txn with the label of a transaction in every state",
                 "[core][txn]") {
  const auto [status, expected] =
      GENERATE(table<pb::TxnStatusPB, std::string>({{prepared, "TXN_LABEL_ALREADY_USED"},
                                                    {precommitted, "TXN_LABEL_ALREADY_USED"},
                                                    {committed, "TXN_LABEL_ALREADY_USED"},
                                                    {visible, "TXN_LABEL_ALREADY_USED"},
                                                    {aborted, "OK"}}));
  const auto id = begin("l");
  force(id, status);
  pb::BeginTxnResponse response;
  CHECK(outcome(api::begin_txn, to_begin("l"), &response) == expected);
  if (expected == "OK") {
    CHECK(response.txn_id() > id);
    return;
  }
  CHECK_FALSE(response.has_txn_id());
  CHECK(response.txn_status() == status);
  CHECK(message == fmt::format("Label [l] has already been used, relate to txn [{}], status=[{}]",
                               id, pb::TxnStatusPB_Name(status)));
}

TEST_CASE_METHOD(States, "an expired transaction stays prepared until it is aborted",
                 "[core][txn]") {
  const auto id = begin("l");
  now_ms += 60'001;
  CHECK(info(id)->status() == prepared);
  const auto before = content();
  CHECK(outcome(api::commit_txn, by_id(id)) == "UNDEFINED_ERR");
  CHECK(message == fmt::format("txn is expired, not allow to commit txn_id={}", id));
  CHECK(content() == before);
  CHECK(outcome(api::precommit_txn, by_id(id)) == "OK");
  CHECK(outcome(api::commit_txn, by_id(id)) == "UNDEFINED_ERR");
  CHECK(outcome(api::abort_txn, by_id(id)) == "OK");
}

TEST_CASE_METHOD(States, "a transaction can be committed in its last millisecond", "[core][txn]") {
  const auto id = begin("l");
  now_ms += 60'000;
  CHECK(outcome(api::commit_txn, by_id(id)) == "OK");
}
