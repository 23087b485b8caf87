// SPDX-License-Identifier: Apache-2.0
// Stores on top of others: many transactions inside one, and changes that are never made.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "store/store.h"

namespace metactl::store {

/// What was written under each key; nothing where a key was erased.
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

/// A view with changes on top, to which more are added.
class OverlayTxn final : public Txn {
 public:
  /// Both must outlive it.
  OverlayTxn(View& below, Changes& changes, std::uint64_t revision, std::uint16_t order = 0)
      : below_(below), changes_(changes), revision_(revision), order_(order) {}

  std::optional<std::string> get(std::string_view key) override;
  std::vector<Pair> scan(std::string_view first, std::string_view last, std::size_t limit) override;
  std::uint64_t revision() const override { return revision_; }
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  std::uint16_t order() const override { return order_; }

 private:
  View& below_;
  Changes& changes_;
  std::uint64_t revision_;
  std::uint16_t order_;
};

/// Each of its transactions is a part of one other, which commits all of them together.
class NestedStore final : public Store {
 public:
  explicit NestedStore(Txn& outer) : outer_(outer) {}

 protected:
  void do_transact(const std::function<void(Txn&)>& body) override;
  void do_read(const std::function<void(View&)>& body) override { body(outer_); }

 private:
  Txn& outer_;
  std::uint16_t begun_ = 0;  // Transactions so far; stays at the largest number.
};

/// Shows another store with changes on top, which are kept here and never written there.
class RehearsalStore final : public Store {
 public:
  /// `below` must outlive it.
  explicit RehearsalStore(Store& below) : below_(below) {}

  Changes changes() const;
  bool has_changes() const;

 protected:
  void do_transact(const std::function<void(Txn&)>& body) override;
  void do_read(const std::function<void(View&)>& body) override;

 private:
  Store& below_;
  mutable std::recursive_mutex mutex_;
  Changes changes_;
  std::uint64_t commits_ = 0;
};

}  // namespace metactl::store
