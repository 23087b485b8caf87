// SPDX-License-Identifier: Apache-2.0
// See https://sqlite.org/walformat.html, section 2.1: what processes believe of the log they share
// stands in shared memory, which begins with two copies of a header.
#include "store/log_index.h"

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace metactl::store {
namespace {

constexpr std::size_t header_size = 48;
using Header = std::array<char, header_size>;

template <class Number>
Number number(const Header& header, std::size_t offset) {
  Number result = 0;
  std::memcpy(&result, header.data() + offset, sizeof result);  // In the machine's order.
  return result;
}

std::uint64_t log_size(const Header& index) {
  constexpr std::uint64_t log_header = 32;
  constexpr std::uint64_t frame_header = 24;
  const auto frames = number<std::uint32_t>(index, 16);
  const auto field = number<std::uint16_t>(index, 14);
  const std::uint64_t page_size = field == 1 ? 65536 : field;
  return frames == 0 ? 0 : log_header + frames * (frame_header + page_size);
}

sqlite3_file* open_file(sqlite3* database, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", which, &file);
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

/// False when both differ: another process is writing them.
#if defined(__SANITIZE_THREAD__)
__attribute__((no_sanitize("thread")))  // Others may write at any time, in what is not ours.
#endif
bool read_header(const volatile char* memory, Header& header) {
  for (std::size_t i = 0; i < header_size; ++i) header[i] = memory[i];
  for (std::size_t i = 0; i < header_size; ++i)
    if (memory[header_size + i] != header[i]) return false;
  return true;
}

/// Nothing when there is none, or it is being written.
std::optional<Header> read_index(sqlite3* database) {
  constexpr int region = 32768;
  auto* file = open_file(database, SQLITE_FCNTL_FILE_POINTER);
  if (file == nullptr || file->pMethods->iVersion < 2) return std::nullopt;
  volatile void* memory = nullptr;
  if (file->pMethods->xShmMap(file, 0, region, 0, &memory) != SQLITE_OK || memory == nullptr)
    return std::nullopt;
  Header header{};
  if (!read_header(static_cast<const volatile char*>(memory), header)) return std::nullopt;
  return header;
}

/// Whether `fits` holds for the index while nobody writes it. Without a log there is none, and
/// asking for it would make one.
template <class Fits>
bool fits_index(sqlite3* database, const Fits& fits) {
  if (open_file(database, SQLITE_FCNTL_JOURNAL_POINTER) == nullptr) return true;
  constexpr int looks = 100;
  for (int look = 0; look < looks; ++look) {
    const auto index = read_index(database);
    if (index && fits(*index)) return true;
    if (index && read_index(database) == index) return false;
  }
  return true;  // Others write all the time; it is looked at again by the next call.
}

}  // namespace

bool has_whole_log(sqlite3* database, const std::string& name, std::uint64_t size) {
  return fits_index(database, [&](const Header& index) {
    if (size >= log_size(index)) return true;
    std::error_code missing;  // It may have grown since.
    const auto now = std::filesystem::file_size(name, missing);
    return !missing && now >= log_size(index);
  });
}

bool has_shared_log(sqlite3* database) {
  constexpr std::size_t salt_size = 8;
  auto* log = open_file(database, SQLITE_FCNTL_JOURNAL_POINTER);
  return log == nullptr || fits_index(database, [&](const Header& index) {
           if (log_size(index) == 0) return true;
           sqlite3_int64 size = 0;
           std::array<char, 32> head{};
           return log->pMethods->xFileSize(log, &size) == SQLITE_OK &&
                  static_cast<std::uint64_t>(size) >= log_size(index) &&
                  log->pMethods->xRead(log, head.data(), head.size(), 0) == SQLITE_OK &&
                  std::memcmp(head.data() + 16, index.data() + 32, salt_size) == 0;
         });
}

bool has_own_index(sqlite3* database) {
  auto* file = open_file(database, SQLITE_FCNTL_FILE_POINTER);
  return file == nullptr || fits_index(database, [&](const Header& index) {
           const auto pages = number<std::uint32_t>(index, 20);
           if (log_size(index) != 0 || pages == 0) return true;
           std::array<unsigned char, 4> bytes{};  // Of the header of the file, which is big endian.
           if (file->pMethods->xRead(file, bytes.data(), bytes.size(), 28) != SQLITE_OK)
             return false;
           std::uint32_t count = 0;
           for (const auto byte : bytes) count = count << 8 | byte;
           return count == pages;
         });
}

}  // namespace metactl::store
