// SPDX-License-Identifier: Apache-2.0
#include "core/state/journal_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "core/history.h"
#include "core/journal.h"
#include "core/state/backwards.h"
#include "core/state/chain.h"
#include "core/state/row_names.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

constexpr auto give_up =
    "metactl state restore FILE --force; or drop the history: metactl state compact --keep 0";

std::string object_of(std::uint64_t revision) {
  return name_row(keys::journal_key(revision)).object;
}

}  // namespace

JournalCheck::JournalCheck(store::View& view, std::vector<api::Finding>& findings)
    : view_(view), findings_(findings), head_(find_head(view)) {}

void JournalCheck::add(std::string id, std::string object, std::string message) {
  findings_.push_back(
      {std::move(id), api::Severity::error, std::move(object), std::move(message), give_up});
}

void JournalCheck::see(const store::Pair& row) {
  const auto revision = keys::parse_journal_key(row.key);
  if (!revision) return;
  if (*revision > view_.revision())
    add("wrong-revision", object_of(*revision),
        fmt::format("the state is at revision {} only", view_.revision()));
  const auto seal = check_seal(row.key, row.value);
  has_sealed_ = has_sealed_ || seal != Seal::absent;
  pb::JournalRecord record;
  const bool is_readable = record.ParseFromString(row.value);
  const bool is_intact = seal == Seal::intact || (seal == Seal::absent && !head_);
  if (is_readable && !is_intact) {
    add("journal-checksum", object_of(*revision),
        seal == Seal::absent ? "it has no checksum, so that it was not written by metactl"
                             : "its checksum is wrong: it was altered after it was written");
    for (const auto& change : record.changes()) newest_.erase(change.key());
  }
  if (is_intact) {
    check_link(*revision, record);
    note_changes(*revision, record);
  }
  last_ = Seen{*revision, is_intact ? record.checksum() : ""};
}

/// Records are numbered by revision with gaps, so only the links show one that is missing.
void JournalCheck::check_link(std::uint64_t revision, const pb::JournalRecord& record) {
  if (!last_ || last_->checksum.empty() || record.previous() == last_->checksum) return;
  add("journal-chain", object_of(revision),
      fmt::format("it is not linked to the record before, revision {}: one of the two was "
                  "replaced, or records between them were removed",
                  last_->revision));
}

void JournalCheck::note_changes(std::uint64_t revision, const pb::JournalRecord& record) {
  for (const auto& change : record.changes()) {
    newest_[change.key()] = {revision, change.after_hash()};
    if (!is_whole(change))
      add("journal-delta", object_of(revision),
          fmt::format("the value before of {} cannot be read", name_of(change.key())));
  }
}

std::optional<std::uint64_t> JournalCheck::newest_writer(const std::string& key) const {
  const auto found = newest_.find(key);
  return found == newest_.end() ? std::nullopt : std::optional(found->second.revision);
}

void JournalCheck::finish() {
  check_head();
  check_values();
}

/// A journal without records was compacted, and goes on from its head.
void JournalCheck::check_head() {
  if (!last_) return;
  const auto object = name_row(keys::journal_head_key()).object;
  if (!head_) {
    if (has_sealed_) add("journal-head", object, "it is missing or damaged");
  } else if (head_->revision() > last_->revision) {
    add("journal-head", object,
        fmt::format("the newest record is that of revision {}, but there were newer ones, up to "
                    "revision {}",
                    last_->revision, head_->revision()));
  } else if (head_->revision() < last_->revision) {
    add("journal-head", object,
        fmt::format("it names revision {}, but there is a record of revision {}", head_->revision(),
                    last_->revision));
  } else if (!last_->checksum.empty() && head_->checksum() != last_->checksum) {
    add("journal-head", object,
        fmt::format("the record of revision {} is another one than was written", last_->revision));
  }
}

/// The journal comes after all that it tells of.
void JournalCheck::check_values() {
  for (const auto& [key, written] : newest_) {
    const auto& hash = written.hash;
    const auto value = view_.get(key);
    if ((value ? value_hash(*value) : "") == hash) continue;
    findings_.push_back(
        {"journal-mismatch", api::Severity::error, name_row(key).object,
         value && hash.empty() ? "it is there, but the newest change in the journal removed it"
         : value ? "its value is not the one that the newest change in the journal left"
                 : "it is not there, but the newest change in the journal wrote it",
         "metactl state restore FILE --force"});
  }
}

void check_history(store::View& view, const api::BackupInfo& backup,
                   std::vector<api::Finding>& findings) {
  const auto object = "backup/" + backup.state_id;
  const auto cannot = [&](const std::string& why) {
    findings.push_back({"journal-unproven", api::Severity::warning, object,
                        "the histories cannot be compared: " + why, "use a newer backup"});
  };
  if (backup.journal_head.empty()) return cannot("the backup names no journal record");
  const auto oldest = oldest_record(view);
  std::optional<std::uint64_t> revision;
  std::string checksum;
  if (oldest)
    each_row_backwards(view, {keys::journal_key, keys::parse_journal_key}, *oldest,
                       std::min(backup.revision, view.revision()) + 1,
                       [&](std::uint64_t each, const std::string& value) {
                         revision = each;
                         checksum = text::hex(checksum_of(value));
                         return false;
                       });
  if (!revision)
    return cannot(
        fmt::format("the state keeps no record of revision {} or before", backup.revision));
  if (checksum == backup.journal_head) return;
  findings.push_back({"journal-rewritten", api::Severity::error, object_of(*revision),
                      fmt::format("it is not the newest record of the backup, {}: the history was "
                                  "rewritten, or another backup was restored since",
                                  backup.journal_head),
                      give_up});
}

}  // namespace metactl::core
