// SPDX-License-Identifier: Apache-2.0
// decode_key and encode_key. Their bytes are those of tests/conformance/key_tools_test.cpp; here is
// what they refuse, and what they do not look at.

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
using metactl::tests::LoadFixture;

namespace {

class KeyTools : public LoadFixture {
 public:
  /// The drawn key, as encode_key writes it in the line behind the arrows.
  std::string encoded(std::string_view json) {
    const auto lines = metactl::text::split(call(api::encode_key, json).text(), '\n');
    return lines.at(lines.size() - 3);
  }
};

constexpr auto txn_index_5 =
    "011074786e000110690001"
    "1074786e5f696e6465780001120000000000000005";

}  // namespace

TEST_CASE_METHOD(KeyTools, "decode_key refuses what is no key", "[core][key]") {
  const auto [request, text] = GENERATE(table<std::string, std::string>({
      {"{}", "no key to decode"},
      {"{key: ''}", "no key to decode"},
      {"{key: '0'}", "failed to decode key, key=0"},
      {"{key: '01ZZ'}", "failed to decode key, key=01ZZ"},
      {"{key: '0x01'}", "failed to decode key, key=0x01"},
      {"{key: ' 01'}", "failed to decode key, key= 01"},
      {"{key: '\\\\x01'}", "failed to decode key, key=\\x01"},
      {"{key: '0100'}", "failed to decode key, key=0100"},
      {"{key: '01FF'}", "failed to decode key, key=01FF"},
      {"{key: '011061'}", "failed to decode key, key=011061"},
      {"{key: '01106100'}", "failed to decode key, key=01106100"},
      {"{key: '0110610002'}", "failed to decode key, key=0110610002"},
      {"{key: '011200'}", "failed to decode key, key=011200"},
      {"{key: '0313000000000000000000'}", "failed to decode key"},
      {"{key: '031300000000000000000000'}", "failed to decode key"},
  }));
  CAPTURE(request);
  CHECK_REFUSED(api::decode_key, request, "INVALID_ARGUMENT", 400, text);
}

TEST_CASE_METHOD(KeyTools, "encode_key names the first parameter that is missing or empty",
                 "[core][key]") {
  const auto [request, text] = GENERATE(table<std::string, std::string>({
      {"{}", "key_type not supported: (empty)"},
      {"{key_type: ''}", "key_type not supported: (empty)"},
      {"{key_type: 'txninfokey'}", "key_type not supported: txninfokey"},
      {"{key_type: 'MowTabletJobKey'}", "key_type not supported: MowTabletJobKey"},
      {"{key_type: 'NodeIndexKey'}", "key_type not supported: NodeIndexKey"},
      {"{key_type: 'TxnIndexKey'}", "instance_id is not given or empty"},
      {"{key_type: 'TxnIndexKey', parameters: {txn_id: '1'}}", "instance_id is not given or empty"},
      {"{key_type: 'TxnIndexKey', parameters: {instance_id: '', txn_id: '1'}}",
       "instance_id is not given or empty"},
      {"{key_type: 'TxnIndexKey', parameters: {instance_id: 'i'}}", "txn_id is not given or empty"},
      {"{key_type: 'TxnIndexKey', parameters: {instance_id: 'i', txn_id: ''}}",
       "txn_id is not given or empty"},
      // Names are spelt as the service spells them.
      {"{key_type: 'RecyclePartKey', parameters: {instance_id: 'i', partition_id: '1'}}",
       "part_id is not given or empty"},
  }));
  CAPTURE(request);
  CHECK_REFUSED(api::encode_key, request, "INVALID_ARGUMENT", 400, text);
}

TEST_CASE_METHOD(KeyTools, "encode_key reads integers as strtoll does", "[core][key]") {
  const auto [given, field] = GENERATE(table<std::string, std::string>({
      {"5", "120000000000000005"},
      {"  5", "120000000000000005"},
      {"+5", "120000000000000005"},
      {"5x", "120000000000000005"},
      {"0x5", "120000000000000000"},
      {"x", "120000000000000000"},
      {"-1", "110000000000000001"},
      {" -7 9", "110000000000000007"},
      {"9223372036854775808", "127fffffffffffffff"},
      {"-9223372036854775809", "118000000000000000"},
  }));
  const auto key = encoded(fmt::format(
      "{{key_type: 'TxnIndexKey', parameters: {{instance_id: 'i', txn_id: '{}'}}}}", given));
  CHECK(key.substr(key.size() - 18) == field);
}

TEST_CASE_METHOD(KeyTools, "encode_key looks at no surplus parameter, and at no key",
                 "[core][key]") {
  const auto* more = GENERATE("", ", parameters: {surplus: '1'}", ", key: '02'", ", key: 'x'");
  CHECK(encoded(fmt::format("{{key_type: 'TxnIndexKey', parameters: {{instance_id: 'i', txn_id: "
                            "'5'}}{}}}",
                            more)) == txn_index_5);
}

TEST_CASE_METHOD(KeyTools, "encode_key puts a versionstamp behind any key", "[core][key]") {
  const auto [stamp, suffix] = GENERATE(table<std::string, std::string>({
      {"00000000000000010001", "1300000000000000010001ff"},
      {"0000000000ABCDEF0000", "130000000000abcdef0000ff"},
      {"000000000000000100017", "1300000000000000010001ff"},  // An odd last digit is not read.
      // Not 10 bytes, or none at all: as if it was not given.
      {"", ""},
      {"0000000000000001000", ""},
      {"0000000000000001000100", ""},
      {"x", ""},
  }));
  CHECK(encoded(fmt::format("{{key_type: 'TxnIndexKey', versionstamp: '{}', parameters: "
                            "{{instance_id: 'i', txn_id: '5'}}}}",
                            stamp)) == txn_index_5 + suffix);
}

TEST_CASE_METHOD(KeyTools, "keys are drawn in ASCII when unicode is false, and only then",
                 "[core][key]") {
  const auto [unicode, first] = GENERATE(table<std::string, std::string>(
      {{"false", "/- 0."}, {"False", "┌─ 0."}, {"0", "┌─ 0."}, {"", "┌─ 0."}, {"true", "┌─ 0."}}));
  CHECK_THAT(call(api::decode_key, fmt::format("{{key: '01', unicode: '{}'}}", unicode)).text(),
             Catch::StartsWith(first));
}
