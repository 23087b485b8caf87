// SPDX-License-Identifier: Apache-2.0
// Whatever bytes a key holds, what is printed of it is text: in pipes as at terminals.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "keys/catalogue.h"
#include "keys/fields.h"
#include "keys/forms.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

/// A key of the type whose texts all hold what must not be printed.
std::string odd_key(const keys::KeyType& type) {
  std::vector<keys::Value> values;
  for (const auto& part : keys::fields_of(type)) {
    if (part.kind == keys::Part::Kind::bytes) {
      values.emplace_back(std::string("w\x1b[2J\n\xc2\x9b\xff\0", 10));
    } else if (part.kind == keys::Part::Kind::integer) {
      values.emplace_back(std::int64_t{5});
    } else {
      values.emplace_back(keys::Versionstamp{1, 1});
    }
  }
  return keys::build(type, values);
}

/// Lines of UTF-8 whose only control characters are line ends and the tabs between columns.
bool is_text(const std::string& out) {
  const auto lines = text::split(out, '\n');
  return std::all_of(lines.begin(), lines.end(), [](std::string line) {
    std::erase(line, '\t');
    return text::printable(line) == line;
  });
}

}  // namespace

TEST_CASE_METHOD(CommandWorld, "no key prints raw bytes of its fields", "[cli][key]") {
  out_is_terminal = GENERATE(false, true);
  const auto format = GENERATE(as<std::string>(), "table", "wide", "raw", "json", "yaml");
  CAPTURE(out_is_terminal, format);
  for (const auto& type : keys::catalogue) {
    CAPTURE(type.name);
    const auto key = text::hex(odd_key(type));
    for (const auto& words : {std::vector<std::string>{"key", "decode", key, "-o", format},
                              {"key", "explain", key, "-o", format},
                              {"key", "grep", "--all"}}) {
      const auto result = run(words, key + "\n");
      CAPTURE(words, result.out, result.err);
      CHECK(is_text(result.out));
      CHECK(is_text(result.err));
    }
  }
}

TEST_CASE_METHOD(CommandWorld, "no command prints the raw bytes of a stored key", "[cli][key]") {
  out_is_terminal = GENERATE(false, true);
  const std::string key = "0110696e7374616e6365000110771b5b324a00ff0001";  // "w", an escape, 00.
  const auto put = run({"key", "put", "InstanceKey", "instance_id=hex:771b5b324a00", "--value",
                        R"({"instance_id": "w\u001b[2J\u0000", "name": "a\u0000b"})", "--yes"});
  CAPTURE(put.err);
  REQUIRE(put.status == 0);
  CHECK(is_text(put.out));
  for (const auto* line :
       {"key scan", "key scan -o json", "key scan -o wide", "history", "history show 1",
        "history -o json", "instance list", "instance list -o wide", "instance list -o name",
        "state verify", "doctor", "undo 1 --dry-run"}) {
    const auto result = run_line(line);
    CAPTURE(line, result.out, result.err);
    if (!out_is_terminal) CHECK(is_text(result.out));
    CHECK(result.out.find('\0') == std::string::npos);
    CHECK(result.out.find("\x1b[2J") == std::string::npos);
    CHECK(is_text(result.err));
  }
  CHECK(run_line("key get " + key).out.find('\0') == std::string::npos);
  // A service's own reply is as it is, but acts on no terminal.
  const auto drawn = run_line("api decode_key -f key=" + key).out;
  CHECK((drawn.find("\x1b[2J") == std::string::npos) == out_is_terminal);
  CHECK((drawn.find(R"(2. w\x1b[2J\x00)") != std::string::npos) == out_is_terminal);
}

TEST_CASE_METHOD(CommandWorld, "a zero byte at the end of a text is seen, and is a boundary",
                 "[cli][key]") {
  const std::string key = R"(\x01\x10instance\x00\x01\x10w0\x00\xff\x00\x01)";
  CHECK(run({"key", "decode", key})
            .out.find(R"( 2. w0\x00)"
                      "\n") != std::string::npos);
  const auto explained = run({"key", "explain", key}).out;
  CHECK(explained.find(R"( 2. instance_id = w0\x00)"
                       "\n") != std::string::npos);
  CHECK(explained.find("meaning\tthe boundary of a range: behind all keys of 'w0' under "
                       "InstanceKey\n") != std::string::npos);
  // Part of a key: the end of all keys of an instance.
  CHECK(run({"key", "explain", R"(\x01\x10meta\x00\x01\x10w0\x00\xff\x00\x01)"})
            .out.find("behind all keys of 'w0' under the beginning of ") != std::string::npos);
}

}  // namespace metactl::tests
