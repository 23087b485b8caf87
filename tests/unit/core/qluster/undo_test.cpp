// SPDX-License-Identifier: Apache-2.0
// Taking back what was done to a cluster.
#include "core/undo.h"

#include <catch2/catch.hpp>
#include <random>

#include "core/qluster/rows.h"
#include "keys/keys.h"
#include "tests/support/qluster_fixture.h"

namespace metactl::tests {
namespace {

class UndoFixture : public QlusterFixture {
 public:
  using QlusterFixture::QlusterFixture;

  std::uint64_t revision() {
    return memory.read([](store::View& view) { return view.revision(); });
  }
  /// Takes back the change of `revision`; "" or why not.
  std::string undo(std::uint64_t revision) {
    return run([revision](store::View& view) { return core::undo_changes(view, {revision}); });
  }
  std::string undo_to(std::uint64_t revision) {
    return run([revision](store::View& view) { return core::undo_to(view, revision); });
  }
  std::string undo() { return undo(revision()); }

 private:
  std::string run(const std::function<core::Undo(store::View&)>& plan) {
    try {
      const auto surroundings = environment();
      const auto shown = memory.read([&](store::View& view) { return plan(view); });
      core::Context context(memory, surroundings, now_s * 1000,
                            {core::Origin("tester@host"), "undo"});
      core::undo(context, plan, shown);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
};

}  // namespace

TEST_CASE_METHOD(UndoFixture, "what is undone stays in the past, and ids are not given again",
                 "[core][qluster][undo]") {
  add("10.0.0.2");
  CHECK(undo().empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper");
  CHECK(log() == "1/1 create, 2/1 add-node, 3/1 remove-node");
  CHECK(events() == "cluster-created node-added node-removed");
  CHECK(add("10.0.0.2").empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper, 3 listener");
  CHECK(upgrade(2) == "410 node 2 was removed");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(UndoFixture, "change by change is taken back, and put back", "[core][qluster]") {
  grow_to(3);
  set(R"({"node-timeout": "9s"})");
  lead(2);
  const auto led = revision();
  CHECK(undo(led).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 proper");
  CHECK(log(1) == "8/3 leader");
  CHECK(undo(led - 1).empty());
  CHECK(map().config().node_timeout() == "3s");
  CHECK(undo(led - 2).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 listener");
  CHECK(undo(led - 3).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper");
  CHECK(log(3) == "9/3 config, 10/3 add-node, 11/3 remove-node");
  CHECK(undo().empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 listener");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(UndoFixture, "what later changes need is not taken away", "[core][qluster]") {
  set(R"({"quorum-replication": false})");
  add("10.0.0.2");
  upgrade(2);
  const auto upgraded = revision();
  lead(2);
  CHECK(undo(upgraded) ==
        "taking that back would break a rule: qluster: the leader 2 is no proper node");
  CHECK(undo(upgraded - 1).starts_with("cannot take back"));
  CHECK(shown() == "leader 2, factor 1: 1 proper, 2 proper");
}

TEST_CASE_METHOD(UndoFixture, "undo of all changes leaves a new cluster with its past",
                 "[core][qluster]") {
  const auto made = revision();
  grow_to(2);
  lead(2);
  as = 2;
  remove(1);
  CHECK(undo_to(made) == "");
  CHECK(shown() == "leader 1, factor 1: 1 proper");
  CHECK(events(5) == "node-removed node-added leader-changed");
  CHECK(info().term() == 3);
  CHECK(objections().empty());
  CHECK(undo_to(made) == "");
  as = 0;
  CHECK(add("10.0.0.2").empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper, 3 listener");
}

TEST_CASE_METHOD(UndoFixture, "random undo leaves a cluster without contradictions",
                 "[core][qluster]") {
  std::mt19937 random(GENERATE(range(1U, 11U)));
  for (int i = 0; i < 60; ++i) {
    const auto pick = [&](std::uint64_t count) { return random() % count; };
    as = map().leader();
    const auto before = info();
    switch (pick(7)) {
      case 0:
        add(fmt::format("10.0.0.{}", pick(4)));
        break;
      case 1:
        upgrade(1 + pick(8), 1000 + pick(9), 2000 + pick(9));
        break;
      case 2:
        lead(1 + pick(8));
        break;
      case 3:
        pick(2) == 0 ? remove(1 + pick(8)) : take_down(1 + pick(8));
        break;
      case 4:
        pick(2) == 0 ? simulate({1 + pick(6)}) : simulate({}, {1 + pick(6)});
        break;
      case 5:
        if (revision() > 0) undo(revision() - pick(std::min<std::uint64_t>(revision(), 4)));
        break;
      default:
        if (revision() > 3) undo_to(revision() - pick(4));
    }
    CAPTURE(i, shown());
    CHECK(objections().empty());
    const auto now = info();
    CHECK(now.term() >= before.term());
    CHECK(now.applied_index() >= before.applied_index());
  }
}

TEST_CASE("undo of init takes a cluster away with its past, and is undone",
          "[core][qluster][undo]") {
  UndoFixture fixture(false);
  CHECK(fixture.init().empty());
  CHECK(fixture.init() == "412 the state has a qluster already");
  fixture.add("10.0.0.2");
  CHECK(fixture.undo(1).find("would break a rule") != std::string::npos);
  CHECK(fixture.undo().empty());
  CHECK(fixture.undo(1).empty());
  CHECK(fixture.outcome(api::qluster_get_map, pb::QlusterRequest()) ==
        "531 the state has no qluster");
  CHECK(fixture.objections().empty());
  CHECK(fixture.undo() == "");
  CHECK(fixture.shown() == "leader 1, factor 1: 1 proper");
  CHECK(fixture.objections().empty());
  CHECK(fixture.undo_to(0).empty());
  fixture.memory.read([](store::View& view) {
    const auto range = core::qluster::all_rows();
    CHECK(view.scan(range.first, range.last).empty());
  });
}

}  // namespace metactl::tests
