// SPDX-License-Identifier: Apache-2.0
// metactl doctor: the files that metactl uses on this machine.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/shell_word.h"
#include "base/symbolic_link.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "cli/prepared_key.h"
#include "commands/doctor.h"
#include "commands/past.h"

namespace metactl::commands {
namespace {

namespace fs = std::filesystem;
using api::Severity;

constexpr unsigned others = 0077;
constexpr unsigned others_write = 0022;

/// As Session::connection().
std::string state_file_of(const cli::Session& session) {
  return follow_links(session.setting("state").value);
}

std::string key_file_of(const cli::Session& session) {
  const auto& named = session.setting("key_file").value;
  return follow_links(named.empty() ? state_file_of(session) + ".key" : named);
}

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

void check_owner(const std::string& path, const struct stat& status, Diagnosis& diagnosis) {
  const auto self = ::geteuid();
  if (status.st_uid == self || status.st_uid == 0) return;
  diagnosis.add({"foreign-owner", Severity::warning, "file/" + path,
                 fmt::format("it belongs to the user {}, who may change it, not to you, {}",
                             status.st_uid, self),
                 fmt::format("chown {} {}", self, text::shell_word(path))});
}

/// A file that only its owner may read, or a folder that only its owner may write to.
void check_mode(const std::string& path, bool is_folder, Diagnosis& diagnosis) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;
  if (S_ISDIR(status.st_mode) != is_folder) return;  // What cannot be used is told elsewhere.
  ++diagnosis.checks;
  check_owner(path, status, diagnosis);
  const bool is_sticky = (status.st_mode & S_ISVTX) != 0;  // As /tmp: others cannot replace a file.
  const auto wide = status.st_mode & (is_folder ? others_write : others);
  if (wide == 0 || (is_folder && is_sticky)) return;
  const auto mode = status.st_mode & 07777;
  diagnosis.add({"wide-mode", Severity::warning, "file/" + path,
                 is_folder
                     ? fmt::format("others may replace the files in it: its mode is {:04o}", mode)
                     : fmt::format("others may {} it: its mode is {:04o}",
                                   (wide & others_write) != 0 ? "change" : "read", mode),
                 fmt::format("chmod {} {}", is_folder ? "go-w" : "600", text::shell_word(path))});
}

/// True when the secrets of the state can be opened, or it has none.
bool check_key(cli::Session& session, Diagnosis& diagnosis) {
  const auto& services = session.services();
  if (!services.require_key) return true;
  ++diagnosis.checks;
  try {
    services.require_key(session.connection());
    return true;
  } catch (const Error& error) {
    const auto key = key_file_of(session);
    if (std::string_view(error.what()).find(key) == std::string_view::npos)
      diagnosis.add_failure(error, diagnosis.service);
    else
      diagnosis.add({"lost-key", Severity::error, "file/" + key, error.what(), error.hint()});
    return false;
  }
}

void add_leftover(const fs::path& path, std::string_view what, Diagnosis& diagnosis) {
  diagnosis.add({"leftover", Severity::info, "file/" + path.string(), std::string(what),
                 "rm " + text::shell_word(path.string())});
}

/// The folders in which files in use may be replaced, and those of files that a node_mgr was sent.
std::set<std::string> folders_written(cli::Session& session) {
  std::set<std::string> folders;
  const auto files = files_in_use(session);
  for (const auto& file : files.private_files) folders.insert(folder_of(file));
  for (const auto& file : {session.config_file(), cli::state_home_file(session.io(), "")})
    if (!file.empty()) folders.insert(folder_of(file));
  folders.insert(files.folders.begin(), files.folders.end());
  std::error_code error;
  if (!session.is_remote())
    for (const auto& area :
         fs::directory_iterator(session.setting("state").value + ".files", error))
      folders.insert(area.path().string());
  return folders;
}

void find_leftovers(cli::Session& session, Diagnosis& diagnosis) {
  for (const auto& folder : folders_written(session))
    for (const auto& path : abandoned_files(folder))
      add_leftover(path.lexically_normal(), "a write that was broken off left it", diagnosis);
}

void check_state(cli::Session& session, Diagnosis& diagnosis) {
  if (!fs::exists(state_file_of(session))) return;
  // A prepared key that is the state's was put in place by the look at it.
  if (!check_key(session, diagnosis)) return;
  for (const auto& key : cli::unused_prepared_keys(key_file_of(session)))
    add_leftover(key.path,
                 "a change of the key that was broken off left it, and no secret of this state "
                 "needs it",
                 diagnosis);
}

/// The changes of servers that history and undo know.
void check_notes(cli::Session& session, Diagnosis& diagnosis) {
  const auto notes = session.connection().notes;
  std::error_code unreadable;
  if (!fs::exists(notes, unreadable)) return;
  ++diagnosis.checks;
  try {
    history_of(session)->each([](const client::PastChange&) { return false; });
  } catch (const Error& error) {
    if (error.reason() == Reason::integrity)
      diagnosis.add({"damaged-history", Severity::warning, "file/" + notes, error.what(),
                     fmt::format("mv {0} {0}.damaged", text::shell_word(notes))});
  }
}

}  // namespace

FilesInUse files_in_use(cli::Session& session) {
  FilesInUse files;
  const auto add = [](std::vector<std::string>& list, const std::string& path) {
    std::error_code error;
    if (!path.empty() && fs::exists(path, error)) list.push_back(path);
  };
  add(files.private_files, session.config_file());
  add(files.private_files, session.setting("token_file").value);
  if (!session.is_remote() && !session.setting("state").value.empty()) {
    const auto state = state_file_of(session);
    add(files.private_files, state);
    add(files.private_files, key_file_of(session));
    add(files.folders, folder_of(state));
  }
  add(files.folders, cli::state_home_file(session.io(), "owners"));
  return files;
}

void check_files(cli::Session& session, Diagnosis& diagnosis) {
  const auto files = files_in_use(session);
  for (const auto& path : files.private_files) check_mode(path, false, diagnosis);
  for (const auto& path : files.folders) check_mode(path, true, diagnosis);
  find_leftovers(session, diagnosis);
  if (session.is_remote())
    check_notes(session, diagnosis);
  else
    check_state(session, diagnosis);
}

}  // namespace metactl::commands
