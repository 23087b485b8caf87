// SPDX-License-Identifier: Apache-2.0
// A core with instance "i", for tests of load transactions, tablets and their jobs. Requests are
// the members behind cloud_unique_id: "txn_id: 5".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keys/load_keys.h"
#include "proto/job.pb.h"
#include "proto/tablet_meta.pb.h"
#include "proto/txn.pb.h"
#include "tests/support/core_fixture.h"

namespace metactl::tests {

class LoadFixture : public CoreFixture {
 public:
  LoadFixture() { create("i"); }

  static std::string in_i(std::string_view members) {
    return fmt::format("{{cloud_unique_id: '1:i:x', {}}}", members);
  }

  template <class Request, class Response>
  Response ask(const api::Operation<Request, Response>& operation, std::string_view members) {
    return call(operation, in_i(members));
  }

  /// "OK", or the finer code of a refusal; `response` and `message` then hold what came with it.
  template <class Request, class Response>
  std::string outcome(const api::Operation<Request, Response>& operation, std::string_view members,
                      Response* response = nullptr) {
    const core::Dispatcher dispatcher(*target, environment(), core::meta::handlers());
    Response own;
    const auto error = dispatcher.call(operation.info, from<Request>(in_i(members)),
                                       response ? *response : own, actor);
    message = error ? error->answer()->message : "";
    return error ? error->answer()->status : "OK";
  }
  std::string message;

  template <class Message>
  std::optional<Message> row(const std::string& key) {
    const auto bytes = value(key);
    if (!bytes) return std::nullopt;
    Message parsed;
    if (!parsed.ParseFromString(*bytes)) throw std::runtime_error("damaged row");
    return parsed;
  }
  void put_row(const std::string& key, const google::protobuf::Message& content) {
    put(key, content.SerializeAsString());
  }

  // Transactions.

  static std::string to_begin(std::string_view label, std::string_view more = "") {
    return fmt::format(
        "txn_info: {{db_id: 7, table_ids: [71, 72], label: '{}', timeout_ms: 60000, "
        "precommit_timeout_ms: 5000{}}}",
        label, more);
  }
  std::int64_t begin(std::string_view label, std::string_view more = "") {
    return ask(api::begin_txn, to_begin(label, more)).txn_id();
  }
  static std::string by_id(std::int64_t txn_id) { return fmt::format("txn_id: {}", txn_id); }

  std::optional<pb::TxnInfoPB> info(std::int64_t txn_id, std::int64_t db_id = 7) {
    return row<pb::TxnInfoPB>(keys::txn_info_key("i", db_id, txn_id));
  }
  std::optional<pb::TxnRunningPB> running(std::int64_t txn_id) {
    return row<pb::TxnRunningPB>(keys::txn_running_key("i", 7, txn_id));
  }
  std::optional<pb::RecycleTxnPB> recycled(std::int64_t txn_id) {
    return row<pb::RecycleTxnPB>(keys::recycle_txn_key("i", 7, txn_id));
  }
  std::string label_value(std::string_view label) {
    return value(keys::txn_label_key("i", 7, label)).value_or("");
  }
  /// The ids in a label's row: the value without the 10 bytes of the stamp.
  std::vector<std::int64_t> label_ids(std::string_view label) {
    auto bytes = label_value(label);
    pb::TxnLabelPB ids;
    if (bytes.size() >= 10) ids.ParseFromString(bytes.substr(0, bytes.size() - 10));
    return {ids.txn_ids().begin(), ids.txn_ids().end()};
  }
  /// Gives a transaction another status behind the service's back.
  void force(std::int64_t txn_id, pb::TxnStatusPB status) {
    auto changed = info(txn_id).value();
    changed.set_status(status);
    put_row(keys::txn_info_key("i", 7, txn_id), changed);
  }

  // Tablets: 1, 2 and so on, of table 10, index 11, partition 12.

  static keys::TabletPlace place(std::int64_t tablet_id) { return {10, 11, 12, tablet_id}; }
  void create_tablet(std::int64_t tablet_id, std::string_view more = "schema_version: 3") {
    ask(api::create_tablets,
        fmt::format("db_id: 7, tablet_metas: [{{table_id: 10, index_id: 11, partition_id: 12, "
                    "tablet_id: {}, {}}}]",
                    tablet_id, more));
  }
  std::optional<pb::TabletStatsPB> main_stats(std::int64_t tablet_id) {
    return row<pb::TabletStatsPB>(keys::tablet_stats_key("i", place(tablet_id)));
  }
  void put_counter(std::int64_t tablet_id, std::string_view type_of_key, std::int64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
      bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
    put(keys::build(*keys::find_type(type_of_key), {std::string("i"), std::int64_t{10},
                                                    std::int64_t{11}, std::int64_t{12}, tablet_id}),
        bytes);
  }
  std::optional<pb::TabletJobInfoPB> jobs(std::int64_t tablet_id) {
    return row<pb::TabletJobInfoPB>(keys::tablet_job_key("i", place(tablet_id)));
  }
  /// The ids of the recorded compactions, in order: "a b".
  std::string compactions(std::int64_t tablet_id) {
    std::string ids;
    const auto recorded = jobs(tablet_id).value_or(pb::TabletJobInfoPB());
    for (const auto& job : recorded.compaction()) ids += (ids.empty() ? "" : " ") + job.id();
    return ids;
  }
  static std::string on_tablet(std::int64_t tablet_id, std::string_view members) {
    return fmt::format("job: {{idx: {{tablet_id: {}}}, {}}}", tablet_id, members);
  }
  /// A compaction that may start: `more` is ", type: 'BASE'" and the like.
  std::string to_compact(std::string_view id, std::string_view more, std::int64_t tablet_id = 1) {
    return on_tablet(tablet_id,
                     fmt::format("compaction: [{{id: '{}', initiator: 'b', base_compaction_cnt: 0, "
                                 "cumulative_compaction_cnt: 0, expiration: {}, lease: {}, {}}}]",
                                 id, now_ms / 1000 + 100, now_ms / 1000 + 50, more));
  }
};

}  // namespace metactl::tests
