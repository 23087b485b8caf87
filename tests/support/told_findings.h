// SPDX-License-Identifier: Apache-2.0
// What tests look for in the output of doctor and health.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/support/command_lines.h"

namespace metactl::tests {

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "SEVERITY ID OBJECT", one a line.
inline std::string told(const std::string& json) {
  std::string lines;
  const auto document = nlohmann::json::parse(json);
  for (const auto& item : document["items"]) {
    const auto text = [&](const char* name) { return item[name].get<std::string>(); };
    lines += text("severity") + " " + text("id") + " " + text("object") + "\n";
    CHECK(mend_failure(text("mend")) == "");
  }
  return lines;
}

/// The content of a file.
inline std::string read(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace metactl::tests
