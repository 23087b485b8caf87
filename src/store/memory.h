// SPDX-License-Identifier: Apache-2.0
// A store that lives and ends with its object: for tests and rehearsals.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/store.h"

namespace metactl::store {

/// Writers run one after another. Readers keep the state that they began with.
class MemoryStore final : public Store {
 protected:
  void do_transact(const std::function<void(Txn&)>& body) override;
  void do_read(const std::function<void(View&)>& body) override;

 private:
  struct State {
    std::map<std::string, std::string, std::less<>> pairs;
    std::uint64_t revision = 0;
  };
  class MemoryTxn;
  class Reading;

  std::mutex writing_;  // Held while the body of a writer runs.
  std::atomic<std::thread::id> writer_;
  std::mutex mutex_;  // Guards state_ and who shares it.
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace metactl::store
