// SPDX-License-Identifier: Apache-2.0
// metactl key grep with inputs that golden files cannot hold.
#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "keys/keys.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

const std::string key = text::hex(keys::instance_key("demo"));
const std::string shown = "InstanceKey{instance_id=demo}";
constexpr std::size_t mebi = 1024 * 1024;

}  // namespace

TEST_CASE_METHOD(CommandWorld, "key grep finds keys in lines of many megabytes", "[cli][grep]") {
  const std::string left(5 * mebi, '.');
  const std::string right(6 * mebi, '.');
  CHECK(run_line("key grep", left + key + right + "\n").out == left + shown + right + "\n");
}

TEST_CASE_METHOD(CommandWorld, "key grep takes the longest lines in pieces and loses nothing",
                 "[cli][grep]") {
  // Where the first piece ends stands a key, or a secret.
  const auto end = 16 * mebi - 64 * 1024;
  const auto back = GENERATE(0, 1, 20, 40, 50);
  std::string line(end - static_cast<std::size_t>(back), '.');
  const auto rest = std::string(20 * mebi, '.') + "\nlast";
  SECTION("a key") {
    CHECK(run_line("key grep --all", line + key + rest).out == line + shown + rest);
    CHECK(run_line("key grep --count", line + key + rest).out == "1\n");
  }
  SECTION("a secret") {
    const auto out = run_line("key grep --all", line + R"("sk": "plain-secret")" + rest).out;
    CHECK(out.find(R"("sk": "sha256:)") == line.size());
  }
}

TEST_CASE_METHOD(CommandWorld, "key grep copes with binary input", "[cli][grep]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(run_line("key grep --all", bytes + key + bytes).out == bytes + shown + bytes);
  const auto line = "\xff" + std::string(1, '\0') + " " + key + "\n";
  CHECK(run_line("key grep", line).out == "\xff" + std::string(1, '\0') + " " + shown + "\n");
  CHECK(run_line("key grep -o json", line).status == 0);
  out_is_terminal = true;
  CHECK(run_line("key grep", "\x1b[2J\t" + line).out == "\\x1b[2J\t\\xff\\x00 " + shown + "\n");
}

TEST_CASE_METHOD(CommandWorld, "key grep does not wait for a log at a terminal", "[cli][grep]") {
  in_is_terminal = true;
  CHECK(run_line("key grep").status == 2);
  CHECK(run_line("key grep -", key).out == shown);
}

}  // namespace metactl::tests
