// SPDX-License-Identifier: Apache-2.0
#include "app/tidy_store.h"

#include <unistd.h>

#include <exception>
#include <filesystem>

#include "base/temporary_file.h"
#include "cli/prepared_key.h"
#include "keys/keys.h"

namespace metactl::app {

TidyStore::TidyStore(const cli::Connection& connection)
    : state_(connection.state), has_own_key_(connection.key_file.empty()), file_(state_) {}

void TidyStore::do_transact(const std::function<void(store::Txn&)>& body) {
  file_.transact([&](store::Txn& txn) { body(txn); });
  if (is_tidy_.exchange(true)) return;
  try {
    remove_leftovers();
  } catch (const std::exception&) {
    // The change is made; what cannot be removed now is found by doctor.
  }
}

void TidyStore::do_read(const std::function<void(store::View&)>& body) {
  file_.read([&](store::View& view) { body(view); });
}

void TidyStore::remove_leftovers() {
  const auto folder = std::filesystem::path(state_).parent_path();
  remove_abandoned_files(folder.empty() ? "." : folder);
  if (!has_own_key_) return;
  for (const auto& key : cli::unused_prepared_keys(state_ + ".key")) {
    // Locked first: whoever prepared it has then changed the state, or never will.
    const FileLock lock(key.path);
    if (!lock.is_held()) continue;
    const auto known =
        file_.read([](store::View& view) { return view.get(keys::secret_key_key()); });
    if (!key.is_whole || (known && *known != key.fingerprint)) ::unlink(key.path.c_str());
  }
}

}  // namespace metactl::app
