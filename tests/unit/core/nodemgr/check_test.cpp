// SPDX-License-Identifier: Apache-2.0
// What `state verify` finds among the rows of a node_mgr.
#include <catch2/catch.hpp>

#include "core/state/rules.h"
#include "tests/support/nodemgr_fixture.h"

namespace metactl::tests {
namespace {

std::vector<std::string> ids(NodemgrFixture& machine) {
  std::vector<std::string> found;
  for (const auto& finding :
       machine.memory.read([](store::View& view) { return core::rule_findings(view); }))
    found.push_back(finding.id + " " + finding.object);
  return found;
}

}  // namespace

TEST_CASE_METHOD(NodemgrFixture, "the rows of a node_mgr fit together, or are told",
                 "[core][nodemgr]") {
  using Ids = std::vector<std::string>;
  CHECK(ids(*this).empty());
  run(delete_table());
  run(backup());
  CHECK(ids(*this).empty());
  const auto node_key = [](std::int64_t number) {
    return keys::build(keys::nodemgr_node_type, {number});
  };
  const auto copy = memory.read([&](store::View& view) { return view.get(node_key(0)).value(); });
  memory.transact([&](store::Txn& txn) { txn.put(node_key(7), copy); });
  CHECK(ids(*this) == Ids{"duplicate-endpoint nodemgr/node/7"});
  memory.transact([&](store::Txn& txn) { txn.put(node_key(7), ""); });
  CHECK(ids(*this) == Ids{"unknown-type nodemgr/node/7"});
  memory.transact([&](store::Txn& txn) {
    txn.erase(node_key(7));
    txn.erase(keys::build(keys::nodemgr_state_type, {}));
  });
  CHECK(ids(*this).size() == 4);
  CHECK(ids(*this).front() == "unseen-node nodemgr/node/0");
}

}  // namespace metactl::tests
