// SPDX-License-Identifier: Apache-2.0
// Reading a state file that cannot be written: nothing is made beside it.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "store/sqlite_file.h"
#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/other_user.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using store::SqliteStore;

/// A state with a pair "a" in the folder `below`, and a folder for temporary files.
struct WithOtherUser {
  TempDir folder;
  TempDir temporary;
  const fs::path below = folder / "below";
  const fs::path path = below / "state.db";
  const std::string old_temporary = std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "";

  WithOtherUser() {
    fs::create_directory(below);
    {
      SqliteStore store(path);
      put(store, "a", "1");
    }
    set_mode(folder.path(), 0755);
    set_mode(temporary.path(), 0777);
    setenv("TMPDIR", temporary.path().c_str(), 1);
  }
  ~WithOtherUser() {
    set_mode(below, 0755);
    set_mode(temporary.path(), 0777);
    if (old_temporary.empty())
      unsetenv("TMPDIR");
    else
      setenv("TMPDIR", old_temporary.c_str(), 1);
  }

  static void set_mode(const fs::path& which, mode_t mode) {
    REQUIRE(chmod(which.c_str(), mode) == 0);
  }
  void forbid_writing() const {
    for (const auto& entry : fs::directory_iterator(below)) set_mode(entry.path(), 0444);
    set_mode(below, 0555);
  }

  /// Reads as a user who may not write, and leaves no trace.
  void check_read(const std::function<std::string()>& body, const std::string& expected) const {
    const auto before = listing(below);
    const auto found = as_other_user(body);
    if (!found) WARN("skipped: root cannot become another user here");
    if (!found) return;
    CHECK(*found == expected);
    CHECK((listing(below) == before));
    CHECK(fs::is_empty(temporary.path()));
  }
  void check_read(const std::string& expected) const {
    check_read(
        [&] {
          SqliteStore store(path, at_once);
          return get(store, "a").value_or("none") + " " + std::to_string(revision(store)) + " " +
                 std::to_string(store.damages().size());
        },
        expected + " 0");
  }
  void check_change_denied(const std::string& why, const std::string& value = "1") const {
    check_read(
        [&]() -> std::string {
          SqliteStore store(path, at_once);
          for (const auto& change : std::vector<std::function<void()>>{
                   [&] { put(store, "a", "2"); }, [&] { store.compact(); },
                   [&] { store.upgrade(); }, [&] { store.require_writable(); }}) {
            try {
              change();
              return "changed";
            } catch (const Error& error) {
              if (error.reason() != Reason::denied) return error.what();
              if (std::string(error.what()) !=
                  "cannot write state file '" + path.string() + "': " + why)
                return error.what();
            }
          }
          return get(store, "a").value_or("none");
        },
        value);
  }
};

TEST_CASE_METHOD(WithOtherUser, "a state that cannot be written can be read",
                 "[store][sqlite][ro]") {
  forbid_writing();
  check_read("1 1");
  check_change_denied("the file is not writable");
}

TEST_CASE_METHOD(WithOtherUser, "a file in a folder where no files can be made can be read",
                 "[store][sqlite][ro]") {
  set_mode(path, 0666);
  set_mode(below, 0555);
  check_read("1 1");
  check_change_denied("folder '" + below.string() + "' is not writable");
}

TEST_CASE_METHOD(WithOtherUser, "beside another's file nothing is made, also where it could be",
                 "[store][sqlite][ro]") {
  set_mode(path, 0444);
  set_mode(below, 0777);
  if (geteuid() != 0) set_mode(path, 0444);
  check_read("1 1");
  check_change_denied("the file is not writable");
}

TEST_CASE_METHOD(WithOtherUser, "a log that is not empty is read too", "[store][sqlite][ro]") {
  {
    SqliteStore store(path);
    put(store, "a", "2");
    for (const auto* suffix : {"", "-wal"})
      fs::copy_file(path.string() + suffix, (below / "copy.db").string() + suffix);
  }
  fs::remove(path);
  for (const auto* suffix : {"", "-wal"})
    fs::rename((below / "copy.db").string() + suffix, path.string() + suffix);
  REQUIRE(fs::file_size(path.string() + "-wal") > 0);
  forbid_writing();
  check_read("2 2");
  check_change_denied("the file is not writable", "2");
}

TEST_CASE_METHOD(WithOtherUser, "what a crash left beside the file does not matter",
                 "[store][sqlite][ro]") {
  const auto child = start_child([&] {
    SqliteStore store(path);
    put(store, "a", "2");
    return kill(getpid(), SIGKILL);
  });
  CHECK(wait_for(child) == -SIGKILL);
  REQUIRE(fs::exists(path.string() + "-shm"));
  forbid_writing();
  check_read("2 2");
}

TEST_CASE_METHOD(WithOtherUser, "a file without a log, such as one of VACUUM INTO, can be read",
                 "[store][sqlite][ro]") {
  Raw(path).run("VACUUM INTO '" + (below / "copy.db").string() + "'");
  fs::rename(below / "copy.db", path);
  forbid_writing();
  check_read("1 1");
  check_change_denied("the file is not writable");
}

TEST_CASE_METHOD(WithOtherUser,
                 "a state of an older release can be read where nothing can be written",
                 "[store][sqlite][ro]") {
  fs::remove(path);
  fs::copy_file(fs::path(source_dir()) / "tests/store/old/v2.db", path);
  forbid_writing();
  check_read("none 24");
}

/// A process that has the state open, and changes it when it is asked to.
class Writer {
 public:
  explicit Writer(const fs::path& path) {
    child_ = start_child([&] {
      orders_.close_writer();
      SqliteStore store(path);
      char value = '2';
      do {
        put(store, "a", std::string(1, value));
        if (write(done_.writer(), &value, 1) != 1) return 1;
      } while (read(orders_.reader(), &value, 1) == 1);
      return 0;
    });
    await();
  }
  ~Writer() {
    orders_.close_writer();
    wait_for(child_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  bool write_value(char value) const { return write(orders_.writer(), &value, 1) == 1 && await(); }

 private:
  bool await() const {
    char byte = 0;
    return read(done_.reader(), &byte, 1) == 1;
  }

  Pipe orders_;
  Pipe done_;
  pid_t child_ = -1;
};

TEST_CASE_METHOD(WithOtherUser, "while another process writes, the newest is read",
                 "[store][sqlite][ro]") {
  const Writer writer(path);
  for (const auto& entry : fs::directory_iterator(below)) set_mode(entry.path(), 0444);
  set_mode(below, 0555);
  const auto found = as_other_user([&]() -> std::string {
    SqliteStore store(path, at_once);
    auto seen = get(store, "a").value_or("none");
    if (!writer.write_value('3')) return "the writer ended";
    return seen + " " + get(store, "a").value_or("none");
  });
  if (!found) WARN("skipped: root cannot become another user here");
  if (found) CHECK(*found == "2 3");
  CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE_METHOD(WithOtherUser, "a copy is made anew when the file was changed",
                 "[store][sqlite][ro]") {
  set_mode(below, 0555);
  set_mode(path, 0644);
  if (geteuid() != 0) {
    WARN("skipped: only root can change what another user reads");
    return;
  }
  Pipe first;
  Pipe changed;
  const auto root = start_child([&] {
    first.close_writer();
    char byte = 0;
    if (read(first.reader(), &byte, 1) != 1) return 1;
    {
      SqliteStore store(path);
      put(store, "a", "2");
    }
    return write(changed.writer(), &byte, 1) == 1 ? 0 : 1;
  });
  const auto found = as_other_user([&]() -> std::string {
    SqliteStore store(path, at_once);
    auto seen = get(store, "a").value_or("none");
    char byte = 'x';
    if (write(first.writer(), &byte, 1) != 1 || read(changed.reader(), &byte, 1) != 1) return "?";
    return seen + " " + get(store, "a").value_or("none");
  });
  first.close_writer();
  wait_for(root);
  if (!found) WARN("skipped: root cannot become another user here");
  if (found) CHECK(*found == "1 2");
}

TEST_CASE_METHOD(WithOtherUser,
                 "a copy that finds no place is refused, and says where it was tried",
                 "[store][sqlite][ro]") {
  forbid_writing();
  set_mode(temporary.path(), 0555);
  check_read(
      [&] {
        SqliteStore store(path, at_once);
        try {
          return get(store, "a").value_or("none");
        } catch (const Error& error) {
          if (error.reason() != Reason::denied) return std::string("other reason");
          if (error.hint().find("TMPDIR") == std::string::npos) return std::string("other hint");
          return std::string(error.what());
        }
      },
      "cannot copy state file '" + path.string() + "': permission denied (into '" +
          temporary.path().string() + "')");
}

TEST_CASE_METHOD(WithOtherUser, "a damaged state that cannot be written is damaged",
                 "[store][sqlite][ro]") {
  const auto size = fs::file_size(path);
  fs::resize_file(path, size - 1);
  forbid_writing();
  check_read(
      [&] {
        SqliteStore store(path, at_once);
        return get(store, "a").value_or("none");
      },
      "cannot open state file '" + path.string() + "': the file is truncated");
}

}  // namespace
}  // namespace metactl::tests
