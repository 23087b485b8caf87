// SPDX-License-Identifier: Apache-2.0
#include "app/state_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/local.h"
#include "app/state_copy.h"
#include "core/state/backup.h"
#include "core/state/measure.h"
#include "core/state/replace.h"
#include "core/state/seal.h"
#include "core/state/verify.h"
#include "keys/keys.h"
#include "store/sqlite.h"
#include "store/sqlite_schema.h"
#include "version.h"

namespace metactl::app {
namespace {

/// 0 for a file that is not there.
std::uint64_t size_of(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : size;
}

bool has_rows(store::View& view) {
  return !view.scan("", "", 1).empty();
}

api::BackupInfo describe(const pb::BackupHeader& header) {
  api::BackupInfo info;
  info.state_id = header.state_id();
  info.revision = header.revision();
  info.time_ms = header.time_ms();
  info.metactl_version = header.metactl_version();
  return info;
}

/// Backups of older schemas have settings of HDFS in the clear.
constexpr int first_sealed_version = 3;

class Tools final : public cli::StateTools {
 public:
  Tools(const cli::Connection& connection, core::Environment environment, std::string actor)
      : path_(connection.state),
        key_file_(key_path(connection)),
        environment_(std::move(environment)),
        actor_(std::move(actor)),
        store_(connection.state) {}

  api::StateHead head() override {
    api::StateHead head;
    std::error_code unreadable;  // Opening it says why.
    if (!std::filesystem::exists(path_, unreadable) && !unreadable) return head;
    store_.read_with_id([&](store::View& view, const std::string& id) {
      head = {id, view.revision(), has_rows(view)};
    });
    return head;
  }

  api::StateInfo info() override {
    api::StateInfo info;
    store_.read_with_id([&](store::View& view, const std::string& id) {
      info = core::measure(view);
      info.head.id = id;
    });
    info.schema_version = store::schema_version;
    info.file_bytes = size_of(path_);
    info.log_bytes = log_bytes();
    return info;
  }

  api::Verification verify() override {
    api::Verification result;
    tell_damage(result, [&] {
      for (const auto& line : store_.damages()) add_damage(result, "sqlite-damage", line, "");
    });
    tell_damage(result, [&] {
      store_.read(
          [&](store::View& view) { core::verify_rows(view, environment_.secrets, result); });
    });
    return result;
  }

  api::BackupInfo backup(const api::Sink& sink) override {
    api::BackupInfo info;
    store_.read_with_id([&](store::View& view, const std::string& id) {
      pb::BackupHeader header;
      header.set_schema_version(store::schema_version);
      header.set_state_id(id);
      header.set_revision(view.revision());
      header.set_time_ms(environment_.now_ms());
      header.set_metactl_version(version_text);
      info = describe(header);
      info.has_secrets = view.get(keys::secret_key_key()).has_value();
      info.rows = core::write_backup(view, header, sink);
    });
    return info;
  }

  api::BackupInfo check_backup(const api::Source& source, const std::string& name) override {
    core::BackupReader reader(source, name);
    auto info = describe(reader.header());
    while (const auto row = reader.next()) {
      ++info.rows;
      if (row->key == keys::secret_key_key()) info.has_secrets = true;
    }
    return info;
  }

  std::uint64_t restore(const api::Source& source, const api::RestoreOrder& order) override {
    core::BackupReader reader(source, order.name);
    std::uint64_t revision = 0;
    store_.replace(reader.header().state_id(), reader.header().revision(),
                   [&](store::Txn& txn, std::uint64_t present) {
                     refuse_other(txn, present, order);
                     core::replace_rows(txn, reader, restore_record(reader.header(), order));
                     if (reader.header().schema_version() < first_sealed_version) seal(txn);
                     revision = txn.revision();
                   });
    return revision;
  }

  api::Compacted compact(std::optional<std::uint64_t> keep) override {
    api::Compacted result;
    result.bytes_before = size_of(path_) + log_bytes();
    if (keep)
      result.dropped_records =
          store_.transact([&](store::Txn& txn) { return core::drop_records(txn, *keep); });
    store_.compact();
    result.bytes_after = size_of(path_) + log_bytes();
    return result;
  }

  api::Copied copy(client::Client& server, const api::CopyOrder& order) override {
    return copy_state(server, order, store_, environment_, actor_);
  }

  std::string key_file() const override { return key_file_; }

 private:
  std::uint64_t log_bytes() const { return size_of(path_ + "-wal"); }

  void add_damage(api::Verification& result, std::string id, const std::string& message,
                  const std::string& hint) const {
    result.findings.push_back(
        {std::move(id), api::Severity::error, "file/" + path_, message,
         hint.empty() ? "move the file away, then: metactl state restore FILE" : hint});
  }

  template <class Body>
  void tell_damage(api::Verification& result, const Body& body) const {
    try {
      body();
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      const auto is_told = [&](const api::Finding& each) { return each.message == error.what(); };
      if (std::none_of(result.findings.begin(), result.findings.end(), is_told))
        add_damage(result, "unreadable-file", error.what(), error.hint());
    }
  }

  void refuse_other(store::Txn& txn, std::uint64_t present, const api::RestoreOrder& order) const {
    if (!order.replaces && has_rows(txn))
      throw Error(Reason::precondition, fmt::format("state '{}' is not empty", path_),
                  "--force saves it in a file beside it and replaces it");
    if (order.replaces && present != *order.replaces)
      throw Error(Reason::precondition,
                  fmt::format("state '{}' has been changed since it was saved", path_),
                  "try again");
  }

  /// Without the key of the state its rows stay as they are, for a backup must be of use even then.
  void seal(store::Txn& txn) const {
    try {
      environment_.secrets.require_key(txn);
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      return;
    }
    core::seal_stored_secrets(txn, environment_);
  }

  pb::JournalRecord restore_record(const pb::BackupHeader& header,
                                   const api::RestoreOrder& order) const {
    nlohmann::ordered_json request;
    request["file"] = order.name;
    request["revision"] = header.revision();
    if (!order.safety_copy.empty()) request["safety_copy"] = order.safety_copy;
    pb::JournalRecord record;
    record.set_time_ms(environment_.now_ms());
    record.set_actor(actor_);
    record.set_operation("restore");
    record.set_request(request.dump());
    record.set_outcome("OK");
    return record;
  }

  const std::string path_;
  const std::string key_file_;
  const core::Environment environment_;
  const std::string actor_;
  store::SqliteStore store_;
};

}  // namespace

std::unique_ptr<cli::StateTools> state_tools(const cli::Connection& connection,
                                             core::Environment environment, std::string actor) {
  return std::make_unique<Tools>(connection, std::move(environment), std::move(actor));
}

std::unique_ptr<cli::StateTools> local_state_tools(const cli::Connection& connection) {
  return state_tools(connection, local_environment(connection, {}), local_actor());
}

}  // namespace metactl::app
