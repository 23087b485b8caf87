// SPDX-License-Identifier: Apache-2.0
// Which requests are taken for those of a page of another site, and what replies say to browsers.
#include "http/browsers.h"

#include <catch2/catch.hpp>

namespace metactl::http {
namespace {

std::string why(const Headers& headers, const OwnHosts& own = {}) {
  return foreign_page(
      {.method = "POST", .path = "/", .query = "", .body = "", .peer = "", .headers = headers},
      own);
}

bool is_own_host(const std::string& host, const OwnHosts& own = {}) {
  return why({{"Host", host}}, own).empty();
}

bool is_own_origin(const std::string& host, const std::string& origin) {
  return why({{"Host", host}, {"Origin", origin}}).empty();
}

}  // namespace

TEST_CASE("a server on loopback has the names and addresses of loopback", "[http][browsers]") {
  for (const auto* host :
       {"localhost", "localhost:5000", "LocalHost", "localhost.", "localhost.:80", "a.localhost",
        "a.b.localhost:1", "127.0.0.1", "127.0.0.1:5000", "127.1.2.3", "[::1]", "[::1]:5000",
        "[0:0:0:0:0:0:0:1]:80", ""}) {
    INFO(host);
    CHECK(is_own_host(host));
  }
  for (const auto* host : {"evil.example",
                           "evil.example:5000",
                           "localhost.evil.example",
                           "evillocalhost",
                           "127.0.0.1.evil.example",
                           "127.evil.example",
                           "10.0.0.1",
                           "0.0.0.0",
                           "[::]",
                           "[::2]",
                           "localhost:5000.evil.example",
                           "[::1].evil.example",
                           "[::1]evil",
                           "localhost@evil.example",
                           "localhost:80:80",
                           "[::1",
                           ":5000",
                           ".",
                           "localhost/",
                           "\xff"}) {
    INFO(host);
    CHECK_FALSE(is_own_host(host));
  }
}

TEST_CASE("a server on a network has its address and the names that it is given too",
          "[http][browsers]") {
  const OwnHosts network{.address = "192.0.2.7", .names = {"meta.example"}};
  for (const auto* host :
       {"192.0.2.7", "192.0.2.7:5000", "localhost:5000", "meta.example", "META.example.:80"}) {
    INFO(host);
    CHECK(is_own_host(host, network));
  }
  for (const auto* host : {"192.0.2.8", "a.meta.example", "meta.example.evil", "evil.example"}) {
    INFO(host);
    CHECK_FALSE(is_own_host(host, network));
  }

  CHECK(is_own_host("[2001:DB8:0::1]:5000", {.address = "2001:db8::1"}));
  for (const auto* all : {"0.0.0.0", "::", "0:0:0:0:0:0:0:0"}) {
    CHECK(is_own_host("192.0.2.8:5000", {.address = all}));
    CHECK(is_own_host("[2001:db8::9]", {.address = all}));
    CHECK_FALSE(is_own_host("evil.example", {.address = all}));
  }
}

TEST_CASE("an origin is that of the host, or foreign", "[http][browsers]") {
  CHECK(is_own_origin("localhost:5000", "http://localhost:5000"));
  CHECK(is_own_origin("localhost", "https://LOCALHOST"));
  for (const auto* origin : {"null", "http://evil.example", "http://localhost", "localhost:5000",
                             "http://localhost:5001", "http://127.0.0.1:5000", "http://", "://"})
    CHECK_FALSE(is_own_origin("localhost:5000", origin));
  CHECK_FALSE(is_own_origin("", "http://localhost:5000"));
}

TEST_CASE("Sec-Fetch-Site says whose page it is", "[http][browsers]") {
  const auto passes = [](const std::string& site) {
    return why({{"Host", "localhost"}, {"Sec-Fetch-Site", site}}).empty();
  };
  CHECK(passes("same-origin"));
  CHECK(passes("none"));
  CHECK_FALSE(passes("same-site"));
  CHECK_FALSE(passes("cross-site"));
  CHECK_FALSE(passes("whatever"));
}

TEST_CASE("a refusal says what to do and repeats nothing that acts", "[http][browsers]") {
  CHECK(why({{"Host", "evil.example"}}) ==
        "host 'evil.example' is not a name of this server; metactl serve --allow-host NAME allows "
        "it");
  CHECK(why({{"Host", "\x1b[31m" + std::string(1000, 'x')}}).size() < 250);
  CHECK(why({{"Host", "\x1b[31m"}}).find('\x1b') == std::string::npos);
  CHECK(why({{"Origin", "null"}}) ==
        "requests from pages of another site are refused (Origin: null)");
}

TEST_CASE("pages have more safe headers than other replies", "[http][browsers]") {
  Reply json{.status = 200, .content_type = "application/json", .body = ""};
  add_safe_headers(json);
  CHECK(json.headers == Headers{{"X-Content-Type-Options", "nosniff"},
                                {"Cache-Control", "no-store"},
                                {"Referrer-Policy", "no-referrer"}});
  Reply page{.status = 200, .content_type = "text/html", .body = ""};
  add_safe_headers(page);
  CHECK(page.headers.at("Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'");
  CHECK(page.headers.at("X-Frame-Options") == "DENY");
  CHECK(page.headers.size() == 5);
}

}  // namespace metactl::http
