// SPDX-License-Identifier: Apache-2.0
#include "keys/fields.h"

#include <catch2/catch.hpp>
#include <string>

#include "keys/catalogue.h"
#include "keys/keys.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using keys::FieldTexts;
using metactl::Error;
using metactl::tests::read_vectors;
using metactl::tests::refusal;

namespace {

constexpr auto& rowset = keys::key_type("MetaRowsetKey");
constexpr auto& label = keys::key_type("TxnLabelKey");

}  // namespace

TEST_CASE("fields by name give the keys of the vectors and examples", "[keys]") {
  const std::string file = GENERATE("key-vectors.tsv", "key-examples.tsv");
  for (const auto& vector : read_vectors(file)) {
    CAPTURE(vector.type, vector.fields.dump());
    const auto key = keys::encode(keys::require_type(vector.type), field_texts(vector));
    CHECK(text::hex(key) == text::hex(vector.key));
  }
}

TEST_CASE("a field that is missing, surplus or given twice is named", "[keys]") {
  CHECK(refusal([] {
          keys::encode(rowset, {{"instance_id", "demo"}, {"version", "2"}});
        }) == "field 'tablet_id' of MetaRowsetKey is missing");
  CHECK(refusal([] {
          keys::encode(rowset, {{"instance_id", "demo"}, {"versoin", "2"}});
        }) == "MetaRowsetKey has no field 'versoin'; did you mean 'version'?");
  CHECK(refusal([] {
          keys::encode(keys::registry_type, {{"instance_id", "demo"}});
        }) == "MetaServiceRegistryKey has no field 'instance_id'");
  CHECK(refusal([] {
          keys::encode(keys::key_type("RecyclePartKey"),
                       {{"instance_id", "demo"}, {"part_id", "1"}, {"partition_id", "1"}});
        }) == "field 'part_id' of RecyclePartKey is given twice");
}

TEST_CASE("the hint of a refused field lists those of the type", "[keys]") {
  try {
    keys::encode(rowset, {});
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.hint() ==
          "fields of MetaRowsetKey: instance_id (text), tablet_id (integer), version (integer)");
  }
}

TEST_CASE("a value that its field cannot hold is refused", "[keys]") {
  const auto given = GENERATE("", "abc", "1.5", "1 ", "9223372036854775808", "0x10", "hex:01");
  CHECK(refusal([&] {
          keys::encode(rowset, {{"instance_id", "demo"}, {"tablet_id", given}, {"version", "2"}});
        }) ==
        "field 'tablet_id' of MetaRowsetKey is an integer from -9223372036854775808 to "
        "9223372036854775807, not '" +
            std::string(given) + "'");
}

TEST_CASE("raw bytes are an even number of hexadecimal digits", "[keys]") {
  const auto with = [](const char* word) {
    return keys::encode(label, {{"instance_id", "demo"}, {"db_id", "1"}, {"label", word}});
  };
  CHECK(with("hex:6162") == with("ab"));
  CHECK(with("hex:") == with(""));
  for (const auto* word : {"hex:0", "hex:zz", "hex:00 ff"}) {
    CHECK(refusal([&] { with(word); }) ==
          "field 'label' of TxnLabelKey is hex: and an even number of digits, not '" +
              std::string(word) + "'");
  }
}

TEST_CASE("a versionstamp is 20 hexadecimal digits, for any type", "[keys]") {
  const auto with = [](const char* stamp) {
    return keys::encode(keys::instance_type, {{"instance_id", "demo"}, {"versionstamp", stamp}});
  };
  CHECK(with("0000000000ABCDEF0001") ==
        keys::instance_key("demo") + text::unhex("130000000000abcdef0001ff").value());
  CHECK_THROWS_AS(with(""), Error);
  CHECK_THROWS_AS(with("0000000000abcdef000"), Error);
  CHECK_THROWS_AS(with("0000000000abcdef00010"), Error);
}

TEST_CASE("the other spelling of a field is taken", "[keys]") {
  const FieldTexts usual = {{"instance_id", "demo"}, {"table_id", "1"}, {"db_id", "2"}};
  const FieldTexts own = {{"instance_id", "demo"}, {"tbl_id", "1"}, {"db_id", "2"}};
  const auto& type = keys::key_type("TableVersionKey");
  CHECK(keys::encode(type, usual) == keys::encode(type, own));
}

TEST_CASE("the first fields give the beginning of all keys that have them", "[keys]") {
  CHECK(keys::encode_prefix(keys::instance_type, {}) == keys::all_instances().first);
  CHECK(keys::encode_prefix(keys::storage_vault_type, {{"instance_id", "demo"}}) ==
        keys::all_vaults("demo").first);
  const auto whole =
      keys::encode(rowset, {{"instance_id", "demo"}, {"tablet_id", "1"}, {"version", "2"}});
  CHECK(whole.starts_with(keys::encode_prefix(rowset, {{"instance_id", "demo"}})));
  CHECK(refusal([] {
          keys::encode_prefix(rowset, {{"tablet_id", "1"}});
        }) == "field 'instance_id' of MetaRowsetKey is missing");
}

TEST_CASE("parameters are read as the Meta Service does", "[keys]") {
  const auto key = [](const char* id) {
    return keys::encode_leniently(
        rowset, {{"instance_id", "demo"}, {"tablet_id", id}, {"version", "2"}, {"more", ""}});
  };
  const auto strictly = [](const char* id) {
    return keys::encode(rowset, {{"instance_id", "demo"}, {"tablet_id", id}, {"version", "2"}});
  };
  CHECK(key(" 12x") == strictly("12"));
  CHECK(key("abc") == strictly("0"));
  CHECK(key("-99999999999999999999") == strictly("-9223372036854775808"));
  CHECK(refusal([&] { key(""); }) == "tablet_id is not given or empty");

  const auto stamped = [](const char* stamp) {
    return keys::encode_leniently(keys::instance_type,
                                  {{"instance_id", "demo"}, {"versionstamp", stamp}});
  };
  CHECK(stamped("00") == keys::instance_key("demo"));
  CHECK(stamped("00000000000000010001").ends_with("\x01\xff"));
}

TEST_CASE("the text of a field is read back", "[keys]") {
  const auto [content, wanted] = GENERATE(table<std::string, std::string>({
      {"demo", "demo"},
      {"", ""},
      {"\xc3\xa4", "\xc3\xa4"},
      {"a\nb", "hex:610a62"},
      {"\xff", "hex:ff"},
      {"hex:1", "hex:6865783a31"},
  }));
  CHECK(keys::to_field_text(content) == wanted);
  CHECK(keys::encode(keys::instance_type, {{"instance_id", wanted}}) ==
        keys::instance_key(content));
}
