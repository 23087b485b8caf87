// SPDX-License-Identifier: Apache-2.0
#include "app/machine.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <thread>

namespace metactl::app {
namespace {

constexpr std::chrono::milliseconds moment{200};

/// Since the machine was started, of all processors.
struct Ticks {
  std::uint64_t idle = 0;
  std::uint64_t all = 0;
};

std::optional<Ticks> read_ticks() {
  std::ifstream file("/proc/stat");
  std::string line;
  if (!std::getline(file, line) || !line.starts_with("cpu ")) return std::nullopt;
  std::istringstream numbers(line.substr(4));
  Ticks ticks;
  // user, nice, system, idle, iowait, irq, softirq, steal; those of guests are in user already.
  std::uint64_t number = 0;
  for (int i = 0; i < 8 && numbers >> number; ++i) {
    ticks.all += number;
    if (i == 3 || i == 4) ticks.idle += number;
  }
  return ticks;
}

void measure_cpu(pb::NodemgrInfoResponse& info) {
  const auto before = read_ticks();
  std::this_thread::sleep_for(moment);
  const auto after = read_ticks();
  if (!before || !after) return;
  const auto all = after->all - before->all;
  const auto idle = std::min(after->idle - before->idle, all);
  const double used =
      all == 0 ? 0 : 100.0 * static_cast<double>(all - idle) / static_cast<double>(all);
  info.set_cpu_used(fmt::format("{:.2f}%", used));
}

void measure_memory(pb::NodemgrInfoResponse& info) {
  std::ifstream file("/proc/meminfo");
  std::map<std::string, std::uint64_t> kilobytes;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t size = 0;
    if (words >> name >> size) kilobytes[name] = size;
  }
  if (!kilobytes.contains("MemTotal:") || !kilobytes.contains("MemAvailable:")) return;
  const auto free = std::min(kilobytes["MemAvailable:"], kilobytes["MemTotal:"]);
  info.set_mem_used(fmt::format("{}M", (kilobytes["MemTotal:"] - free) / 1024));
  info.set_mem_free(fmt::format("{}M", free / 1024));
}

/// Such as 76G.
std::string readable(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> units = {"K", "M", "G", "T", "P", "E"};
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return fmt::format("{:.0f}{}", size, units.at(unit));
}

void measure_disk(const std::string& file, pb::NodemgrInfoResponse& info) {
  const auto folder = std::filesystem::path(file).parent_path();
  struct statvfs disk {};
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return;
  info.set_disk_used(readable((disk.f_blocks - disk.f_bfree) * disk.f_frsize));
  info.set_disk_free(readable(disk.f_bavail * disk.f_frsize));
}

}  // namespace

void measure_machine(const std::string& file, pb::NodemgrInfoResponse& info) {
  measure_cpu(info);
  measure_memory(info);
  measure_disk(file, info);
}

}  // namespace metactl::app
