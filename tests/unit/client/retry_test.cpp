// SPDX-License-Identifier: Apache-2.0
// Which calls are repeated, how often and after which pauses; no test waits.
#include "client/retry.h"

#include <catch2/catch.hpp>
#include <vector>

#include "api/broker.h"
#include "api/meta.h"
#include "api/nodemgr.h"
#include "api/qluster.h"
#include "api/service.h"
#include "base/error.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const auto& change = api::add_cluster.info;
const auto& look = api::get_cluster.info;

Error answered(Reason reason, int http, const std::string& code = "",
               std::optional<std::chrono::seconds> retry_after = {}) {
  ServiceAnswer answer{http, code, "", "not now"};
  answer.retry_after = retry_after;
  return Error(reason, answer);
}

const Error busy = answered(Reason::unreachable, 503);

/// A world whose clock moves by sleeping, and by what an attempt takes.
struct Fixture {
  std::vector<milliseconds> pauses;
  std::vector<std::string> notes;
  std::vector<std::optional<milliseconds>> left;
  client::RetrySettings::Clock::time_point now{};

  client::Retry retry(int count, milliseconds timeout = 60s) {
    return client::Retry({.count = count,
                          .note = [this](const std::string& line) { notes.push_back(line); },
                          .sleep =
                              [this](milliseconds time) {
                                pauses.push_back(time);
                                now += time;
                              },
                          .now = [this] { return now; }},
                         timeout);
  }

  /// Runs a call that always fails so, each attempt of which takes that time.
  Error fail(const client::Retry& retry, const api::OperationInfo& operation, const Error& error,
             milliseconds time = 0ms) {
    return thrown_by([&] {
      retry.run(operation, [&](const auto& limit) {
        left.push_back(limit);
        now += time;
        throw Error(error);
      });
    });
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a busy server is asked again until it answers", "[client][retry]") {
  int busy_times = 2;
  int answered_times = 0;
  retry(3).run(change, [&](const auto&) {
    if (busy_times-- > 0) throw Error(busy);
    ++answered_times;
  });
  CHECK(answered_times == 1);
  CHECK(pauses.size() == 2);
  REQUIRE(notes.size() == 2);
  CHECK_THAT(notes[0], Catch::StartsWith("retry 1 of 3: add_cluster again in ") &&
                           Catch::EndsWith(" ms: not now"));
}

TEST_CASE_METHOD(Fixture, "pauses grow, each shortened by up to half", "[client][retry]") {
  fail(retry(8), change, busy);
  REQUIRE(pauses.size() == 8);
  milliseconds longest = 100ms;
  for (const auto pause : pauses) {
    CHECK(pause >= longest / 2);
    CHECK(pause <= longest);
    longest = std::min(longest * 2, milliseconds(5s));
  }
}

TEST_CASE_METHOD(Fixture, "the error says after how many tries", "[client][retry]") {
  CHECK(fail(retry(3), change, busy).what() == std::string("not now (tried 4 times)"));
  CHECK(left.size() == 4);
  CHECK(fail(retry(0), change, busy).what() == std::string("not now"));
  CHECK(left.size() == 5);
}

TEST_CASE_METHOD(Fixture, "what may have been done is not repeated", "[client][retry]") {
  const auto error =
      GENERATE(answered(Reason::unknown_outcome, 500, "KV_TXN_MAYBE_COMMITTED"),
               answered(Reason::unreachable, 502), answered(Reason::unreachable, 504),
               answered(Reason::conflict, 409), answered(Reason::internal, 500),
               answered(Reason::integrity, 503), answered(Reason::no_space, 507),
               Error(Reason::unreachable, "connection refused"),
               Error(Reason::unknown_outcome, "no answer"));
  CAPTURE(error.what());
  CHECK(fail(retry(3), change, error).what() == std::string(error.what()));
  CHECK(left.size() == 1);
  CHECK(pauses.empty());
}

TEST_CASE_METHOD(Fixture, "a read whose reply a gateway lost is repeated", "[client][retry]") {
  const auto status = GENERATE(502, 504);
  fail(retry(3), look, answered(Reason::unreachable, status));
  CHECK(left.size() == 4);
}

TEST_CASE_METHOD(Fixture, "each service says in its own way that it is busy", "[client][retry]") {
  struct Row {
    const api::OperationInfo* operation;
    Error error;
    bool is_repeated;
  };
  const auto row = GENERATE(values<Row>({
      {&api::add_cluster.info, answered(Reason::unreachable, 500, "KV_TXN_CONFLICT"), true},
      {&api::broker_create_cluster.info, answered(Reason::unreachable, 409, "RETRY"), true},
      {&api::broker_create_cluster.info, answered(Reason::unreachable, 429), true},
      {&api::broker_auto_scale.info, answered(Reason::unreachable, 500, "PROXY_NOT_SYNC"), false},
      {&api::qluster_add_node.info, answered(Reason::unreachable, 503), true},
      {&api::qluster_add_node.info, answered(Reason::unreachable, 530, "no-leader"), false},
      {&api::qluster_get_map.info, answered(Reason::unreachable, 531, "unavailable"), false},
      {&api::nodemgr_coldbackup.info, answered(Reason::unreachable, 503), true},
  }));
  CAPTURE(row.operation->name, row.error.answer()->code);
  fail(retry(1), *row.operation, row.error);
  CHECK(left.size() == (row.is_repeated ? 2 : 1));
}

TEST_CASE_METHOD(Fixture, "Retry-After is the pause", "[client][retry]") {
  fail(retry(2), change, answered(Reason::unreachable, 503, "", 7s));
  CHECK(pauses == std::vector<milliseconds>{7s, 7s});
}

TEST_CASE_METHOD(Fixture, "a server that wants more patience than there is is not waited for",
                 "[client][retry]") {
  const auto error = fail(retry(3, 30s), change, answered(Reason::unreachable, 429, "", 120s));
  CHECK(pauses.empty());
  CHECK(error.what() == std::string("not now"));
  CHECK(error.hint() == "the server asks to wait 120 s; --timeout gives it more time");
}

TEST_CASE_METHOD(Fixture, "all attempts together take no longer than the timeout",
                 "[client][retry]") {
  fail(retry(100, 10s), change, answered(Reason::unreachable, 503, "", 1s), 2s);
  // Attempts of 2 s and pauses of 1 s: after the third pause one second is left.
  CHECK(left == std::vector<std::optional<milliseconds>>{std::nullopt, 7s, 4s, 1s});
  CHECK(pauses.size() == 3);
}

TEST_CASE_METHOD(Fixture, "without a timeout nothing bounds the time", "[client][retry]") {
  fail(retry(2, 0ms), change, answered(Reason::unreachable, 503, "", 1h));
  CHECK(left == std::vector<std::optional<milliseconds>>(3));
}

}  // namespace metactl::tests
