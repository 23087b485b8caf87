// SPDX-License-Identifier: Apache-2.0
// What an operator sees of servers that are busy, or that leave open what became of a change.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/command_world.h"
#include "tests/support/fake_server.h"

namespace metactl::tests {
namespace {

http::Reply envelope(int status, std::string_view code, std::string_view message) {
  return {status, "application/json", fmt::format(R"({{"code":"{}","msg":"{}"}})", code, message)};
}

/// A server that has no cluster and answers that to changes.
struct BusyWorld : CommandWorld {
  BusyWorld() { environment["METACTL_SERVER"] = server.url(); }

  http::Reply answer = envelope(500, "KV_TXN_CONFLICT", "failed to commit kv txn");
  FakeServer server{[this](const std::string& call, const std::string&) {
    return call.starts_with("get_") ? envelope(404, "NOT_FOUND", "fail to get cluster") : answer;
  }};

  std::size_t count(const std::string& call) const {
    const auto calls = server.calls();
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
  }
  Result add(const std::string& flags = "") {
    return run_line("cluster add c -i w0 --node 10.0.0.5:9050 -o json" +
                    (flags.empty() ? "" : " " + flags));
  }
};

}  // namespace

TEST_CASE_METHOD(BusyWorld, "a conflict is repeated, and then may be tried again", "[cli][retry]") {
  const auto result = add();
  CHECK(result.status == 6);
  CHECK(count("add_cluster") == 4);
  CHECK_THAT(result.err, Catch::Contains(R"("exit":6,"retryable":true)") &&
                             Catch::Contains(R"("server_code":"KV_TXN_CONFLICT")") &&
                             Catch::Contains("(tried 4 times)"));
}

TEST_CASE_METHOD(BusyWorld, "how often is said by flag, environment and configuration",
                 "[cli][retry]") {
  SECTION("flag") {
    CHECK(add("--retries 1").status == 6);
    CHECK(count("add_cluster") == 2);
  }
  SECTION("environment") {
    environment["METACTL_RETRIES"] = "0";
    CHECK_THAT(add().err, !Catch::Contains("tried"));
    CHECK(count("add_cluster") == 1);
  }
  SECTION("context") {
    run_line("context add busy --server " + server.url() + " -i w0 --retries 2");
    environment.erase("METACTL_SERVER");
    add("-C busy");
    CHECK(count("add_cluster") == 3);
  }
  SECTION("none of these numbers") {
    const auto* text = GENERATE("-1", "x", "1000");
    CHECK(run({"cluster", "list", "-i", "w0", std::string("--retries=") + text}).status == 2);
  }
}

TEST_CASE_METHOD(BusyWorld, "-v notes each repetition", "[cli][retry]") {
  int waits = 0;
  on_sleep = [&] { ++waits; };
  const auto result = add("-v --retries 2");
  CHECK(waits == 2);
  CHECK_THAT(result.err, Catch::Contains("retry 1 of 2: add_cluster again in ") &&
                             Catch::Contains("retry 2 of 2: add_cluster again in "));
  CHECK_THAT(add("--retries 2").err, !Catch::Contains("again in"));
}

TEST_CASE_METHOD(BusyWorld, "a change that may have been made stays in the history as unknown",
                 "[cli][retry][history]") {
  answer = GENERATE(envelope(500, "KV_TXN_MAYBE_COMMITTED", "x"),
                    http::Reply{504, "text/html", "<html>"});
  const auto result = add();
  CHECK(result.status == 6);
  CHECK(count("add_cluster") == 1);
  CHECK_THAT(result.err,
             Catch::Contains(R"("reason":"unknown_outcome")") &&
                 Catch::Contains(R"("exit":6,"retryable":false)") &&
                 Catch::Contains("look whether the change was made before you repeat it"));
  CHECK_THAT(run_line("history -o json").out, Catch::Contains(R"("outcome": "UNKNOWN")"));
  write_file("ops", R"({"operation":"drop_instance","request":{"instance_id":"w0"}})");
  CHECK_THAT(run_line("batch -f ops --yes").out,
             Catch::Contains("drop_instance") && Catch::Contains("unknown_outcome"));
}

TEST_CASE_METHOD(BusyWorld, "a busy server leaves nothing in the history",
                 "[cli][retry][history]") {
  add();
  CHECK_THAT(run_line("history -o json").out, !Catch::Contains("add_cluster"));
}

}  // namespace metactl::tests
