// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_schema.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "base/no_space.h"
#include "base/text.h"

namespace metactl::store {
namespace {

/// Gives the state a name of its own.
std::string add_id() {
  return fmt::format("INSERT INTO store VALUES (x'{}', CAST('{}' AS BLOB))", text::hex(id_key),
                     text::hex(crypto::random_bytes(8)));
}

/// A server of an older release may have the file open during the upgrade, and looks at the version
/// no more. With a third column its "INSERT INTO store VALUES (?1, ?2)" fails, and so every change.
std::string fence_older() {
  return "ALTER TABLE store ADD COLUMN fence";
}

/// The SQL that leads from version N to N + 1 is at place N - 1.
constexpr std::array<std::string (*)(), schema_version - 1> steps = {add_id, fence_older};

}  // namespace

int system_errno(sqlite3* database) {
  int number = sqlite3_system_errno(database);
  for (const int pointer : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    if (!no_space_text(number).empty()) break;
    sqlite3_file* file = nullptr;  // The log is SQLite's "journal".
    if (sqlite3_file_control(database, "main", pointer, &file) == SQLITE_OK && file != nullptr &&
        file->pMethods != nullptr)
      file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  return number;
}

void execute(sqlite3* database, const char* sql, std::string_view action,
             const std::filesystem::path& path) {
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  // Then our table is not there.
  if (code == SQLITE_ERROR) throw sqlite_error(SQLITE_CORRUPT, action, path);
  if (code != SQLITE_OK) throw sqlite_error(code, action, path, system_errno(database));
}

void create_schema(sqlite3* database, const std::filesystem::path& path) {
  const auto sql = fmt::format(
      "PRAGMA application_id = {};"
      "CREATE TABLE store (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID",
      application_id);
  execute(database, sql.c_str(), "create", path);
  upgrade_schema(database, 1, path);
}

std::uint32_t committed_version(sqlite3* database, const std::filesystem::path& path) {
  std::uint32_t version = 0;
  const auto take = [](void* result, int, char** values, char**) {
    *static_cast<std::uint32_t*>(result) = static_cast<std::uint32_t>(std::stoul(values[0]));
    return 0;
  };
  const int code = sqlite3_exec(database, "PRAGMA user_version", take, &version, nullptr);
  if (code != SQLITE_OK) throw sqlite_error(code, "open", path, system_errno(database));
  return version;
}

void upgrade_schema(sqlite3* database, std::uint32_t from, const std::filesystem::path& path) {
  for (auto version = from; version < schema_version; ++version)
    execute(database, steps.at(version - 1)().c_str(), "upgrade", path);
  const auto sql = fmt::format("PRAGMA user_version = {}", schema_version);
  execute(database, sql.c_str(), "upgrade", path);
}

void refuse_newer(std::uint32_t version, const std::filesystem::path& path) {
  if (version <= schema_version) return;
  throw Error(Reason::integrity,
              fmt::format("cannot open state file '{}': its schema version is {}, this metactl "
                          "knows {}",
                          path.string(), version, schema_version),
              "use a newer metactl");
}

}  // namespace metactl::store
