// SPDX-License-Identifier: Apache-2.0
// A store whose transactions meet conflicts, to test that bodies can be repeated.
#pragma once

#include <functional>

#include "store/store.h"

namespace metactl::tests {

/// Runs each body of `inner` `conflicts` times for nothing, and then for good.
class ConflictingStore final : public store::Store {
 public:
  ConflictingStore(store::Store& inner, int conflicts) : inner_(inner), conflicts_(conflicts) {}

 protected:
  void do_transact(const std::function<void(store::Txn&)>& body) override {
    for (int i = 0; i < conflicts_; ++i) {
      try {
        inner_.transact([&](store::Txn& txn) {
          body(txn);
          throw Conflict();
        });
      } catch (const Conflict&) {
      }
    }
    inner_.transact(body);
  }
  void do_read(const std::function<void(store::View&)>& body) override { inner_.read(body); }

 private:
  struct Conflict {};

  store::Store& inner_;
  const int conflicts_;
};

}  // namespace metactl::tests
