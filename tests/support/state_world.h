// SPDX-License-Identifier: Apache-2.0
// metactl in this process, on the state file a.db.
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command_world.h"
#include "tests/support/key_files.h"

namespace metactl::tests {

namespace fs = std::filesystem;
using Json = nlohmann::json;

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct StateWorld : CommandWorld {
  StateWorld() : CommandWorld(Mode::sqlite) {
    environment["METACTL_STATE"] = "a.db";
    write_file("key.txt", "plain-s-one\n");
  }

  /// An instance with a cluster: two revisions, five rows.
  void fill() {
    ok("instance create prod --user-id ops");
    ok("-i prod cluster add etl --node 10.0.0.1:9050");
  }
  void add_secret() {
    ok("-i prod vault add s3 v --bucket b --prefix p --endpoint e --region r --provider S3 "
       "--ak AKIDEXAMPLE99 --sk-file key.txt");
  }

  std::string ok(const std::string& line) {
    const auto result = run_line(line);
    INFO(line << ": " << result.err);
    REQUIRE(result.status == 0);
    return result.out;
  }
  /// "STATUS message" of what must fail.
  std::string refused(const std::string& line, const std::string& input = {}) {
    const auto result = run_line(line, input);
    return fmt::format("{} {}", result.status, result.err.substr(0, result.err.find('\n')));
  }
  Json json(const std::string& line) { return Json::parse(ok(line + " -o json")); }
};

}  // namespace metactl::tests
