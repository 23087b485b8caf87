// SPDX-License-Identifier: Apache-2.0
// Another state that is served at the address of the one before.
#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

struct Fixture : MetactlFixture {
  Process serve(const std::string& state, const std::string& listen) const {
    auto launch = metactl({"serve", "--state", folder / state, "--listen", listen});
    launch.environment["METACTL_TOKEN"] = "secret";
    return Process(launch);
  }
  static std::string url_in(const std::string& line) { return line.substr(line.find("http://")); }

  Outcome remote(const std::string& url, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--server", url});
    auto launch = metactl(std::move(arguments));
    launch.environment["METACTL_TOKEN"] = "secret";
    return run(launch);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the history of a server belongs to its state", "[e2e][history]") {
  std::string url;
  {
    auto server = serve("a.db", "127.0.0.1:0");
    url = url_in(server.line());
    REQUIRE(remote(url, {"instance", "create", "shop", "--user-id", "ops"}).status == 0);
    REQUIRE(remote(url, {"cluster", "add", "etl", "-i", "shop"}).status == 0);
    CHECK(contains(remote(url, {"history"}).out, "add_cluster"));
    server.signal(SIGTERM);
    server.wait();
  }
  const auto address = url.substr(std::string("http://").size());
  {
    auto server = serve("b.db", address);
    REQUIRE(url_in(server.line()) == url);
    REQUIRE(remote(url, {"instance", "create", "other", "--user-id", "ops"}).status == 0);
    const auto history = remote(url, {"history"}).out;
    INFO(history);
    CHECK_FALSE(contains(history, "add_cluster"));
    CHECK(contains(history, "create_instance"));
    CHECK(remote(url, {"undo", "2", "--yes"}).status == 3);
    server.signal(SIGTERM);
    server.wait();
  }
  auto server = serve("a.db", address);
  server.line();
  CHECK(remote(url, {"undo", "2", "--yes"}).status == 0);
  CHECK_FALSE(contains(remote(url, {"cluster", "list", "-i", "shop"}).out, "etl"));
}

}  // namespace metactl::tests
