// SPDX-License-Identifier: Apache-2.0
#include "keys/grep.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "keys/forms.h"
#include "keys/keys.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;

namespace {

const std::string instance = text::hex(keys::instance_key("demo"));
const std::string instance_text = "InstanceKey{instance_id=demo}";
const std::string txn =
    "011074786e000110676176696e2d696e7374616e636500011074786e5f696e666f000112000000000000276612"
    "000000000000271a";
const std::string txn_text = "TxnInfoKey{instance_id=gavin-instance db_id=10086 txn_id=10010}";

/// The line with its keys decoded.
std::string decoded(std::string_view line) {
  std::string result;
  std::size_t done = 0;
  const auto found = keys::find_keys(line);
  for (const auto& key : found) {
    result += line.substr(done, key.begin - done);
    result += keys::short_text(key.explanation);
    done = key.end;
  }
  return result += line.substr(done);
}

std::string hex_text(const std::string& digits) {
  return decoded(digits);
}

}  // namespace

TEST_CASE("every key of the vectors is found in each of its forms", "[keys][grep]") {
  const std::string file = GENERATE("key-vectors.tsv", "key-examples.tsv");
  for (const auto& vector : metactl::tests::read_vectors(file)) {
    const auto hex = text::hex(vector.key);
    const std::vector<std::string> forms = {hex, text::upper(hex), keys::to_escaped(vector.key),
                                            keys::to_printable(vector.key)};
    for (const auto& form : forms)
      for (const std::string before : {"", "key=", "0x", "a1", "\\x00", "\xff"}) {
        CAPTURE(form, before);
        const auto found = keys::find_keys(before + form + " end");
        REQUIRE(found.size() == 1);
        CHECK(found[0].begin == before.size());
        CHECK(found[0].end == before.size() + form.size());
        CHECK(found[0].bytes == vector.key);
        CHECK(found[0].explanation.matches.front().type->name == vector.type);
      }
  }
}

TEST_CASE("a key is found wherever it stands in a line", "[keys][grep]") {
  // The places where the fast search goes from one stretch to the next are among these.
  for (std::size_t before = 0; before < 200; ++before)
    for (const std::size_t behind : {0U, 1U, 2U, 63U, 64U, 65U}) {
      const std::string left(before, '.');
      const std::string right(behind, '.');
      CHECK(decoded(left + instance + right) == left + instance_text + right);
      CHECK(decoded(left + keys::to_printable(keys::instance_key("demo")) + right) ==
            left + instance_text + right);
    }
}

TEST_CASE("text beside a key does not matter, even digits", "[keys][grep]") {
  CHECK(decoded("key:" + txn + ",") == "key:" + txn_text + ",");
  CHECK(decoded("[" + txn + ")") == "[" + txn_text + ")");
  CHECK(decoded("dead" + txn + "failed") == "dead" + txn_text + "failed");
  CHECK(decoded("0" + txn + "a") == "0" + txn_text + "a");
  CHECK(decoded("0110" + txn) == "0110" + txn_text);
  CHECK(decoded("'" + keys::to_printable(text::unhex(txn).value()) + "' ok") ==
        "'" + txn_text + "' ok");
}

TEST_CASE("a line may have many keys", "[keys][grep]") {
  CHECK(decoded(instance + " " + txn + instance) == instance_text + " " + txn_text + instance_text);
  std::string line, expected;
  for (int i = 0; i < 1000; ++i) {
    line += instance + ",";
    expected += instance_text + ",";
  }
  CHECK(decoded(line) == expected);
}

TEST_CASE("what is no whole key of a known type stays as it is", "[keys][grep]") {
  const std::string line = GENERATE_COPY(
      std::string(), std::string("no key"), std::string("01"), std::string("0110"),
      std::string("01106"), std::string(R"(\x01\x10)"), std::string(R"(\x01\x10\x)"),
      std::string("0110" + text::hex("nothing") + "0001"),   // No such word.
      std::string("0210" + text::hex("instance") + "0001"),  // Nor in this key space.
      std::string("10" + text::hex("instance") + "0001"),    // Without a key space.
      instance.substr(0, instance.size() - 1), instance.substr(0, instance.size() - 4),
      txn.substr(0, txn.size() - 2),  // Cut off in its last field.
      std::string("the 10 instances of 2010, at 10.0.0.5:9050"));
  CAPTURE(line);
  CHECK(keys::find_keys(line).empty());
}

TEST_CASE("a number behind a key that may be the rest of it makes it cut off", "[keys][grep]") {
  CHECK(keys::find_keys(instance + "12").empty());
  CHECK(keys::find_keys(instance + "12345").empty());
  CHECK(decoded(instance + "99") == instance_text + "99");
}

TEST_CASE("boundaries and partial keys are told as such", "[keys][grep]") {
  CHECK(hex_text(instance + "00") == instance_text + "+00");
  CHECK(hex_text(instance + "ff") == instance_text + "+ff");
  CHECK(hex_text(txn.substr(0, txn.size() - 18)) ==
        "TxnInfoKey{instance_id=gavin-instance db_id=10086 ...}");
  CHECK(hex_text(txn.substr(0, 48)) == "txn/*{instance_id=gavin-instance ...}");
  CHECK(hex_text("0110" + text::hex("instance") + "0001ff") == "InstanceKey{...}+ff");
  const auto schema = keys::build(keys::key_type("MetaSchemaKey"),
                                  {std::string("i"), std::int64_t{7}, std::int64_t{1}});
  CHECK(hex_text(text::hex(schema) + "120000000000000002") ==
        "MetaSchemaKey{instance_id=i index_id=7 schema_version=1 row=2}");
  CHECK(hex_text(text::hex(schema) + "127fffffffffffffff") ==
        "MetaSchemaKey{instance_id=i index_id=7 schema_version=1 row=end}");
  auto log = keys::build(keys::key_type("VersionedLogKey"), {std::string("i")});
  keys::append_versionstamp(log, {1, 2});
  CHECK(hex_text(text::hex(log)) == "VersionedLogKey{instance_id=i before=00000000000000010002}");
  CHECK(hex_text(text::hex(log) + "ff") ==
        "VersionedLogKey{instance_id=i versionstamp=00000000000000010002}");
  CHECK(hex_text(txn + "1061000112ffffffffffffffff") ==
        txn_text.substr(0, txn_text.size() - 1) + " +a +-1}");
}

TEST_CASE("a key of no known type is told by its values", "[keys][grep]") {
  std::string key = "\x01";
  keys::append_bytes(key, "a b");
  keys::append_int(key, 5);
  CHECK(keys::short_text(keys::explain(key)) == "?{'a b' 5}");
}

TEST_CASE("texts in keys cannot be taken for something else", "[keys][grep]") {
  const auto shown = [](std::string_view id) {
    return hex_text(text::hex(keys::instance_key(id)));
  };
  CHECK(shown("a-b_c.d") == "InstanceKey{instance_id=a-b_c.d}");
  CHECK(shown("a b=c}") == "InstanceKey{instance_id='a b=c}'}");
  CHECK(shown("") == "InstanceKey{instance_id=''}");
  CHECK(shown(std::string("a\n\0", 3)) == "InstanceKey{instance_id=hex:610a00}");
}

TEST_CASE("keys end with FoundationDB's limit", "[keys][grep]") {
  const auto key = [](std::size_t size) {
    return keys::instance_key(std::string(size - keys::instance_key("").size(), 'a'));
  };
  CHECK(keys::find_keys(text::hex(key(keys::max_key_size))).size() == 1);
  CHECK(keys::find_keys(text::hex(key(keys::max_key_size + 1))).empty());
}

TEST_CASE("any bytes can be searched", "[keys][grep]") {
  std::mt19937 random(20240607);
  const std::string_view likely = "01106\\x789";
  for (int round = 0; round < 200; ++round) {
    std::string line;
    for (int i = 0; i < 500; ++i)
      line += round % 2 ? static_cast<char>(random()) : likely[random() % likely.size()];
    std::size_t end = 0;
    for (const auto& key : keys::find_keys(line)) {
      CHECK((key.begin >= end && key.begin < key.end && key.end <= line.size()));
      end = key.end;
    }
    CHECK(decoded(line + '\0' + instance + '\xff').ends_with('\0' + instance_text + '\xff'));
  }
}
