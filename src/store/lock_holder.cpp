// SPDX-License-Identifier: Apache-2.0
#include "store/lock_holder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/text.h"

namespace metactl::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t shm_write_byte = 120;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One line of /proc/locks: "1: POSIX  ADVISORY  WRITE 4711 fe:00:10952936 120 120", see
/// proc_locks(5). The last byte may be "EOF".
struct Lock {
  std::string type, kind, access, file, last;
  pid_t pid = 0;
  std::uint64_t first = 0;

  explicit Lock(const std::string& line) {
    std::string number;
    std::istringstream(line) >> number >> type >> kind >> access >> pid >> file >> first >> last;
  }

  bool writes() const { return type == "POSIX" && access == "WRITE" && pid > 0; }
  bool covers(std::uint64_t byte) const {
    return first <= byte &&
           (last == "EOF" || text::to_int(last).value_or(-1) >= std::int64_t(byte));
  }
};

bool has_open(pid_t pid, const struct stat& file) {
  std::error_code denied;
  for (const auto& each : fs::directory_iterator(fmt::format("/proc/{}/fd", pid), denied)) {
    struct stat status {};
    if (stat(each.path().c_str(), &status) == 0 && status.st_ino == file.st_ino &&
        status.st_dev == file.st_dev)
      return true;
  }
  return false;
}

/// Some file systems, such as btrfs, show another device in /proc/locks than stat does.
bool is_about(const Lock& lock, const struct stat& file) {
  const auto inode = fmt::format(":{}", file.st_ino);
  if (!lock.file.ends_with(inode)) return false;
  return lock.file ==
             fmt::format("{:02x}:{:02x}{}", major(file.st_dev), minor(file.st_dev), inode) ||
         has_open(lock.pid, file);
}

/// What stands behind the name in /proc/PID/stat, from the state on: fields 3 and 22 of
/// proc_pid_stat(5) are the first and the twentieth of these.
LockHolder describe(pid_t pid) {
  LockHolder holder{.pid = pid};
  const auto folder = fmt::format("/proc/{}/", pid);
  const auto command = content_of(folder + "cmdline");
  for (auto& word : text::split(command.substr(0, command.find_last_not_of('\0') + 1), '\0'))
    holder.command.push_back(std::move(word));

  const auto status = content_of(folder + "stat");
  std::istringstream fields(status.substr(status.rfind(')') + 1));
  const std::vector<std::string> values{std::istream_iterator<std::string>(fields), {}};
  constexpr std::size_t start_field = 19;
  if (values.size() <= start_field) return holder;
  holder.is_stopped = values.front() == "T" || values.front() == "t";
  const auto started = text::to_int(values.at(start_field)).value_or(0) / sysconf(_SC_CLK_TCK);
  double uptime = 0;
  std::istringstream(content_of("/proc/uptime")) >> uptime;
  holder.age = std::chrono::seconds(std::max<std::int64_t>(0, std::int64_t(uptime) - started));
  return holder;
}

}  // namespace

std::optional<LockHolder> find_lock_holder(const fs::path& path) {
  struct stat file {};
  struct stat memory {};
  const bool has_file = stat(path.c_str(), &file) == 0;
  const bool has_memory = stat((path.string() + "-shm").c_str(), &memory) == 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const Lock lock(line);
    if (!lock.writes()) continue;
    if ((has_memory && lock.covers(shm_write_byte) && is_about(lock, memory)) ||
        (has_file && is_about(lock, file)))
      return describe(lock.pid);
  }
  return std::nullopt;
}

}  // namespace metactl::store
