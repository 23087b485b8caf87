// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/error.h"
#include "core/state/backup.h"
#include "core/state/backup_form.h"
#include "store/reserved.h"
#include "store/sqlite_schema.h"

namespace metactl::core {
namespace {

/// Why a backup cannot be read.
struct Damage {
  std::string why;
};

constexpr auto truncated = "it is truncated";
constexpr auto altered = "it is damaged or was altered";

}  // namespace

/// The bytes inside the zstd frame, and what is around it.
class BackupReader::Input {
 public:
  explicit Input(api::Source source) : source_(std::move(source)) {
    const auto line = take(backup_line.size());
    if (line.empty()) throw Damage{"it is empty"};
    if (line == backup_line) return;
    throw Damage{backup_line.starts_with(line) ? truncated : "it is no backup of metactl"};
  }

  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes(1).front());
      number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    throw Damage{altered};
  }

  /// So many bytes of what was compressed.
  std::string bytes(std::size_t size) {
    while (plain_.size() - plain_start_ < size) decompress();
    auto result = plain_.substr(plain_start_, size);
    plain_start_ += size;
    return result;
  }

  /// Behind the last part: nothing more may be in the frame, and nothing behind the checksum.
  void check_end() {
    while (!frame_ended_ && plain_start_ == plain_.size()) decompress();
    if (!frame_ended_ || plain_start_ != plain_.size()) throw Damage{altered};
    const auto expected = hash_.finish();
    std::string found(checksum_size, '\0');
    for (auto& byte : found) byte = next_byte();
    if (found != expected) throw Damage{altered};
    if (start_ < end_ || fill()) throw Damage{"there is something behind its end"};
  }

 private:
  /// Reads more; false at the end of all.
  bool fill() {
    start_ = 0;
    end_ = source_(block_.data(), block_.size());
    return end_ > 0;
  }

  char next_byte() {
    if (start_ == end_ && !fill()) throw Damage{truncated};
    return block_[start_++];
  }

  /// Raw bytes in front of the frame; fewer at the end of all.
  std::string take(std::size_t size) {
    std::string result;
    while (result.size() < size && (start_ < end_ || fill())) result += block_[start_++];
    hash_.add(result);
    return result;
  }

  void decompress() {
    if (frame_ended_) throw Damage{altered};
    plain_.erase(0, plain_start_);
    plain_start_ = 0;
    if (start_ == end_ && !fill()) throw Damage{truncated};
    ZSTD_inBuffer in{block_.data(), end_, start_};
    std::array<char, 65536> buffer;
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    const auto left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left)) throw Damage{altered};
    hash_.add(std::string_view(block_).substr(start_, in.pos - start_));
    start_ = in.pos;
    plain_.append(buffer.data(), out.pos);
    frame_ended_ = left == 0;
  }

  const api::Source source_;
  crypto::Sha256 hash_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
  std::string block_ = std::string(65536, '\0');  // Of the source; from start_ to end_ unread.
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  std::string plain_;  // Decompressed; unread from plain_start_ on.
  std::size_t plain_start_ = 0;
  bool frame_ended_ = false;
};

BackupReader::BackupReader(api::Source source, std::string name) : name_(std::move(name)) {
  try {
    input_ = std::make_unique<Input>(std::move(source));
  } catch (const Damage& damage) {
    refuse(damage.why);
  }
  auto first = part();
  if (!first.has_header()) refuse(altered);
  header_ = std::move(*first.mutable_header());
}

BackupReader::~BackupReader() = default;

pb::BackupPart BackupReader::part() {
  try {
    const auto size = input_->varint();
    pb::BackupPart part;
    if (size > largest_part || !part.ParseFromString(input_->bytes(size))) throw Damage{altered};
    return part;
  } catch (const Damage& damage) {
    refuse(damage.why);
  }
}

std::optional<store::Pair> BackupReader::next() {
  auto next = part();
  if (next.has_end()) {
    check_end(next.end().rows());
    return std::nullopt;
  }
  auto& row = *next.mutable_row();
  if (!next.has_row() || row.key() <= last_key_ || store::reserved(row.key())) refuse(altered);
  ++rows_;
  last_key_ = row.key();
  return store::Pair{std::move(*row.mutable_key()), std::move(*row.mutable_value())};
}

void BackupReader::check_end(std::uint64_t rows) {
  if (rows != rows_) refuse(altered);
  try {
    input_->check_end();
  } catch (const Damage& damage) {
    refuse(damage.why);
  }
  // Not before it is known that nobody altered the header.
  if (header_.schema_version() > store::schema_version)
    refuse(fmt::format("its schema version is {}, this metactl knows {}", header_.schema_version(),
                       store::schema_version),
           "use a newer metactl");
}

void BackupReader::refuse(const std::string& why, std::string hint) const {
  throw Error(Reason::integrity, fmt::format("cannot read backup '{}': {}", name_, why),
              std::move(hint));
}

}  // namespace metactl::core
