// SPDX-License-Identifier: Apache-2.0
// The key file alone: making, finding, and putting another one in its place, whatever breaks off.

#include "app/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "cli/files.h"
#include "core/secrets.h"
#include "tests/support/key_files.h"
#include "tests/support/temp_dir.h"

namespace cli = metactl::cli;
namespace text = metactl::text;
using metactl::Error;
using metactl::app::KeyFile;
using metactl::core::Secrets;
using metactl::tests::digits;
using metactl::tests::mode_of;
using metactl::tests::names_in;
using metactl::tests::outcome;
using metactl::tests::TempDir;
using metactl::tests::Texts;

namespace {

struct KeyFileFixture {
  TempDir folder;
  const std::string path = (folder / "state.key").string();
  const std::string old_key = std::string(32, 'k');
  const std::string old_print = Secrets::fingerprint(old_key);

  void write(const std::string& content, const std::string& suffix = "") {
    cli::write_private_file(path + suffix, content);
  }
  std::string content() { return cli::read_file(path); }
  Texts files() { return names_in(folder.path()); }

  /// What a process that starts now finds.
  std::string found(const std::optional<std::string>& fingerprint) {
    return KeyFile(path).key(fingerprint);
  }
};

}  // namespace

TEST_CASE_METHOD(KeyFileFixture, "the key file is made for the first secret, for its owner only",
                 "[app][key_file]") {
  KeyFile file(path);
  CHECK(files().empty());
  const auto key = file.key(std::nullopt);
  CHECK(key.size() == 32);
  CHECK(content() == digits(key));
  CHECK(content().size() == 65);
  CHECK(mode_of(path) == 0600);
  CHECK(files() == Texts{"state.key"});
  CHECK(file.key(std::nullopt) == key);
  CHECK(file.key(Secrets::fingerprint(key)) == key);
  CHECK(found(std::nullopt) == key);
  CHECK(found(Secrets::fingerprint(key)) == key);
  CHECK(content() == digits(key));
}

TEST_CASE_METHOD(KeyFileFixture, "every state gets a key of its own", "[app][key_file]") {
  CHECK(KeyFile(path).key(std::nullopt) != KeyFile(path + "2").key(std::nullopt));
}

TEST_CASE_METHOD(KeyFileFixture, "a key file that is there is used and left alone",
                 "[app][key_file]") {
  const auto* end = GENERATE("\n", "", "\r\n");
  write(text::hex(old_key) + end);
  CHECK(found(std::nullopt) == old_key);
  CHECK(found(old_print) == old_key);
  CHECK(content() == text::hex(old_key) + end);
  CHECK(files() == Texts{"state.key"});
}

TEST_CASE_METHOD(KeyFileFixture, "a lost key is reported, and no second one is made",
                 "[app][key_file]") {
  CHECK(outcome([&] { found(old_print); }, path) == "integrity");
  CHECK(outcome([&] { found(old_print); }, "missing") == "integrity");
  try {
    found(old_print);
  } catch (const Error& error) {
    CHECK_THAT(error.hint(), Catch::Contains("--key-file"));
  }
  CHECK(files().empty());
}

TEST_CASE_METHOD(KeyFileFixture, "a wrong key is told from a missing one, and left alone",
                 "[app][key_file]") {
  const std::string other(32, 'o');
  write(digits(other));
  CHECK(outcome([&] { found(old_print); }, path) == "integrity");
  CHECK(outcome([&] { found(old_print); }, "not the one") == "integrity");
  CHECK(content() == digits(other));
  CHECK(files() == Texts{"state.key"});
  SECTION("and does not stay when the right one is put back") {
    KeyFile file(path);
    CHECK(outcome([&] { file.key(old_print); }, path) == "integrity");
    write(digits(old_key));
    CHECK(file.key(old_print) == old_key);
  }
}

TEST_CASE_METHOD(KeyFileFixture, "a file that holds no key is reported, and left alone",
                 "[app][key_file]") {
  const auto bad = GENERATE(as<std::string>(), "", "\n", "abc\n", std::string(62, 'a'),
                            std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'g'));
  CAPTURE(bad);
  write(bad);
  CHECK(outcome([&] { found(old_print); }, path) == "integrity");
  CHECK(outcome([&] { found(std::nullopt); }, path) == "integrity");
  CHECK(content() == bad);
  CHECK(files() == Texts{"state.key"});
}

TEST_CASE_METHOD(KeyFileFixture, "two that make the first key at once agree on it",
                 "[app][key_file]") {
  Texts made(8);
  std::vector<std::thread> threads;
  for (auto& key : made) threads.emplace_back([&] { key = found(std::nullopt); });
  for (auto& thread : threads) thread.join();
  CHECK(std::count(made.begin(), made.end(), made[0]) == 8);
  CHECK(content() == digits(made[0]));
  CHECK(files() == Texts{"state.key"});
}

TEST_CASE_METHOD(KeyFileFixture, "a prepared key stands beside the key file", "[app][key_file]") {
  write(digits(old_key));
  const KeyFile file(path);
  const auto fresh = file.prepare();
  const auto print = Secrets::fingerprint(fresh);
  CHECK(fresh.size() == 32);
  CHECK(fresh != file.prepare());
  CHECK(content() == digits(old_key));
  CHECK(cli::read_file(path + "." + print) == digits(fresh));
  CHECK(mode_of(path + "." + print) == 0600);
}

TEST_CASE_METHOD(KeyFileFixture, "commit puts the key in place, and may be repeated",
                 "[app][key_file]") {
  write(digits(old_key));
  const KeyFile file(path);
  const auto fresh = file.prepare();
  const auto print = Secrets::fingerprint(fresh);
  for (int i = 0; i < 2; ++i) {
    file.commit(print);
    CHECK(content() == digits(fresh));
    CHECK(mode_of(path) == 0600);
    CHECK(files() == Texts{"state.key"});
  }
}

TEST_CASE_METHOD(KeyFileFixture, "abandon removes the prepared key only", "[app][key_file]") {
  write(digits(old_key));
  const KeyFile file(path);
  const auto kept = Secrets::fingerprint(file.prepare());
  const auto print = Secrets::fingerprint(file.prepare());
  file.abandon(print);
  file.abandon(print);
  CHECK(content() == digits(old_key));
  CHECK(files() == Texts{"state.key", "state.key." + kept});
}

TEST_CASE_METHOD(KeyFileFixture, "a crash before the state was changed leaves the old key",
                 "[app][key_file]") {
  write(digits(old_key));
  const auto fresh = KeyFile(path).prepare();
  CHECK(found(old_print) == old_key);
  CHECK(found(std::nullopt) == old_key);
  CHECK(content() == digits(old_key));
  SECTION("and a later change goes through") {
    const auto later = KeyFile(path).prepare();
    KeyFile(path).commit(Secrets::fingerprint(later));
    CHECK(found(Secrets::fingerprint(later)) == later);
    CHECK(content() == digits(later));
  }
}

TEST_CASE_METHOD(KeyFileFixture, "a crash before the file was renamed is made good",
                 "[app][key_file]") {
  const bool has_old = GENERATE(true, false);
  if (has_old) write(digits(old_key));
  KeyFile running(path);
  if (has_old) REQUIRE(running.key(old_print) == old_key);
  const auto fresh = KeyFile(path).prepare();
  const auto print = Secrets::fingerprint(fresh);
  SECTION("by a process that starts") {
    CHECK(found(print) == fresh);
  }
  SECTION("by one that runs with the old key") {
    CHECK(running.key(print) == fresh);
  }
  CHECK(content() == digits(fresh));
  CHECK(mode_of(path) == 0600);
  CHECK(files() == Texts{"state.key"});
  CHECK(found(print) == fresh);
}

TEST_CASE_METHOD(KeyFileFixture, "a prepared key that is another one is not put in place",
                 "[app][key_file]") {
  write(digits(old_key));
  const auto wanted = Secrets::fingerprint(std::string(32, 'w'));
  const auto bad = GENERATE(as<std::string>(), "", "abc", digits(std::string(32, 'x')));
  CAPTURE(bad);
  write(bad, "." + wanted);
  CHECK(outcome([&] { found(wanted); }, path) == "integrity");
  CHECK(content() == digits(old_key));
}

TEST_CASE_METHOD(KeyFileFixture, "a key is found while another process puts it in place",
                 "[app][key_file]") {
  const auto fresh = KeyFile(path).prepare();
  const auto print = Secrets::fingerprint(fresh);
  // A reader of a pipe can be held between opening the key file and reading the old key from it.
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::string key;
  std::string failure;
  std::atomic<bool> is_done = false;
  std::thread reader([&] {
    try {
      key = found(print);
    } catch (const Error& error) {
      failure = error.what();
    }
    is_done = true;
  });
  int pipe = -1;
  while (pipe < 0 && !is_done) pipe = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (pipe >= 0) {
    KeyFile(path).commit(print);
    CHECK(::write(pipe, digits(old_key).data(), 65) == 65);
    ::close(pipe);
  }
  reader.join();
  CHECK(failure.empty());
  CHECK(key == fresh);
  CHECK(content() == digits(fresh));
}
