// SPDX-License-Identifier: Apache-2.0
// What tests of the state file need: its bytes, its folder, a way around our checks.
#pragma once

#include <sqlite3.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/sqlite.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

inline constexpr auto at_once = std::chrono::milliseconds(0);

inline std::string bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

/// What stands in a folder: the bytes of the files under their names.
inline std::map<std::string, std::string> listing(const std::filesystem::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    result[entry.path().filename()] = entry.is_regular_file() ? bytes(entry.path()) : "";
  }
  return result;
}

inline mode_t mode(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// A connection without our checks.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
  }
  ~Raw() { sqlite3_close(database_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void run(const std::string& sql) {
    REQUIRE(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* database_ = nullptr;
};

/// The failure of a call, which must be an Error.
template <class Call>
Error failure(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return Error(Reason::internal, "");
}

/// A state file with some pages.
struct WithFile {
  TempDir folder;
  std::filesystem::path path = folder / "state.db";

  WithFile() {
    store::SqliteStore store(path);
    store.transact([](store::Txn& txn) {
      for (int i = 100; i < 300; ++i) txn.put("key" + std::to_string(i), std::string(100, 'v'));
    });
  }
};

}  // namespace metactl::tests
