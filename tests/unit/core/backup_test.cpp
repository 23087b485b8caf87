// SPDX-License-Identifier: Apache-2.0
// Backups: what was written comes back, and nothing else is taken for it.
#include "core/state/backup.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "base/crypto.h"
#include "base/error.h"
#include "store/memory.h"
#include "store/sqlite_schema.h"

namespace metactl {
namespace {

using Rows = std::vector<store::Pair>;

pb::BackupHeader header() {
  pb::BackupHeader header;
  header.set_schema_version(store::schema_version);
  header.set_state_id("0123456789abcdef");
  header.set_revision(42);
  header.set_time_ms(1'700'000'000'000);
  return header;
}

std::string backup_of(const Rows& rows, const pb::BackupHeader& header) {
  store::MemoryStore store;
  store.transact([&](store::Txn& txn) {
    for (const auto& row : rows) txn.put(row.key, row.value);
  });
  std::string bytes;
  store.read([&](store::View& view) {
    CHECK(core::write_backup(view, header, [&](std::string_view part) { bytes += part; }) ==
          rows.size());
  });
  return bytes;
}

/// Gives the bytes in pieces of this size.
api::Source source_of(const std::string& bytes, std::size_t piece = 1000) {
  return [&bytes, piece, place = std::size_t{0}](char* buffer, std::size_t size) mutable {
    const auto count = std::min({size, piece, bytes.size() - place});
    std::memcpy(buffer, bytes.data() + place, count);
    place += count;
    return count;
  };
}

Rows rows_in(const std::string& bytes, std::size_t piece = 1000) {
  core::BackupReader reader(source_of(bytes, piece), "b");
  Rows rows;
  while (auto row = reader.next()) rows.push_back(std::move(*row));
  return rows;
}

/// "" when it can be read.
std::string refusal(const std::string& bytes) {
  try {
    rows_in(bytes);
    return "";
  } catch (const Error& error) {
    return error.reason() == Reason::integrity ? error.what() : "another reason";
  }
}

const Rows some = {{"a", "1"}, {std::string("b\0c", 3), std::string("\0\xff", 2)}, {"d", ""}};

TEST_CASE("a backup gives back what was written", "[core][state]") {
  Rows rows = some;
  for (int i = 1000; i < 1700; ++i)
    rows.push_back({"k" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v')});
  rows.push_back({"z", crypto::random_bytes(1'000'000)});
  const auto bytes = backup_of(rows, header());
  CHECK(bytes.starts_with("metactl backup 1\n"));
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{4096}, std::size_t{7}})
    CHECK((rows_in(bytes, piece) == rows));
  core::BackupReader reader(source_of(bytes), "b");
  CHECK(reader.header().state_id() == "0123456789abcdef");
  CHECK(reader.header().revision() == 42);
  CHECK(reader.header().time_ms() == 1'700'000'000'000);
}

TEST_CASE("a backup of no rows is one", "[core][state]") {
  CHECK(rows_in(backup_of({}, header())).empty());
}

TEST_CASE("every byte of a backup that is flipped is noticed", "[core][state]") {
  const auto bytes = backup_of(some, header());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int bit : {0x01, 0x80, 0xff}) {
      auto altered = bytes;
      altered[i] = static_cast<char>(altered[i] ^ bit);
      INFO("byte " << i << " of " << bytes.size());
      CHECK_THAT(refusal(altered), Catch::StartsWith("cannot read backup 'b': it is "));
    }
}

TEST_CASE("a backup that ends too early is noticed, wherever it ends", "[core][state]") {
  const auto bytes = backup_of(some, header());
  CHECK(refusal("") == "cannot read backup 'b': it is empty");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    INFO("the first " << size << " bytes");
    CHECK(refusal(bytes.substr(0, size)) == "cannot read backup 'b': it is truncated");
  }
}

TEST_CASE("bytes behind a backup are noticed", "[core][state]") {
  const auto bytes = backup_of(some, header());
  CHECK(refusal(bytes + "x") == "cannot read backup 'b': there is something behind its end");
  CHECK(refusal(bytes + bytes) == "cannot read backup 'b': there is something behind its end");
}

TEST_CASE("what is no backup is refused", "[core][state]") {
  CHECK(refusal("some text, which is longer\n") ==
        "cannot read backup 'b': it is no backup of metactl");
  CHECK(refusal(std::string(100'000, '\0')) ==
        "cannot read backup 'b': it is no backup of metactl");
}

TEST_CASE("a backup of a newer metactl is refused", "[core][state]") {
  auto newer = header();
  newer.set_schema_version(store::schema_version + 1);
  CHECK_THAT(refusal(backup_of(some, newer)),
             Catch::Contains("its schema version is 4, this metactl knows 3"));
}

TEST_CASE("a backup is compressed", "[core][state]") {
  Rows rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({"k" + std::to_string(1000 + i), "same"});
  CHECK(backup_of(rows, header()).size() < 10'000);
}

}  // namespace
}  // namespace metactl
