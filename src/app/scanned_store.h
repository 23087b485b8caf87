// SPDX-License-Identifier: Apache-2.0
// The rows of a server, read through scan_keys.
#pragma once

#include "client/client.h"
#include "store/store.h"

namespace metactl::app {

/// Shows stored rows of a server that knows scan_keys, each as it is when it is read. Instances,
/// vaults and what metactl itself stores are left out: their secrets are sealed with a key that
/// only the server has. Cannot be written.
class ScannedStore final : public store::Store {
 public:
  /// `server` must outlive it.
  explicit ScannedStore(client::Client& server) : server_(server) {}

  /// What a read of rows means on a server that does not show them: Error, usage, when they are
  /// needed, else there are none.
  void need_rows(bool are_needed) { are_needed_ = are_needed; }

 protected:
  void do_transact(const std::function<void(store::Txn&)>& body) override;
  void do_read(const std::function<void(store::View&)>& body) override;

 private:
  client::Client& server_;
  bool are_needed_ = true;
};

}  // namespace metactl::app
