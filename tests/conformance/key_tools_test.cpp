// SPDX-License-Identifier: Apache-2.0
// The key tools over HTTP, byte for byte. Source: key-encoding.md, sections 4 to 7.

#include <catch2/catch.hpp>

#include "base/text.h"
#include "keys/catalogue.h"
#include "keys/cut.h"
#include "tests/conformance/served_core.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
namespace text = metactl::text;
using metactl::tests::exchange;
using metactl::tests::raw_request;
using metactl::tests::RawReply;
using metactl::tests::read_vectors;
using metactl::tests::ServedCore;

namespace {

class Served : public ServedCore {
 public:
  /// "decode_key" and "key=01": by GET, under both forms of the path, which answer the same.
  RawReply get(std::string_view call, std::string_view query) const {
    const auto reply = send("GET", call, query);
    const auto other = send("GET", fmt::format("v1/{}", call), query);
    CHECK(other.status == reply.status);
    CHECK(other.body == reply.body);
    return reply;
  }
  RawReply set(std::string_view query, std::string_view document) const {
    return send("POST", "set_value", query, document);
  }
  RawReply send(std::string_view method, std::string_view call, std::string_view query,
                std::string_view body = "") const {
    const auto target = fmt::format("/MetaService/http/{}?token=secret&{}", call, query);
    return exchange(port(), raw_request(method, target, body));
  }

  /// The body of a successful reply, which is text.
  std::string text(std::string_view call, std::string_view query) const {
    const auto reply = get(call, query);
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("content-type") == "text/plain; charset=utf-8");
    return reply.body;
  }
};

std::string envelope(std::string_view code, std::string_view message) {
  return fmt::format("{{\n    \"code\": \"{}\",\n    \"msg\": \"{}\"\n}}\n", code, message);
}

struct Mark {
  std::size_t column;
  std::string text;
};

/// The fields of a well-formed key, read without the codec.
std::vector<Mark> marks_of(const std::string& key) {
  std::vector<Mark> marks = {{0, fmt::format("key space: {}", static_cast<int>(key[0]))}};
  for (std::size_t at = 1; at < key.size();) {
    Mark mark{2 * at, ""};
    const char tag = key[at++];
    if (tag == '\x10') {
      for (; key.substr(at, 2) != std::string("\0\1", 2); ++at) {
        mark.text += key[at];
        if (key[at] == '\0') ++at;  // And the ff behind it.
      }
      at += 2;
    } else if (tag == '\x13') {
      mark.text = text::hex(key.substr(at, 10));
      at += 11;  // And the end byte.
    } else {
      mark.text = std::to_string(std::stoull(text::hex(key.substr(at, 8)), nullptr, 16));
      if (tag == '\x11') mark.text.insert(0, "-");
      at += 8;
    }
    marks.push_back(mark);
  }
  return marks;
}

/// The text of decode_key, drawn from the rules of section 4.1.
std::string drawn(const std::string& key, const std::string& hex, bool unicode) {
  const std::string corner = unicode ? "┌" : "/", across = unicode ? "─" : "-",
                    down = unicode ? "│" : "|", arrow = unicode ? "▼" : "v";
  const auto marks = marks_of(key);
  const auto width = marks.back().column + 2;
  const auto line = [&](std::size_t count, const std::string& sign) {
    std::vector<std::string> cells(width, " ");
    for (std::size_t i = 0; i < count; ++i) cells[marks[i].column] = sign;
    return cells;
  };
  std::string result;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    auto cells = line(i, down);
    for (auto at = marks[i].column; at < width; ++at) cells[at] = across;
    cells[marks[i].column] = corner;
    result += text::join(cells, "") + fmt::format(" {}. {}\n", i, marks[i].text);
  }
  return result + text::join(line(marks.size(), down), "") + "\n" +
         text::join(line(marks.size(), arrow), "") + "\n" + hex + "\n";
}

std::string escaped(const std::string& key) {
  std::string result;
  for (const char byte : key) result += "\\x" + text::hex(std::string(1, byte));
  return result;
}

/// The parameters of encode_key for a vector.
std::string query_of(const metactl::tests::KeyVector& vector) {
  std::string query = "key_type=" + vector.type;
  for (const auto& [name, value] : vector.fields.items()) {
    const auto raw = value.is_number()   ? std::to_string(value.get<std::int64_t>())
                     : value.is_object() ? text::unhex(value.at("hex").get<std::string>()).value()
                                         : value.get<std::string>();
    query += fmt::format("&{}={}", name, text::percent_encode(raw));
  }
  return query;
}

constexpr auto first_example =
    "01106d657461000110676176696e2d696e7374616e6365000110726f7773657400011200000000000027661200"
    "0000000000271a";
constexpr auto document_example =
    "0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001";

constexpr auto first_drawing =
    R"(┌─────────────────────────────────────────────────────────────────────────────────────── 0. key space: 1
│ ┌───────────────────────────────────────────────────────────────────────────────────── 1. meta
│ │             ┌─────────────────────────────────────────────────────────────────────── 2. gavin-instance
│ │             │                                 ┌───────────────────────────────────── 3. rowset
│ │             │                                 │                 ┌─────────────────── 4. 10086
│ │             │                                 │                 │                 ┌─ 5. 10010
│ │             │                                 │                 │                 │ 
▼ ▼             ▼                                 ▼                 ▼                 ▼ 
01106d657461000110676176696e2d696e7374616e6365000110726f77736574000112000000000000276612000000000000)"
    R"(271a
)";

}  // namespace

TEST_CASE("decode_key draws the examples of the sheet", "[conformance][key]") {
  const Served served;
  CHECK(served.text("decode_key", fmt::format("key={}", first_example)) ==
        std::string(first_drawing) + "\n");
  CHECK(served.text("decode_key", fmt::format("key={}&unicode=false", document_example)) ==
        R"(/------------------------- 0. key space: 1
| /----------------------- 1. instance
| |                     /- 2. regression_instance0
| |                     | 
v v                     v 
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001

)");
  CHECK(served.text("decode_key", "key=01") == "┌─ 0. key space: 1\n│ \n▼ \n01\n\n");
  CHECK(served.text("decode_key", "key=ff") == "┌─ 0. key space: -1\n│ \n▼ \nff\n\n");
}

TEST_CASE("decode_key draws all vectors", "[conformance][key]") {
  const Served served;
  for (const auto* file : {"key-vectors.tsv", "key-examples.tsv"})
    for (const auto& vector : read_vectors(file)) {
      if (vector.type == "VersionedSnapshotReferenceKey") continue;  // The service cannot.
      const auto hex = text::hex(vector.key);
      INFO(hex);
      CHECK(served.text("decode_key", "key=" + hex) == drawn(vector.key, hex, true) + "\n");
      CHECK(served.text("decode_key", "unicode=false&key=" + hex) ==
            drawn(vector.key, hex, false) + "\n");
    }
}

TEST_CASE("decode_key writes the digits as they were given", "[conformance][key]") {
  const Served served;
  const auto key = text::unhex(document_example).value();
  const std::string digits =
      GENERATE(as<std::string>(), document_example, text::upper(document_example),
               std::string(document_example) + "0",
               "0110696E7374616e636500011072656772657373696f6e"
               "5f696e7374616e6365300001F");
  for (const auto* unicode : {"", "&unicode=", "&unicode=true", "&unicode=FALSE", "&unicode=0"})
    CHECK(served.text("decode_key", "key=" + digits + unicode) == drawn(key, digits, true) + "\n");
  CHECK(served.text("decode_key", "unicode=false&key=" + digits) ==
        drawn(key, digits, false) + "\n");
}

TEST_CASE("decode_key writes contents as they are", "[conformance][key]") {
  const Served served;
  const auto key = std::string("\x01\x10\x00\xff\x0a\t\"\xe4\x00\x01", 10);
  CHECK(served.text("decode_key", "key=" + text::hex(key)) ==
        drawn(key, text::hex(key), true) + "\n");
}

TEST_CASE("decode_key refuses in an envelope", "[conformance][key]") {
  const Served served;
  const auto [query, message] = GENERATE(table<std::string, std::string>({
      {"", "no key to decode"},
      {"key=", "no key to decode"},
      {"KEY=01", "no key to decode"},
      {"key=0", "failed to decode key, key=0"},
      {"key=0x01", "failed to decode key, key=0x01"},
      {"key=zz", "failed to decode key, key=zz"},
      {"key=%2001", "failed to decode key, key= 01"},
      {"key=0100&unicode=false", "failed to decode key, key=0100"},
      // A snapshot reference has no end byte, which the service's decoder wants.
      {"key="
       "0310736e617073686f7400011064656d6f0001107265666572656e6365000113000000000000000100011061"
       "620001",
       "failed to decode key, key=0310736e617073686f7400011064656d6f0001107265666572656e63650001130"
       "00000000000000100011061620001"},
  }));
  const auto reply = served.get("decode_key", query);
  CHECK(reply.status == 400);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.body == envelope("INVALID_ARGUMENT", message));
}

TEST_CASE("decode_key refuses what is too long for a key", "[conformance][key]") {
  const Served served;
  const auto query = "key=011061" + std::string(2 * keys::max_key_size, '0') + "01";
  const auto reply = served.get("decode_key", query);
  CHECK(reply.status == 400);
  CHECK_THAT(reply.body, Catch::Contains("failed to decode key, key=011061"));
}

TEST_CASE("encode_key makes the example of the sheet", "[conformance][key]") {
  const Served served;
  CHECK(
      served.text("encode_key",
                  "key_type=MetaRowsetKey&instance_id=gavin-instance&tablet_id=10086&version="
                  "10010") ==
      std::string(first_drawing) +
          R"(\x01\x10\x6d\x65\x74\x61\x00\x01\x10\x67\x61\x76\x69\x6e\x2d\x69\x6e\x73\x74\x61\x6e)"
          R"(\x63\x65\x00\x01\x10\x72\x6f\x77\x73\x65\x74\x00\x01\x12\x00\x00\x00\x00\x00\x00\x27)"
          R"(\x66\x12\x00\x00\x00\x00\x00\x00\x27\x1a)"
          "\n\n");
}

TEST_CASE("encode_key makes all vectors that have a name and no empty field",
          "[conformance][key]") {
  const Served served;
  for (const auto* file : {"key-vectors.tsv", "key-examples.tsv"})
    for (const auto& vector : read_vectors(file)) {
      const auto query = query_of(vector);
      INFO(query);
      if (!keys::require_type(vector.type).in_http) {
        CHECK(served.get("encode_key", query).body ==
              envelope("INVALID_ARGUMENT", "key_type not supported: " + vector.type));
        continue;
      }
      if (query.ends_with("&label=")) {
        CHECK(served.get("encode_key", query).body ==
              envelope("INVALID_ARGUMENT", "label is not given or empty"));
        continue;
      }
      const auto hex = text::hex(vector.key);
      const auto line = escaped(vector.key) + "\n\n";
      CHECK(served.text("encode_key", query) == drawn(vector.key, hex, true) + line);
      CHECK(served.text("encode_key", query + "&unicode=false&surplus=1") ==
            drawn(vector.key, hex, false) + line);
    }
}

TEST_CASE("encode_key is lenient with integers and stamps", "[conformance][key]") {
  const Served served;
  const auto [query, end] = GENERATE(table<std::string, std::string>({
      {"txn_id=5x", "120000000000000005"},
      {"txn_id=%20+5", "120000000000000005"},
      {"txn_id=x", "120000000000000000"},
      {"txn_id=-1", "110000000000000001"},
      {"txn_id=99999999999999999999", "127fffffffffffffff"},
      {"txn_id=5&versionstamp=00000000000000010001", "1200000000000000051300000000000000010001ff"},
      {"txn_id=5&versionstamp=000000000000000100019", "1200000000000000051300000000000000010001ff"},
      {"txn_id=5&versionstamp=0001", "120000000000000005"},
      {"txn_id=5&versionstamp=", "120000000000000005"},
      {"txn_id=5&versionstamp=xyz", "120000000000000005"},
  }));
  const auto key = text::unhex(
                       "011074786e000110690001"
                       "1074786e5f696e6465780001" +
                       end)
                       .value();
  CHECK(served.text("encode_key", "key_type=TxnIndexKey&instance_id=i&" + query) ==
        drawn(key, text::hex(key), true) + escaped(key) + "\n\n");
}

TEST_CASE("encode_key refuses in an envelope", "[conformance][key]") {
  const Served served;
  const auto [query, message] = GENERATE(table<std::string, std::string>({
      {"", "key_type not supported: (empty)"},
      {"key_type=", "key_type not supported: (empty)"},
      {"key_type=Nope&instance_id=i", "key_type not supported: Nope"},
      {"key_type=instancekey&instance_id=i", "key_type not supported: instancekey"},
      {"key_type=InstanceKey", "instance_id is not given or empty"},
      {"key_type=InstanceKey&instance_id=", "instance_id is not given or empty"},
      {"key_type=TxnInfoKey&instance_id=i&txn_id=1", "db_id is not given or empty"},
      {"key_type=MetaDeleteBitmap&instance_id=i&tablet_id=1&rowset_id=r&version=1&seg_id=1",
       "rowest_id is not given or empty"},
  }));
  const auto reply = served.get("encode_key", query);
  CHECK(reply.status == 400);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.body == envelope("INVALID_ARGUMENT", message));
}

TEST_CASE("get_value is the value and a line end", "[conformance][key]") {
  const Served served;
  REQUIRE(served.put("create_instance", R"({"instance_id":"i","user_id":"u"})").status == 200);
  const auto expected =
      R"({"user_id":"u","instance_id":"i","name":"","status":"NORMAL","sse_enabled":false,)"
      R"("enable_storage_vault":true})"
      "\n";
  CHECK(served.text("get_value", "key_type=InstanceKey&instance_id=i") == expected);
  CHECK(served.text("get_value", "key_type=InstanceKey&key=0110696e7374616e6365000110690001") ==
        expected);
  CHECK(served.text("get_value",
                    "key_type=InstanceKey&instance_id=j&key="
                    "0110696E7374616E63650001106900011") == expected);
  CHECK(served.text("get_value",
                    "key_type=StatsTabletKey&instance_id=i&table_id=1&index_id=1&"
                    "part_id=1&tablet_id=1") == "stats_kvs not found\n\n");
}

TEST_CASE("get_value refuses in an envelope", "[conformance][key]") {
  const Served served;
  const auto [query, status, code,
              message] = GENERATE(table<std::string, int, std::string, std::string>({
      {"key_type=InstanceKey&instance_id=i", 500, "INTERNAL_ERROR",
       "kv not found, key=0110696e7374616e6365000110690001"},
      {"key_type=InstanceKey&key=0110696E", 500, "INTERNAL_ERROR", "kv not found, key=0110696e"},
      {"key_type=VersionedPartitionVersionKey&instance_id=i&partition_id=1", 500, "INTERNAL_ERROR",
       "versioned key not found, key=031076657273696f6e00011069000110706172746974696f6e00011200"
       "00000000000001"},
      {"", 400, "INVALID_ARGUMENT", "key_type not supported: (empty)"},
      {"key=01", 400, "INVALID_ARGUMENT", "key_type not supported: (empty)"},
      {"key_type=InstanceKey", 400, "INVALID_ARGUMENT", "instance_id is not given or empty"},
  }));
  const auto reply = served.get("get_value", query);
  CHECK(reply.status == status);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.body == envelope(code, message));
}

TEST_CASE("set_value answers five lines, and get_value what was written", "[conformance][key]") {
  const Served served;
  const auto* by = GENERATE("instance_id=i&txn_id=5",
                            "key=011074786E0001106900011074786e5f696e6465780001120000000000000005");
  const auto reply = served.set(fmt::format("key_type=TxnIndexKey&{}", by),
                                "{\"tablet_index\": {\"db_id\": 7}}\n");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK(reply.body ==
        "key_hex=011074786e0001106900011074786e5f696e6465780001120000000000000005\n"
        "original_value_json=\n"
        "new_value_json={\"tablet_index\":{\"db_id\":\"7\"}}\n"
        "original_value_hex=\n"
        "new_value_hex=0a020807\n\n");
  CHECK(served.text("get_value", "key_type=TxnIndexKey&instance_id=i&txn_id=5") ==
        "{\"tablet_index\":{\"db_id\":\"7\"}}\n");
}

TEST_CASE("set_value reads strictly", "[conformance][key]") {
  const Served served;
  const auto before = served.content();
  const auto* document = GENERATE("", "{", "[]", R"({"unknown": 1})", R"({"tablet_index": 5})");
  const auto reply = served.set("key_type=TxnIndexKey&instance_id=i&txn_id=5", document);
  CHECK(reply.status == 400);
  CHECK_THAT(reply.body, Catch::StartsWith("{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": "
                                           "\"cannot read TxnIndexPB: "));
  CHECK(served.content() == before);
}

TEST_CASE("the token of a call is not written into the journal", "[conformance][key]") {
  const Served served;
  REQUIRE(served.set("key_type=TxnIndexKey&instance_id=i&txn_id=5&surplus=1", "{}").status == 200);
  REQUIRE(
      served.send("PUT", "delete_value", "key_type=TxnIndexKey&instance_id=i&txn_id=5").status ==
      200);
  const auto records = served.journal();
  REQUIRE(records.size() == 2);
  for (const auto& record : records) {
    CHECK_THAT(record.request(), Catch::Contains("\"txn_id\":\"5\""));
    CHECK(record.request().find("secret") == std::string::npos);
  }
}

TEST_CASE("the key tools need the token", "[conformance][key]") {
  const Served served;
  const auto* call = GENERATE("decode_key?key=01", "encode_key?key_type=InstanceKey",
                              "get_value?key_type=InstanceKey", "set_value?key_type=InstanceKey");
  const auto target = fmt::format("/MetaService/http/{}", call);
  CHECK(exchange(served.port(), raw_request("GET", target)).status == 403);
  CHECK(exchange(served.port(), raw_request("GET", target + "&token=wrong")).status == 403);
}
