// SPDX-License-Identifier: Apache-2.0
#include "core/journal.h"

#include <zstd.h>

#include <bit>
#include <memory>

#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "core/journal_change.h"
#include "core/state/chain.h"
#include "keys/cut.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

constexpr std::size_t command_id_digits = 16;

/// The window must span the prefix and the value, or zstd does not find one in the other.
int window_log(std::size_t bytes) {
  constexpr int smallest = 10;
  return std::max(smallest, static_cast<int>(std::bit_width(bytes)));
}

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result))
    throw Error(Reason::integrity,
                std::string("damaged journal record: ") + ZSTD_getErrorName(result));
  return result;
}

/// `before` told as its difference from `after`: tens of bytes when a node was added to thousands.
std::string difference(const std::string& before, const std::string& after) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog,
                                 window_log(before.size() + after.size())));
  // Records of nodes are alike, and without this zstd takes the next likeness for the right one.
  checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1));
  checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0));
  checked(ZSTD_CCtx_refPrefix(context.get(), after.data(), after.size()));
  std::string patch(ZSTD_compressBound(before.size()), '\0');
  patch.resize(checked(
      ZSTD_compress2(context.get(), patch.data(), patch.size(), before.data(), before.size())));
  return patch;
}

std::string apply(const std::string& patch, std::size_t size, const std::string& after) {
  constexpr std::size_t largest_value = std::size_t{1} << 30;  // SQLite's own limit is near to it.
  if (size > largest_value) throw Error(Reason::integrity, "damaged journal record: wrong size");
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  checked(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax,
                                 ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound));
  checked(ZSTD_DCtx_refPrefix(context.get(), after.data(), after.size()));
  std::string before(size, '\0');
  const auto written = checked(
      ZSTD_decompressDCtx(context.get(), before.data(), before.size(), patch.data(), patch.size()));
  if (written != size) throw Error(Reason::integrity, "damaged journal record: wrong size");
  return before;
}

}  // namespace

void describe(pb::JournalChange& change, const std::string& key,
              const std::optional<std::string>& before, const std::optional<std::string>& after) {
  change.set_key(key);
  if (before) {
    change.set_before(difference(*before, after.value_or("")));
    change.set_before_size(before->size());
  }
  if (after) change.set_after_hash(value_hash(*after));
}

/// All writes of operations, undo, `state copy` and rekey come here, so that none of them needs to
/// look at the size of a new key.
void RecordingTxn::put(std::string_view key, std::string_view value) {
  auto old = txn_.get(key);
  if (old == value) return;
  if (!old) keys::require_storable(key);
  before_.try_emplace(std::string(key), std::move(old));
  txn_.put(key, value);
}

void RecordingTxn::erase(std::string_view key) {
  auto old = txn_.get(key);
  if (!old) return;
  before_.try_emplace(std::string(key), std::move(old));
  txn_.erase(key);
}

void write_journal(store::Txn& txn, const RecordingTxn& recording, const JournalEntry& entry,
                   std::int64_t now_ms) {
  if (recording.before().empty()) return;
  pb::JournalRecord record;
  record.set_time_ms(now_ms);
  set_origin(record, entry.origin);
  if (auto ip = entry.request_ip(); !ip.empty()) record.set_request_ip(std::move(ip));
  record.set_operation(entry.operation);
  record.set_request(entry.request());
  record.set_outcome("OK");
  for (const auto& [key, before] : recording.before())
    describe(*record.add_changes(), key, before, txn.get(key));
  put_record(txn, record);
}

std::string new_command_id() {
  return text::hex(crypto::random_bytes(command_id_digits / 2));
}

bool is_command_id(std::string_view text) {
  return text.size() == command_id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_whole(const pb::JournalChange& change) {
  if (!change.has_before()) return true;
  const auto& frame = change.before();
  const auto size = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  return !ZSTD_isError(size) && size == frame.size();
}

void put_record(store::Txn& txn, const pb::JournalRecord& record) {
  append_record(txn, record);
  if (txn.revision() <= journal_capacity) return;
  // One record a commit keeps the newest ones. After a jump of the revision there are more old
  // ones: two a commit, so that they become fewer.
  const auto first_kept = keys::journal_key(txn.revision() - journal_capacity + 1);
  for (const auto& old : txn.scan(keys::journal().first, first_kept, 2)) txn.erase(old.key);
}

std::string value_hash(std::string_view value) {
  constexpr std::size_t hash_size = 16;
  return crypto::sha256(value).substr(0, hash_size);
}

bool is_left_by(const pb::JournalChange& change, const std::optional<std::string>& value) {
  return (value ? value_hash(*value) : "") == change.after_hash();
}

std::optional<std::string> value_before(const pb::JournalChange& change,
                                        const std::optional<std::string>& after) {
  if (!is_left_by(change, after))
    throw Error(Reason::integrity, "the value was changed since this journal record was written");
  if (!change.has_before()) return std::nullopt;
  return apply(change.before(), change.before_size(), after.value_or(""));
}

}  // namespace metactl::core
