// SPDX-License-Identifier: Apache-2.0
// Asking proxies for their epochs.
#include "app/proxy_epoch.h"

#include <catch2/catch.hpp>

#include "tests/support/raw_server.h"

using metactl::app::ask_proxy_epoch;
using metactl::tests::DeafSocket;
using metactl::tests::RawServer;
using namespace std::chrono_literals;

namespace {

std::optional<std::uint64_t> epoch_in(const std::string& answer) {
  const std::string question = "*2\r\n$5\r\nUMCTL\r\n$8\r\nGETEPOCH\r\n";
  const RawServer proxy(
      [&](const std::string& received) { return received == question ? answer : std::string(); });
  return ask_proxy_epoch(proxy.address(), 10s);
}

}  // namespace

TEST_CASE("a proxy tells its epoch by the protocol of Redis", "[app][broker]") {
  CHECK(epoch_in(":42\r\n") == 42);
  CHECK(epoch_in(":0\r\n") == 0);
  CHECK(epoch_in(":18446744073709551615\r\n") == 18446744073709551615U);
}

TEST_CASE("whatever else comes is no epoch", "[app][broker]") {
  for (const std::string answer : {":-1\r\n", ":18446744073709551616\r\n", ":\r\n", ":1x\r\n",
                                   "-ERR unknown command\r\n", "$1\r\n1\r\n", "+OK\r\n", "1\r\n"}) {
    CAPTURE(answer);
    CHECK_FALSE(epoch_in(answer));
  }
  CHECK_FALSE(epoch_in(":" + std::string(100, '1') + "\r\n"));
  CHECK_FALSE(epoch_in(":1"));
}

TEST_CASE("a proxy that does not answer has no epoch", "[app][broker]") {
  const DeafSocket deaf(true);
  const DeafSocket closed(false);
  CHECK_FALSE(ask_proxy_epoch(deaf.url().substr(7), 50ms));
  CHECK_FALSE(ask_proxy_epoch(closed.url().substr(7), 10s));
  CHECK_FALSE(ask_proxy_epoch("nonsense", 10s));
  CHECK_FALSE(ask_proxy_epoch("127.0.0.1:0", 10s));
}
