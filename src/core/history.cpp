// SPDX-License-Identifier: Apache-2.0
#include "core/history.h"

#include <fmt/format.h>

#include <map>

#include "base/error.h"
#include "core/journal.h"
#include "core/records.h"
#include "keys/grep.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

/// Revisions in one look at the journal.
constexpr std::uint64_t window = 256;

pb::JournalRecord parse(const store::Pair& row, std::uint64_t revision) {
  try {
    return parse_record<pb::JournalRecord>(row.value, fmt::format("revision {}", revision));
  } catch (const Error& error) {
    throw Error(error.reason(), error.what(), "metactl state verify");
  }
}

}  // namespace

void each_record(store::View& view,
                 const std::function<bool(std::uint64_t, const pb::JournalRecord&)>& visit) {
  const auto oldest = oldest_record(view);
  if (!oldest) return;
  for (auto end = view.revision() + 1; end > *oldest;) {
    const auto begin = end > *oldest + window ? end - window : *oldest;
    const auto rows = view.scan(keys::journal_key(begin), keys::journal_key(end));
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      const auto revision = keys::parse_journal_key(row->key).value_or(0);
      if (!visit(revision, parse(*row, revision))) return;
    }
    end = begin;
  }
}

std::vector<KeyChange> changes_at(store::View& view, std::uint64_t revision) {
  std::map<std::string, std::optional<std::string>, std::less<>> values;
  const auto wanted = record_at(view, revision);
  for (const auto& change : wanted.changes()) values.emplace(change.key(), view.get(change.key()));
  std::vector<KeyChange> changes;
  each_record(view, [&](std::uint64_t each, const pb::JournalRecord& record) {
    for (const auto& change : record.changes()) {
      const auto found = values.find(change.key());
      if (found == values.end()) continue;
      auto before = step_back(change, each, found->second);
      if (each == revision) changes.push_back({change.key(), before, found->second});
      found->second = std::move(before);
    }
    return each > revision;
  });
  return changes;
}

pb::JournalRecord record_at(store::View& view, std::uint64_t revision) {
  const auto record = find_record<pb::JournalRecord>(view, keys::journal_key(revision),
                                                     fmt::format("revision {}", revision));
  if (record) return *record;
  throw Error(Reason::not_found, fmt::format("no change with revision {} is known", revision),
              "metactl history");
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

std::string name_of(const std::string& key) {
  return keys::short_text_of(key);
}

}  // namespace metactl::core
