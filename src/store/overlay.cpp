// SPDX-License-Identifier: Apache-2.0
#include "store/overlay.h"

namespace metactl::store {

std::optional<std::string> OverlayTxn::get(std::string_view key) {
  const auto found = changes_.find(key);
  return found == changes_.end() ? below_.get(key) : found->second;
}

std::vector<Pair> OverlayTxn::scan(std::string_view first, std::string_view last,
                                   std::size_t limit) {
  auto change = changes_.lower_bound(first);
  const auto end = last.empty() ? changes_.end() : changes_.lower_bound(last);
  std::vector<Pair> result;
  const auto take_changes = [&](std::optional<std::string_view> until) {
    for (; change != end && (!until || change->first < *until) && result.size() < limit; ++change)
      if (change->second) result.push_back({change->first, *change->second});
  };
  // Page by page, as changes may take away what is below: the work is that of what is found.
  std::string next(first);
  for (bool is_whole = false; !is_whole && result.size() < limit;) {
    const auto wanted = limit - result.size();
    auto page = below_.scan(next, last, wanted);
    is_whole = page.size() < wanted;
    for (auto& pair : page) {
      take_changes(pair.key);
      if (result.size() == limit) return result;
      const bool is_changed = change != end && change->first == pair.key;
      next = pair.key + '\0';
      if (!is_changed) result.push_back(std::move(pair));
    }
  }
  take_changes(std::nullopt);
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
  Changes changes;
  below_.read([&](View& view) {
    changes.clear();
    const auto revision = view.revision() + commits_;
    OverlayTxn before(view, changes_, revision);
    OverlayTxn txn(before, changes, revision + 1);
    body(txn);
  });
  for (auto& [key, value] : changes) changes_.insert_or_assign(key, std::move(value));
  ++commits_;
}

void RehearsalStore::do_read(const std::function<void(View&)>& body) {
  const std::scoped_lock lock(mutex_);
  below_.read([&](View& view) {
    OverlayTxn txn(view, changes_, view.revision() + commits_);
    body(txn);
  });
}

bool RehearsalStore::has_changes() const {
  const std::scoped_lock lock(mutex_);
  return !changes_.empty();
}

Changes RehearsalStore::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

}  // namespace metactl::store
