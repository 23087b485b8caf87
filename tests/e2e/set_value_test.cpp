// SPDX-License-Identifier: Apache-2.0
// Single values written through a server: only if it was started so.
#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"
#include "tests/support/fake_server.h"

namespace metactl::tests {
namespace {

struct KeyTools : MetactlFixture {
  static RawReply send(std::uint16_t port, std::string_view call, std::string_view document) {
    return tests::exchange(
        port, raw_request("POST",
                          fmt::format("/MetaService/http/{}?token=secret&key_type=TableVersionKey"
                                      "&instance_id=i&db_id=7&tbl_id=8",
                                      call),
                          document));
  }
  Outcome on(const std::string& url, std::vector<std::string> arguments) const {
    auto launch = metactl(std::move(arguments));
    launch.environment.erase("METACTL_STATE");
    launch.environment["METACTL_SERVER"] = url;
    launch.environment["METACTL_TOKEN"] = "secret";
    return run(launch);
  }
};

const std::vector<std::string> version_key = {"TableVersionKey", "instance_id=i", "db_id=7",
                                              "tbl_id=8"};

std::vector<std::string> on_version(std::vector<std::string> words,
                                    const std::vector<std::string>& more = {}) {
  words.insert(words.end(), version_key.begin(), version_key.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

constexpr auto refusal = "--allow-set-value";

}  // namespace

TEST_CASE_METHOD(KeyTools, "serve refuses set_value and delete_value", "[e2e][key]") {
  const Serving serving(*this);
  for (const auto* call : {"set_value", "v1/set_value", "delete_value"}) {
    const auto reply = send(serving.port(), call, "5");
    CHECK(reply.status == 400);
    CHECK(contains(reply.body, "\"code\": \"INVALID_ARGUMENT\""));
    CHECK(contains(reply.body, refusal));
  }
  const auto put = on(serving.url(), on_version({"key", "put"}, {"--value", "5", "--yes"}));
  CHECK(put.status == 2);
  CHECK(contains(put.err, refusal));
  const auto removed = on(serving.url(), on_version({"key", "delete"}, {"--yes"}));
  CHECK(removed.status == 2);
  CHECK(contains(removed.err, refusal));
  CHECK(journaled("set_value") == 0);
}

TEST_CASE_METHOD(KeyTools, "serve --allow-set-value writes values", "[e2e][key]") {
  const Serving serving(*this, {"--allow-set-value"});
  const auto reply = send(serving.port(), "set_value", "5");
  CHECK(reply.status == 200);
  CHECK(contains(reply.body, "\nnew_value_json=5\n"));
  CHECK(contains(on(serving.url(), on_version({"key", "get"})).out, "\"value\": 5"));
  CHECK(on(serving.url(), on_version({"key", "put"}, {"--value", "6", "--yes"})).status == 0);
  CHECK(contains(out(on_version({"key", "get"})), "\"value\": 6"));
  CHECK(on(serving.url(), on_version({"key", "delete"}, {"--yes"})).status == 0);
  CHECK(on(serving.url(), on_version({"key", "get"})).status == 3);
  CHECK(journaled("set_value") == 2);
  CHECK(journaled("delete_value") == 1);
}

TEST_CASE_METHOD(KeyTools, "values of the local state are written without a flag", "[e2e][key]") {
  out(on_version({"key", "put"}, {"--value", "7", "--yes"}));
  CHECK(contains(out(on_version({"key", "get"})), "\"value\": 7"));
}

TEST_CASE_METHOD(KeyTools, "a server that cannot list rows is told from one that can",
                 "[e2e][key]") {
  const FakeServer real([](const std::string& call, const std::string&) -> http::Reply {
    if (call != "get_value") return {404, "text/plain", "path not found"};
    return {200, "text/plain", "{\"instance_id\":\"i\"}\n"};
  });
  const auto scan = on(real.url(), {"key", "scan", "--type", "InstanceKey"});
  CHECK(scan.status != 0);
  CHECK(contains(scan.err, "the server has no call 'scan_keys'"));
  CHECK(
      contains(scan.err, "hint: the real service cannot list stored rows, only metactl serve can"));
  const auto get = on(real.url(), {"key", "get", "InstanceKey", "instance_id=i"});
  CHECK(get.status == 0);
  CHECK(contains(get.out, "\"instance_id\": \"i\""));
  // No name in the service's own call, so rows are asked for.
  const auto unnamed = on(real.url(), {"key", "get", "JobRecycleRecycleKey", "instance_id=i"});
  CHECK(contains(unnamed.err, "hint: the real service cannot list stored rows"));
  const auto removed = on(real.url(), on_version({"key", "delete"}, {"--yes"}));
  CHECK(contains(removed.err, "hint: it is an extension of metactl serve"));
}

}  // namespace metactl::tests
