// SPDX-License-Identifier: Apache-2.0
#include "app/state_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/local.h"
#include "app/state_copy.h"
#include "base/text.h"
#include "core/state/backup.h"
#include "core/state/chain.h"
#include "core/state/journal_check.h"
#include "core/state/measure.h"
#include "core/state/replace.h"
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
  info.journal_head = text::hex(header.journal_head());
  return info;
}

class Tools final : public cli::StateTools {
 public:
  Tools(const cli::Connection& connection, core::Environment environment, core::Origin origin)
      : path_(connection.state),
        key_file_(key_path(connection)),
        environment_(std::move(environment)),
        origin_(std::move(origin)),
        store_(open_state(connection, environment_)) {}

  api::StateHead head() override {
    api::StateHead head;
    std::error_code unreadable;  // Opening it says why.
    if (!std::filesystem::exists(path_, unreadable) && !unreadable) return head;
    store_->read_with_mark([&](store::View& view, const store::StateMark& mark) {
      head = {mark.id, view.revision(), has_rows(view)};
    });
    return head;
  }

  api::StateInfo info() override {
    api::StateInfo info;
    store_->read_with_mark([&](store::View& view, const store::StateMark& mark) {
      info = core::measure(view);
      info.head.id = mark.id;
      info.schema_version = mark.schema_version;
      info.current_schema_version = store::schema_version;
    });
    info.file_bytes = size_of(path_);
    info.log_bytes = log_bytes();
    return info;
  }

  api::Verification verify(const std::optional<api::BackupInfo>& against) override {
    api::Verification result;
    tell_damage(result, [&] {
      for (const auto& line : store_->damages()) add_damage(result, "sqlite-damage", line, "");
    });
    tell_damage(result, [&] {
      store_->read_with_mark([&](store::View& view, const store::StateMark& mark) {
        core::verify_rows(view, environment_.secrets, result);
        if (mark.has_traces) add_traces(result);
        if (against) core::check_history(view, *against, result.findings);
      });
    });
    return result;
  }

  api::BackupInfo backup(const api::Sink& sink) override {
    api::BackupInfo info;
    store_->read_with_mark([&](store::View& view, const store::StateMark& mark) {
      pb::BackupHeader header;
      header.set_schema_version(mark.schema_version);
      header.set_state_id(mark.id);
      header.set_revision(view.revision());
      header.set_time_ms(environment_.now_ms());
      header.set_metactl_version(version_text);
      if (const auto journal = core::find_head(view)) header.set_journal_head(journal->checksum());
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
    store_->replace(reader.header().state_id(), reader.header().revision(),
                    [&](store::Txn& txn, std::uint64_t present) {
                      refuse_other(txn, present, order);
                      core::replace_rows(txn, reader, restore_record(reader.header(), order),
                                         environment_);
                      revision = txn.revision();
                    });
    return revision;
  }

  api::Compacted compact(std::optional<std::uint64_t> keep) override {
    api::Compacted result;
    result.bytes_before = size_of(path_) + log_bytes();
    if (keep)
      result.dropped_records =
          store_->transact([&](store::Txn& txn) { return core::drop_records(txn, *keep); });
    result.is_log_emptied = store_->compact();
    result.bytes_after = size_of(path_) + log_bytes();
    return result;
  }

  bool upgrade() override { return store_->upgrade() != store::schema_version; }

  api::Copied copy(client::Client& server, const api::CopyOrder& order) override {
    return copy_state(server, order, *store_, environment_, origin_);
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

  void add_traces(api::Verification& result) const {
    result.findings.push_back({"upgrade-traces", api::Severity::warning, "file/" + path_,
                               "what an upgrade replaced is still in free space of the file, maybe "
                               "secrets in the clear",
                               "metactl state compact"});
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

  pb::JournalRecord restore_record(const pb::BackupHeader& header,
                                   const api::RestoreOrder& order) const {
    nlohmann::ordered_json request;
    request["file"] = order.name;
    request["revision"] = header.revision();
    if (!order.safety_copy.empty()) request["safety_copy"] = order.safety_copy;
    pb::JournalRecord record;
    record.set_time_ms(environment_.now_ms());
    core::set_origin(record, origin_);
    record.set_operation("restore");
    record.set_request(request.dump());
    record.set_outcome("OK");
    return record;
  }

  const std::string path_;
  const std::string key_file_;
  const core::Environment environment_;
  const core::Origin origin_;
  const std::shared_ptr<store::SqliteStore> store_;
};

}  // namespace

std::unique_ptr<cli::StateTools> state_tools(const cli::Connection& connection,
                                             core::Environment environment, core::Origin origin) {
  return std::make_unique<Tools>(connection, std::move(environment), std::move(origin));
}

std::unique_ptr<cli::StateTools> local_state_tools(const cli::Connection& connection) {
  return state_tools(connection, local_environment(connection, {}), local_origin(connection));
}

}  // namespace metactl::app
