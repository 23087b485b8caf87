// SPDX-License-Identifier: Apache-2.0
#include "core/state/verify.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "api/mask.h"
#include "api/rules.h"
#include "api/stored_value.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "core/journal.h"
#include "core/state/pages.h"
#include "core/state/row_names.h"
#include "core/state/rules.h"
#include "keys/instance_rows.h"
#include "keys/keys.h"
#include "keys/load_keys.h"
#include "proto/stage.pb.h"
#include "proto/txn.pb.h"

namespace metactl::core {
namespace {

using api::Severity;
using google::protobuf::Message;
using Form = keys::Stored::Form;

constexpr auto restore_it = "metactl state restore FILE --force";

class RowCheck {
 public:
  RowCheck(store::View& view, const Secrets& secrets, api::Verification& result)
      : view_(view), secrets_(secrets), result_(result), rules_(result.findings) {
    try {
      secrets_.require_key(view_);
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      has_key_ = false;
      add("missing-key", "key-file", error.what(), error.hint());
    }
  }

  void see(const store::Pair& row) {
    ++result_.rows;
    const auto name = name_row(row.key);
    if (!name.problem.empty()) note_impossible(name, row.key);
    if (!name.explanation) return;
    rules_.see(row);
    if (name.problem.empty()) {
      check_fields(name);
      see_owner(name);
      see_value(name, row);
    }
    result_.instances = rules_.instances();
  }

  void finish() {
    end_value();
    rules_.finish();
    if (has_sealed_ && !view_.get(keys::secret_key_key()))
      add_damage("lost-fingerprint", name_row(keys::secret_key_key()),
                 "secrets are sealed, but with which key is not known");
    check_owners();
    check_journal();
    end_impossible();
  }

 private:
  void add(std::string id, std::string object, std::string message, std::string mend) {
    result_.findings.push_back(
        {std::move(id), Severity::error, std::move(object), std::move(message), std::move(mend)});
  }
  void add_damage(std::string id, const RowName& name, std::string message) {
    add(std::move(id), name.object, std::move(message), restore_it);
  }

  /// The journal, which may know how the row came here, has not been read yet.
  void note_impossible(const RowName& name, const std::string& key) {
    impossible_.emplace_back(result_.findings.size(), key);
    add_damage("unreadable-key", name, name.problem);
  }

  void end_impossible() {
    constexpr std::size_t longest = 200;  // Digits that can be copied by hand.
    for (const auto& [finding, key] : impossible_) {
      const auto digits = text::hex(key);
      const auto writer = newest_.find(key);
      auto& mend = result_.findings[finding].mend;
      if (writer != newest_.end())
        mend = fmt::format("metactl undo {}", writer->second.revision);
      else if (digits.size() <= longest)
        mend = "metactl key delete " + digits;
    }
  }

  void see_owner(const RowName& name) {
    const auto& type = *name.match().type;
    if (type.name == "InstanceKey")
      instances_.insert(name.text("instance_id"));
    else if (keys::has_instance(type))
      owners_.emplace(name.text("instance_id"), name.object);
  }

  void check_owners() {
    for (const auto& [id, object] : owners_)
      if (!instances_.contains(id))
        result_.findings.push_back(
            {"unknown-instance", Severity::warning, "instance/" + id,
             fmt::format("there are rows of it, such as {}, but no instance with this id",
                         object.substr(object.find('/') + 1)),
             "metactl key scan -i " + text::shell_word(id)});
  }

  /// The rows of a split value stand one behind another.
  void see_value(const RowName& name, const store::Pair& row) {
    constexpr std::size_t chunk_size = 9;
    const bool is_chunk = name.match().chunk.has_value();
    const auto key = is_chunk ? row.key.substr(0, row.key.size() - chunk_size) : row.key;
    if (!is_chunk || key != split_key_) end_value();
    if (!is_chunk) return check_value(name, row.value);
    split_key_ = key;
    split_name_ = name;
    split_value_ += row.value;
  }

  void end_value() {
    if (!split_key_.empty()) check_value(split_name_, split_value_);
    split_key_.clear();
    split_value_.clear();
  }

  void check_value(const RowName& name, const std::string& value) {
    const auto& type = *name.match().type;
    try {
      if (!type.value.message.empty()) {
        const auto message = api::parse_stored_message(type, value);
        if (message) check_message(name, *message);
      } else if (type.value.form == Form::nothing && !value.empty()) {
        add_damage("unreadable-value", name, "the value must be empty");
      } else {
        api::parse_value(type, value);
      }
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      add_damage("unreadable-value", name, error.what());
    }
  }

  void check_message(const RowName& name, Message& message) {
    if (const auto* record = dynamic_cast<const pb::JournalRecord*>(&message))
      return note_journal(name, *record);
    check_txn(name, message);
    check_texts(name, api::find_control_characters(message));
    api::visit_messages(message, [&](Message& part) {
      check_secret(name, dynamic_cast<const pb::ObjectStoreInfoPB*>(&part));
      check_secret(name, dynamic_cast<const pb::RamUserPB*>(&part));
    });
  }

  void check_fields(const RowName& name) {
    for (const auto& field : name.match().fields)
      if (const auto* text = std::get_if<std::string>(&field.value); text && !api::is_plain(*text))
        return check_texts(name, std::string(field.name));
  }

  /// An older release stored them. One finding for a row, which may have a name in key and value.
  void check_texts(const RowName& name, const std::string& place) {
    if (place.empty() ||
        (!result_.findings.empty() && result_.findings.back().object == name.object))
      return;
    result_.findings.push_back({"control-characters", Severity::warning, name.object,
                                fmt::format("'{}' has control characters", place),
                                "remove the object, and add it again under another name"});
  }

  template <class Holder>
  void check_secret(const RowName& name, const Holder* holder) {
    if (!holder || !holder->has_encryption_info()) return;
    const auto& info = holder->encryption_info();
    if (info.encryption_method() != api::service_method) has_sealed_ = true;
    if (!has_key_ && info.encryption_method() != api::service_method) return;
    try {
      secrets_.open(view_, holder->sk(), info);
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      add("sealed-secret", name.object,
          fmt::format("the secret of access key '{}': {}", api::mask_access_key(holder->ak()),
                      error.what()),
          "metactl ak rotate, or a vault's alter, with the keys anew");
    }
  }

  void check_txn(const RowName& name, const Message& message) {
    const auto& type = name.match().type->name;
    if (type == "TxnIndexKey") {
      const auto& index = dynamic_cast<const pb::TxnIndexPB&>(message);
      const auto db_id = index.tablet_index().db_id();
      require(name, keys::txn_info_key(name.text("instance_id"), db_id, name.number("txn_id")));
    } else if (type == "TxnRunningKey") {
      require(name, keys::txn_info_key(name.text("instance_id"), name.number("db_id"),
                                       name.number("txn_id")));
    } else if (type == "TxnInfoKey") {
      check_txn_rows(name, dynamic_cast<const pb::TxnInfoPB&>(message));
    } else if (type == "MetaTabletKey") {
      const auto instance = name.text("instance_id");
      const auto tablet = name.number("tablet_id");
      require(name, keys::tablet_index_key(instance, tablet));
      require(name,
              keys::tablet_stats_key(instance, {name.number("table_id"), name.number("index_id"),
                                                name.number("part_id"), tablet}));
    }
  }

  void check_txn_rows(const RowName& name, const pb::TxnInfoPB& txn) {
    const auto instance = name.text("instance_id");
    require(name, keys::txn_index_key(instance, name.number("txn_id")));
    require(name, keys::txn_label_key(instance, name.number("db_id"), txn.label()));
    const bool is_open =
        txn.status() == pb::TXN_STATUS_PREPARED || txn.status() == pb::TXN_STATUS_PRECOMMITTED;
    if (is_open)
      require(name, keys::txn_running_key(instance, name.number("db_id"), name.number("txn_id")));
  }

  void require(const RowName& name, const std::string& other) {
    if (!view_.get(other))
      add_damage("missing-row", name, fmt::format("there is no {}", name_row(other).text()));
  }

  // The journal comes behind all that it tells of.

  void note_journal(const RowName& name, const pb::JournalRecord& record) {
    const auto revision = static_cast<std::uint64_t>(name.number("revision"));
    if (revision > view_.revision())
      add_damage("wrong-revision", name,
                 fmt::format("the state is at revision {} only", view_.revision()));
    for (const auto& change : record.changes())
      newest_[change.key()] = {revision, change.after_hash()};
  }

  void check_journal() {
    for (const auto& [key, newest] : newest_) {
      const auto& hash = newest.hash;
      const auto value = view_.get(key);
      if ((value ? value_hash(*value) : "") == hash) continue;
      add_damage("journal-mismatch", name_row(key),
                 value && hash.empty()
                     ? "it is there, but the newest change in the journal removed it"
                 : value ? "its value is not the one that the newest change in the journal left"
                         : "it is not there, but the newest change in the journal wrote it");
    }
  }

  store::View& view_;
  const Secrets& secrets_;
  api::Verification& result_;
  RuleCheck rules_;
  bool has_key_ = true;
  bool has_sealed_ = false;
  std::set<std::string> instances_;            // With a record.
  std::map<std::string, std::string> owners_;  // The first row of each instance that rows name.
  std::string split_key_;
  RowName split_name_;
  std::string split_value_;
  struct Newest {
    std::uint64_t revision = 0;
    std::string hash;
  };
  std::map<std::string, Newest> newest_;                         // The newest record's of each key.
  std::vector<std::pair<std::size_t, std::string>> impossible_;  // Finding and key.
};

}  // namespace

void verify_rows(store::View& view, const Secrets& secrets, api::Verification& result) {
  RowCheck check(view, secrets, result);
  each_row(view, [&](const store::Pair& row) { check.see(row); });
  check.finish();
}

}  // namespace metactl::core
