// SPDX-License-Identifier: Apache-2.0
// Which process keeps others from writing a state file.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace metactl::store {

struct LockHolder {
  pid_t pid = 0;
  std::vector<std::string> command = {};  // Its words; none when they cannot be read.
  std::chrono::seconds age{};             // Since the process was started.
  bool is_stopped = false;                // By SIGSTOP, a terminal or a debugger.
};

/// The process that writes the state file at `path`. Nothing when there is none by now, or none
/// that can be seen from here: one of another container or machine.
///
/// SQLite's lock of writers is a POSIX lock on byte 120 of the shared memory file, PATH-shm: see
/// "WAL_WRITE_LOCK" in https://sqlite.org/walformat.html, section 2.3.1, and UNIX_SHM_BASE in its
/// os_unix.c. Other programs may lock the whole file. Both stand in /proc/locks; F_GETLK would need
/// a descriptor of our own, and closing that drops all locks of this process on the file.
std::optional<LockHolder> find_lock_holder(const std::filesystem::path& path);

}  // namespace metactl::store
