// SPDX-License-Identifier: Apache-2.0
#include "store/overlay.h"

namespace metactl::store {

std::optional<std::string> OverlayTxn::get(std::string_view key) {
  const auto found = changes_.find(key);
  return found == changes_.end() ? below_.get(key) : found->second;
}

std::vector<Pair> OverlayTxn::scan(std::string_view first, std::string_view last,
                                   std::size_t limit) {
  const auto begin = changes_.lower_bound(first);
  const auto end = last.empty() ? changes_.end() : changes_.lower_bound(last);
  std::size_t erased = 0;
  for (auto it = begin; it != end; ++it) erased += !it->second;
  // As many more from below as changes may take away.
  const auto wanted = limit > SIZE_MAX - erased ? SIZE_MAX : limit + erased;
  std::vector<Pair> result;
  auto change = begin;
  const auto take_changes = [&](std::optional<std::string_view> until) {
    for (; change != end && (!until || change->first < *until); ++change)
      if (change->second) result.push_back({change->first, *change->second});
  };
  for (auto& pair : below_.scan(first, last, wanted)) {
    take_changes(pair.key);
    const bool is_changed = change != end && change->first == pair.key;
    if (!is_changed) result.push_back(std::move(pair));
  }
  take_changes(std::nullopt);
  if (result.size() > limit) result.resize(limit);
  return result;
}

void OverlayTxn::put(std::string_view key, std::string_view value) {
  changes_.insert_or_assign(std::string(key), std::string(value));
}

void OverlayTxn::erase(std::string_view key) {
  changes_.insert_or_assign(std::string(key), std::nullopt);
}

void NestedStore::do_transact(const std::function<void(Txn&)>& body) {
  Changes changes;
  OverlayTxn txn(outer_, changes, outer_.revision(), begun_);
  if (begun_ < UINT16_MAX) ++begun_;
  body(txn);
  for (const auto& [key, value] : changes) {
    if (value) {
      outer_.put(key, *value);
    } else {
      outer_.erase(key);
    }
  }
}

void RehearsalStore::do_transact(const std::function<void(Txn&)>& body) {
  const std::scoped_lock lock(mutex_);
  auto changes = changes_;
  below_.read([&](View& view) {
    OverlayTxn txn(view, changes, view.revision() + commits_ + 1);
    body(txn);
  });
  changes_ = std::move(changes);
  ++commits_;
}

void RehearsalStore::do_read(const std::function<void(View&)>& body) {
  const std::scoped_lock lock(mutex_);
  below_.read([&](View& view) {
    OverlayTxn txn(view, changes_, view.revision() + commits_);
    body(txn);
  });
}

Changes RehearsalStore::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

}  // namespace metactl::store
