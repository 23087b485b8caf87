// SPDX-License-Identifier: Apache-2.0
#include "keys/forms.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using metactl::tests::read_vectors;
using metactl::tests::refusal;

TEST_CASE("all forms of a key are read to the same bytes", "[keys]") {
  for (const auto& vector : read_vectors("key-vectors.tsv")) {
    const auto hex = text::hex(vector.key);
    std::string upper = hex;
    for (auto& c : upper)
      if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    CHECK(keys::parse_key(hex).bytes == vector.key);
    CHECK(keys::parse_key(upper).bytes == vector.key);
    CHECK(keys::parse_key(upper).hex == upper);
    for (const auto& form : {keys::to_escaped(vector.key), keys::to_printable(vector.key)}) {
      CHECK(keys::parse_key(form).bytes == vector.key);
      CHECK(keys::parse_key(form).hex == hex);
    }
  }
}

TEST_CASE("an odd last digit is kept in the text but not read", "[keys]") {
  const auto key = keys::parse_key("01101");
  CHECK(key.bytes == "\x01\x10");
  CHECK(key.hex == "01101");
}

TEST_CASE("keys are printed with escapes as encode_key and fdbcli do", "[keys]") {
  const std::string key("\x01\x10 a\\\"~\x7f\xff\0", 10);
  CHECK(keys::to_escaped(key) == R"(\x01\x10\x20\x61\x5c\x22\x7e\x7f\xff\x00)");
  CHECK(keys::to_printable(key) == R"(\x01\x10 a\\"~\x7f\xff\x00)");
}

TEST_CASE("the escapes that fdbcli takes are read", "[keys]") {
  CHECK(keys::from_escaped(R"(\x01\ \;\"\\\x0A)") == "\x01 ;\"\\\n");
}

TEST_CASE("text that is no key is refused at its first wrong byte", "[keys]") {
  const auto [given, wanted] = GENERATE(table<std::string, std::string>({
      {"", "it is empty, at byte 0"},
      {"0", "one digit alone at byte 0"},
      {"0x01", "'x' is no hexadecimal digit, at byte 1"},
      {"01 10", "' ' is no hexadecimal digit, at byte 2"},
      {"0110g", "'g' is no hexadecimal digit, at byte 4"},
      {"'01'", "''' is no hexadecimal digit, at byte 0"},
      {"01\\x10", "'\\' is no hexadecimal digit, at byte 2"},
      {"01\n", "byte 0a is no hexadecimal digit, at byte 2"},
      {"01\xc3\xa4", "byte c3 is no hexadecimal digit, at byte 2"},
      {"\\", "a backslash ends the text at byte 0"},
      {"\\x01\\", "a backslash ends the text at byte 4"},
      {"\\x01\\x", "no two hexadecimal digits behind the \\x at byte 4"},
      {"\\x01\\x1", "no two hexadecimal digits behind the \\x at byte 4"},
      {"\\x0g", "no two hexadecimal digits behind the \\x at byte 0"},
      {"\\x01\\n", "'n' after a backslash, not x at byte 5"},
      {"\\x01\\X10", "'X' after a backslash, not x at byte 5"},
      {"\\x01\n", "byte 0a must be written as \\x0a, at byte 4"},
      {"\\x01\xff", "byte ff must be written as \\xff, at byte 4"},
  }));
  CHECK(refusal([given = given] { keys::parse_key(given); }) ==
        "malformed key: " + wanted + " of the text");
}
