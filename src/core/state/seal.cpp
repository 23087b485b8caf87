// SPDX-License-Identifier: Apache-2.0
#include "core/state/seal.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "api/json.h"
#include "api/mask.h"
#include "api/operations.h"
#include "api/secret_holder.h"
#include "api/secret_text.h"
#include "api/stored_value.h"
#include "base/error.h"
#include "core/journal.h"
#include "core/journal_change.h"
#include "core/state/pages.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

using google::protobuf::Message;
using Value = std::optional<std::string>;

/// A request of the journal as JSON, masked by today's rules too.
std::string masked_request(const std::string& operation, const std::string& json) {
  const auto* found = api::find_operation(operation);
  if (!found) return api::mask_text(json);
  const std::unique_ptr<Message> request(found->request().New());
  try {
    api::from_json(json, *request);
  } catch (const Error&) {
    return api::mask_text(json);
  }
  const auto before = api::to_json(*request);
  api::mask_secrets(*request);
  auto after = api::to_json(*request);
  return before == after ? json : after;
}

class Sealing {
 public:
  Sealing(store::Txn& txn, const Environment& environment)
      : txn_(txn),
        environment_(environment),
        types_(api::types_with(*pb::HdfsBuildConf::descriptor())) {}

  /// The journal first: it is read back from the values that are stored now.
  void run() {
    seal_journal();
    for (const auto* type : types_) {
      const auto rows = keys::below(keys::build(*type, {}));
      each_row(
          txn_,
          [&](const store::Pair& row) {
            if (is_concerned(row.key)) put(row.key, row.value, sealed(row.key, row.value));
          },
          rows.first, rows.last);
    }
    const auto notes = keys::below(keys::build(keys::remote_change_type, {}));
    each_row(
        txn_, [&](const store::Pair& row) { mask_note(row); }, notes.first, notes.last);
  }

 private:
  /// A value that a change left, as it was stored and as it is from now on.
  struct Left {
    Value plain;
    Value sealed;
    bool is_lost = false;  // It cannot be read back any more.
  };

  void put(const std::string& key, const std::string& before, const std::string& after) {
    if (before != after) txn_.put(key, after);
  }

  const keys::KeyType* concerned_type(const std::string& key) const {
    const auto found = std::find_if(types_.begin(), types_.end(), [&](const auto* type) {
      return keys::match(*type, key).has_value();
    });
    return found == types_.end() ? nullptr : *found;
  }
  bool is_concerned(const std::string& key) const { return concerned_type(key) != nullptr; }

  /// A stored value with sealed settings; as it is when there are none in the clear, and when it is
  /// damaged.
  std::string sealed(const std::string& key, const std::string& value) {
    std::unique_ptr<Message> message;
    try {
      message = api::parse_stored_message(*concerned_type(key), value);
    } catch (const Error&) {
      return value;
    }
    bool is_changed = false;
    for (auto& holder : api::secret_holders(*message)) {
      if (holder.is_sealed() || !holder.has_secret()) continue;
      holder.replace([&](const std::string& name, const std::string& plain) {
        return sealed_text(key, name, plain);
      });
      holder.set_info(Secrets::info());
      is_changed = true;
    }
    return is_changed ? api::serialize(*message) : value;
  }
  Value sealed(const std::string& key, const Value& value) {
    return value ? Value(sealed(key, *value)) : std::nullopt;
  }

  /// The same text in the same place becomes the same sealed text, so that what a change left alone
  /// still is what it was.
  const std::string& sealed_text(const std::string& key, const std::string& name,
                                 const std::string& plain) {
    auto& text = texts_[{key, name, plain}];
    if (text.empty())
      text = environment_.secrets.seal(txn_, plain, environment_.random_bytes(Secrets::nonce_size));
    return text;
  }

  void seal_journal() {
    const auto journal = keys::journal();
    std::vector<std::string> records;
    each_row(
        txn_, [&](const store::Pair& row) { records.push_back(row.key); }, journal.first,
        journal.last);
    for (auto key = records.rbegin(); key != records.rend(); ++key) seal_record(*key);
  }

  void seal_record(const std::string& key) {
    const auto bytes = txn_.get(key).value();
    pb::JournalRecord record;
    if (!record.ParseFromString(bytes)) {
      is_broken_ = true;  // Older values are read back from what this one left.
      return;
    }
    bool is_changed = false;
    for (auto& change : *record.mutable_changes())
      if (is_concerned(change.key())) is_changed |= seal_change(change);
    if (auto request = masked_request(record.operation(), record.request());
        request != record.request()) {
      record.set_request(std::move(request));
      is_changed = true;
    }
    if (!is_changed) return;
    record.clear_previous();
    record.clear_checksum();
    txn_.put(key, record.SerializeAsString());
  }

  /// The value that the newest change of a key left, which stands there now.
  Left& left(const std::string& key) {
    const auto [found, is_new] = left_.try_emplace(key);
    if (is_new) {
      found->second.plain = txn_.get(key);
      found->second.sealed = sealed(key, found->second.plain);
    }
    return found->second;
  }

  bool seal_change(pb::JournalChange& change) {
    auto& after = left(change.key());
    after.is_lost = after.is_lost || is_broken_ || !is_left_by(change, after.plain);
    Left before;
    try {
      if (!after.is_lost) before.plain = value_before(change, after.plain);
    } catch (const Error&) {
      after.is_lost = true;
    }
    if (after.is_lost) return forget(change);
    before.sealed = sealed(change.key(), before.plain);
    const bool is_changed = before.plain != before.sealed || after.plain != after.sealed;
    if (is_changed) {
      const auto key = change.key();
      change.Clear();
      describe(change, key, before.sealed, after.sealed);
    }
    after = std::move(before);
    return is_changed;
  }

  /// Nobody can read that value any more, but it may stand there in the clear.
  static bool forget(pb::JournalChange& change) {
    if (change.before().empty()) return false;
    change.set_before("");
    return true;
  }

  void mask_note(const store::Pair& row) {
    pb::RemoteChange note;
    if (!note.ParseFromString(row.value)) return;
    const auto before = note.SerializeAsString();
    if (note.has_request()) note.set_request(masked_request(note.operation(), note.request()));
    if (note.has_before()) note.set_before(api::mask_text(note.before()));
    if (note.has_after()) note.set_after(api::mask_text(note.after()));
    put(row.key, before, note.SerializeAsString());
  }

  store::Txn& txn_;
  const Environment& environment_;
  std::vector<const keys::KeyType*> types_;
  std::map<std::string, Left> left_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> texts_;
  bool is_broken_ = false;
};

}  // namespace

void seal_stored_secrets(store::Txn& txn, const Environment& environment) {
  Sealing(txn, environment).run();
}

}  // namespace metactl::core
