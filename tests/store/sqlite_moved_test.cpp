// SPDX-License-Identifier: Apache-2.0
// State files, logs and indexes that are moved, deleted or replaced under an open store.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/children.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using store::SqliteStore;
using store::Txn;

constexpr auto moved = "it was moved, deleted or replaced while it was open";

/// A name behind that of the state: "", "-wal" or "-shm".
fs::path beside(const fs::path& path, const std::string& end) {
  return path.string() + end;
}

void require_lost(SqliteStore& store, const std::string& why) {
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "lost"); }),
        failure([&] { store.damages(); }), failure([&] { store.compact(); })}) {
    CHECK(error.reason() == Reason::integrity);
    CHECK_THAT(error.what(), Contains("cannot use state file") && Contains(why));
  }
}

/// Another state of its own, without a log.
fs::path make_other(const fs::path& path) {
  SqliteStore other(path);
  put(other, "other", "1");
  put(other, "other", "2");
  return path;
}

/// Another process that has the state open and has put a = 1 into it. To be made while this process
/// has no open store.
class Holder {
 public:
  explicit Holder(const fs::path& path) {
    child_ = start_child([&] {
      SqliteStore store(path);
      put(store, "a", "1");
      put(store, "large",
          std::string(100'000, 'x'));  // The file grows, so that the log has page 1.
      tell(answers_, '.');
      while (hear(questions_) == '?') tell(answers_, is_lost(store) ? 'l' : 'o');
      return 0;
    });
    if (hear(answers_) != '.') throw std::runtime_error("the other process failed");
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  /// Whether its next read and its next change are refused.
  bool is_lost() {
    tell(questions_, '?');
    return hear(answers_) == 'l';
  }
  void kill() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) wait_for(child_);
    child_ = -1;
  }

 private:
  static bool refuses(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.reason() == Reason::integrity;
    }
    return false;
  }
  static bool is_lost(SqliteStore& store) {
    const bool is_read_refused = refuses([&] { get(store, "a"); });
    return refuses([&] { put(store, "a", "2"); }) && is_read_refused;
  }
  static void tell(const Pipe& pipe, char word) {
    if (write(pipe.writer(), &word, 1) != 1) throw std::runtime_error("cannot tell");
  }
  static char hear(const Pipe& pipe) {
    char word = 0;
    return read(pipe.reader(), &word, 1) == 1 ? word : '\0';
  }

  Pipe questions_;
  Pipe answers_;
  pid_t child_ = -1;
};

TEST_CASE_METHOD(WithFile, "a store whose files go away refuses all from then on",
                 "[store][sqlite][moved]") {
  const auto* end = GENERATE("", "-wal", "-shm");
  const bool is_replaced = GENERATE(false, true);
  INFO("state.db" << end << (is_replaced ? " replaced" : " moved"));
  SqliteStore store(path);
  put(store, "a", "1");
  const auto file = beside(path, end);
  const auto elsewhere = folder / "elsewhere";
  fs::rename(file, elsewhere);
  if (is_replaced) fs::copy_file(elsewhere, file);
  require_lost(store, moved);
  fs::rename(elsewhere, file);  // It does not go on by itself.
  require_lost(store, moved);
}

TEST_CASE_METHOD(WithFile, "a store that saw its file makes no new one", "[store][sqlite][moved]") {
  SqliteStore store(path);
  put(store, "a", "1");
  for (const auto* end : {"", "-wal", "-shm"}) fs::remove(beside(path, end));
  require_lost(store, moved);
  CHECK(listing(folder.path()).empty());
  SqliteStore other(path);
  put(other, "b", "1");
  CHECK(revision(other) == 1);
  require_lost(store, moved);
}

TEST_CASE_METHOD(WithFile, "a log that lost its bytes is noticed by all who share it",
                 "[store][sqlite][moved]") {
  Holder holder(path);
  fs::resize_file(beside(path, "-wal"), GENERATE(std::uintmax_t{0}, std::uintmax_t{100}));
  SqliteStore store(path);
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "lost"); })}) {
    CHECK(error.reason() == Reason::integrity);
    CHECK_THAT(error.what(), Contains("lacks changes that were written to it"));
  }
  CHECK(holder.is_lost());
}

TEST_CASE_METHOD(WithFile, "a commit whose files went away meanwhile is not acknowledged",
                 "[store][sqlite][moved]") {
  SqliteStore store(path);
  put(store, "a", "1");
  std::string end;
  std::function<void()> lose;
  SECTION("moved") {
    end = GENERATE("", "-wal", "-shm");
    lose = [&] { fs::rename(beside(path, end), folder / "elsewhere"); };
  }
  SECTION("truncated") {
    lose = [&] { fs::resize_file(beside(path, "-wal"), 0); };
  }
  INFO("state.db" << end);
  const auto error = failure([&] {
    store.transact([&](Txn& txn) {
      txn.put("a", "2");
      lose();
    });
  });
  CHECK(error.reason() == Reason::integrity);
  CHECK_THAT(error.what(), Contains("cannot write state file") &&
                               Contains("the change may be lost, or in the file that was moved"));
  CHECK(failure([&] { get(store, "a"); }).reason() == Reason::integrity);
}

TEST_CASE_METHOD(WithFile, "what a deleted log held is saved", "[store][sqlite][moved]") {
  Holder holder(path);
  fs::remove(beside(path, "-wal"));
  CHECK(holder.is_lost());
  holder.kill();
  SqliteStore store(path);
  CHECK(get(store, "a") == "1");
  CHECK(revision(store) == 3);
}

TEST_CASE_METHOD(WithFile, "so is one that was deleted with its index, unless others went on",
                 "[store][sqlite][moved]") {
  Holder holder(path);
  fs::remove(beside(path, "-wal"));
  fs::remove(beside(path, "-shm"));
  const bool others_went_on = GENERATE(false, true);
  if (others_went_on) {
    SqliteStore other(path);
    CHECK(get(other, "a") == std::nullopt);
    put(other, "b", "1");
  }
  CHECK(holder.is_lost());
  holder.kill();
  SqliteStore store(path);
  const std::optional<std::string> there = "1";
  CHECK(get(store, "a") == (others_went_on ? std::nullopt : there));
  CHECK(get(store, "b") == (others_went_on ? there : std::nullopt));
  CHECK(store.damages().empty());
}

TEST_CASE_METHOD(WithFile, "a deleted index loses nothing", "[store][sqlite][moved]") {
  Holder holder(path);
  fs::remove(beside(path, "-shm"));
  SqliteStore store(path);
  put(store, "b", "1");
  CHECK(get(store, "a") == "1");
  CHECK(holder.is_lost());
  holder.kill();
  put(store, "c", "1");
  SqliteStore next(path);
  CHECK(get(next, "a") == "1");
  CHECK(get(next, "b") == "1");
  CHECK(revision(next) == 5);
}

TEST_CASE_METHOD(WithFile, "files that were moved together are whole", "[store][sqlite][moved]") {
  const auto elsewhere = folder / "elsewhere.db";
  {
    SqliteStore store(path);
    put(store, "a", "1");
    for (const auto* end : {"", "-wal", "-shm"})
      fs::rename(beside(path, end), beside(elsewhere, end));
    require_lost(store, moved);
  }
  SqliteStore store(elsewhere);
  CHECK(get(store, "a") == "1");
  CHECK(store.damages().empty());
}

// The log of one file beside another.

TEST_CASE_METHOD(WithFile, "the log of another state is not played into a file",
                 "[store][sqlite][moved]") {
  const auto other = make_other(folder / "other.db");
  const auto before = bytes(other);
  const bool is_served = GENERATE(false, true);
  INFO((is_served ? "served" : "killed"));
  Holder holder(path);
  if (!is_served) holder.kill();
  fs::rename(other, path);
  for (int round = 0; round < 2; ++round) {
    SqliteStore store(path);
    for (const auto& error :
         {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
      CHECK(error.reason() == Reason::integrity);
      CHECK_THAT(error.what(), Contains("belongs to state") && Contains("the file is state"));
    }
  }
  CHECK((bytes(path) == before));
  if (is_served) CHECK(holder.is_lost());
  holder.kill();
  CHECK((bytes(path) == before));
  fs::remove(beside(path, "-wal"));
  fs::remove(beside(path, "-shm"));
  SqliteStore store(path);
  CHECK(get(store, "other") == "2");
}

TEST_CASE_METHOD(WithFile, "nor is the log of a newer or an older copy", "[store][sqlite][moved]") {
  const auto copy = folder / "copy.db";
  const bool is_older = GENERATE(true, false);
  fs::copy_file(path, copy);
  {
    SqliteStore ahead(is_older ? path : copy);  // Its log is in the file afterwards.
    put(ahead, "a", "1");
    put(ahead, "a", "2");
  }
  {
    SqliteStore store(path);
    put(store, "b", "1");
    fs::copy_file(beside(path, "-wal"), beside(copy, "-wal"));
  }
  SqliteStore store(copy);
  const auto error = failure([&] { get(store, "a"); });
  CHECK(error.reason() == Reason::integrity);
  CHECK_THAT(error.what(), Contains("belongs to another copy of this state"));
}

TEST_CASE_METHOD(WithFile, "the log belongs to the file before and after it is moved into it",
                 "[store][sqlite][moved]") {
  SqliteStore store(path);
  for (int i = 0; i < 5; ++i) put(store, "a", std::to_string(i));
  const auto copy = folder / "copy.db";
  const auto check_copy = [&] {
    fs::copy_file(path, copy, fs::copy_options::overwrite_existing);
    fs::copy_file(beside(path, "-wal"), beside(copy, "-wal"), fs::copy_options::overwrite_existing);
    SqliteStore copied(copy);
    CHECK(get(copied, "a") == "4");
    CHECK(copied.damages().empty());
  };
  check_copy();
  Raw(path).run("PRAGMA wal_checkpoint(FULL)");  // The log keeps its bytes.
  check_copy();
  put(store, "b", "1");  // It begins anew.
  check_copy();
}

/// written.
TEST_CASE_METHOD(WithFile, "a log that began anew and was torn belongs to its file",
                 "[store][sqlite][moved]") {
  SqliteStore store(path);
  for (int i = 0; i < 5; ++i) put(store, "a", std::to_string(i));
  Raw(path).run("PRAGMA wal_checkpoint(RESTART)");
  const auto before = bytes(beside(path, "-wal"));
  const auto copy = folder / "copy.db";
  fs::copy_file(path, copy);
  put(store, "b", "1");
  const auto after = bytes(beside(path, "-wal"));
  constexpr std::size_t block = 512;
  for (std::size_t written = 0; written <= after.size(); written += block) {
    const auto until = std::min(written, after.size());
    write_file(beside(copy, "-wal"),
               after.substr(0, until) + before.substr(std::min(until, before.size())));
    SqliteStore torn(copy);
    INFO(written);
    CHECK(get(torn, "a") == "4");
    fs::copy_file(path, copy, fs::copy_options::overwrite_existing);
  }
}

TEST_CASE_METHOD(WithFile, "damaged logs lead to no worse than a refusal",
                 "[store][sqlite][moved]") {
  Holder(path).kill();
  const auto file = bytes(path);
  const auto log = bytes(beside(path, "-wal"));
  for (std::size_t place = 0; place < log.size(); place += place < 64 ? 1 : 997) {
    auto damaged = log;
    damaged[place] = static_cast<char>(damaged[place] ^ '\x55');
    const auto copy = folder / ("copy" + std::to_string(place));
    write_file(copy, file);
    write_file(beside(copy, "-wal"), damaged);
    SqliteStore store(copy);
    CHECK(revision(store) < 3);  // As SQLite does: the commits from there on are gone.
  }
}

TEST_CASE_METHOD(WithFile, "a file is not read by the index of another one that is still open",
                 "[store][sqlite][moved]") {
  const auto other = make_other(folder / "other.db");  // Of fewer pages.
  const auto before = bytes(other);
  Holder holder(path);
  SqliteStore(path).compact();  // Leaves an empty log, and the number of pages in the index.
  fs::rename(other, path);
  {
    SqliteStore store(path);
    require_lost(store, "belongs to another file, which is still open");
  }
  CHECK((bytes(path) == before));
  CHECK(holder.is_lost());
  holder.kill();
  SqliteStore store(path);
  CHECK(get(store, "other") == "2");
}

TEST_CASE_METHOD(WithFile, "a file with two names is refused under both",
                 "[store][sqlite][moved]") {
  const auto second = folder / "second.db";
  fs::create_hard_link(path, second);
  for (const auto& name : {path, second}) {
    SqliteStore store(name);
    for (const auto& error :
         {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
      CHECK(error.reason() == Reason::integrity);
      CHECK_THAT(error.what(), Contains("the file has 2 names (hard links)"));
      CHECK_THAT(error.hint(), Contains("cp --remove-destination"));
    }
  }
  fs::remove(second);
  SqliteStore store(path);
  put(store, "a", "1");
}

TEST_CASE_METHOD(WithFile, "the log of a lost file is no empty state", "[store][sqlite][moved]") {
  Holder(path).kill();
  fs::remove(path);
  SqliteStore store(path);
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })})
    CHECK(error.reason() == Reason::integrity);
}

}  // namespace
}  // namespace metactl::tests
