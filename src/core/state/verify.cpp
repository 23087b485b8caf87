// SPDX-License-Identifier: Apache-2.0
#include "core/state/verify.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "api/secret_holder.h"
#include "api/mask.h"
#include "api/rules.h"
#include "api/stored_value.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "core/state/journal_check.h"
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
      : view_(view),
        secrets_(secrets),
        result_(result),
        rules_(result.findings),
        journal_(view, result.findings) {
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
    journal_.see(row);
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
    journal_.finish();
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
      const auto writer = journal_.newest_writer(key);
      auto& mend = result_.findings[finding].mend;
      if (writer)
        mend = fmt::format("metactl undo {}", *writer);
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
    if (dynamic_cast<const pb::JournalRecord*>(&message)) return;  // It quotes what was asked for.
    check_txn(name, message);
    check_texts(name, api::find_control_characters(message));
    for (auto& holder : api::secret_holders(message))
      if (holder.is_sealed()) check_secret(name, holder);
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

  void check_secret(const RowName& name, api::SecretHolder& holder) {
    const auto& info = holder.info();
    if (info.encryption_method() != api::service_method) has_sealed_ = true;
    if (!has_key_ && info.encryption_method() != api::service_method) return;
    try {
      holder.replace([&](const std::string&, const std::string& sealed) {
        secrets_.open(view_, sealed, info);
        return sealed;
      });
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      add("sealed-secret", name.object,
          fmt::format("the secret of {}: {}", holder.title(), error.what()),
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

  store::View& view_;
  const Secrets& secrets_;
  api::Verification& result_;
  RuleCheck rules_;
  JournalCheck journal_;
  bool has_key_ = true;
  bool has_sealed_ = false;
  std::set<std::string> instances_;            // With a record.
  std::map<std::string, std::string> owners_;  // The first row of each instance that rows name.
  std::string split_key_;
  RowName split_name_;
  std::string split_value_;
  std::vector<std::pair<std::size_t, std::string>> impossible_;  // Finding and key.
};

}  // namespace

void verify_rows(store::View& view, const Secrets& secrets, api::Verification& result) {
  RowCheck check(view, secrets, result);
  each_row(view, [&](const store::Pair& row) { check.see(row); });
  check.finish();
}

}  // namespace metactl::core
