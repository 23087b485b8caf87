// SPDX-License-Identifier: Apache-2.0
#include "core/state/chain.h"

#include <algorithm>

#include "base/crypto.h"
#include "core/state/pages.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

constexpr std::size_t checksum_size = 8;
constexpr std::string_view no_checksum("\0\0\0\0\0\0\0\0", checksum_size);

/// The field `checksum` as it is stored: its tag, its length, and the bytes. No field has a larger
/// number, so that it is the last one.
constexpr std::size_t seal_size = 2 + checksum_size;

std::string digest(std::string_view key, std::string_view bytes) {
  crypto::Sha256 hash;
  hash.add(key);
  hash.add(bytes);
  return hash.finish().substr(0, checksum_size);
}

/// Adds the two fields behind the bytes of a record without them, which makes one message.
void seal(std::string_view key, std::string_view previous, std::string& bytes) {
  pb::JournalRecord link;
  link.set_previous(std::string(previous));
  link.AppendToString(&bytes);
  pb::JournalRecord end;
  end.set_checksum(digest(key, bytes));
  end.AppendToString(&bytes);
}

std::string_view without_seal(std::string_view value) {
  return value.substr(0, value.size() - std::min(value.size(), seal_size));
}

void set_head(store::Txn& txn, std::uint64_t revision, std::string checksum) {
  pb::JournalHead head;
  head.set_revision(revision);
  head.set_checksum(std::move(checksum));
  txn.put(keys::journal_head_key(), head.SerializeAsString());
}

}  // namespace

std::string checksum_of(std::string_view value) {
  const auto end = value.substr(without_seal(value).size());
  pb::JournalRecord seal;
  const bool is_seal = seal.ParseFromArray(end.data(), static_cast<int>(end.size())) &&
                       seal.checksum().size() == checksum_size;
  return is_seal ? seal.checksum() : "";
}

Seal check_seal(std::string_view key, std::string_view value) {
  if (checksum_of(value) == digest(key, without_seal(value))) return Seal::intact;
  pb::JournalRecord record;  // An old one may end with bytes that look like a checksum.
  const bool is_old = record.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
                      !record.has_previous() && !record.has_checksum();
  return is_old ? Seal::absent : Seal::broken;
}

std::optional<pb::JournalHead> find_head(store::View& view) {
  const auto value = view.get(keys::journal_head_key());
  pb::JournalHead head;
  if (!value || !head.ParseFromString(*value) || head.checksum().size() != checksum_size)
    return std::nullopt;
  return head;
}

void append_record(store::Txn& txn, const pb::JournalRecord& record) {
  auto head = find_head(txn);
  if (!head) {
    chain_records(txn);
    head = find_head(txn);
  }
  const auto key = keys::journal_key(txn.revision());
  std::string bytes;
  bytes.reserve(record.ByteSizeLong() + 2 * seal_size);
  record.AppendToString(&bytes);
  seal(key, head ? head->checksum() : no_checksum, bytes);
  txn.put(key, bytes);
  set_head(txn, txn.revision(), checksum_of(bytes));
}

void chain_records(store::Txn& txn) {
  if (find_head(txn)) return;
  const auto journal = keys::journal();
  std::optional<std::uint64_t> newest;
  std::string checksum(no_checksum);
  each_row(
      txn,
      [&](store::Pair& row) {
        if (check_seal(row.key, row.value) == Seal::absent) {
          seal(row.key, checksum, row.value);
          txn.put(row.key, row.value);
        }
        newest = keys::parse_journal_key(row.key);
        if (auto own = checksum_of(row.value); !own.empty()) checksum = std::move(own);
      },
      journal.first, journal.last);
  if (newest) set_head(txn, *newest, checksum);
}

}  // namespace metactl::core
