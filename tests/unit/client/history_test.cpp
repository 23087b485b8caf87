// SPDX-License-Identifier: Apache-2.0
// Which changes belong to one command, and which are undone.
#include "client/history.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace metactl::client {
namespace {

/// A history that is written down here, the newest change first.
class WrittenHistory final : public History {
 public:
  explicit WrittenHistory(std::vector<PastChange> changes) : changes_(std::move(changes)) {}

  std::vector<Effect> effects(std::uint64_t) override { throw std::logic_error("not asked for"); }
  UndoPlan plan_undo(const UndoTarget&) override { throw std::logic_error("not asked for"); }
  void undo(const UndoPlan&) override { throw std::logic_error("not asked for"); }
  void begin(const UndoCall&) override { throw std::logic_error("not asked for"); }

  /// "7 6<7": the changes, with those that took them back.
  std::string undone() {
    std::string text;
    each([&](const PastChange& change) {
      text += (text.empty() ? "" : " ") + std::to_string(change.revision);
      if (change.undone_by != 0) text += "<" + std::to_string(change.undone_by);
      return true;
    });
    return text;
  }

 private:
  void do_each(const Visit& visit) override {
    auto changes = changes_;
    for (auto& change : changes)
      if (!visit(change)) return;
  }

  std::vector<PastChange> changes_;
};

PastChange change(std::uint64_t revision, const std::string& command,
                  std::vector<std::uint64_t> undoes = {}) {
  PastChange change;
  change.revision = revision;
  change.command_id = command;
  change.outcome = "OK";
  change.undoes = std::move(undoes);
  return change;
}

using Revisions = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("an undo that was undone takes nothing back", "[client][history]") {
  CHECK(WrittenHistory({change(2, "b"), change(1, "a")}).undone() == "2 1");
  CHECK(WrittenHistory({change(3, "c", {2, 1}), change(2, "b"), change(1, "a")}).undone() ==
        "3 2<3 1<3");
  CHECK(WrittenHistory({change(4, "d", {3}), change(3, "c", {2}), change(2, "b")}).undone() ==
        "4 3<4 2");
  CHECK(WrittenHistory(
            {change(5, "e", {4}), change(4, "d", {3}), change(3, "c", {2}), change(2, "b")})
            .undone() == "5 4<5 3 2<3");
  // A range with the undo in it.
  CHECK(WrittenHistory({change(4, "d", {3, 2}), change(3, "c", {2}), change(2, "b")}).undone() ==
        "4 3<4 2<4");
}

TEST_CASE("what was undone in part or perhaps is in effect", "[client][history]") {
  auto part = change(3, "c", {2});
  part.undoes_in_part = true;
  CHECK(WrittenHistory({part, change(2, "b")}).undone() == "3 2");
  CHECK(WrittenHistory({change(4, "c", {2}), part, change(2, "b")}).undone() == "4 3 2<4");
  auto lost = change(3, "c", {2});
  lost.outcome = "UNKNOWN";
  CHECK(WrittenHistory({lost, change(2, "b")}).undone() == "3 2");
}

TEST_CASE("a command is its changes that are in effect", "[client][history]") {
  WrittenHistory history({change(6, "b"), change(5, ""), change(4, "a"), change(3, "b"),
                          change(2, ""), change(1, "b")});
  CHECK(history.command_of(3) == Revisions{6, 3, 1});
  CHECK(history.command_of(6) == Revisions{6, 3, 1});
  CHECK(history.command_of(4) == Revisions{4});
  CHECK(history.command_of(5) == Revisions{5});
  CHECK(history.command_of(99) == Revisions{99});
}

TEST_CASE("what is left of a command is what is not undone", "[client][history]") {
  WrittenHistory some({change(4, "u", {3}), change(3, "b"), change(2, "b")});
  CHECK(some.command_of(3) == Revisions{2});
  CHECK(some.command_of(2) == Revisions{2});
  WrittenHistory all({change(4, "u", {3, 2}), change(3, "b"), change(2, "b")});
  CHECK(all.command_of(2) == Revisions{3, 2});
}

TEST_CASE("a change with an unknown outcome is taken back when it is named only",
          "[client][history]") {
  auto lost = change(3, "b");
  lost.outcome = "UNKNOWN";
  WrittenHistory history({lost, change(2, "b"), change(1, "b")});
  CHECK(history.command_of(1) == Revisions{2, 1});
  CHECK(history.command_of(3) == Revisions{3, 2, 1});
}

}  // namespace metactl::client
