// SPDX-License-Identifier: Apache-2.0
// Listing stored rows by key type, fields and range, page by page.

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::LoadFixture;

namespace {

class Rows : public LoadFixture {
 public:
  pb::ScanKeysResponse scan(std::string_view json) { return call(api::scan_keys, json); }
  std::size_t count(std::string_view json) {
    return static_cast<std::size_t>(scan(json).rows_size());
  }
};

}  // namespace

TEST_CASE_METHOD(Rows, "without a request all rows come, as they are stored", "[core][scan]") {
  const auto response = scan("{}");
  const auto stored = content();
  REQUIRE(static_cast<std::size_t>(response.rows_size()) == stored.size());
  for (int i = 0; i < response.rows_size(); ++i) {
    CHECK(response.rows(i).key() == stored[static_cast<std::size_t>(i)].key);
    CHECK(response.rows(i).value() == stored[static_cast<std::size_t>(i)].value);
  }
  CHECK_FALSE(response.has_next());
}

TEST_CASE_METHOD(Rows, "a key type and its first fields select rows", "[core][scan]") {
  create("j");
  begin("a");
  begin("b");
  ask(api::begin_txn, "txn_info: {label: 'c', db_id: 8, table_ids: [1], timeout_ms: 1}");
  CHECK(count("{key_type: 'TxnInfoKey'}") == 3);
  CHECK(count("{key_type: 'TxnInfoKey', fields: {instance_id: 'i'}}") == 3);
  CHECK(count("{key_type: 'TxnInfoKey', fields: {instance_id: 'i', db_id: '7'}}") == 2);
  CHECK(count("{key_type: 'TxnInfoKey', fields: {instance_id: 'j'}}") == 0);
  CHECK(count("{key_type: 'InstanceKey'}") == 2);
  CHECK(count("{key_type: 'InstanceKey', fields: {instance_id: 'i'}}") == 1);
}

TEST_CASE_METHOD(Rows, "rows of a longer type are not those of the shorter one", "[core][scan]") {
  create_tablet(1);
  put_counter(1, "StatsTabletNumRowsKey", 5);
  CHECK(count("{key_type: 'StatsTabletKey'}") == 1);
  CHECK(count("{key_type: 'StatsTabletNumRowsKey'}") == 1);
  create_tablet(2, "schema: {schema_version: 1}");
  CHECK(count("{key_type: 'MetaSchemaKey'}") == 1);
}

TEST_CASE_METHOD(Rows, "a range is two keys, the first included", "[core][scan]") {
  create("j");
  const auto i = metactl::text::hex(keys::instance_key("i"));
  const auto j = metactl::text::hex(keys::instance_key("j"));
  CHECK(count(fmt::format("{{first: '{}', last: '{}'}}", i, j)) == 1);
  CHECK(count(fmt::format("{{first: '{}', last: '{}'}}", j, i)) == 0);
  CHECK(count(fmt::format("{{key_type: 'InstanceKey', first: '{}'}}", j)) == 1);
  CHECK(count(fmt::format("{{key_type: 'InstanceKey', last: '{}'}}", j)) == 1);
}

TEST_CASE_METHOD(Rows, "pages follow each other without gap or repetition", "[core][scan]") {
  for (const auto* id : {"a", "b", "c", "d"}) create(id);
  std::string ids;
  std::string next;
  int pages = 0;
  do {
    const auto page = scan(fmt::format("{{key_type: 'InstanceKey', limit: 2, first: '{}'}}", next));
    CHECK(page.rows_size() <= 2);
    for (const auto& row : page.rows()) ids += keys::parse_instance_key(row.key()).value();
    next = page.next();
    ++pages;
  } while (!next.empty());
  CHECK(ids == "abcdi");
  CHECK(pages == 3);
}

TEST_CASE_METHOD(Rows, "scan_keys refuses what it cannot read", "[core][scan]") {
  const auto [request, text] = GENERATE(table<std::string, std::string>({
      {"{first: '0x'}", "first is not hexadecimal"},
      {"{last: '0'}", "last is not hexadecimal"},
      {"{key_type: 'TxnInfo'}", "TxnInfo"},
      {"{fields: {db_id: '1'}}", "no key_type"},
      {"{key_type: 'TxnInfoKey', fields: {db_id: '1'}}", "instance_id"},
      {"{key_type: 'TxnInfoKey', fields: {instance_id: 'i', db_id: 'x'}}", "db_id"},
      {"{key_type: 'TxnInfoKey', fields: {tablet_id: '1'}}", "tablet_id"},
      {"{limit: 0}", "limit must be from 1 to 10000"},
      {"{limit: 10001}", "limit must be from 1 to 10000"},
  }));
  CHECK_REFUSED(api::scan_keys, request, "INVALID_ARGUMENT", 400, text);
}
