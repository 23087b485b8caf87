// SPDX-License-Identifier: Apache-2.0
// The state file on a disk that is full.
#include <catch2/catch.hpp>

#include "store/sqlite_connection.h"
#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/full_disk.h"

namespace metactl::tests {
namespace {

using Catch::Matchers::Contains;
using store::SqliteStore;

void check_no_space(const Error& error, const std::string& action) {
  INFO(error.what());
  CHECK(error.reason() == Reason::no_space);
  CHECK_THAT(error.what(), Catch::StartsWith("cannot " + action + " state file '"));
  CHECK_THAT(error.what(), Contains("': no space left"));
  CHECK_THAT(error.hint(), Contains("free some space"));
}

TEST_CASE_METHOD(WithFile, "a change that finds no space changes nothing", "[store][sqlite]") {
  SqliteStore store(path);
  const auto before = all(store);
  {
    const FullDisk disk(65536);
    check_no_space(failure([&] { put(store, "large", std::string(std::size_t{1} << 20, 'x')); }),
                   "write");
    CHECK((all(store) == before));
  }
  put(store, "large", std::string(std::size_t{1} << 20, 'x'));
  CHECK(revision(store) == 2);
}

TEST_CASE_METHOD(WithFile, "without space beside it a state can still be read", "[store][sqlite]") {
  const FullDisk disk(0);
  SqliteStore store(path);
  const auto error = failure([&] { put(store, "a", "1"); });
  INFO(error.what());
  CHECK(error.reason() == Reason::no_space);
}

TEST_CASE("a new state that finds no space is not made", "[store][sqlite]") {
  const TempDir folder;
  SqliteStore store(folder / "state.db");
  {
    const FullDisk disk(100);
    check_no_space(failure([&] { put(store, "a", "1"); }), "create");
  }
  CHECK(listing(folder.path()).empty());
}

TEST_CASE("what SQLite calls full is no space", "[store][sqlite]") {
  check_no_space(store::sqlite_error(SQLITE_FULL, "write", "x"), "write");
  check_no_space(store::sqlite_error(SQLITE_IOERR_WRITE, "write", "x", EDQUOT), "write");
  CHECK(store::sqlite_error(SQLITE_IOERR_WRITE, "write", "x", EIO).reason() == Reason::internal);
}

}  // namespace
}  // namespace metactl::tests
