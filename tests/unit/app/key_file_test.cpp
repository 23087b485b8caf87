// SPDX-License-Identifier: Apache-2.0
// The key file of a state: making, finding, changing it, and every place where a change can break
// off.

#include "app/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "app/local.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/files.h"
#include "core/meta/rekey.h"
#include "keys/keys.h"
#include "store/sqlite.h"
#include "tests/support/core_fixture.h"
#include "tests/support/temp_dir.h"

namespace api = metactl::api;
namespace app = metactl::app;
namespace cli = metactl::cli;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
namespace text = metactl::text;
using app::KeyFile;
using core::Secrets;
using metactl::Error;
using metactl::tests::CoreFixture;
using metactl::tests::from;
using metactl::tests::TempDir;

namespace {

using Texts = std::vector<std::string>;

/// The names of the files in a folder, sorted.
Texts names_in(const std::filesystem::path& folder) {
  Texts names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::string digits(const std::string& key) {
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

namespace {

/// A state in memory with a key file, and processes that change its key.
class ChangingFixture : public CoreFixture {
 public:
  TempDir folder;
  const std::string path = (folder / "state.key").string();

  /// The surroundings of a process that starts now.
  core::Environment process() {
    auto result = environment();
    auto file = std::make_shared<KeyFile>(path);
    result.secrets = Secrets([file](const auto& fingerprint) { return file->key(fingerprint); });
    return result;
  }

  template <class Request, class Response>
  Response call_in(const core::Environment& surroundings,
                   const api::Operation<Request, Response>& operation, std::string_view json) {
    const core::Dispatcher dispatcher(memory, surroundings, core::meta::handlers());
    Response response;
    const auto error = dispatcher.call(operation.info, from<Request>(json), response, actor);
    if (error) throw Error(*error);
    return response;
  }

  /// The second of the three steps.
  void change_state(const core::Environment& surroundings, const std::string& key) {
    core::Context context(memory, surroundings, now_ms, {actor, "", "rekey", [] { return "{}"; }});
    core::meta::rekey(context, key);
  }

  void add_secret() {
    call_in(process(), api::create_instance,
            "{instance_id: 'i', ram_user: {user_id: 'u', ak: 'a', sk: 'plain-sk'}}");
  }
  std::string secret() {
    return call_in(process(), api::get_instance, "{instance_id: 'i'}").instance().ram_user().sk();
  }
  /// Seals one more secret, which is refused when the key is lost.
  std::string reason_for_sealing() {
    return outcome(
        [&] {
          call_in(process(), api::alter_iam, "{account_id: 'a', ak: 'a', sk: 'plain-sk-iam'}");
        },
        "");
  }
};

}  // namespace

TEST_CASE_METHOD(ChangingFixture, "secrets are there after each step of a key change",
                 "[app][key_file]") {
  add_secret();
  const auto surroundings = process();
  const KeyFile file(path);
  const auto fresh = file.prepare();
  CHECK(secret() == "plain-sk");
  change_state(surroundings, fresh);
  SECTION("broken off before the rename") {
    CHECK(secret() == "plain-sk");
    CHECK(reason_for_sealing().empty());
  }
  SECTION("finished") {
    file.commit(Secrets::fingerprint(fresh));
    CHECK(secret() == "plain-sk");
  }
  CHECK(names_in(folder.path()) == Texts{"state.key"});
  CHECK(cli::read_file(path) == digits(fresh));
}

TEST_CASE_METHOD(ChangingFixture, "two key changes at once leave the key of the later one",
                 "[app][key_file]") {
  const bool has_secrets = GENERATE(true, false);
  CAPTURE(has_secrets);
  if (has_secrets) {
    add_secret();
  } else {
    create("i");
  }
  const auto first_process = process();
  const auto second_process = process();
  const KeyFile file(path);
  const auto first = file.prepare();
  const auto second = file.prepare();
  const auto commit = [&](const std::string& key) { file.commit(Secrets::fingerprint(key)); };
  change_state(first_process, first);
  SECTION("one after the other") {
    commit(first);
    change_state(second_process, second);
    commit(second);
  }
  SECTION("renamed in their order") {
    change_state(second_process, second);
    commit(first);
    commit(second);
  }
  SECTION("renamed in the other order") {
    change_state(second_process, second);
    commit(second);
    commit(first);
  }
  SECTION("the first broken off") {
    change_state(second_process, second);
    commit(second);
  }
  SECTION("the second broken off") {
    change_state(second_process, second);
    commit(first);
  }
  SECTION("both broken off") {
    change_state(second_process, second);
  }
  CHECK(value(keys::secret_key_key()) == Secrets::fingerprint(second));
  if (has_secrets) CHECK(secret() == "plain-sk");
  CHECK(reason_for_sealing().empty());
  CHECK(KeyFile(path).key(Secrets::fingerprint(second)) == second);
}

namespace {

/// A state on disk, and what the program does with it.
class StateFixture {
 public:
  TempDir folder;
  cli::Connection connection = {.state = (folder / "s.db").string()};
  const std::string path = connection.state + ".key";

  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, std::string_view json) {
    store::SqliteStore state(connection.state);
    const core::Dispatcher dispatcher(state, app::local_environment(connection, {}),
                                      core::meta::handlers());
    Response response;
    const auto error = dispatcher.call(operation.info, from<Request>(json), response, "me");
    if (error) throw Error(*error);
    return response;
  }

  void add_secret() {
    call(api::create_instance,
         "{instance_id: 'i', ram_user: {user_id: 'u', ak: 'a', sk: 'plain-sk'}}");
  }
  std::string secret() {
    return call(api::get_instance, "{instance_id: 'i'}").instance().ram_user().sk();
  }
  std::vector<store::Pair> content() {
    return store::SqliteStore(connection.state).read([](store::View& view) {
      return view.scan("", "");
    });
  }
  /// Those that have to do with keys.
  Texts key_files() {
    auto names = names_in(folder.path());
    std::erase_if(names, [](const auto& name) { return name.find(".key") == std::string::npos; });
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(StateFixture, "the key file of a state is STATE.key, or the one that is named",
                 "[app][key_file]") {
  const bool named = GENERATE(false, true);
  if (named) connection.key_file = (folder / "mine.key").string();
  call(api::create_instance, "{instance_id: 'bare'}");
  CHECK(key_files().empty());
  CHECK_NOTHROW(app::require_key(connection));
  CHECK(key_files().empty());
  add_secret();
  CHECK(key_files() == Texts{named ? "mine.key" : "s.db.key"});
  CHECK(secret() == "plain-sk");
  CHECK_NOTHROW(app::require_key(connection));
}

TEST_CASE_METHOD(StateFixture, "rekey changes state and key file together", "[app][key_file]") {
  add_secret();
  const auto old = cli::read_file(path);
  CHECK(app::rekey(connection) == 1);
  CHECK(cli::read_file(path) != old);
  CHECK(mode_of(path) == 0600);
  CHECK(key_files() == Texts{"s.db.key"});
  CHECK(secret() == "plain-sk");
  CHECK_NOTHROW(app::require_key(connection));
  SECTION("so that the old key opens nothing") {
    cli::write_private_file(path, old);
    CHECK(outcome([&] { app::require_key(connection); }, path) == "integrity");
    CHECK(secret().empty());
  }
}

TEST_CASE_METHOD(StateFixture, "a rekey that fails leaves state and key file as they were",
                 "[app][key_file]") {
  add_secret();
  SECTION("without the key") {
    std::filesystem::remove(path);
    const auto before = content();
    CHECK(outcome([&] { app::require_key(connection); }, path) == "integrity");
    CHECK(outcome([&] { app::rekey(connection); }, path) == "integrity");
    CHECK(content() == before);
    CHECK(key_files().empty());
  }
  SECTION("with another key") {
    const auto other = digits(std::string(32, 'o'));
    cli::write_private_file(path, other);
    const auto before = content();
    CHECK(outcome([&] { app::require_key(connection); }, path) == "integrity");
    CHECK(outcome([&] { app::rekey(connection); }, path) == "integrity");
    CHECK(content() == before);
    CHECK(cli::read_file(path) == other);
    CHECK(key_files() == Texts{"s.db.key"});
  }
  SECTION("with a damaged secret") {
    const auto key = cli::read_file(path);
    store::SqliteStore(connection.state).transact([](store::Txn& txn) {
      pb::InstanceInfoPB instance;
      REQUIRE(instance.ParseFromString(txn.get(keys::instance_key("i")).value()));
      instance.mutable_ram_user()->set_sk("AAAA");
      txn.put(keys::instance_key("i"), instance.SerializeAsString());
    });
    const auto before = content();
    CHECK(outcome([&] { app::rekey(connection); }, "") == "integrity");
    CHECK(content() == before);
    CHECK(cli::read_file(path) == key);
    CHECK(key_files() == Texts{"s.db.key"});
  }
}

TEST_CASE_METHOD(StateFixture, "a write without the key makes no key and changes nothing",
                 "[app][key_file]") {
  add_secret();
  std::filesystem::remove(path);
  const auto before = content();
  CHECK(outcome([&] { call(api::alter_iam, "{account_id: 'a', ak: 'a', sk: 'plain-sk-iam'}"); },
                path) == "integrity");
  CHECK(content() == before);
  CHECK(key_files().empty());
  CHECK(call(api::get_instance, "{instance_id: 'i'}").instance().ram_user().ak() == "a");
}

TEST_CASE_METHOD(StateFixture, "several rekeys at once leave a state that opens",
                 "[app][key_file]") {
  add_secret();
  Texts failures(3);
  std::vector<std::thread> threads;
  for (auto& failure : failures)
    threads.emplace_back([&] {
      try {
        for (int i = 0; i < 5; ++i) app::rekey(connection);
      } catch (const std::exception& error) {
        failure = error.what();
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) CHECK(failure.empty());
  CHECK(secret() == "plain-sk");
  CHECK(key_files() == Texts{"s.db.key"});
  CHECK_NOTHROW(app::require_key(connection));
}
