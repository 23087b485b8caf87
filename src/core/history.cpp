// SPDX-License-Identifier: Apache-2.0
#include "core/history.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/error.h"
#include "core/journal.h"
#include "core/state/backwards.h"
#include "core/state/chain.h"
#include "keys/grep.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

/// In a state with a head each record is chained.
bool is_intact(std::string_view key, std::string_view value, bool has_head) {
  const auto seal = check_seal(key, value);
  return seal == Seal::intact || (seal == Seal::absent && !has_head);
}

PastRecord read(std::uint64_t revision, const std::string& value, bool has_head) {
  PastRecord past;
  past.revision = revision;
  past.is_intact =
      past.record.ParseFromString(value) && is_intact(keys::journal_key(revision), value, has_head);
  return past;
}

}  // namespace

void each_record(store::View& view, const std::function<bool(PastRecord&)>& visit) {
  const auto oldest = oldest_record(view);
  if (!oldest) return;
  const bool has_head = find_head(view).has_value();
  each_row_backwards(view, {keys::journal_key, keys::parse_journal_key}, *oldest,
                     view.revision() + 1, [&](std::uint64_t revision, std::string& value) {
                       auto past = read(revision, std::exchange(value, {}), has_head);
                       return visit(past);
                     });
}

void require_intact(const PastRecord& past) {
  if (past.is_intact) return;
  throw Error(Reason::integrity,
              fmt::format("the journal record of revision {} was altered after it was written",
                          past.revision),
              "metactl state verify");
}

std::vector<KeyChange> changes_at(store::View& view, std::uint64_t revision) {
  std::map<std::string, std::optional<std::string>, std::less<>> values;
  const auto wanted = record_at(view, revision);
  for (const auto& change : wanted.changes()) values.emplace(change.key(), view.get(change.key()));
  std::vector<KeyChange> changes;
  each_record(view, [&](const PastRecord& past) {
    for (const auto& change : past.record.changes()) {
      const auto found = values.find(change.key());
      if (found == values.end()) continue;
      require_intact(past);
      auto before = step_back(change, past.revision, found->second);
      if (past.revision == revision) changes.push_back({change.key(), before, found->second});
      found->second = std::move(before);
    }
    return past.revision > revision;
  });
  return changes;
}

pb::JournalRecord record_at(store::View& view, std::uint64_t revision) {
  const auto value = view.get(keys::journal_key(revision));
  if (!value)
    throw Error(Reason::not_found, fmt::format("no change with revision {} is known", revision),
                "metactl history");
  auto past = read(revision, *value, find_head(view).has_value());
  require_intact(past);
  return std::move(past.record);
}

std::optional<std::uint64_t> oldest_record(store::View& view) {
  const auto all = keys::journal();
  const auto rows = view.scan(all.first, all.last, 1);
  return rows.empty() ? std::nullopt : keys::parse_journal_key(rows.front().key);
}

std::optional<std::string> step_back(const pb::JournalChange& change, std::uint64_t revision,
                                     const std::optional<std::string>& after) {
  try {
    return value_before(change, after);
  } catch (const Error& error) {
    throw Error(error.reason(),
                fmt::format("{}, revision {}: {}", name_of(change.key()), revision, error.what()),
                "metactl state verify");
  }
}

std::optional<std::string> value_after(store::View& view, const std::string& key,
                                       std::uint64_t revision) {
  auto value = view.get(key);
  each_record(view, [&](const PastRecord& past) {
    if (past.revision <= revision) return false;
    for (const auto& change : past.record.changes()) {
      if (change.key() != key) continue;
      require_intact(past);
      if (!is_left_by(change, value)) {
        value.reset();
        return false;
      }
      value = value_before(change, value);
    }
    return true;
  });
  return value;
}

std::string name_of(const std::string& key) {
  return keys::short_text_of(key);
}

}  // namespace metactl::core
