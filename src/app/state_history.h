// SPDX-License-Identifier: Apache-2.0
// The journal of a store, seen as a client's history.
#pragma once

#include <memory>
#include <string>

#include "client/history.h"
#include "core/context.h"
#include "core/undo.h"
#include "store/store.h"

namespace metactl::app {

class StateHistory final : public client::History {
 public:
  /// The journal has `origin` in the record of what is taken back.
  StateHistory(std::shared_ptr<store::Store> store, core::Environment environment,
               core::Origin origin)
      : store_(std::move(store)),
        environment_(std::move(environment)),
        origin_(std::move(origin)) {}

  std::vector<client::Effect> effects(std::uint64_t revision) override;
  client::UndoPlan plan_undo(const client::UndoTarget& target) override;
  void undo(const client::UndoPlan& plan) override;
  void begin(const client::UndoCall& call) override;

 private:
  void do_each(const Visit& visit) override;

  std::shared_ptr<store::Store> store_;
  core::Environment environment_;
  core::Origin origin_;
};

}  // namespace metactl::app
