// SPDX-License-Identifier: Apache-2.0
#include "keys/codec.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using keys::Versionstamp;

namespace {

constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

std::string raw(std::string_view hex) {
  return text::unhex(hex).value();
}

std::string encoded(const keys::Value& value) {
  std::string key;
  keys::append(key, value);
  return key;
}

/// The code and offset of a failure; {0, 0} without one.
std::pair<int, std::size_t> where(const std::optional<keys::Failure>& failure) {
  return failure ? std::pair{failure->code, failure->offset} : std::pair<int, std::size_t>{};
}

}  // namespace

TEST_CASE("byte strings are escaped and terminated", "[keys]") {
  const auto [content, hex] = GENERATE(table<std::string, std::string>({
      {"", "100001"},
      {"61", "10610001"},
      {"00", "1000ff0001"},
      {"0000", "1000ff00ff0001"},
      {"00ff", "1000ffff0001"},
      {"ff00", "10ff00ff0001"},
      {"0001", "1000ff010001"},
      {"0110ff", "100110ff0001"},
      {"dead00beef", "10dead00ffbeef0001"},
  }));
  CHECK(text::hex(encoded(raw(content))) == hex);
  const std::string input = raw(hex + "10");
  keys::Reader reader(input);
  CHECK(reader.bytes() == raw(content));
  CHECK(reader.offset() == hex.size() / 2);
}

TEST_CASE("integers are a sign tag and a magnitude", "[keys]") {
  const auto [value, hex] = GENERATE(table<std::int64_t, std::string>({
      {0, "120000000000000000"},
      {1, "120000000000000001"},
      {10086, "120000000000002766"},
      {largest, "127fffffffffffffff"},
      {-1, "110000000000000001"},
      {-1001011, "1100000000000f4633"},
      {-largest, "117fffffffffffffff"},
      {smallest, "118000000000000000"},
  }));
  CHECK(text::hex(encoded(value)) == hex);
  const std::string input = raw(hex);
  keys::Reader reader(input);
  CHECK(reader.integer() == value);
  CHECK(reader.at_end());
}

TEST_CASE("integers in forms that are never written are read", "[keys]") {
  const auto [hex, value] = GENERATE(table<std::string, std::int64_t>({
      {"110000000000000000", 0},
      {"12ffffffffffffffff", -1},
      {"128000000000000000", smallest},
      {"11ffffffffffffffff", 1},
  }));
  const std::string input = raw(hex);
  CHECK(keys::Reader(input).integer() == value);
}

TEST_CASE("versionstamps have an inner and a suffix form", "[keys]") {
  const Versionstamp stamp{1, 2};
  CHECK(text::hex(encoded(stamp)) == "1300000000000000010002");
  std::string key = raw("0110610001");
  keys::append_versionstamp_suffix(key, stamp);
  CHECK(text::hex(key) == "01106100011300000000000000010002ff");
  CHECK(text::hex(keys::to_bytes(keys::newest)) == std::string(20, 'f'));
  CHECK(keys::to_versionstamp(keys::to_bytes(stamp)) == stamp);
  CHECK_FALSE(keys::to_versionstamp("123456789"));
  CHECK_FALSE(keys::to_versionstamp("12345678901"));

  const std::string inner = encoded(stamp) + encoded("x");
  keys::Reader reader(inner);
  CHECK(reader.versionstamp() == stamp);
  CHECK(reader.bytes() == "x");
}

TEST_CASE("a transaction id is made of a versionstamp", "[keys]") {
  CHECK(keys::transaction_id(keys::to_bytes({123456790, 0})) == 126419752960);
  CHECK(keys::transaction_id(keys::to_bytes({1, 1023})) == 2047);
  CHECK_FALSE(keys::transaction_id(keys::to_bytes({1, 1024})));
  CHECK_FALSE(keys::transaction_id("123456789"));
  CHECK_FALSE(keys::transaction_id(""));
}

TEST_CASE("each reading function refuses what is not its field", "[keys]") {
  enum Kind { bytes, integer, versionstamp };
  const auto [kind, hex, code, offset] = GENERATE(table<Kind, std::string, int, std::size_t>({
      {bytes, "", -1, 0},
      {bytes, "120000000000000000", -1, 0},
      {bytes, "10", -2, 1},
      {bytes, "106162", -2, 3},
      {bytes, "1000ff61", -2, 4},
      {bytes, "106100", -3, 3},
      {bytes, "1000ff00", -3, 4},
      {bytes, "10610002", -4, 3},
      {bytes, "100000", -4, 2},
      {integer, "", -1, 0},
      {integer, "1200000000000000", -1, 8},
      {integer, "10610001", -1, 4},
      {integer, "100000000000000000", -2, 0},
      {versionstamp, "", -1, 0},
      {versionstamp, "13000000000000000100", -1, 10},
      {versionstamp, "1200000000000000010001", -2, 0},
  }));
  const std::string input = raw(hex);
  CAPTURE(kind, hex);
  keys::Reader reader(input);
  if (kind == bytes) CHECK_FALSE(reader.bytes());
  if (kind == integer) CHECK_FALSE(reader.integer());
  if (kind == versionstamp) CHECK_FALSE(reader.versionstamp());
  CHECK(where(reader.failure()) == std::pair{code, offset});
  CHECK_FALSE(reader.failure()->text.empty());
}

TEST_CASE("a reader stays at its first failure", "[keys]") {
  const std::string input = encoded("a") + "\xff";
  keys::Reader reader(input);
  CHECK_FALSE(reader.integer());
  const auto first = reader.failure();
  CHECK_FALSE(reader.bytes());
  CHECK_FALSE(reader.integer());
  CHECK_FALSE(reader.versionstamp());
  CHECK_FALSE(reader.cut_end_byte());
  CHECK_FALSE(reader.field());
  CHECK(reader.failure() == first);
  CHECK(reader.offset() == 0);
}

TEST_CASE("a whole key is cut into fields", "[keys]") {
  const auto key = keys::decode(raw("0110610001110000000000000005131122334455667788990aff"));
  CHECK_FALSE(key.failure);
  CHECK(key.space == 1);
  CHECK(key.fields == std::vector<keys::Field>{
                          {"a", keys::Tag::bytes, 1},
                          {std::int64_t{-5}, keys::Tag::negative, 5},
                          {Versionstamp{0x1122334455667788, 0x990a}, keys::Tag::versionstamp, 14},
                      });
}

TEST_CASE("a whole key fails at the first damage and keeps the fields before", "[keys]") {
  const std::string a = "10610001";
  const std::string stamp = "1300000000000000010001";
  const auto [hex, fields, code, offset] =
      GENERATE_COPY(table<std::string, std::size_t, int, std::size_t>({
          {"", 0, -1, 0},
          {"01", 0, 0, 0},
          {"ff", 0, 0, 0},
          {"01" + a + a, 2, 0, 0},
          {"01" + a + "00", 1, -1, 5},
          {"01" + a + "ff", 1, -1, 5},
          {"0161", 0, -1, 1},
          {"0114", 0, -1, 1},
          {"01" + a + "1061", 1, -2, 7},
          {"01" + a + "106100", 1, -3, 8},
          {"01" + a + "10610061", 1, -4, 8},
          {"01" + a + "1200000000000000", 1, -1, 13},
          {"01" + a + "11", 1, -1, 6},
          {"01" + a + "13000000000000000100", 1, -1, 15},
          {"01" + stamp, 0, -1, 12},                         // No end byte.
          {"01" + stamp + "fe", 0, -1, 12},                  // Another end byte.
          {"03" + stamp + a, 0, -1, 15},                     // A snapshot reference key.
          {"01" + stamp + "ff", 1, 0, 0},                    //
          {"01" + stamp + a + "ff", 2, 0, 0},                // Only the last byte of all counts.
          {"01" + stamp + stamp + "ffff", 2, 0, 0},          //
          {"01" + stamp + stamp + "ff", 1, -1, 23},          // The first one takes the only ff.
          {"01" + stamp + "ff" + a, 0, -1, 16},              //
          {"01" + stamp + "ff" + "ff", 1, -1, 12},           // The first ff is no tag.
          {"01" + stamp + "12000000000000ffff", 1, -1, 20},  // The last ff belongs to no integer.
      }));
  CAPTURE(hex);
  const auto key = keys::decode(raw(hex));
  CHECK(key.fields.size() == fields);
  CHECK(where(key.failure) == std::pair{code, offset});
}
