// SPDX-License-Identifier: Apache-2.0
// What killed commands leave beside a state goes with the next change, and nothing else does.
#include "app/leftovers.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "app/key_file.h"
#include "app/local.h"
#include "base/temporary_file.h"
#include "cli/files.h"
#include "core/secrets.h"
#include "keys/keys.h"
#include "tests/support/temp_dir.h"

namespace metactl::app {
namespace {

namespace fs = std::filesystem;

struct LeftoversFixture {
  tests::TempDir folder;
  cli::Connection connection;
  const std::string prepared = folder / "s.db.key.0123456789abcdef";
  const std::string torn = folder / "s.db.key.0123456789abcdef.aB3dE6";
  const std::string abandoned = folder / "backup-0.0123456789abcdef.metactl";

  LeftoversFixture() {
    connection.state = folder / "s.db";
    change();
  }

  static void make(const std::string& path) { cli::write_private_file(path, "x"); }

  std::shared_ptr<store::SqliteStore> state() const {
    return open_state(connection, local_environment(connection, {}));
  }

  void change(const std::string& fingerprint = "") {
    state()->transact([&](store::Txn& txn) {
      txn.put("k", std::to_string(txn.revision()));
      if (!fingerprint.empty()) txn.put(keys::secret_key_key(), fingerprint);
    });
  }
};

TEST_CASE_METHOD(LeftoversFixture, "a change removes what killed commands left",
                 "[app][key_file]") {
  change("fedcba9876543210");
  for (const auto& path : {prepared, torn}) make(path);
  cli::write_private_file(folder / "s.db.backup", "kept");
  make(abandoned);
  state()->read([](store::View& view) { return view.revision(); });
  CHECK(fs::exists(prepared));
  change();
  for (const auto& path : {prepared, torn, abandoned}) CHECK_FALSE(fs::exists(path));
  CHECK(fs::exists(folder / "s.db.backup"));
}

TEST_CASE_METHOD(LeftoversFixture, "a prepared key that may be needed stays", "[app][key_file]") {
  make(prepared);
  SECTION("that of the state") {
    change("0123456789abcdef");
  }
  SECTION("of a state that does not know its key") {
    change();
  }
  SECTION("of a process that runs") {
    const FileLock rekeying(prepared);
    change("fedcba9876543210");
  }
  SECTION("of a key file that other states may have") {
    connection.key_file = folder / "s.db.key";
    change("fedcba9876543210");
  }
  CHECK(fs::exists(prepared));
}

TEST_CASE_METHOD(LeftoversFixture, "a change of the key removes what earlier ones left",
                 "[app][key_file]") {
  rekey(connection);
  {
    const KeyFile running(key_path(connection));
    running.prepare();
    const auto before = std::distance(fs::directory_iterator(folder.path()), {});
    rekey(connection);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == before);
  }
  rekey(connection);
  for (const auto& entry : fs::directory_iterator(folder.path()))
    CHECK(entry.path().filename().string().find("key.") == std::string::npos);
}

}  // namespace
}  // namespace metactl::app
