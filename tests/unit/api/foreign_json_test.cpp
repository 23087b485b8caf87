// SPDX-License-Identifier: Apache-2.0
// Replies and lines that somebody else wrote.

#include "api/foreign_json.h"

#include <catch2/catch.hpp>

#include "api/meta.h"
#include "base/error.h"
#include "http/wire.h"

namespace api = metactl::api;
namespace http = metactl::http;
namespace pb = metactl::pb;

namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("JSON with very many levels is none", "[api][json]") {
  CHECK(api::parse_foreign_json(nested(1000)).is_array());
  CHECK(api::parse_foreign_json(nested(1001)).is_discarded());
  CHECK(api::parse_foreign_json("\"" + nested(5000) + R"(\\\"")").is_string());
  CHECK(api::parse_foreign_json("{").is_discarded());
}

TEST_CASE("a reply with very many levels is refused", "[api][json][http]") {
  const auto body = R"({"code": "OK", "msg": "", "result": )" + nested(200'000) + "}";
  pb::GetInstanceResponse response;
  CHECK_THROWS_AS(
      http::decode_reply(*api::find_operation("get_instance")->info, pb::GetInstanceRequest(),
                         {200, "application/json", body}, response),
      metactl::Error);
}
