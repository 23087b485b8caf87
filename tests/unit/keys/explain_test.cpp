// SPDX-License-Identifier: Apache-2.0
#include "keys/explain.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "keys/fields.h"
#include "keys/keys.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using keys::Boundary;
using keys::Explanation;
using metactl::Error;
using metactl::tests::read_vectors;
using metactl::tests::refusal;

namespace {

Explanation explain_hex(std::string_view hex) {
  return keys::explain(text::unhex(hex).value());
}

std::vector<std::string_view> names(const Explanation& key) {
  std::vector<std::string_view> result;
  for (const auto& match : key.matches) result.push_back(match.type->name);
  return result;
}

// Beginnings of keys of the instance "demo", in hexadecimal digits.
const std::string rowset_family = "01106d65746100011064656d6f000110726f777365740001";
const std::string versioned_tablet =
    "03106d65746100011064656d6f0001107461626c657400011200000000000003e9";
const std::string some_stamp = "1300000000000000010001";
const std::string five = "120000000000000005";
const std::string reference =
    "0310736e617073686f7400011064656d6f0001107265666572656e63650001" + some_stamp;

}  // namespace

TEST_CASE("the vectors and examples are taken for what they are", "[keys]") {
  const std::string file = GENERATE("key-vectors.tsv", "key-examples.tsv");
  for (const auto& vector : read_vectors(file)) {
    CAPTURE(vector.type, vector.fields.dump());
    const auto key = keys::explain(vector.key);
    REQUIRE(names(key) == std::vector<std::string_view>{vector.type});
    const auto& match = key.matches.front();
    CHECK(key.boundary == Boundary::none);
    CHECK((match.missing.empty() && match.trailing.empty() && !match.chunk));
    auto texts = field_texts(vector);
    if (match.versionstamp) {
      CHECK(texts["versionstamp"] == keys::to_text(*match.versionstamp));
    } else {
      CHECK_FALSE(texts.contains("versionstamp"));
    }
    texts.erase("versionstamp");
    CHECK(match.fields.size() == texts.size());
    for (const auto& field : match.fields)
      CHECK(keys::to_field_text(field.value) == texts[std::string(field.name)]);
  }
}

TEST_CASE("partial keys name what is missing, the nearest type first", "[keys]") {
  const auto tablet = explain_hex(rowset_family);
  CHECK(names(tablet) == std::vector<std::string_view>{"MetaRowsetKey"});
  CHECK(tablet.matches.front().missing.size() == 2);
  CHECK(describe(tablet) == "the beginning of MetaRowsetKey, without tablet_id, version");

  const auto stats = keys::explain(
      keys::encode_prefix(keys::key_type("StatsTabletNumRowsKey"), {{"instance_id", "demo"}}));
  CHECK(stats.matches.size() == 7);
  CHECK(stats.matches.front().type->name == "StatsTabletKey");
  CHECK(explain_hex("01").matches.size() == 45);
  CHECK(describe(explain_hex("02")) ==
        "the beginning of MetaServiceRegistryKey, MetaServiceArnInfoKey, MetaServiceEncryptionKey, "
        "MetaServiceInstanceUpdateKey");
}

TEST_CASE("fields that the type does not have are told apart", "[keys]") {
  const auto key = explain_hex(rowset_family + five + five + five + "1061" + "0001");
  CHECK(names(key) == std::vector<std::string_view>{"MetaRowsetKey"});
  CHECK(key.matches.front().trailing.size() == 2);
  CHECK(describe(key) == "MetaRowsetKey, with 2 fields more than the type has");
}

TEST_CASE("the last integer of a row of a split value is its number", "[keys]") {
  const std::string schema = "01106d65746100011064656d6f000110736368656d610001" + five + five;
  const auto key = explain_hex(schema + "120100000000000002");
  CHECK(key.matches.front().chunk == keys::Chunk{1, 2});
  CHECK(describe(key) == "MetaSchemaKey, row 2 of a split value of format 1");
  CHECK(explain_hex(schema + five).matches.front().chunk == keys::Chunk{0, 5});
}

TEST_CASE("keys of no known type are well-formed all the same", "[keys]") {
  const auto hex = GENERATE("04", "0110610001",
                            "04"
                            "120000000000000005",
                            "00");
  const auto key = explain_hex(hex);
  CHECK(key.matches.empty());
  CHECK(describe(key) == "a key of no known type");
}

TEST_CASE("versionstamps stand behind the fields of any type", "[keys]") {
  const auto key = explain_hex(versioned_tablet + some_stamp + "ff");
  CHECK(key.matches.front().versionstamp == keys::Versionstamp{1, 1});
  CHECK(describe(key) == "VersionedMetaTabletKey, versionstamp 00000000000000010001");
  CHECK(describe(explain_hex(versioned_tablet)) ==
        "VersionedMetaTabletKey, without a versionstamp");
  CHECK(describe(explain_hex(rowset_family + five + five + some_stamp + "ff")) ==
        "MetaRowsetKey, versionstamp 00000000000000010001, which keys of this type do not have");
}

TEST_CASE("boundaries of ranges are told from keys", "[keys]") {
  const std::string start = "the boundary of a range: ";
  const auto [hex, boundary, words] = GENERATE_COPY(table<std::string, Boundary, std::string>({
      {rowset_family + five + "ff", Boundary::after_prefix,
       "behind all keys under the beginning of MetaRowsetKey, without version"},
      {rowset_family + five + five + "00", Boundary::after_key,
       "the first key after MetaRowsetKey"},
      {rowset_family + five + five + "127fffffffffffffff", Boundary::after_chunks,
       "behind all rows of a split value of MetaRowsetKey"},
      {versioned_tablet + "ff", Boundary::after_prefix,
       "behind all keys under VersionedMetaTabletKey, without a versionstamp"},
      {versioned_tablet + some_stamp, Boundary::as_of,
       "behind the older values of VersionedMetaTabletKey, versionstamp 00000000000000010001"},
      {versioned_tablet + some_stamp + "ffff", Boundary::after_prefix,
       "behind all keys under VersionedMetaTabletKey, versionstamp "
       "00000000000000010001"},
      {versioned_tablet + some_stamp + "ff00", Boundary::after_key,
       "the first key after VersionedMetaTabletKey, versionstamp 00000000000000010001"},
      {reference + "ff", Boundary::after_prefix,
       "behind all keys under the beginning of VersionedSnapshotReferenceKey, without "
       "ref_instance_id"},
      {reference + "10610001ff", Boundary::after_prefix,
       "behind all keys under VersionedSnapshotReferenceKey"},
      // A text with a zero byte more, where a range over all keys of w0 ends.
      {"0110696e7374616e6365000110773000ff0001", Boundary::after_text,
       "behind all keys of 'w0' under InstanceKey"},
  }));
  CAPTURE(hex);
  const auto key = explain_hex(hex);
  CHECK(key.boundary == boundary);
  CHECK(describe(key) == start + words);
}

TEST_CASE("a boundary that the Meta Service cannot decode can be refused", "[keys]") {
  try {
    keys::refuse_boundary(explain_hex(rowset_family + five + five + "00"));
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "malformed key: no field starts with 00, only with 10, 11, 12 or 13 at byte 42");
    CHECK(error.hint() == "this is the boundary of a range: the first key after MetaRowsetKey");
  }
  CHECK_NOTHROW(keys::refuse_boundary(explain_hex(rowset_family)));
  CHECK_NOTHROW(keys::refuse_boundary(explain_hex(rowset_family + five + five)));
  CHECK_NOTHROW(keys::refuse_boundary(explain_hex(reference + "10610001")));
  CHECK_NOTHROW(
      keys::refuse_boundary(explain_hex(rowset_family + five + five + "127fffffffffffffff")));
}

TEST_CASE("malformed keys are refused with what is wrong at which byte", "[keys]") {
  const auto [hex, wanted] = GENERATE(table<std::string, std::string>({
      {"", "the key is empty at byte 0"},
      {"0161", "no field starts with 61, only with 10, 11, 12 or 13 at byte 1"},
      {"04ff", "no field starts with ff, only with 10, 11, 12 or 13 at byte 1"},
      {"011061000100", "no field starts with 00, only with 10, 11, 12 or 13 at byte 5"},
      {"011061", "byte string from byte 1 has no end at byte 3"},
      {"0110", "byte string from byte 1 has no end at byte 2"},
      {"01106100", "byte string from byte 1 ends after a 00 at byte 4"},
      {"0110610002", "02 after a 00, not 01 or ff at byte 4"},
      {"011200000000000000", "integer from byte 1 has 8 of 9 bytes at byte 9"},
      {"0111", "integer from byte 1 has 1 of 9 bytes at byte 2"},
      {"03130000000000000001", "versionstamp from byte 1 has 9 of 11 bytes at byte 10"},
      {"031300000000000000010001", "the end byte ff of a versionstamp is missing at byte 12"},
      {"03130000000000000001000112", "last byte 12 after a versionstamp, not ff at byte 12"},
  }));
  CAPTURE(hex);
  CHECK(refusal([hex = hex] { explain_hex(hex); }) == "malformed key: " + wanted);
}

TEST_CASE("no key is longer than FoundationDB takes", "[keys]") {
  const auto key = [](std::size_t size) {
    return keys::instance_key(std::string(size - keys::instance_key("").size(), 'a'));
  };
  CHECK(keys::explain(key(keys::max_key_size)).matches.size() == 1);
  CHECK(refusal([&] { keys::explain(key(keys::max_key_size + 1)); }) ==
        "malformed key: no key is longer than 10000 bytes, it goes on at byte 10000");
}

TEST_CASE("a versionstamp without end byte is damage in keys that have none", "[keys]") {
  const auto whole = rowset_family + five + five;
  CHECK_THROWS_AS(explain_hex(whole + some_stamp), Error);
  CHECK_THROWS_AS(explain_hex(whole + some_stamp + five), Error);
  CHECK_THROWS_AS(explain_hex(versioned_tablet + some_stamp + five), Error);
  CHECK_THROWS_AS(explain_hex(versioned_tablet + some_stamp + "ff" + five), Error);
}
