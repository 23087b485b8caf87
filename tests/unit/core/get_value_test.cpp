// SPDX-License-Identifier: Apache-2.0
// get_value: each row of the tables in key-encoding.md, section 6.

#include <catch2/catch.hpp>

#include "api/stored_value.h"
#include "base/text.h"
#include "keys/codec.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace text = metactl::text;
using metactl::tests::LoadFixture;

namespace {

using namespace std::string_literals;

class GetValue : public LoadFixture {
 public:
  /// The value under the key of a type in instance "i" with these parameters: "txn_id: '5'".
  std::string get(std::string_view type, std::string_view parameters, std::string_view more = "") {
    return call(api::get_value, request(type, parameters, more)).text();
  }
  static std::string request(std::string_view type, std::string_view parameters,
                             std::string_view more = "") {
    return fmt::format("{{key_type: '{}', parameters: {{instance_id: 'i', {}}}{}}}", type,
                       parameters, more);
  }
  static std::string by_key(std::string_view type, const std::string& key) {
    return fmt::format("{{key_type: '{}', key: '{}'}}", type, text::hex(key));
  }

  static std::string key(std::string_view type, std::initializer_list<keys::Value> values) {
    return keys::build(*keys::find_type(type), values);
  }
  static std::string with_stamp(std::string key, std::uint64_t version) {
    keys::append_versionstamp_suffix(key, {version, 1});
    return key;
  }
  static std::string row(std::string key, std::int64_t number) {
    keys::append_int(key, number);
    return key;
  }
};

const std::string i = "i";
constexpr std::int64_t five = 5;
constexpr std::int64_t format_1 = std::int64_t{1} << 56;

std::string bytes_of(std::string_view message, const std::string& json) {
  const auto value = api::new_message(message);
  api::from_json(json, *value);
  return value->SerializeAsString();
}

}  // namespace

TEST_CASE_METHOD(GetValue, "a message is one line of JSON", "[core][get_value]") {
  put(keys::txn_info_key(i, 10086, 10010), bytes_of("TxnInfoPB", "{db_id: 10086, txn_id: 10010}"));
  const auto expected = R"({"db_id":"10086","txn_id":"10010"})";
  CHECK(get("TxnInfoKey", "db_id: '10086', txn_id: '10010'") == expected);
  CHECK(get("TxnInfoKey", "db_id: ' 10086x', txn_id: '10010', surplus: 'y'") == expected);
  CHECK(call(api::get_value, by_key("TxnInfoKey", keys::txn_info_key(i, 10086, 10010))).text() ==
        expected);
}

TEST_CASE_METHOD(GetValue, "a key in digits goes before parameters, in any case",
                 "[core][get_value]") {
  put(keys::txn_index_key(i, 5), bytes_of("TxnIndexPB", "{tablet_index: {db_id: 7}}"));
  const auto digits = text::upper(text::hex(keys::txn_index_key(i, 5)));
  CHECK(get("TxnIndexKey", "txn_id: '6'", fmt::format(", key: '{}'", digits)) ==
        R"({"tablet_index":{"db_id":"7"}})");
  CHECK(get("TxnIndexKey", "txn_id: '6'", fmt::format(", key: '{}0'", digits)) ==
        R"({"tablet_index":{"db_id":"7"}})");
}

TEST_CASE_METHOD(GetValue, "numbers of 32 bits, enums and unset fields in JSON",
                 "[core][get_value]") {
  add(metactl::tests::compute("c", metactl::tests::be("n", "10.0.0.1")));
  const auto json = call(api::get_value, request("InstanceKey", "")).text();
  CHECK_THAT(json, Catch::StartsWith(R"({"user_id":"","instance_id":"i",)") &&
                       Catch::Contains(R"("heartbeat_port":9050)") &&
                       Catch::Contains(R"("type":"COMPUTE")") &&
                       Catch::Contains(R"("ctime":"1700000000")"));
  CHECK(json.find("mysql_user_name") == std::string::npos);
  CHECK(json.find('\n') == std::string::npos);
}

TEST_CASE_METHOD(GetValue, "a message without a field is {}, and is there", "[core][get_value]") {
  put(keys::txn_index_key(i, 5), "");
  CHECK(get("TxnIndexKey", "txn_id: '5'") == "{}");
}

TEST_CASE_METHOD(GetValue, "a label has its transaction id in a second line", "[core][get_value]") {
  const auto ids = bytes_of("TxnLabelPB", "{txn_ids: [123456789]}");
  put(keys::txn_label_key(i, 7, "l"), ids + keys::to_bytes({123456790, 0}));
  CHECK(get("TxnLabelKey", "db_id: '7', label: 'l'") ==
        "{\"txn_ids\":[\"123456789\"]}\ntxn_id=126419752960");
}

TEST_CASE_METHOD(GetValue, "a label whose stamp gives no transaction id is damaged",
                 "[core][get_value]") {
  const auto ids = bytes_of("TxnLabelPB", "{txn_ids: [1]}");
  const auto value =
      GENERATE_COPY(as<std::string>{}, ids + keys::to_bytes({1, 1024}), ids, ""s, "\xff"s);
  const auto key = keys::txn_label_key(i, 7, "l");
  put(key, value);
  CHECK_REFUSED(api::get_value, request("TxnLabelKey", "db_id: '7', label: 'l'"),
                "PROTOBUF_PARSE_ERR", 400, "failed to parse value, key=" + text::hex(key));
}

TEST_CASE_METHOD(GetValue, "statistics are three lines", "[core][get_value][stats]") {
  put_row(keys::tablet_stats_key(i, place(1)),
          metactl::tests::from<pb::TabletStatsPB>("{num_rows: 2, data_size: 10}"));
  const auto at_1 = "table_id: '10', index_id: '11', part_id: '12', tablet_id: '1'";
  CHECK(get("StatsTabletKey", at_1) ==
        R"(aggregated_stats: {"data_size":"10","num_rows":"2"}
detached_stats: {"data_size":"0","num_rows":"0","num_rowsets":"0","num_segments":"0","index_size":"0","segment_size":"0"}
merged_stats: {"data_size":"10","num_rows":"2","num_rowsets":"0","num_segments":"0","index_size":"0","segment_size":"0"}
)");
  put_counter(1, "StatsTabletNumRowsKey", 5);
  put_counter(1, "StatsTabletDataSizeKey", -3);
  put_counter(1, "StatsTabletNumSegsKey", 1);
  put_counter(2, "StatsTabletNumSegsKey", 100);  // Of another tablet.
  CHECK(get("StatsTabletKey", at_1) ==
        R"(aggregated_stats: {"data_size":"10","num_rows":"2"}
detached_stats: {"data_size":"-3","num_rows":"5","num_rowsets":"0","num_segments":"1","index_size":"0","segment_size":"0"}
merged_stats: {"data_size":"7","num_rows":"7","num_rowsets":"0","num_segments":"1","index_size":"0","segment_size":"0"}
)");
}

TEST_CASE_METHOD(GetValue, "statistics that are not there are no error",
                 "[core][get_value][stats]") {
  CHECK(get("StatsTabletKey", "table_id: '10', index_id: '11', part_id: '12', tablet_id: '1'") ==
        "stats_kvs not found\n");
}

TEST_CASE_METHOD(GetValue, "damaged statistics are refused", "[core][get_value][stats]") {
  const auto main_row = keys::tablet_stats_key(i, place(1));
  put(main_row, "");
  const auto damaged = GENERATE_COPY(
      as<std::string>{}, main_row,
      key("StatsTabletNumRowsKey",
          {i, std::int64_t{10}, std::int64_t{11}, std::int64_t{12}, std::int64_t{1}}));
  put(damaged, "\xff");
  CHECK_REFUSED(
      api::get_value,
      request("StatsTabletKey", "table_id: '10', index_id: '11', part_id: '12', tablet_id: '1'"),
      "PROTOBUF_PARSE_ERR", 400, "failed to parse value, key=" + text::hex(main_row));
}

TEST_CASE_METHOD(GetValue, "only the first byte of a bitmap has always two digits",
                 "[core][get_value]") {
  const auto bitmap = key("MetaDeleteBitmap", {i, five, "r"s, five, five});
  const auto digits = [&] {
    return get("MetaDeleteBitmap", "tablet_id: '5', rowest_id: 'r', version: '5', seg_id: '5'");
  };
  put(bitmap, "\x0a\x05\xff\x00\x10"s);
  CHECK(digits() == "0a5ff010");
  put(bitmap, "\x00"s);
  CHECK(digits() == "00");
}

TEST_CASE_METHOD(GetValue, "a bitmap in several rows is one", "[core][get_value]") {
  const auto bitmap = key("MetaDeleteBitmap", {i, five, "r"s, five, five});
  put(row(bitmap, format_1), "\x0a");
  put(row(bitmap, format_1 + 1), "\x0b");
  CHECK(get("MetaDeleteBitmap", "tablet_id: '5', rowest_id: 'r', version: '5', seg_id: '5'") ==
        "0ab");
}

TEST_CASE_METHOD(GetValue, "an empty bitmap is damaged", "[core][get_value]") {
  put(key("MetaDeleteBitmap", {i, five, "r"s, five, five}), "");
  CHECK_REFUSED(
      api::get_value,
      request("MetaDeleteBitmap", "tablet_id: '5', rowest_id: 'r', version: '5', seg_id: '5'"),
      "PROTOBUF_PARSE_ERR", 400, "failed to parse value, key=01");
}

TEST_CASE_METHOD(GetValue, "what only its key says is {}, and damaged with a value",
                 "[core][get_value]") {
  const auto inverted = key("TableStreamInvertedKey", {i, five, five, five});
  const auto parameters = "base_db_id: '5', base_table_id: '5', stream_id: '5'";
  put(inverted, "");
  CHECK(get("TableStreamInvertedKey", parameters) == "{}");
  put(inverted, "x");
  CHECK_REFUSED(api::get_value, request("TableStreamInvertedKey", parameters), "PROTOBUF_PARSE_ERR",
                400, "failed to parse value, key=" + text::hex(inverted));
}

TEST_CASE_METHOD(GetValue, "a counter is a number", "[core][get_value]") {
  const auto counter = key("TableVersionKey", {i, five, five});
  const auto parameters = "db_id: '5', tbl_id: '5'";
  put(counter, "\x01\x02\x00\x00\x00\x00\x00\x00"s);
  CHECK(get("TableVersionKey", parameters) == "513");
  put(counter, std::string(8, '\xff'));
  CHECK(get("TableVersionKey", parameters) == "-1");
  put(counter, "\x01");
  CHECK_REFUSED(api::get_value, request("TableVersionKey", parameters), "PROTOBUF_PARSE_ERR", 400,
                "failed to parse value, key=" + text::hex(counter));
}

TEST_CASE_METHOD(GetValue, "a count of references is a number", "[core][get_value]") {
  const auto count = key("VersionedDataRowsetRefCountKey", {i, five, "r"s});
  const auto parameters = "tablet_id: '5', rowset_id: 'r'";
  put(count, "\x02\x00\x00\x00\x00\x00\x00\x00"s);
  CHECK(get("VersionedDataRowsetRefCountKey", parameters) == "2");
  put(count, "");
  CHECK_REFUSED(api::get_value, request("VersionedDataRowsetRefCountKey", parameters),
                "PROTOBUF_PARSE_ERR", 400,
                "failed to parse versioned value, key=" + text::hex(count));
}

TEST_CASE_METHOD(GetValue, "a versioned value has its stamp behind a backslash and an n",
                 "[core][get_value][versioned]") {
  const auto base = key("VersionedPartitionVersionKey", {i, five});
  put(with_stamp(base, 1), bytes_of("VersionPB", "{version: 1}"));
  put(with_stamp(base, 2), bytes_of("VersionPB", "{version: 2}"));
  put(with_stamp(base, 3), bytes_of("VersionPB", "{version: 3}"));
  const auto [limit, found] = GENERATE(table<std::string, int>({
      {"", 3},
      {", versionstamp: 'ffffffffffffffffffff'", 3},
      {", versionstamp: '00000000000000030002'", 3},
      {", versionstamp: '00000000000000030001'", 2},  // The bound itself is not taken.
      {", versionstamp: '00000000000000020000'", 1},
      // What is no stamp is not looked at; an odd last digit is not read.
      {", versionstamp: ''", 3},
      {", versionstamp: 'x'", 3},
      {", versionstamp: '0000000000000002'", 3},
      {", versionstamp: '000000000000000200007'", 1},
  }));
  CAPTURE(limit);
  CHECK(get("VersionedPartitionVersionKey", "partition_id: '5'", limit) ==
        fmt::format("{{\"version\":\"{0}\"}}\\nversionstamp=000000000000000{0}0001", found));
}

TEST_CASE_METHOD(GetValue, "a versioned value may be found by the digits of its key",
                 "[core][get_value][versioned]") {
  const auto base = key("VersionedPartitionVersionKey", {i, five});
  put(with_stamp(base, 1), bytes_of("VersionPB", "{version: 1}"));
  CHECK(call(api::get_value, by_key("VersionedPartitionVersionKey", base)).text() ==
        "{\"version\":\"1\"}\\nversionstamp=00000000000000010001");
  const auto stamped = with_stamp(base, 1);
  CHECK_REFUSED(api::get_value, by_key("VersionedPartitionVersionKey", stamped), "KV_TXN_GET_ERR",
                500, "versioned key not found, key=" + text::hex(stamped));
}

TEST_CASE_METHOD(GetValue, "an empty versioned value is {} with its stamp",
                 "[core][get_value][versioned]") {
  const auto [type, name] = GENERATE(table<std::string, std::string>({
      {"VersionedTableVersionKey", "table_id"},
      {"VersionedMetaIndexKey", "index_id"},
      {"VersionedTabletLoadStatsKey", "tablet_id"},
  }));
  put(with_stamp(key(type, {i, five}), 7), "");
  CHECK(get(type, name + ": '5'") == "{}\\nversionstamp=00000000000000070001");
}

TEST_CASE_METHOD(GetValue, "a rowset's document is a message with its stamp",
                 "[core][get_value][versioned]") {
  const auto* type = GENERATE("VersionedMetaRowsetLoadKey", "VersionedMetaRowsetCompactKey");
  put(with_stamp(key(type, {i, five, five}), 7),
      bytes_of("RowsetMetaCloudPB", "{rowset_id: 1, txn_id: 3}"));
  CHECK_THAT(get(type, "tablet_id: '5', version: '5'"),
             Catch::Contains(R"("txn_id":"3")") &&
                 Catch::EndsWith("}\\nversionstamp=00000000000000070001"));
}

TEST_CASE_METHOD(GetValue, "a value of the versioned space without versions is plain",
                 "[core][get_value][versioned]") {
  put(key("VersionedTabletIndexKey", {i, five}), bytes_of("TabletIndexPB", "{tablet_id: 5}"));
  CHECK(get("VersionedTabletIndexKey", "tablet_id: '5'") == R"({"tablet_id":"5"})");
  put(key("VersionedIndexInvertedKey", {i, five, five, five}), "");
  CHECK(get("VersionedIndexInvertedKey", "db_id: '5', table_id: '5', index_id: '5'") == "{}");
}

TEST_CASE_METHOD(GetValue, "the rows of a split value are joined", "[core][get_value]") {
  const auto names = std::string(keys::split_row_size * 2, 'n');
  create_tablet(1, fmt::format("schema: {{schema_version: 1, column: [{{unique_id: 1, name: '{}', "
                               "type: 'INT'}}]}}",
                               names));
  const auto schema =
      keys::build(*keys::find_type("MetaSchemaKey"), {i, std::int64_t{11}, std::int64_t{1}});
  REQUIRE_FALSE(value(schema));
  REQUIRE(value(row(schema, format_1 + 2)));
  CHECK_THAT(get("MetaSchemaKey", "index_id: '11', schema_version: '1'"),
             Catch::Contains(names + "\""));
}

TEST_CASE_METHOD(GetValue, "what is absent or damaged is told with its key", "[core][get_value]") {
  const auto [type, parameters, key_text] = GENERATE(table<std::string, std::string, std::string>({
      {"TxnIndexKey", "txn_id: '5'", "kv not found"},
      {"MetaServiceRegistryKey", "", "kv not found"},
      {"MetaDeleteBitmap", "tablet_id: '5', rowest_id: 'r', version: '5', seg_id: '5'",
       "kv not found"},
      {"VersionedPartitionVersionKey", "partition_id: '5'", "versioned key not found"},
      {"VersionedTabletIndexKey", "tablet_id: '5'", "versioned key not found"},
  }));
  CAPTURE(type);
  CHECK_REFUSED(api::get_value, request(type, parameters), "KV_TXN_GET_ERR", 500,
                key_text + ", key=0");
}

TEST_CASE_METHOD(GetValue, "the key of a damaged value is that of all its rows and versions",
                 "[core][get_value]") {
  const auto index = keys::txn_index_key(i, 5);
  put(index, "\xff");
  CHECK_REFUSED(api::get_value, request("TxnIndexKey", "txn_id: '5'"), "PROTOBUF_PARSE_ERR", 400,
                "failed to parse value, key=" + text::hex(index));
  const auto versioned = key("VersionedPartitionVersionKey", {i, five});
  put(with_stamp(versioned, 1), "\xff");
  CHECK(refusal(api::get_value, request("VersionedPartitionVersionKey", "partition_id: '5'"), {}) ==
        "PROTOBUF_PARSE_ERR 400");
  CHECK_THROWS_WITH(get("VersionedPartitionVersionKey", "partition_id: '5'"),
                    "failed to parse versioned value, key=" + text::hex(versioned));
  const auto empty = key("VersionedMetaIndexKey", {i, five});
  put(with_stamp(empty, 1), "x");
  CHECK_THROWS_WITH(get("VersionedMetaIndexKey", "index_id: '5'"),
                    "failed to parse versioned value, key=" + text::hex(empty));
}

TEST_CASE_METHOD(GetValue, "get_value refuses what is no key", "[core][get_value]") {
  const auto [request, text] = GENERATE(table<std::string, std::string>({
      {"{}", "key_type not supported: (empty)"},
      {"{key: '01'}", "key_type not supported: (empty)"},
      {"{key_type: 'TxnIndex', key: '01'}", "key_type not supported: TxnIndex"},
      {"{key_type: 'MowTabletJobKey', key: '01'}", "key_type not supported: MowTabletJobKey"},
      {"{key_type: 'JournalKey', parameters: {revision: '1'}}",
       "key_type not supported: JournalKey"},
      {"{key_type: 'TxnIndexKey', parameters: {instance_id: 'i'}}", "txn_id is not given or empty"},
      {"{key_type: 'TxnIndexKey', key: 'xy'}", "failed to decode key, key=xy"},
  }));
  CAPTURE(request);
  CHECK_REFUSED(api::get_value, request, "INVALID_ARGUMENT", 400, text);
}

TEST_CASE_METHOD(GetValue, "secrets are as they are stored: sealed", "[core][get_value]") {
  call(api::create_instance,
       "{instance_id: 's', ram_user: {user_id: 'u', ak: 'a', sk: "
       "'plain-sk'}}");
  const auto json =
      call(api::get_value, "{key_type: 'InstanceKey', parameters: {instance_id: 's'}}").text();
  CHECK_THAT(json, Catch::Contains("\"encryption_method\":\"AES_256_GCM\""));
  CHECK(json.find("plain-sk") == std::string::npos);
}
