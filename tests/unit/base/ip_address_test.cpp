// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <catch2/catch.hpp>

namespace metactl::ip {

TEST_CASE("an address is compared in one spelling", "[base][ip]") {
  CHECK(comparable("0:0:0:0:0:0:0:1") == "::1");
  CHECK(comparable("[FD00::0:2]") == "fd00::2");
  CHECK(comparable("10.0.0.1") == "10.0.0.1");
  CHECK(comparable("Be-1.Example.") == "be-1.example");
  CHECK(comparable("") == "");
  CHECK(comparable(".") == ".");
}

TEST_CASE("an endpoint is compared in one spelling", "[base][ip]") {
  CHECK(comparable_endpoint("[0:0:0:0:0:0:0:1]:9050") == "[::1]:9050");
  CHECK(comparable_endpoint("[::1]") == "[::1]");
  CHECK(comparable_endpoint("0::1") == "[::1]");
  CHECK(comparable_endpoint("BE-1.:9050") == "be-1:9050");
  CHECK(comparable_endpoint("10.0.0.1:9050") == "10.0.0.1:9050");
  CHECK(comparable_endpoint("HTTPS://S3.Example./Path") == "https://s3.example/Path");
  CHECK(comparable_endpoint("") == "");
  CHECK(comparable_endpoint("10.0.0.1:9050") != comparable_endpoint("10.0.0.1:9051"));
}

}  // namespace metactl::ip
