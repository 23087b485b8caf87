// SPDX-License-Identifier: Apache-2.0
// Waiting for others who write the state file, and saying who they are.
#include <catch2/catch.hpp>
#include <csignal>

#include "store/lock_holder.h"
#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/children.h"

namespace metactl::tests {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using store::SqliteStore;

/// A process that holds the lock of writers until it is told to end.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& path) {
    child_ = start_child([&] {
      gate_.close_writer();
      Raw other(path);
      other.run("BEGIN IMMEDIATE");
      char byte = 'r';
      if (write(ready_.writer(), &byte, 1) != 1) return 1;
      return read(gate_.reader(), &byte, 1) == 0 ? 0 : 1;
    });
    char byte = 0;
    if (read(ready_.reader(), &byte, 1) != 1) throw std::runtime_error("no lock");
  }
  ~Holder() {
    kill(child_, SIGCONT);
    gate_.close_writer();
    wait_for(child_);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  pid_t pid() const { return child_; }
  void stop() const {
    kill(child_, SIGSTOP);
    int status = 0;
    waitpid(child_, &status, WUNTRACED);
  }

 private:
  Pipe gate_;
  Pipe ready_;
  pid_t child_ = -1;
};

std::string own_name() {
  return std::filesystem::read_symlink("/proc/self/exe").filename();
}

TEST_CASE_METHOD(WithFile, "a file locked for too long is unreachable, and by whom is said",
                 "[store][sqlite][lock]") {
  {
    const Holder holder(path);
    SqliteStore store(path, at_once);
    CHECK(revision(store) == 1);  // Reads go on.
    const auto error = failure([&] { put(store, "a", "1"); });
    CHECK(error.reason() == Reason::unreachable);
    CHECK_THAT(
        error.what(),
        StartsWith("cannot write state file '" + path.string() + "': it is locked by process " +
                   std::to_string(holder.pid()) + " (" + own_name() + ", started "));
    CHECK(error.hint() ==
          "wait longer with --timeout 1m, or end it: kill " + std::to_string(holder.pid()));
  }
  SqliteStore store(path, at_once);
  put(store, "a", "1");
  CHECK(revision(store) == 2);
}

TEST_CASE_METHOD(WithFile, "of a command line only what may be printed is",
                 "[store][sqlite][lock]") {
  const Holder holder(path);
  std::vector<std::string> seen;
  SqliteStore store(path, {.patience = at_once, .name_command = [&](const auto& words) {
                             seen = words;
                             return std::string("metactl batch");
                           }});
  const auto error = failure([&] { put(store, "a", "1"); });
  CHECK_THAT(error.what(), Contains("(metactl batch, started "));
  REQUIRE_FALSE(seen.empty());
  CHECK(std::filesystem::path(seen.front()).filename() == own_name());
}

TEST_CASE_METHOD(WithFile, "a stopped process that holds the lock is called stopped",
                 "[store][sqlite][lock]") {
  const Holder holder(path);
  holder.stop();
  SqliteStore store(path, at_once);
  const auto error = failure([&] { put(store, "a", "1"); });
  CHECK_THAT(error.what(), Contains(", stopped)"));
  const auto pid = std::to_string(holder.pid());
  CHECK(error.hint() == "let it continue: kill -CONT " + pid + "; or end it: kill -9 " + pid);
}

TEST_CASE_METHOD(WithFile, "a long wait is noted once", "[store][sqlite][lock]") {
  std::vector<std::string> notes;
  std::optional<Holder> holder(path);
  const auto pid = std::to_string(holder->pid());
  SqliteStore store(path, {.note_wait =
                               [&](const std::string& line) {
                                 notes.push_back(line);
                                 holder.reset();
                               },
                           .silence = at_once});
  put(store, "a", "1");  // When it is noted, the lock is given back.
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes.front(), StartsWith("waiting for process " + pid + " ("));
  CHECK_THAT(notes.front(), Contains("which has locked state '" + path.string() + "'"));
}

TEST_CASE_METHOD(WithFile, "nobody holds a lock that was given back", "[store][sqlite][lock]") {
  SqliteStore store(path);
  put(store, "a", "1");
  CHECK_FALSE(store::find_lock_holder(path));
  CHECK_FALSE(store::find_lock_holder(folder / "missing"));
}

TEST_CASE_METHOD(WithFile, "a program that locks the file as a whole is found",
                 "[store][sqlite][lock]") {
  Pipe gate;
  Pipe ready;
  const auto child = start_child([&] {
    gate.close_writer();
    Raw other(path);
    other.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    char byte = 'r';
    if (write(ready.writer(), &byte, 1) != 1) return 1;
    return read(gate.reader(), &byte, 1) == 0 ? 0 : 1;
  });
  char byte = 0;
  REQUIRE(read(ready.reader(), &byte, 1) == 1);
  const auto holder = store::find_lock_holder(path);
  REQUIRE(holder);
  CHECK(holder->pid == child);
  gate.close_writer();
  CHECK(wait_for(child) == 0);
}

}  // namespace
}  // namespace metactl::tests
