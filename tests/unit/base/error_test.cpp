// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <catch2/catch.hpp>
#include <set>

using metactl::Error;
using metactl::Reason;

TEST_CASE("the table of reasons is in the order of the enum", "[base][error]") {
  for (std::size_t i = 0; i < metactl::reasons.size(); ++i) {
    CHECK(static_cast<std::size_t>(metactl::reasons.at(i).reason) == i);
    CHECK(metactl::info(metactl::reasons.at(i).reason).name == metactl::reasons.at(i).name);
    CHECK_FALSE(metactl::reasons.at(i).when.empty());
  }
}

TEST_CASE("reasons have the names and exit statuses that are documented", "[base][error]") {
  struct Row {
    Reason reason;
    std::string name;
    int exit_status;
  };
  const auto row = GENERATE(values<Row>({{Reason::internal, "internal", 1},
                                         {Reason::usage, "usage", 2},
                                         {Reason::not_found, "not_found", 3},
                                         {Reason::conflict, "conflict", 4},
                                         {Reason::denied, "denied", 5},
                                         {Reason::unreachable, "unreachable", 6},
                                         {Reason::precondition, "precondition", 7},
                                         {Reason::partial, "partial", 8},
                                         {Reason::integrity, "integrity", 9},
                                         {Reason::unhealthy, "unhealthy", 10},
                                         {Reason::interrupted, "interrupted", 130},
                                         {Reason::no_space, "no_space", 6},
                                         {Reason::unknown_outcome, "unknown_outcome", 6}}));
  CHECK(metactl::info(row.reason).name == row.name);
  CHECK(metactl::info(row.reason).exit_status == row.exit_status);
}

TEST_CASE("names are unique, and exit statuses but for those that mean 'not now'",
          "[base][error]") {
  std::set<std::string_view> names;
  std::set<int> statuses;
  for (const auto& each : metactl::reasons) {
    CHECK(names.insert(each.name).second);
    const bool is_shared =
        each.reason == Reason::no_space || each.reason == Reason::unknown_outcome;
    if (!is_shared) CHECK(statuses.insert(each.exit_status).second);
  }
}

TEST_CASE("an error carries what was put in", "[base][error]") {
  Error error(Reason::denied, "no", "ask");
  error.set_operation("add_cluster");
  error.set_object("cluster/c");
  error.set_answer({403, "X", "Y", "text"});
  CHECK(std::string(error.what()) == "no");
  CHECK(error.reason() == Reason::denied);

  const auto told = error.explained("cannot add cluster 'c'");
  CHECK(std::string(told.what()) == "cannot add cluster 'c': no");
  CHECK(told.reason() == Reason::denied);
  CHECK(told.hint() == "ask");
  CHECK(told.operation() == "add_cluster");
  CHECK(told.object() == "cluster/c");
  CHECK(told.answer()->http == 403);
  CHECK(told.answer()->message == "text");

  const auto again = told.extended(" (tried 4 times)").with_reason(Reason::unknown_outcome);
  CHECK(again.what() == std::string("cannot add cluster 'c': no (tried 4 times)"));
  CHECK(again.reason() == Reason::unknown_outcome);
  CHECK_FALSE(metactl::info(again.reason()).retryable);
  CHECK(again.hint() == "ask");
  CHECK(again.object() == "cluster/c");
  CHECK(again.answer()->http == 403);
}

TEST_CASE("an error of the tool itself has no answer", "[base][error]") {
  const Error error(Reason::usage, "bad flag");
  CHECK_FALSE(error.answer());
  CHECK(error.hint().empty());
  CHECK(error.operation().empty());
  CHECK(std::string(Error(Reason::conflict, {409, "C", "S", "taken"}).what()) == "taken");
}
