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

TEST_CASE("JSON that would take a time that grows with its square is none", "[api][json]") {
  const auto object = [](int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i) text += "\"" + std::to_string(i) + "\":0,";
    text.back() = '}';
    return text;
  };
  CHECK(api::parse_foreign_json(object(10'000)).size() == 10'000);
  CHECK(api::parse_foreign_json(object(1'000'000)).is_discarded());
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += object(5'000) + ",";
  many.back() = ']';
  CHECK(api::parse_foreign_json(many).is_discarded());
}

TEST_CASE("a reply with very many levels is refused", "[api][json][http]") {
  const auto body = R"({"code": "OK", "msg": "", "result": )" + nested(200'000) + "}";
  pb::GetInstanceResponse response;
  CHECK_THROWS_AS(
      http::decode_reply(*api::find_operation("get_instance")->info, pb::GetInstanceRequest(),
                         {200, "application/json", body}, response),
      metactl::Error);
}
