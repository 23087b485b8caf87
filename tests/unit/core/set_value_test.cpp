// SPDX-License-Identifier: Apache-2.0
// set_value and delete_value. Source: key-encoding.md, section 7; what is ours is said there.

#include <catch2/catch.hpp>

#include "api/stored_value.h"
#include "base/text.h"
#include "keys/codec.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace text = metactl::text;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::from;
using metactl::tests::LoadFixture;

namespace {

using namespace std::string_literals;

constexpr std::int64_t format_1 = std::int64_t{1} << 56;
constexpr auto txn_index = "key_type: 'TxnIndexKey', parameters: {instance_id: 'i', txn_id: '5'}";

class SetValue : public LoadFixture {
 public:
  static pb::KeyRequest request(const std::string& members, const std::string& document = "") {
    auto request = from<pb::KeyRequest>("{" + members + "}");
    if (!document.empty()) request.set_document(document);
    return request;
  }
  std::string set(const std::string& members, const std::string& document) {
    return call(api::set_value, request(members, document)).text();
  }
  void remove(const std::string& members) { call(api::delete_value, request(members)); }

  static std::string key(std::string_view type, std::initializer_list<keys::Value> values) {
    return keys::build(*keys::find_type(type), values);
  }
  static std::string row(std::string key, std::int64_t number) {
    keys::append_int(key, number);
    return key;
  }
  static std::string by_key(std::string_view type, const std::string& key) {
    return fmt::format("key_type: '{}', key: '{}'", type, text::hex(key));
  }
  static std::string schema_1() {
    return key("MetaSchemaKey", {"i"s, std::int64_t{11}, std::int64_t{1}});
  }
  /// The schema of a tablet in three rows.
  void create_large_schema() {
    create_tablet(1, fmt::format("schema: {{schema_version: 1, column: [{{unique_id: 1, name: "
                                 "'{}', type: 'INT'}}]}}",
                                 std::string(keys::split_row_size * 2, 'n')));
  }
  /// True when these bytes stand anywhere in the store.
  bool is_stored(std::string_view bytes) {
    for (const auto& pair : content())
      if (pair.value.find(bytes) != std::string::npos) return true;
    return false;
  }
};

}  // namespace

TEST_CASE_METHOD(SetValue, "a value is written, and what stood there is told in five lines",
                 "[core][set_value]") {
  const auto digits = text::hex(keys::txn_index_key("i", 5));
  CHECK(set(txn_index, R"({"tablet_index": {"db_id": 7}})") ==
        fmt::format("key_hex={}\noriginal_value_json=\n"
                    "new_value_json={{\"tablet_index\":{{\"db_id\":\"7\"}}}}\n"
                    "original_value_hex=\nnew_value_hex=0a020807\n",
                    digits));
  CHECK(set(txn_index, R"({"tablet_index": {"db_id": "8"}})") ==
        fmt::format("key_hex={}\noriginal_value_json={{\"tablet_index\":{{\"db_id\":\"7\"}}}}\n"
                    "new_value_json={{\"tablet_index\":{{\"db_id\":\"8\"}}}}\n"
                    "original_value_hex=0a020807\nnew_value_hex=0a020808\n",
                    digits));
  CHECK(value(keys::txn_index_key("i", 5)) == "\x0a\x02\x08\x08");
}

TEST_CASE_METHOD(SetValue, "a damaged value may be replaced", "[core][set_value]") {
  put(keys::txn_index_key("i", 5), "\xff");
  CHECK_THAT(set(txn_index, "{}"), Catch::Contains("\noriginal_value_json=\n") &&
                                       Catch::Contains("\noriginal_value_hex=ff\n"));
  CHECK(value(keys::txn_index_key("i", 5)) == "");
}

TEST_CASE_METHOD(SetValue, "counters are numbers of 8 bytes in little endian",
                 "[core][set_value]") {
  const auto [number, bytes] = GENERATE(table<std::string, std::string>({
      {"513", "\x01\x02\x00\x00\x00\x00\x00\x00"s},
      {" -1\n", std::string(8, '\xff')},
      {"9223372036854775807", "\xff\xff\xff\xff\xff\xff\xff\x7f"s},
  }));
  const auto* type = GENERATE("TableVersionKey", "StatsTabletNumRowsKey");
  const auto members = fmt::format(
      "key_type: '{}', parameters: {{instance_id: 'i', db_id: '7', tbl_id: '8', table_id: '8', "
      "index_id: '9', part_id: '10', tablet_id: '11'}}",
      type);
  const auto digits = text::split(set(members, number), '\n').front().substr(8);
  CHECK(value(text::unhex(digits).value()) == bytes);
}

TEST_CASE_METHOD(SetValue, "the rows of a split value are replaced by one", "[core][set_value]") {
  create_large_schema();
  REQUIRE(value(row(schema_1(), format_1 + 2)));
  const auto before = content().size();
  set(by_key("MetaSchemaKey", schema_1()), R"({"schema_version": 2})");
  CHECK(value(schema_1()) ==
        from<pb::TabletSchemaCloudPB>("{schema_version: 2}").SerializeAsString());
  CHECK_FALSE(value(row(schema_1(), format_1)));
  CHECK(content().size() == before - 3 + 1 + 1);  // One row for three, and a journal record.
}

TEST_CASE_METHOD(SetValue, "of statistics only the main row is written", "[core][set_value]") {
  create_tablet(1);
  put_counter(1, "StatsTabletNumRowsKey", 5);
  const auto main_row = keys::tablet_stats_key("i", place(1));
  const auto reply = set(by_key("StatsTabletKey", main_row), R"({"num_rows": 2})");
  CHECK_THAT(reply, Catch::Contains("original_value_json={\"idx\":{") &&
                        Catch::Contains("\nnew_value_json={\"num_rows\":\"2\"}\n"));
  CHECK(main_stats(1)->num_rows() == 2);
  CHECK(value(key("StatsTabletNumRowsKey",
                  {"i"s, std::int64_t{10}, std::int64_t{11}, std::int64_t{12}, std::int64_t{1}})));
}

TEST_CASE_METHOD(SetValue, "secrets are sealed before they are stored", "[core][set_value]") {
  const auto [members, document] = GENERATE(table<std::string, std::string>({
      {"key_type: 'StorageVaultKey', parameters: {instance_id: 'i', vault_id: '1'}",
       R"({"id": "1", "obj_info": {"ak": "a", "sk": "plain-sk-1"}})"},
      {"key_type: 'StorageVaultKey', parameters: {instance_id: 'i', vault_id: '1'}",
       R"({"obj_info": {"ak": "a", "sk": "plain-sk-1", "encryption_info": {}}})"},
      {"key_type: 'InstanceKey', parameters: {instance_id: 'i'}",
       R"({"instance_id": "i", "obj_info": [{"sk": "s"}, {"sk": "plain-sk-1"}]})"},
      {"key_type: 'InstanceKey', parameters: {instance_id: 'i'}",
       R"({"instance_id": "i", "ram_user": {"sk": "plain-sk-1"}})"},
      {"key_type: 'InstanceKey', parameters: {instance_id: 'i'}",
       R"({"instance_id": "i", "stages": [{"obj_info": {"sk": "plain-sk-1"}}]})"},
      {"key_type: 'MetaServiceArnInfoKey'", R"({"user_id": "u", "sk": "plain-sk-1"})"},
  }));
  CAPTURE(document);
  const auto reply = set(members, document);
  CHECK(reply.find("plain-sk-1") == std::string::npos);
  CHECK(reply.find(text::hex("plain-sk-1")) == std::string::npos);
  CHECK_THAT(reply, Catch::Contains("\"encryption_method\":\"AES_256_GCM\""));
  CHECK_FALSE(is_stored("plain-sk-1"));
}

TEST_CASE_METHOD(SetValue, "a sealed secret stays as it is, and can be opened",
                 "[core][set_value]") {
  call(api::create_instance,
       "{instance_id: 's', ram_user: {user_id: 'u', ak: 'a', sk: 'plain-sk'}}");
  const auto sealed = stored("s");
  const auto key = keys::instance_key("s");
  set(by_key("InstanceKey", key), api::to_json(sealed));
  CHECK(value(key) == sealed.SerializeAsString());
  const auto plain = R"({"instance_id": "s", "ram_user": {"user_id": "u", "sk": "plain-sk-9"}})";
  set(by_key("InstanceKey", key), plain);
  CHECK_THAT(shown(api::get_instance, "{instance_id: 's'}"), Catch::Contains("\"plain-sk-9\""));
}

TEST_CASE_METHOD(SetValue, "the journal tells of a write, without its secrets",
                 "[core][set_value][journal]") {
  const auto before = journal().size();
  set("key_type: 'StorageVaultKey', parameters: {instance_id: 'i', vault_id: '1'}",
      R"({"obj_info": {"ak": "AKIDEXAMPLE", "sk": "plain-sk-1"}})");
  set("key_type: 'MetaServiceEncryptionKey'",
      R"({"items": [{"key_id": 1, "key": "plain-key-1"}]})");
  remove("key_type: 'MetaServiceEncryptionKey'");
  const auto records = journal();
  REQUIRE(records.size() == before + 3);
  const auto& vault = records[before];
  CHECK(vault.operation() == "set_value");
  CHECK(vault.actor() == "tester@host");
  CHECK_THAT(vault.request(),
             Catch::Contains(R"("key_type":"StorageVaultKey")") && Catch::Contains("sha256:"));
  CHECK(records.back().operation() == "delete_value");
  for (const auto& record : records) {
    CHECK(record.request().find("plain-") == std::string::npos);
    CHECK(record.request().find("AKIDEXAMPLE") == std::string::npos);
  }
}

TEST_CASE_METHOD(SetValue, "the nodes of an instance that is written are found, and no others",
                 "[core][set_value]") {
  add(compute("c", be("old", "10.0.0.1") + ", " + be("kept", "10.0.0.2")));
  const auto instance = "key_type: 'InstanceKey', parameters: {instance_id: 'i'}"s;
  set(instance, R"({"instance_id": "i", "clusters": [{"cluster_id": "c", "nodes": [
                   {"cloud_unique_id": "kept"}, {"cloud_unique_id": "new"}]}]})");
  CHECK(indexed("old").empty());
  CHECK(indexed("kept") == "i");
  CHECK(indexed("new") == "i");
  remove(instance);
  CHECK(indexed("kept").empty());
  CHECK(indexed("new").empty());
}

TEST_CASE_METHOD(SetValue, "a damaged instance may be replaced", "[core][set_value]") {
  put(keys::instance_key("i"), "\xff");
  set("key_type: 'InstanceKey', parameters: {instance_id: 'i'}", R"({"instance_id": "i"})");
  CHECK(stored("i").instance_id() == "i");
}

TEST_CASE_METHOD(SetValue, "types without HTTP name are written too", "[core][set_value]") {
  set("key_type: 'JobRecycleRecycleKey', parameters: {instance_id: 'i'}",
      R"({"instance_id": "i"})");
  CHECK(value(key("JobRecycleRecycleKey", {"i"s})) == "\x0a\x01i"s);
}

TEST_CASE_METHOD(SetValue, "delete_value removes a value and nothing else", "[core][set_value]") {
  put(keys::txn_index_key("i", 5), "");
  put(keys::txn_index_key("i", 6), "");
  remove(txn_index);
  CHECK_FALSE(value(keys::txn_index_key("i", 5)));
  CHECK(value(keys::txn_index_key("i", 6)));
}

TEST_CASE_METHOD(SetValue, "delete_value removes all rows of a split value", "[core][set_value]") {
  create_large_schema();
  const auto before = content().size();
  remove(by_key("MetaSchemaKey", schema_1()));
  CHECK(content().size() == before - 3 + 1);  // A journal record for three rows.
  CHECK_FALSE(value(row(schema_1(), format_1)));
}

TEST_CASE_METHOD(SetValue, "delete_value removes damaged values and what cannot be written",
                 "[core][set_value]") {
  const auto [type, bytes] = GENERATE(table<std::string, std::string>({
      {"TxnLabelKey", "\xff"},
      {"MetaDeleteBitmap", "\x01"},
      {"TableStreamInvertedKey", ""},
      {"CopyJobKey", "\x01"},
  }));
  std::vector<keys::Value> values;
  for (const auto& part : keys::fields_of(*keys::find_type(type)))
    values.push_back(part.kind == keys::Part::Kind::integer ? keys::Value(std::int64_t{5})
                                                            : keys::Value("i"s));
  const auto stored_key = keys::build(*keys::find_type(type), values);
  put(stored_key, bytes);
  remove(by_key(type, stored_key));
  CHECK_FALSE(value(stored_key));
}

TEST_CASE_METHOD(SetValue, "of statistics only the main row is removed", "[core][set_value]") {
  create_tablet(1);
  put_counter(1, "StatsTabletNumRowsKey", 5);
  remove(by_key("StatsTabletKey", keys::tablet_stats_key("i", place(1))));
  CHECK_FALSE(main_stats(1));
  CHECK(value(key("StatsTabletNumRowsKey",
                  {"i"s, std::int64_t{10}, std::int64_t{11}, std::int64_t{12}, std::int64_t{1}})));
}

TEST_CASE_METHOD(SetValue, "delete_value of nothing is refused", "[core][set_value]") {
  CHECK_REFUSED(api::delete_value, request(txn_index), "KV_TXN_GET_ERR", 500,
                "kv not found, key=" + text::hex(keys::txn_index_key("i", 5)));
}

TEST_CASE_METHOD(SetValue, "without permission nothing is written or removed",
                 "[core][set_value]") {
  settings.allow_set_value = false;
  CHECK_REFUSED(api::set_value, request(txn_index, "{}"), "INVALID_ARGUMENT", 400,
                "--allow-set-value");
  CHECK_REFUSED(api::delete_value, request(txn_index), "INVALID_ARGUMENT", 400,
                "--allow-set-value");
  CHECK_REFUSED(api::set_value, request(""), "INVALID_ARGUMENT", 400, "--allow-set-value");
}

TEST_CASE_METHOD(SetValue, "keys that cannot be written are refused", "[core][set_value]") {
  const auto instance = text::hex(keys::instance_key("i"));
  const auto row_1 = text::hex(row(schema_1(), format_1));
  const auto [members, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"", "key_type not supported: (empty)"},
      {"key_type: 'TxnIndex'", "key_type not supported: TxnIndex"},
      {"key_type: 'JournalKey', parameters: {revision: '1'}", "key_type not supported: JournalKey"},
      {"key_type: 'NodeIndexKey', parameters: {cloud_unique_id: 'n'}",
       "key_type not supported: NodeIndexKey"},
      {"key_type: 'VersionedLogKey', parameters: {instance_id: 'i'}",
       "key_type not supported: VersionedLogKey"},
      {"key_type: 'VersionedTableVersionKey', parameters: {instance_id: 'i', table_id: '5'}",
       "values of VersionedTableVersionKey cannot be written"},
      {"key_type: 'TxnIndexKey', parameters: {instance_id: 'i'}", "txn_id is not given or empty"},
      {"key_type: 'TxnIndexKey', key: '0x01'", "failed to decode key, key=0x01"},
      {"key_type: 'TxnIndexKey', key: '01'", "key is no TxnIndexKey, key=01"},
      {fmt::format("key_type: 'TxnIndexKey', key: '{}'", instance),
       "key is no TxnIndexKey, key=" + instance},
      {fmt::format("key_type: 'MetaSchemaKey', key: '{}'", row_1),
       "key is no MetaSchemaKey, key=" + row_1},
  }));
  CAPTURE(members);
  CHECK_REFUSED(api::set_value, request(members, "{}"), "INVALID_ARGUMENT", 400, reason);
  CHECK_REFUSED(api::delete_value, request(members), "INVALID_ARGUMENT", 400, reason);
}

TEST_CASE_METHOD(SetValue, "a key that nobody can read is deleted, but not written",
                 "[core][set_value]") {
  CHECK_REFUSED(api::set_value, request("key: '01'", "{}"), "INVALID_ARGUMENT", 400,
                "key_type not supported: (empty)");
  CHECK_REFUSED(api::delete_value, request("key: '01'"), "KV_TXN_GET_ERR", 500, "key not found");
}

TEST_CASE_METHOD(SetValue, "values that cannot be written are refused", "[core][set_value]") {
  const auto on = [](std::string_view type) {
    return fmt::format(
        "key_type: '{}', parameters: {{instance_id: 'i', txn_id: '5', db_id: '5', tbl_id: '5', "
        "label: 'l', tablet_id: '5', rowest_id: 'r', version: '5', seg_id: '5', base_db_id: '5', "
        "base_table_id: '5', stream_id: '5', stage_id: 's', table_id: '5', copy_id: 'c', "
        "group_id: '5'}}",
        type);
  };
  const auto [type, document, code,
              reason] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"TxnIndexKey", "", "PROTOBUF_PARSE_ERR", "cannot read TxnIndexPB"},
      {"TxnIndexKey", "{", "PROTOBUF_PARSE_ERR", "cannot read TxnIndexPB"},
      {"TxnIndexKey", "5", "PROTOBUF_PARSE_ERR", "cannot read TxnIndexPB"},
      {"TxnIndexKey", R"({"nope": 1})", "PROTOBUF_PARSE_ERR", "nope"},
      {"TxnIndexKey", R"({"tablet_index": {"db_id": "x"}})", "PROTOBUF_PARSE_ERR",
       "tablet_index.db_id"},
      {"MetaServiceArnInfoKey", R"({"ak": "a", "sk": "sha256:1e040289"})", "INVALID_ARGUMENT",
       "sk is masked"},
      {"MetaServiceArnInfoKey", R"({"ak": "a", "sk": "encrypted"})", "INVALID_ARGUMENT",
       "sk is masked"},
      {"TableVersionKey", "", "PROTOBUF_PARSE_ERR", "the value is no number"},
      {"TableVersionKey", "1.5", "PROTOBUF_PARSE_ERR", "the value is no number"},
      {"TableVersionKey", "9223372036854775808", "PROTOBUF_PARSE_ERR", "the value is no number"},
      {"TxnLabelKey", "{}", "INVALID_ARGUMENT", "values of TxnLabelKey cannot be written"},
      {"MetaDeleteBitmap", "00", "INVALID_ARGUMENT",
       "values of MetaDeleteBitmap cannot be written"},
      {"TableStreamInvertedKey", "{}", "INVALID_ARGUMENT",
       "values of TableStreamInvertedKey cannot be written"},
      {"CopyJobKey", "{}", "INVALID_ARGUMENT", "values of CopyJobKey cannot be written"},
  }));
  CAPTURE(type, document);
  CHECK_REFUSED(api::set_value, request(on(type), document), code, 400, reason);
}
