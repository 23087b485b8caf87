// SPDX-License-Identifier: Apache-2.0
#include "core/state/measure.h"

#include <algorithm>

#include "base/text.h"
#include "core/state/chain.h"
#include "core/state/pages.h"
#include "keys/explain.h"
#include "keys/keys.h"
#include "proto/journal.pb.h"

namespace metactl::core {
namespace {

const keys::KeyType* type_of(std::string_view key) {
  const auto explanation = keys::try_explain(key);
  return !explanation || explanation->matches.empty() ? nullptr : explanation->matches.front().type;
}

std::string service_of(const keys::KeyType* type) {
  if (!type) return "unknown";
  return std::string(keys::owner(type->space));
}

api::StatePart& part_of(std::vector<api::StatePart>& parts, const keys::KeyType* type) {
  const auto service = service_of(type);
  const std::string name = type ? std::string(type->name) : "-";
  // Rows of one type mostly stand one behind another.
  const auto found = std::find_if(parts.rbegin(), parts.rend(), [&](const api::StatePart& part) {
    return part.key_type == name && part.service == service;
  });
  if (found != parts.rend()) return *found;
  parts.push_back({service, name});
  return parts.back();
}

api::JournalPlace place_of(std::uint64_t revision, const std::string& value) {
  pb::JournalRecord record;
  return {revision, record.ParseFromString(value) ? record.time_ms() : 0};
}

}  // namespace

api::StateInfo measure(store::View& view) {
  api::StateInfo info;
  info.key_fingerprint = view.get(keys::secret_key_key()).value_or("");
  info.head.revision = view.revision();
  if (const auto head = find_head(view)) info.journal_head = text::hex(head->checksum());
  each_row(view, [&](const store::Pair& row) {
    ++info.rows;
    auto& part = part_of(info.parts, type_of(row.key));
    ++part.rows;
    part.key_bytes += row.key.size();
    part.value_bytes += row.value.size();
    const auto revision = keys::parse_journal_key(row.key);
    if (!revision) return;
    ++info.journal_records;
    info.newest = place_of(*revision, row.value);
    if (!info.oldest) info.oldest = info.newest;
  });
  info.head.has_rows = info.rows > 0;
  return info;
}

}  // namespace metactl::core
