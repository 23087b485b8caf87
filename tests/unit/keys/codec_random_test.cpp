// SPDX-License-Identifier: Apache-2.0
// The codec on random input with a fixed seed: order, the way there and back, damaged keys.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "keys/codec.h"

namespace keys = metactl::keys;
using keys::Versionstamp;

namespace {

std::string encoded(const keys::Value& value) {
  std::string key;
  keys::append(key, value);
  return key;
}

std::string random_bytes(std::mt19937_64& random) {
  // Mostly the bytes that the codec treats in some way.
  static const std::string alphabet(
      "\0\0\0\x01\x10\x11\x12\x13\xff\xff"
      "a",
      11);
  std::string bytes(random() % 12, ' ');
  for (auto& c : bytes) c = alphabet[random() % alphabet.size()];
  return bytes;
}

std::int64_t random_int(std::mt19937_64& random) {
  return static_cast<std::int64_t>(random()) >> random() % 64;
}

}  // namespace

TEST_CASE("encoded strings sort as their contents do", "[keys]") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto a = random_bytes(random);
    const auto b = random_bytes(random);
    REQUIRE((encoded(a) < encoded(b)) == (a < b));
  }
}

TEST_CASE("encoded integers sort by sign, then by magnitude", "[keys]") {
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> order = {-1, -2, -256, -largest, smallest, 0, 1, 2, 256, largest};
  CHECK(std::is_sorted(order.begin(), order.end(),
                       [](auto a, auto b) { return encoded(a) < encoded(b); }));
}

TEST_CASE("random keys survive the way there and back", "[keys]") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string key = "\x01";
    std::vector<keys::Value> values;
    for (auto left = random() % 6; left > 0; --left) {
      if (random() % 2 == 0) {
        values.emplace_back(random_bytes(random));
      } else {
        values.emplace_back(random_int(random));
      }
      keys::append(key, values.back());
    }
    if (random() % 3 == 0) {
      const Versionstamp stamp{random(), static_cast<std::uint16_t>(random())};
      values.emplace_back(stamp);
      keys::append_versionstamp_suffix(key, stamp);
    }
    const auto decoded = keys::decode(key);
    REQUIRE_FALSE(decoded.failure);
    REQUIRE(std::equal(values.begin(), values.end(), decoded.fields.begin(), decoded.fields.end(),
                       [](const auto& value, const auto& field) { return value == field.value; }));
  }
}

TEST_CASE("no input makes the decoder read beyond its end", "[keys]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const std::string key = random_bytes(random) + random_bytes(random);
    const auto decoded = keys::decode(std::string_view(key));
    if (decoded.failure) REQUIRE(decoded.failure->offset <= key.size());
  }
}
