// SPDX-License-Identifier: Apache-2.0
// metactl batch with files that are not as one expects; what it does is in tests/golden/manifest.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

constexpr auto create =
    "{\"operation\":\"create_instance\",\"request\":{\"instance_id\":\"a\",\"user_id\":\"u\"}}\n";
constexpr auto other =
    "{\"operation\":\"create_instance\",\"request\":{\"instance_id\":\"b\",\"user_id\":\"u\"}}\n";

}  // namespace

TEST_CASE_METHOD(CommandWorld, "a file that changes after it was checked changes nothing",
                 "[cli][batch]") {
  write_file("ops", create);
  const std::string later =
      GENERATE(as<std::string>(), other, std::string(create) + other, "",
               std::string(create) + "\n", "{\"operation\":\"list_instances\"}\n");
  const auto connect = services.connect;
  services.connect = [&](const cli::Connection& connection) {
    write_file("ops", later);
    return connect(connection);
  };
  const auto result = run_line("batch -f ops");
  CHECK(result.status == 7);
  CHECK(result.err.starts_with("error: 'ops' was changed while it was read\n"));
  services.connect = connect;
  CHECK(run_line("instance list -o name").out.empty());
}

TEST_CASE_METHOD(CommandWorld, "of many problems in a file the first are told", "[cli][batch]") {
  std::string text;
  for (int i = 0; i < 250; ++i) text += "x\n";
  write_file("ops", text);
  const auto result = run_line("batch -f ops");
  CHECK(result.status == 2);
  CHECK(result.err.find("ops:100: not a JSON object") != std::string::npos);
  CHECK(result.err.find("ops:101:") == std::string::npos);
  CHECK(result.err.find("more") != std::string::npos);
}

TEST_CASE_METHOD(CommandWorld, "a line without end is refused", "[cli][batch]") {
  write_file("ops", create);
  std::filesystem::resize_file("ops", std::uintmax_t{70} << 20);
  const auto result = run_line("batch -f ops");
  CHECK(result.status == 2);
  CHECK(result.err.starts_with(
      "error: cannot read the operations in 'ops': line 2 has more than 64 MiB\n"));
}

}  // namespace metactl::tests
