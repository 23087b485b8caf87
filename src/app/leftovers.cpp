// SPDX-License-Identifier: Apache-2.0
#include "app/leftovers.h"

#include <unistd.h>

#include <exception>
#include <filesystem>

#include "base/temporary_file.h"
#include "cli/prepared_key.h"
#include "keys/keys.h"

namespace metactl::app {
namespace {

void remove_prepared_keys(store::Store& store, const std::string& key_file) {
  for (const auto& key : cli::unused_prepared_keys(key_file)) {
    // Locked first: whoever prepared it has then changed the state, or never will.
    const FileLock lock(key.path);
    if (!lock.is_held()) continue;
    const auto known =
        store.read([](store::View& view) { return view.get(keys::secret_key_key()); });
    if (!key.is_whole || (known && *known != key.fingerprint)) ::unlink(key.path.c_str());
  }
}

}  // namespace

void remove_leftovers(store::Store& store, const std::string& state, bool has_own_key) noexcept {
  try {
    const auto folder = std::filesystem::path(state).parent_path();
    remove_abandoned_files(folder.empty() ? "." : folder);
    if (has_own_key) remove_prepared_keys(store, state + ".key");
  } catch (const std::exception&) {
    // The change was made; doctor finds what is left.
  }
}

}  // namespace metactl::app
