// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using metactl::Error;
using metactl::tests::KeyVector;
using metactl::tests::read_vectors;
using Json = nlohmann::ordered_json;

namespace {

keys::Value to_value(const std::string& name, const Json& value) {
  if (value.is_number()) return value.get<std::int64_t>();
  if (value.is_object()) return text::unhex(value.at("hex").get<std::string>()).value();
  const auto word = value.get<std::string>();
  if (name == "versionstamp") return keys::to_versionstamp(text::unhex(word).value()).value();
  return word;
}

/// The key by its typed constructor, if there is one.
std::optional<std::string> construct(const KeyVector& vector) {
  const auto field = [&](const char* name) { return vector.fields.at(name).get<std::string>(); };
  if (vector.type == "InstanceKey") return keys::instance_key(field("instance_id"));
  if (vector.type == "StorageVaultKey")
    return keys::storage_vault_key(field("instance_id"), field("vault_id"));
  if (vector.type == "MetaServiceRegistryKey") return keys::registry_key();
  if (vector.type == "MetaServiceEncryptionKey") return keys::encryption_key();
  return std::nullopt;
}

bool contains(const keys::Range& range, std::string_view key) {
  return range.first <= key && key < range.last;
}

}  // namespace

TEST_CASE("the key vectors decode to their fields and back", "[keys]") {
  const auto vectors = read_vectors("key-vectors.tsv");
  REQUIRE(vectors.size() == 45);
  int constructed = 0;
  for (const auto& vector : vectors) {
    CAPTURE(vector.type, vector.fields.dump());
    const auto decoded = keys::decode(vector.key);
    REQUIRE_FALSE(decoded.failure);
    CHECK(decoded.space == std::stoi(vector.space, nullptr, 16));

    auto wanted = vector.fields.begin();
    std::string again(1, static_cast<char>(decoded.space));
    std::string end_bytes;
    for (const auto& field : decoded.fields) {
      keys::append(again, field.value);
      if (field.tag == keys::Tag::versionstamp) end_bytes += '\xff';
      if (wanted != vector.fields.end() && field.value == to_value(wanted.key(), wanted.value())) {
        ++wanted;
      } else {
        const auto& word = std::get<std::string>(field.value);
        CHECK(text::consists_of(word, "_-"));  // The others are literals.
      }
    }
    CHECK(wanted == vector.fields.end());
    CHECK(text::hex(again + end_bytes) == text::hex(vector.key));

    if (const auto key = construct(vector)) {
      CHECK(text::hex(*key) == text::hex(vector.key));
      ++constructed;
    }
  }
  CHECK(constructed == 5);
}

TEST_CASE("system keys have no fields but literals", "[keys]") {
  const std::string prefix = "021073797374656d0001106d6574612d736572766963650001";
  CHECK(text::hex(keys::registry_key()) == prefix + "1072656769737472790001");
  CHECK(text::hex(keys::arn_info_key()) == prefix + "1061726e5f696e666f0001");
  CHECK(text::hex(keys::encryption_key()) ==
        prefix + "10656e6372797074696f6e5f6b65795f696e666f0001");
  CHECK(text::hex(keys::instance_update_key()) == prefix + "10696e7374616e63655f7570646174650001");
}

TEST_CASE("our own keys stand in a key space that the Meta Service does not use", "[keys]") {
  CHECK(text::hex(keys::node_index_key("n1")) == "80106e6f64655f696e6465780001106e310001");
  CHECK(text::hex(keys::journal_key(258)) == "80106a6f75726e616c0001120000000000000102");
}

TEST_CASE("an instance key is read back", "[keys]") {
  const std::string id = GENERATE("demo", "", std::string("a\0b", 3), "\xff\xff");
  CHECK(keys::parse_instance_key(keys::instance_key(id)) == id);
  CHECK(contains(keys::all_instances(), keys::instance_key(id)));
}

TEST_CASE("a storage vault key is read back", "[keys]") {
  const auto key = keys::storage_vault_key("demo", "2");
  CHECK(keys::parse_storage_vault_key(key) == keys::VaultRef{"demo", "2"});
  CHECK(contains(keys::all_vaults("demo"), key));
  CHECK_FALSE(contains(keys::all_vaults("dem"), key));
  CHECK_FALSE(contains(keys::all_vaults("demo2"), key));
  CHECK_FALSE(contains(keys::all_vaults("demo"), keys::storage_vault_key("demo\x01", "2")));
  CHECK(contains(keys::all_vaults("demo"), keys::storage_vault_key("demo", "\xff\xff")));
}

TEST_CASE("journal keys sort by revision and are read back", "[keys]") {
  std::string before = keys::journal().first;
  for (const std::uint64_t revision : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255},
                                       std::uint64_t{256}, std::uint64_t{INT64_MAX}}) {
    const auto key = keys::journal_key(revision);
    CHECK(before < key);
    CHECK(contains(keys::journal(), key));
    CHECK(keys::parse_journal_key(key) == revision);
    before = key;
  }
  CHECK_THROWS_AS(keys::journal_key(std::uint64_t{INT64_MAX} + 1), Error);
  CHECK(before < keys::journal_head_key());
  CHECK_FALSE(contains(keys::journal(), keys::journal_head_key()));
  CHECK_FALSE(keys::parse_journal_key(keys::journal_head_key()));
}

TEST_CASE("a key of another type is not taken for the wanted one", "[keys]") {
  const auto instance = keys::instance_key("demo");
  const auto key = GENERATE_COPY(std::string(), keys::storage_vault_key("demo", "2") + "x",
                                 instance + '\xff', instance.substr(0, instance.size() - 1),
                                 instance.substr(0, 12), "\x02" + instance.substr(1),
                                 instance + keys::instance_key("x").substr(1), keys::registry_key(),
                                 keys::node_index_key("demo"), keys::all_instances().first);
  CHECK_FALSE(keys::parse_instance_key(key));
  CHECK_FALSE(keys::parse_storage_vault_key(key));
  CHECK_FALSE(keys::parse_journal_key(key));
}

TEST_CASE("a journal key with a negative or textual revision is none", "[keys]") {
  std::string key = keys::journal().first;
  keys::append_int(key, -1);
  CHECK_FALSE(keys::parse_journal_key(key));
  key = keys::journal().first;
  keys::append_bytes(key, "1");
  CHECK_FALSE(keys::parse_journal_key(key));
}

TEST_CASE("build refuses values that do not fit the layout", "[keys]") {
  CHECK_THROWS_AS(keys::build(keys::instance_type, {std::int64_t{1}}), Error);
  CHECK_THROWS_AS(keys::build(keys::instance_type, {"a", "b"}), Error);
  CHECK_THROWS_AS(keys::build(keys::registry_type, {"a"}), Error);
  CHECK(keys::build(keys::storage_vault_type, {"demo"}) == keys::all_vaults("demo").first);
}
