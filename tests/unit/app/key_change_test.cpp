// SPDX-License-Identifier: Apache-2.0
// Changing the key of a state and its key file together, and every place where that can break off.

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "app/key_file.h"
#include "app/local.h"
#include "cli/files.h"
#include "core/meta/rekey.h"
#include "keys/keys.h"
#include "store/sqlite.h"
#include "tests/support/core_fixture.h"
#include "tests/support/key_files.h"
#include "tests/support/temp_dir.h"

namespace api = metactl::api;
namespace app = metactl::app;
namespace cli = metactl::cli;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
using app::KeyFile;
using core::Secrets;
using metactl::Error;
using metactl::tests::CoreFixture;
using metactl::tests::digits;
using metactl::tests::from;
using metactl::tests::mode_of;
using metactl::tests::names_in;
using metactl::tests::outcome;
using metactl::tests::TempDir;
using metactl::tests::Texts;

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
    core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "rekey"});
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
