// SPDX-License-Identifier: Apache-2.0
#include "core/undo.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "api/secret_holder.h"
#include "api/stored_value.h"
#include "base/error.h"
#include "base/first_lines.h"
#include "core/broker/undo.h"
#include "core/qluster/past.h"
#include "core/qluster/undo.h"
#include "core/state/rules.h"
#include "keys/explain.h"
#include "keys/instance_rows.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

/// Taking a change back keeps these: secrets of other changes are sealed with that key, and that a
/// job of node_mgr was done stays true.
bool is_kept(const std::string& key) {
  return key == keys::secret_key_key() || keys::match(keys::nodemgr_job_type, key).has_value();
}

std::string told(std::uint64_t revision, const pb::JournalRecord& record) {
  return fmt::format("revision {}: {} by {} at {:%Y-%m-%dT%H:%M:%SZ}", revision, record.operation(),
                     record.actor(), fmt::gmtime(record.time_ms() / 1000));
}

/// The keys whose values are in the way, each with the revision that left another one.
using Blocked = std::map<std::string, std::uint64_t, std::less<>>;

/// One for each later change of a blocked key, newest first. `revisions` are to be taken back.
text::FirstLines later_changes(store::View& view, const std::vector<std::uint64_t>& revisions,
                               const Blocked& blocked) {
  const std::set<std::uint64_t> own(revisions.begin(), revisions.end());
  text::FirstLines obstacles;
  each_record(view, [&](const PastRecord& past) {
    if (past.revision <= revisions.back()) return false;
    if (own.contains(past.revision)) return true;
    for (const auto& change : past.record.changes()) {
      const auto found = blocked.find(change.key());
      if (found == blocked.end() || past.revision <= found->second) continue;
      obstacles.add([&] {
        return fmt::format("{}, {}", name_of(change.key()), told(past.revision, past.record));
      });
    }
    return true;
  });
  return obstacles;
}

Error blocked_by(store::View& view, const std::vector<std::uint64_t>& revisions,
                 const Blocked& blocked) {
  auto obstacles = later_changes(view, revisions, blocked);
  const bool is_known = !obstacles.empty();
  if (!is_known)
    for (const auto& [key, revision] : blocked)
      obstacles.add(name_of(key) + ", by something else than metactl");
  const auto revision = blocked.begin()->second;
  Error error(Reason::precondition,
              fmt::format("cannot take back revision {} ({}): what it changed was changed again",
                          revision, record_at(view, revision).operation()),
              is_known ? fmt::format("all that came since, too: metactl undo --to {} --dry-run",
                                     revisions.back() - 1)
                       : "metactl state verify");
  error.set_details(obstacles.lines());
  return error;
}

/// A restore changes everything, which its record does not hold.
void refuse_restore(std::uint64_t revision, const pb::JournalRecord& record) {
  if (record.operation() == "restore")
    throw Error(
        Reason::precondition,
        fmt::format("cannot take back revision {}: it put a backup in the place of all", revision),
        fmt::format("metactl history show {} tells which copy was made of what stood there",
                    revision));
}

/// The sealed texts in a value with what is stored beside each.
std::map<std::string, pb::EncryptionInfoPB> sealed_in(const std::string& key,
                                                      const std::optional<std::string>& value) {
  std::map<std::string, pb::EncryptionInfoPB> found;
  const auto explanation = keys::try_explain(key);
  if (!value || !explanation || explanation->matches.empty()) return found;
  const auto stored = api::parse_value(*explanation->matches.front().type, *value);
  if (!stored.message) return found;
  for (auto& holder : api::secret_holders(*stored.message))
    if (holder.is_sealed())
      holder.replace([&](const std::string&, const std::string& sealed) {
        found.emplace(sealed, holder.info());
        return sealed;
      });
  return found;
}

/// Refuses to bring back a secret whose key is gone.
void require_opened(Context& context, store::View& view, const KeyChange& change) {
  const auto now = sealed_in(change.key, change.before);
  for (const auto& [sealed, info] : sealed_in(change.key, change.after)) {
    if (now.contains(sealed)) continue;
    try {
      context.secrets().open(view, sealed, info);
    } catch (const Error& error) {
      throw Error(
          Reason::precondition,
          fmt::format("cannot take back the change of {}: a secret that stood there does "
                      "not open: {}",
                      name_of(change.key), error.what()),
          "it was sealed with a key that is gone; restore a backup together with its key file");
    }
  }
}

/// Refuses to take an instance away from under rows that are still there.
void require_no_rows(store::View& view, const KeyChange& change) {
  const auto id = keys::parse_instance_key(change.key);
  if (!id || change.after) return;
  for (const auto& range : keys::rows_of_instance(*id))
    if (const auto rows = view.scan(range.first, range.last, 1); !rows.empty())
      throw Error(Reason::precondition,
                  fmt::format("cannot take instance '{}' away: later changes left {}", *id,
                              name_of(rows.front().key)),
                  "metactl key scan -i " + *id);
}

/// The rules that are broken, by object.
std::set<std::pair<std::string, std::string>> objections(store::View& view) {
  std::set<std::pair<std::string, std::string>> found;
  for (const auto& finding : rule_findings(view))
    if (finding.severity == api::Severity::error) found.emplace(finding.object, finding.message);
  return found;
}

}  // namespace

Undo undo_changes(store::View& view, const std::vector<std::uint64_t>& revisions) {
  std::map<std::string, KeyChange, std::less<>> changes;
  Blocked blocked;
  for (const auto revision : revisions) {
    const auto record = record_at(view, revision);
    refuse_restore(revision, record);
    for (const auto& change : record.changes()) {
      const auto& key = change.key();
      if (is_kept(key) || blocked.contains(key)) continue;
      auto found = changes.find(key);
      if (found == changes.end()) {
        const auto now = view.get(key);
        found = changes.emplace(key, KeyChange{key, now, now}).first;
      }
      auto& value = found->second.after;
      const auto left = broker::left_by(view, change, revision, value);
      if (is_left_by(change, left))
        value = step_back(change, revision, left);
      else if (!broker::is_epoch_key(key) && !qluster::is_past_key(key))
        blocked.emplace(key, revision);
    }
  }
  if (!blocked.empty()) throw blocked_by(view, revisions, blocked);
  Undo undo{revisions, {}};
  for (auto& [key, change] : changes)
    if (change.before != change.after) undo.changes.push_back(std::move(change));
  broker::keep_epochs(view, undo.changes);
  qluster::keep_past(view, undo.changes);
  if (undo.changes.empty())
    throw Error(Reason::precondition,
                fmt::format("there is nothing to take back of revision {} ({})", revisions.front(),
                            record_at(view, revisions.front()).operation()));
  return undo;
}

Undo undo_to(store::View& view, std::uint64_t revision) {
  const auto oldest = oldest_record(view);
  if (revision > view.revision())
    throw Error(Reason::not_found, fmt::format("the state has no revision {} yet: it is at {}",
                                               revision, view.revision()));
  if (revision == view.revision()) return {};
  if (!oldest || *oldest > revision + 1)
    throw Error(Reason::not_found,
                fmt::format("cannot go back to revision {}: {}", revision,
                            oldest ? fmt::format("the oldest change that is kept is {}", *oldest)
                                   : "no change is kept"));
  Undo undo;
  std::map<std::string, std::optional<std::string>, std::less<>> values;
  std::string linked;  // The checksum that the record before must have; "": not known.
  each_record(view, [&](const PastRecord& past) {
    if (past.revision <= revision) return false;
    require_intact(past);
    if (!linked.empty() && past.record.checksum() != linked)
      throw Error(Reason::integrity,
                  fmt::format("a journal record after revision {} is missing", past.revision),
                  "metactl state verify");
    linked = past.record.previous();
    refuse_restore(past.revision, past.record);
    undo.revisions.push_back(past.revision);
    for (const auto& change : past.record.changes()) {
      auto found = values.find(change.key());
      if (found == values.end()) found = values.emplace(change.key(), view.get(change.key())).first;
      found->second = step_back(change, past.revision, found->second);
    }
    return true;
  });
  for (auto& [key, value] : values) {
    auto now = view.get(key);
    if (now != value && !is_kept(key)) undo.changes.push_back({key, std::move(now), value});
  }
  broker::keep_epochs(view, undo.changes);
  qluster::keep_past(view, undo.changes);
  if (undo.changes.empty()) return {};  // What came after was taken back already.
  return undo;
}

void undo(Context& context, const std::function<Undo(store::View&)>& plan, const Undo& shown) {
  context.transact([&](store::Txn& txn) {
    if (plan(txn) != shown)
      throw Error(Reason::precondition, "the state was changed meanwhile", "metactl undo again");
    const auto known = objections(txn);
    for (const auto& change : shown.changes) {
      require_opened(context, txn, change);
      if (change.after) {
        txn.put(change.key, *change.after);
      } else {
        txn.erase(change.key);
      }
    }
    for (const auto& change : shown.changes) require_no_rows(txn, change);
    for (const auto& [object, message] : objections(txn))
      if (!known.contains({object, message}))
        throw Error(Reason::precondition,
                    fmt::format("taking that back would break a rule: {}: {}", object, message));
    qluster::tell_undo(txn, shown.changes, qluster::time_text(context.now()));
  });
}

}  // namespace metactl::core
