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
  /// `actor` stands in the journal for what is taken back.
  StateHistory(std::shared_ptr<store::Store> store, core::Environment environment,
               std::string actor)
      : store_(std::move(store)), environment_(std::move(environment)), actor_(std::move(actor)) {}

  void each(const std::function<bool(const client::PastChange&)>& visit) override;
  std::vector<client::Effect> effects(std::uint64_t revision) override;
  client::UndoPlan plan_undo(const client::UndoTarget& target) override;
  void undo(const client::UndoPlan& plan) override;

 private:
  std::shared_ptr<store::Store> store_;
  core::Environment environment_;
  std::string actor_;
};

}  // namespace metactl::app
