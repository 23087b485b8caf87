// SPDX-License-Identifier: Apache-2.0
#include "app/remote_notes.h"

#include "base/text.h"
#include "core/journal.h"
#include "core/records.h"
#include "core/state/backwards.h"
#include "keys/keys.h"

namespace metactl::app {
namespace {

std::uint64_t count_in(store::View& view, const std::string& key) {
  return static_cast<std::uint64_t>(text::to_int(view.get(key).value_or("0")).value_or(0));
}

}  // namespace

std::uint64_t RemoteNotes::add(const pb::RemoteChange& change) {
  return store_->transact([&](store::Txn& txn) {
    const auto count_key = keys::remote_change_count_key(server_);
    const auto number = count_in(txn, count_key) + 1;
    txn.put(count_key, std::to_string(number));
    txn.put(keys::remote_change_key(server_, number), change.SerializeAsString());
    if (number > core::journal_capacity)
      txn.erase(keys::remote_change_key(server_, number - core::journal_capacity));
    return number;
  });
}

void RemoteNotes::replace(std::uint64_t number, const pb::RemoteChange& change) {
  store_->transact([&](store::Txn& txn) {
    txn.put(keys::remote_change_key(server_, number), change.SerializeAsString());
  });
}

/// Gives the number back when nothing was noted since, so that a refused change leaves no gap.
void RemoteNotes::remove(std::uint64_t number) {
  store_->transact([&](store::Txn& txn) {
    txn.erase(keys::remote_change_key(server_, number));
    const auto count_key = keys::remote_change_count_key(server_);
    if (count_in(txn, count_key) == number) txn.put(count_key, std::to_string(number - 1));
  });
}

void RemoteNotes::each(
    const std::function<bool(std::uint64_t, const pb::RemoteChange&)>& visit) const {
  store_->read([&](store::View& view) {
    const auto all = keys::remote_changes(server_);
    const auto oldest = view.scan(all.first, all.last, 1);
    if (oldest.empty()) return;
    const core::NumberedRows rows{
        [&](std::uint64_t number) { return keys::remote_change_key(server_, number); },
        keys::parse_remote_change_key};
    const auto first = keys::parse_remote_change_key(oldest.front().key).value_or(0);
    const auto newest = count_in(view, keys::remote_change_count_key(server_));
    core::each_row_backwards(
        view, rows, first, newest + 1, [&](std::uint64_t number, const std::string& value) {
          const auto change = core::parse_record<pb::RemoteChange>(value, "a noted change");
          const bool is_other = state_ && change.has_state_id() && change.state_id() != *state_;
          return is_other || visit(number, change);
        });
  });
}

}  // namespace metactl::app
