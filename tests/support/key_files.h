// SPDX-License-Identifier: Apache-2.0
// What tests of key files look at: names, modes, contents, and how a call went.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace metactl::tests {

using Texts = std::vector<std::string>;

/// The names of the files in a folder, sorted.
inline Texts names_in(const std::filesystem::path& folder) {
  Texts names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

inline unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

inline std::string digits(const std::string& key) {
  return text::hex(key) + "\n";
}

/// "" or the name of the reason, and whether the message holds `part`.
template <class Body>
std::string outcome(Body&& body, const std::string& part) {
  try {
    body();
    return "";
  } catch (const Error& error) {
    const bool found = std::string(error.what()).find(part) != std::string::npos;
    return std::string(info(error.reason()).name) + (found ? "" : ", but: ") +
           (found ? "" : error.what());
  }
}

}  // namespace metactl::tests
