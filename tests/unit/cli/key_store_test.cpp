// SPDX-License-Identifier: Apache-2.0
// metactl key get and scan of what no command writes: versions, bitmaps, large split values, and
// damage. Source: key-encoding.md, sections 1.3, 2 and 6.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "keys/catalogue.h"
#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

using namespace std::string_literals;

constexpr std::int64_t five = 5;

struct StoredWorld : CommandWorld {
  StoredWorld() {
    services.connect = [this](const cli::Connection&) {
      return std::make_unique<RecordingClient>(store, recording);
    };
  }
  void put(const std::string& key, const std::string& value) {
    store->transact([&](store::Txn& txn) { txn.put(key, value); });
  }
  /// Printed without line ends and blanks at their sides.
  std::string shown(const std::vector<std::string>& arguments) {
    const auto result = run(arguments);
    std::string joined;
    for (const auto& line : text::split(result.out + result.err, '\n')) joined += text::trim(line);
    return joined;
  }

  static std::string key(std::string_view type, std::initializer_list<keys::Value> values) {
    return keys::build(*keys::find_type(type), values);
  }
  static std::string with_stamp(std::string key, std::uint64_t version) {
    keys::append_versionstamp_suffix(key, {version, 1});
    return key;
  }

  std::shared_ptr<store::Store> store = std::make_shared<store::MemoryStore>();
  Recording recording;
};

const std::vector<std::string> get_version = {
    "key", "get", "VersionedPartitionVersionKey", "partition_id=5", "-i", "i"};

std::string version_json(int version) {
  return fmt::format(R"({{"api": "metactl/v1","kind": "VersionPB","version": "{0}",)"
                     R"("versionstamp": "000000000000000{0}0001"}})",
                     version);
}

}  // namespace

TEST_CASE_METHOD(StoredWorld, "key get shows the newest of several versions", "[cli][key]") {
  const auto base = key("VersionedPartitionVersionKey", {"i"s, five});
  put(with_stamp(base, 1), "\x08\x01");
  put(with_stamp(base, 2), "\x08\x02");
  put(with_stamp(base, 3), "\x08\x03");
  CHECK(shown(get_version) == version_json(3));
  CHECK(shown({"key", "get", text::hex(base)}) == version_json(3));
  // As of a stamp: what is older.
  auto as_of = get_version;
  as_of.push_back("versionstamp=00000000000000030001");
  CHECK(shown(as_of) == version_json(2));
  // The key of one version means that one.
  CHECK(shown({"key", "get", text::hex(with_stamp(base, 2))}) == version_json(2));
  CHECK(shown({"key", "get", text::hex(with_stamp(base, 4))}) ==
        "error: nothing is stored under VersionedPartitionVersionKey{instance_id=i "
        "partition_id=5}");
  as_of.back() = "versionstamp=3";
  CHECK_THAT(shown(as_of), Catch::StartsWith("error: field 'versionstamp' of "
                                             "VersionedPartitionVersionKey is 20 hexadecimal"));
}

TEST_CASE_METHOD(StoredWorld, "key get shows all digits of a bitmap, and joins its rows",
                 "[cli][key]") {
  auto bitmap = key("MetaDeleteBitmap", {"i"s, five, "r"s, five, five});
  put(bitmap, "\x0a\x05");
  CHECK(shown({"key", "get", text::hex(bitmap)}) ==
        R"({"api": "metactl/v1","kind": "Value","value": "0a05"})");
  store->transact([&](store::Txn& txn) { txn.erase(bitmap); });
  for (const std::int64_t number : {0, 1, 2}) {
    auto row = bitmap;
    keys::append_int(row, (std::int64_t{1} << 56) + number);
    put(row, std::string(1, static_cast<char>(number)));
  }
  CHECK(shown({"key", "get", text::hex(bitmap)}) ==
        R"({"api": "metactl/v1","kind": "Value","value": "000102"})");
  CHECK_THAT(
      shown({"key", "scan", "--type", "MetaDeleteBitmap", "-o", "json"}),
      Catch::Contains(R"("chunk": 0,)") && Catch::EndsWith(R"("value": {"value": "000102"}}]})"));
}

TEST_CASE_METHOD(StoredWorld, "key scan counts a value in several rows once", "[cli][key]") {
  for (const std::int64_t version : {1, 2})
    for (const std::int64_t number : {0, 1, 2, 3}) {
      auto row = key("MetaSchemaKey", {"i"s, five, version});
      keys::append_int(row, (std::int64_t{1} << 56) + number);
      put(row, "");
    }
  put("\x01zz", "x");
  const auto lines = [&](const std::string& line) {
    const auto result = run_line(line);
    return fmt::format("{} {}", text::split(result.out, '\n').size() - 1, result.err);
  };
  CHECK(lines("key scan -o name") == "3 ");
  CHECK(lines("key scan -o name --limit 3") == "3 ");
  CHECK(lines("key scan -o name --limit 2") == "2 note: there are more rows than --limit 2\n");
  CHECK(lines("key scan -o name --limit 1") == "1 note: there are more rows than --limit 1\n");
  CHECK(lines("key scan -o name --limit 1 --type MetaSchemaKey -i i") ==
        "1 note: there are more rows than --limit 1\n");
  CHECK(lines("key scan -o name --limit 2 -i i") == "2 ");
}

TEST_CASE_METHOD(StoredWorld, "key get tells what it cannot read", "[cli][key]") {
  put(with_stamp(key("VersionedLogKey", {"i"s}), 1), "");
  CHECK(shown({"key", "get", "VersionedLogKey", "-i", "i"}) ==
        "error: values of VersionedLogKey cannot be read: OperationLogPB is not known");
  put(key("TxnIndexKey", {"i"s, five}), "\xff");
  const auto damaged = run_line("key get TxnIndexKey txn_id=5 -i i");
  CHECK(damaged.status == 9);
  CHECK_THAT(damaged.err,
             Catch::StartsWith("error: cannot read the value under TxnIndexKey{instance_id=i "
                               "txn_id=5}: failed to parse value, key=01"));
  put(key("JobRecycleRecycleKey", {"i"s}), "\xff");
  const auto other = run_line("key get JobRecycleRecycleKey -i i");
  CHECK(other.status == 9);
  CHECK(other.err ==
        "error: cannot read the value under JobRecycleRecycleKey{instance_id=i}: the value is none "
        "of JobRecycleRecycleKey\n");
}

TEST_CASE_METHOD(StoredWorld, "key scan lists what is damaged or no key, and goes on",
                 "[cli][key]") {
  put(key("TxnIndexKey", {"i"s, five}), "\xff");
  put("\x01nonsense", "\x01\x02");
  put(key("TxnIndexKey", {"i"s, std::int64_t{6}}), "");
  const auto text = shown({"key", "scan", "-o", "json"});
  CHECK_THAT(text, Catch::Contains(R"("problem": "the value is none of TxnIndexKey")"));
  CHECK_THAT(text, Catch::Contains(R"("value": "0102")"));
  CHECK_THAT(text, Catch::Contains(R"("value": {}})"));
}

TEST_CASE_METHOD(StoredWorld, "key scan lists a key of no known type in all formats",
                 "[cli][key]") {
  std::string unknown = "\x01";
  keys::append_bytes(unknown, "abc");
  keys::append_int(unknown, 5);
  put(unknown, "\x01\x02");
  CHECK(run_line("key scan").out == "KEY\tBYTES\n?{abc 5}\t2\n");
  CHECK(run_line("key scan -o name").out == "key/" + text::hex(unknown) + "\n");
  const auto* format = GENERATE("json", "ndjson", "yaml");
  const auto result = run({"key", "scan", "-o", format});
  CHECK(result.status == 0);
  CHECK_THAT(result.out, Catch::Contains("0102"));
}

}  // namespace metactl::tests
