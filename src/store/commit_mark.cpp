// SPDX-License-Identifier: Apache-2.0
// Reads pages of the file and of the log without SQLite, see https://sqlite.org/fileformat2.html,
// sections 1.6 and 4.1.
#include "store/commit_mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"

namespace metactl::store {
namespace {

constexpr std::size_t mark_size = 8;
const std::string no_mark(mark_size, '\0');

/// The numbers of a database are big endian.
std::uint32_t number(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint32_t result = 0;
  for (const char byte : bytes.substr(offset, size))
    result = result << 8 | static_cast<unsigned char>(byte);
  return result;
}

/// Those of SQLite; all others are damage.
bool is_page_size(std::uint32_t size) {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

/// What the first rows of a state say.
struct FirstRows {
  std::string before = no_mark;
  std::string own = no_mark;
  std::string state_id = {};
};

/// A small row as it stands in a page: sizes of the payload, of the record's header and of all
/// values, then the key and the value. Gives the value of a row with that key. Rows of schema
/// version 3 have a third value, which is null: one more byte of the header, and no bytes of its
/// own.
std::optional<std::string> value_in(std::string_view row, std::string_view key, std::size_t size) {
  const auto blob_type = [](std::size_t length) { return static_cast<char>(12 + 2 * length); };
  for (const std::size_t header : {3U, 4U}) {
    std::string beginning = {static_cast<char>(header + key.size() + size),
                             static_cast<char>(header), blob_type(key.size()), blob_type(size)};
    beginning.append(header - 3, '\0');
    beginning += key;
    if (row.starts_with(beginning) && row.size() >= beginning.size() + size)
      return std::string(row.substr(beginning.size(), size));
  }
  return std::nullopt;
}

constexpr char leaf_page = 10;
constexpr char inner_page = 2;

/// The place of a row in a page that begins with a header of that size.
std::string_view row_in(std::string_view page, std::size_t header, std::size_t row) {
  return page.substr(std::min<std::size_t>(number(page, header + 2 * row, 2), page.size()));
}

/// Nothing when the page is not the one with the first rows of a state.
std::optional<FirstRows> first_rows_in(std::string_view page) {
  constexpr std::size_t header = 8;
  if (page[0] != leaf_page) return std::nullopt;
  const auto first = row_in(page, header, 0);
  const auto marks = value_in(first, commit_key, 2 * mark_size);
  const auto id = value_in(marks ? row_in(page, header, 1) : first, {"\0id", 3}, 16);
  if (!marks && !id && !value_in(first, {"\0revision", 9}, 8)) return std::nullopt;
  FirstRows rows;
  if (marks) rows.before = marks->substr(0, mark_size);
  if (marks) rows.own = marks->substr(mark_size);
  rows.state_id = id.value_or("");
  return rows;
}

/// The state file without its log, through the open database: a descriptor of our own would drop
/// its locks when closed. Nothing when the first rows cannot be found, as after a checkpoint that
/// was broken off.
std::optional<FirstRows> first_rows_of(sqlite3* database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr) return std::nullopt;
  std::string head(100, '\0');
  if (file->pMethods->xRead(file, head.data(), 100, 0) != SQLITE_OK) return std::nullopt;
  const auto field = number(head, 16, 2);
  const auto page_size = field == 1 ? 65536 : field;
  if (!is_page_size(page_size)) return std::nullopt;
  std::string page(page_size, '\0');
  constexpr std::size_t inner_header = 12;
  constexpr int deepest = 20;  // SQLite's own limit.
  std::uint32_t place = 2;     // The root of the only table.
  for (int depth = 0; depth < deepest && place != 0; ++depth) {
    const auto offset = static_cast<sqlite3_int64>(place - 1) * static_cast<int>(page.size());
    if (file->pMethods->xRead(file, page.data(), static_cast<int>(page.size()), offset) !=
        SQLITE_OK)
      return std::nullopt;
    if (page[0] != inner_page) return first_rows_in(page);
    place = number(row_in(page, inner_header, 0), 0, 4);
  }
  return std::nullopt;
}

/// Reads of the log what SQLite would take for valid. It has no locks that closing it could drop.
class LogReader {
 public:
  explicit LogReader(const char* name) : descriptor_(::open(name, O_RDONLY | O_CLOEXEC)) {
    std::string head(header_size, '\0');
    if (!read(head) || number(head, 0, 4) >> 1 != magic >> 1) return;
    is_big_endian_ = (number(head, 0, 4) & 1) != 0;
    const auto page_size = number(head, 8, 4);
    if (!is_page_size(page_size) || !adds_up(std::string_view(head).substr(0, 24), head, 24))
      return;
    salt_ = head.substr(16, 8);
    frame_.resize(frame_header + page_size);
  }
  ~LogReader() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  /// Of the next commit that has them; nothing behind the last one.
  std::optional<FirstRows> next() {
    while (!salt_.empty() && next_frame())
      if (auto rows = first_rows_in(std::string_view(frame_).substr(frame_header))) return rows;
    salt_.clear();
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t magic = 0x377f0682;  // Its last bit tells the order of bytes.
  static constexpr std::size_t header_size = 32;
  static constexpr std::size_t frame_header = 24;

  /// False at the end: behind it, frames may be left from before the log was restarted, also such
  /// of which a power failure let a part be replaced.
  bool next_frame() {
    if (!read(frame_) || frame_.compare(8, salt_.size(), salt_) != 0) return false;
    sum(std::string_view(frame_).substr(0, 8));
    return adds_up(std::string_view(frame_).substr(frame_header), frame_, 16);
  }

  bool read(std::string& bytes) const {
    const auto count = ::read(descriptor_, bytes.data(), bytes.size());
    return count >= 0 && static_cast<std::size_t>(count) == bytes.size();
  }

  /// Goes on with the checksum of all bytes so far.
  void sum(std::string_view bytes) {
    const auto word = [&](std::size_t place) {
      const auto value = number(bytes, place, 4);
      return is_big_endian_ ? value : __builtin_bswap32(value);
    };
    for (std::size_t place = 0; place + 8 <= bytes.size(); place += 8) {
      sums_[0] += word(place) + sums_[1];
      sums_[1] += word(place + 4) + sums_[0];
    }
  }
  bool adds_up(std::string_view bytes, std::string_view sums, std::size_t place) {
    sum(bytes);
    return sums_[0] == number(sums, place, 4) && sums_[1] == number(sums, place + 4, 4);
  }

  const int descriptor_;
  bool is_big_endian_ = false;
  std::array<std::uint32_t, 2> sums_{};
  std::string salt_;   // "": nothing more is to be read.
  std::string frame_;  // With its header.
};

struct Foreign {
  std::string file_id;
  std::string log_id;
};

/// Nothing when the log belongs to the file. The log is read first: what is moved from it into the
/// file meanwhile makes the file newer only.
std::optional<Foreign> find_foreign(sqlite3* database) {
  LogReader log(sqlite3_filename_wal(sqlite3_db_filename(database, "main")));
  auto commit = log.next();
  if (!commit) return std::nullopt;
  const auto file = first_rows_of(database);
  if (!file || file->own == commit->before) return std::nullopt;
  const auto log_id = commit->state_id;
  for (; commit; commit = log.next())
    if (commit->own == file->own) return std::nullopt;
  return Foreign{file->state_id, log_id};
}

}  // namespace

std::string next_commit(std::string_view previous) {
  const auto before = previous.size() == 2 * mark_size ? previous.substr(mark_size) : no_mark;
  return std::string(before) + crypto::random_bytes(mark_size);
}

void refuse_foreign_log(sqlite3* database, const std::filesystem::path& path) {
  std::optional<Foreign> foreign;
  // What another process writes at this moment may look so once, but not again and again.
  constexpr int looks = 10;
  for (int look = 0; look < looks; ++look) {
    foreign = find_foreign(database);
    if (!foreign) return;
  }
  const auto log = path.string() + "-wal";
  const auto why = foreign->log_id == foreign->file_id
                       ? fmt::format("the log '{}' belongs to another copy of this state, {}", log,
                                     foreign->log_id)
                       : fmt::format("the log '{}' belongs to state {}, the file is state {}", log,
                                     foreign->log_id, foreign->file_id);
  throw Error(Reason::integrity, fmt::format("cannot open state file '{}': {}", path.string(), why),
              fmt::format("end what still serves the old file, then move '{0}' and '{1}-shm' away, "
                          "to the file that they belong to",
                          log, path.string()));
}

}  // namespace metactl::store
