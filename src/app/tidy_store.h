// SPDX-License-Identifier: Apache-2.0
// A state file that is kept free of what killed commands leave beside it.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "cli/session.h"
#include "store/sqlite.h"

namespace metactl::app {

/// The state of a connection. Its first change also removes the files that commands which were
/// killed left in the state's folder, and keys that were prepared for a change of the key which
/// never came; of a key file that --key-file names only doctor speaks, as other states may use it.
class TidyStore final : public store::Store {
 public:
  explicit TidyStore(const cli::Connection& connection);

 protected:
  void do_transact(const std::function<void(store::Txn&)>& body) override;
  void do_read(const std::function<void(store::View&)>& body) override;

 private:
  void remove_leftovers();

  const std::string state_;
  const bool has_own_key_;
  store::SqliteStore file_;
  std::atomic<bool> is_tidy_ = false;
};

}  // namespace metactl::app
