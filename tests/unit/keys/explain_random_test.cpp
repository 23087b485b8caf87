// SPDX-License-Identifier: Apache-2.0
// Random fields of every type, with a fixed seed: the way there and back.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "keys/catalogue.h"
#include "keys/drawing.h"
#include "keys/explain.h"
#include "keys/fields.h"
#include "keys/forms.h"

namespace keys = metactl::keys;
using keys::Part;

namespace {

std::string random_bytes(std::mt19937_64& random) {
  // Mostly the bytes that the codec treats in some way.
  static const std::string alphabet(
      "\0\0\x01\x10\x11\x12\x13\xff"
      "a:\\",
      11);
  std::string bytes(random() % 12, ' ');
  for (auto& c : bytes) c = alphabet[random() % alphabet.size()];
  return bytes;
}

keys::Versionstamp random_stamp(std::mt19937_64& random) {
  return {random(), static_cast<std::uint16_t>(random())};
}

keys::Value random_value(const Part& part, std::mt19937_64& random) {
  if (part.kind == Part::Kind::bytes) return random_bytes(random);
  if (part.kind == Part::Kind::versionstamp) return random_stamp(random);
  return static_cast<std::int64_t>(random()) >> random() % 64;
}

}  // namespace

TEST_CASE("random fields of every type survive the way there and back", "[keys]") {
  std::mt19937_64 random(4);
  for (const auto& type : keys::catalogue) {
    for (int i = 0; i < 100; ++i) {
      CAPTURE(type.name, i);
      keys::FieldTexts texts;
      for (const auto& part : keys::fields_of(type))
        texts[std::string(part.text)] = keys::to_field_text(random_value(part, random));
      if (type.versioned) texts["versionstamp"] = keys::to_text(random_stamp(random));
      const auto key = keys::encode(type, texts);

      const auto explained = keys::explain(key);
      REQUIRE(explained.matches.size() == 1);
      const auto& match = explained.matches.front();
      REQUIRE(match.type == &type);
      keys::FieldTexts again;
      for (const auto& field : match.fields)
        again[std::string(field.name)] = keys::to_field_text(field.value);
      if (match.versionstamp) again["versionstamp"] = keys::to_text(*match.versionstamp);
      REQUIRE(again == texts);
      REQUIRE(keys::parse_key(keys::to_printable(key)).bytes == key);
    }
  }
}

TEST_CASE("every key that the Meta Service decodes is cut into the same fields", "[keys]") {
  std::mt19937_64 random(5);
  int decoded_keys = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string key = "\x03";
    for (auto left = random() % 4; left > 0; --left)
      keys::append(key, random_value({static_cast<Part::Kind>(2 + random() % 3), ""}, random));
    key += random_bytes(random).substr(0, random() % 4);
    const auto pieces = keys::cut(key);
    const auto decoded = keys::decode(key);
    REQUIRE(decoded.failure == pieces.failure);
    if (decoded.failure) continue;
    ++decoded_keys;
    REQUIRE(decoded.fields == pieces.fields);
    const auto lines =
        keys::drawing_lines(pieces.space, pieces.fields, "", keys::Marks::ascii).size();
    REQUIRE(lines == decoded.fields.size() + 4);
  }
  CHECK(decoded_keys > 1000);
}
