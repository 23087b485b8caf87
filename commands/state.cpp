// SPDX-License-Identifier: Apache-2.0
// metactl state: the local state file; compact and rekey.
#include <fmt/format.h>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/local_state.h"

namespace metactl::commands {
namespace {

struct RekeyOptions {};

struct UpgradeOptions {};

struct CompactOptions {
  std::string keep;
};

void rekey(cli::Session& session, const RekeyOptions&) {
  changed_state(session, "rekey");
  require_file(session);
  const auto connection = session.connection();
  const auto count = session.services().rekey(connection);
  session.note(
      fmt::format("{} encrypted with a new key; back up the key file", counted(count, "secret")));
  session.done({"rekey", "rekeyed", "state", connection.state});
}

void upgrade(cli::Session& session, const UpgradeOptions&) {
  const auto state = changed_state(session, "upgrade");
  require_file(session);
  const cli::ChangeText text{"upgrade", "upgraded", "state", session.connection().state};
  if (state->upgrade())
    session.done(text);
  else
    session.unchanged(text);
}

std::optional<std::uint64_t> parse_keep(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto number = text::to_int(text);
  if (!number || *number < 0)
    throw Error(Reason::usage, fmt::format("not a number of records: '{}'", text),
                "--keep 0 drops all records of the journal");
  return static_cast<std::uint64_t>(*number);
}

void compact(cli::Session& session, const CompactOptions& options) {
  const auto keep = parse_keep(options.keep);
  const auto state = changed_state(session, "compact");
  require_file(session);
  const auto result = state->compact(keep);
  session.note(fmt::format("{} bytes before, {} now", result.bytes_before, result.bytes_after));
  if (result.dropped_records > 0)
    session.note(fmt::format("{} dropped from the journal: undo cannot go back to them any more",
                             counted(result.dropped_records, "record")));
  if (!result.is_log_emptied)
    session.warn("the log keeps its bytes, because another process reads an older view; try again");
  session.done({"compact", "compacted", "state", session.connection().state});
}

void fill(cli::Group& group) {
  add_state_verify_commands(group);
  add_state_backup_commands(group);
  add_state_copy_command(group);
  group
      .command<CompactOptions>("compact", "Give unused space of the file back to the disk", compact)
      .option("--keep", &CompactOptions::keep,
              "Drop all records of the journal but the newest N; undo cannot go back to them", "N")
      .details(
          "The journal keeps its newest 10,000 records by itself, and what is erased makes room "
          "for\n"
          "what comes: a state does not grow without end. Needs as much free space as the state "
          "has.")
      .example("metactl state compact")
      .example("metactl state compact --keep 1000");
  group.command<UpgradeOptions>("upgrade", "Upgrade a state of an older release", upgrade)
      .details(
          "Reads work on a state of an older release as it is. The first change upgrades it, "
          "unless\n"
          "--no-upgrade is given. Older releases cannot open it any more, and servers of older\n"
          "releases that are still running cannot change it: back it up and stop them first.")
      .example("metactl state upgrade")
      .example("metactl state upgrade --state /var/lib/metactl/state.db");
  group
      .command<RekeyOptions>(
          "rekey", "Make a new key and encrypt all secrets with it, in one transaction", rekey)
      .details(
          "Secrets that stood in the state before are gone with the old key: what was changed "
          "before\n"
          "cannot be taken back where that would bring one back, and older backups need the old "
          "key.")
      .example("metactl state rekey --state /var/lib/metactl/state.db");
}

}  // namespace

void add_state_commands(cli::Tree& tree) {
  tree.group("state", "Look into, verify, back up, restore and shrink the local state file", fill);
}

}  // namespace metactl::commands
