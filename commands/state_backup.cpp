// SPDX-License-Identifier: Apache-2.0
// metactl state backup, restore: the whole state as one file or stream.
#include <fmt/format.h>

#include <filesystem>

#include "cli/input_file.h"
#include "commands/commands.h"
#include "commands/local_state.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

struct BackupOptions {
  std::string file;
  bool force = false;
};

struct RestoreOptions : BackupOptions {};

// Backup.

std::string summary(const api::BackupInfo& backup) {
  return fmt::format("revision {}, {}", backup.revision, counted(backup.rows, "row"));
}

void note_key_file(cli::Session& session, const cli::StateTools& state,
                   const api::BackupInfo& backup) {
  if (!backup.has_secrets) return;
  session.note(
      fmt::format("its secrets are encrypted with the key in '{}', which is not in the backup: "
                  "save it as well, apart from the backup",
                  state.key_file()));
}

api::BackupInfo write_to_standard_output(cli::Session& session, cli::StateTools& state) {
  auto& out = session.io().out;
  if (session.io().out_is_terminal)
    throw Error(Reason::usage, "standard output is a terminal, but a backup is no text",
                "metactl state backup FILE, or metactl state backup - | ...");
  return state.backup([&](std::string_view bytes) {
    if (!out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw Error(Reason::internal, "cannot write the backup to standard output");
  });
}

void backup(cli::Session& session, const BackupOptions& options) {
  session.refuse_dry_run();
  const auto state = existing_state(session, "backup");
  const bool is_stream = options.file == "-";
  const auto written = is_stream ? write_to_standard_output(session, *state)
                                 : write_backup(session, *state, options.file, options.force);
  session.note(fmt::format("backed up: {}", summary(written)));
  if (!written.journal_head.empty()) session.note("journal head: " + written.journal_head);
  note_key_file(session, *state, written);
  if (!is_stream) session.done({"back up to", "written", "backup", options.file});
}

// Restore.

/// A state that is damaged can neither be saved nor replaced.
template <class Body>
auto reading_present(const cli::Session& session, const Body& body) {
  try {
    return body();
  } catch (Error& error) {
    if (error.reason() == Reason::integrity)
      error.set_hint(fmt::format("move '{}' away, and restore again", session.connection().state));
    throw;
  }
}

Error not_empty(const std::string& path) {
  return Error(Reason::precondition, fmt::format("state '{}' is not empty", path),
               "--force saves it in a file beside it, and replaces it");
}

/// Whether a file is what saving the state would write.
bool has_saved(cli::Session& session, cli::StateTools& state, const api::StateHead& head,
               const std::string& path) {
  std::error_code unreadable;
  if (!std::filesystem::exists(path, unreadable)) return false;
  try {
    cli::InputFile file(session.io(), path);
    const auto found = state.check_backup(file.source(), path);
    if (found.state_id == head.id && found.revision == head.revision) return true;
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
  }
  throw Error(Reason::conflict,
              fmt::format("cannot save the state: there is another file '{}' already", path),
              "move it away");
}

/// Saves the state that will be replaced; gives the name of the file.
std::string save(cli::Session& session, cli::StateTools& state, const api::StateHead& head) {
  auto path = fmt::format("{}.before-restore-{}.backup", session.connection().state, head.revision);
  if (!has_saved(session, state, head, path)) {
    const auto saved =
        reading_present(session, [&] { return write_backup(session, state, path, false); });
    if (saved.revision != head.revision)
      throw Error(Reason::precondition, "the state was changed while it was saved", "try again");
  }
  session.note(fmt::format("the state as it was is saved in '{}'", path));
  return path;
}

/// Asks, and saves what is there.
api::RestoreOrder replacing(cli::Session& session, cli::StateTools& state,
                            const api::StateHead& head, const api::BackupInfo& backup,
                            const std::string& name) {
  if (backup.state_id != head.id)
    session.note(fmt::format("note: this is a backup of another state, {}; the present one is {}",
                             backup.state_id, head.id));
  session.confirm(fmt::format("replace state '{}' (revision {}) by the backup '{}' ({}, made {})",
                              session.connection().state, head.revision, name, summary(backup),
                              time_text_ms(backup.time_ms)));
  return {name, head.revision, save(session, state, head)};
}

void warn_of_missing_key(cli::Session& session) {
  try {
    if (session.services().require_key) session.services().require_key(session.connection());
  } catch (const Error& error) {
    session.warn(fmt::format("{}; {}", error.what(), error.hint()));
  }
}

void restore(cli::Session& session, const RestoreOptions& options) {
  const auto state = changed_state(session, "restore");
  const auto name = options.file == "-" ? "standard input" : options.file;
  cli::InputFile file(session.io(), options.file);
  const auto backup = state->check_backup(file.source(), name);
  const auto head = reading_present(session, [&] { return state->head(); });
  if (head.has_rows && !options.force) throw not_empty(session.connection().state);
  const auto order = head.has_rows ? replacing(session, *state, head, backup, name)
                                   : api::RestoreOrder{name, std::nullopt, ""};
  const auto revision = state->restore(file.source(), order);
  session.note(
      fmt::format("restored: {}; the state is at revision {} now", summary(backup), revision));
  warn_of_missing_key(session);
  session.done({"restore", "restored", "state", session.connection().state});
}

}  // namespace

void add_state_backup_commands(cli::Group& state) {
  state
      .command<BackupOptions>(
          "backup", "Write the whole state to one file, of one moment, while others may write",
          backup)
      .positional("FILE", &BackupOptions::file, "New file, or - for standard output")
      .flag("--force", &BackupOptions::force, "Replace a file that is there already")
      .needs({"FILE"})
      .details(
          "The file has mode 0600, holds a checksum, and is read again before it gets its name.\n"
          "Secrets in it stay encrypted. The key file (STATE.key, or --key-file) is needed to use\n"
          "them and is not in the backup: save it as well, in another place.")
      .example("metactl state backup state.backup")
      .example("metactl state backup - | ssh safe metactl state restore - --state copy.db");
  state
      .command<RestoreOptions>("restore", "Put a backup into an empty state, or in its place",
                               restore)
      .positional("FILE", &RestoreOptions::file, "What backup wrote, or - for standard input")
      .flag("--force", &RestoreOptions::force,
            "Replace a state that is not empty, after saving it in "
            "STATE.before-restore-REVISION.backup")
      .needs({"FILE"})
      .details(
          "The whole backup is read and checked first; what is truncated, altered or foreign is\n"
          "refused, and nothing is touched. All changes are one transaction. The state goes on "
          "with\n"
          "a revision that neither it nor the backup has had, so servers on it may run meanwhile.")
      .destructive()
      .example("metactl state restore state.backup --state new.db")
      .example("metactl state restore state.backup --force --yes");
}

}  // namespace metactl::commands
