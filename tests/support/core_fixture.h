// SPDX-License-Identifier: Apache-2.0
// A core of the Meta Service for one test: its own store, clock, randomness and settings.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json.h"
#include "api/meta.h"
#include "base/error.h"
#include "core/dispatcher.h"
#include "core/meta/handlers.h"
#include "keys/keys.h"
#include "proto/instance.pb.h"
#include "proto/journal.pb.h"
#include "store/memory.h"

/// Refused with this finer code and HTTP status, with all further texts in the message, and without
/// any change of what is stored: CHECK_REFUSED(api::drop_cluster, "{...}", "CLUSTER_NOT_FOUND",
/// 404, "c1").
#define CHECK_REFUSED(operation, request, code, http, ...) \
  CHECK(refusal(operation, request, {__VA_ARGS__}) == fmt::format("{} {}", code, http))

namespace metactl::tests {

using ClusterOperation = api::Operation<pb::AlterClusterRequest, pb::AlterClusterResponse>;

/// The members of an object store in which nothing is missing. JSON in tests is the lenient one
/// that the service reads, with single quotes.
inline constexpr auto complete_store =
    "ak: 'ak-1234', sk: 'plain-sk', bucket: 'b', endpoint: 'e', external_endpoint: 'x', "
    "region: 'r', provider: 'S3'";

/// A node of a COMPUTE cluster, with heartbeat_port 9050.
inline std::string be(std::string_view id, std::string_view ip) {
  return fmt::format("{{cloud_unique_id: '{}', ip: '{}', heartbeat_port: 9050}}", id, ip);
}

/// A node of a SQL cluster, with edit_log_port 9010.
inline std::string fe(std::string_view id, std::string_view ip, std::string_view type) {
  return fmt::format("{{cloud_unique_id: '{}', ip: '{}', edit_log_port: 9010, node_type: '{}'}}",
                     id, ip, type);
}

/// A request about a cluster with these members: "cluster_id: 'c1'".
inline std::string on_cluster(std::string_view members, std::string_view instance_id = "i") {
  return fmt::format("{{instance_id: '{}', cluster: {{{}}}}}", instance_id, members);
}

/// "c1" is a COMPUTE cluster with the name "name-c1" and these nodes.
inline std::string compute(std::string_view id, std::string_view nodes = "") {
  return fmt::format("cluster_id: '{0}', cluster_name: 'name-{0}', type: 'COMPUTE', nodes: [{1}]",
                     id, nodes);
}

inline std::string sql(std::string_view id, std::string_view nodes) {
  return fmt::format("cluster_id: '{0}', cluster_name: 'name-{0}', type: 'SQL', nodes: [{1}]", id,
                     nodes);
}

template <class Message>
Message from(std::string_view json) {
  Message message;
  api::from_json(json, message);
  return message;
}

class CoreFixture {
 public:
  store::MemoryStore memory;
  store::Store* target = &memory;  // What calls work on; a test may put another store in front.
  std::int64_t now_ms = 1'700'000'000'123;
  core::Settings settings;
  std::string actor = "tester@host";

  void check_cluster_names(bool wanted) {
    call(api::update_config, fmt::format("{{configs: 'enable_cluster_name_check={}'}}", wanted));
  }

  void set_now(std::int64_t seconds) { now_ms = seconds * 1000; }

  core::Environment environment() {
    return {.now_ms = [this] { return now_ms; },
            .random_bytes = [this](std::size_t count) { return next_bytes(count); },
            .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
            .settings = settings};
  }

  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, const Request& request) {
    const core::Dispatcher dispatcher(*target, environment(), core::meta::handlers());
    Response response;
    const auto error = dispatcher.call(operation.info, request, response, actor);
    if (error) throw Error(*error);
    return response;
  }
  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, std::string_view json) {
    return call(operation, from<Request>(json));
  }

  /// The response as JSON.
  template <class Operation>
  std::string shown(const Operation& operation, std::string_view json) {
    return api::to_json(call(operation, json));
  }

  /// "CODE http" when a call was refused as it should be; else what happened instead.
  template <class Operation, class Request>
  std::string refusal(const Operation& operation, const Request& request,
                      std::initializer_list<std::string_view> texts) {
    const auto before = content();
    try {
      call(operation, request);
      return "accepted";
    } catch (const Error& error) {
      const auto& answer = error.answer().value();
      auto outcome = fmt::format("{} {}", answer.status, answer.http);
      for (const auto& text : texts)
        if (answer.message.find(text) == std::string::npos)
          outcome += fmt::format(", but no '{}' in: {}", text, answer.message);
      if (content() != before) outcome += ", but the store changed";
      return outcome;
    }
  }

  void create(std::string_view instance_id) {
    call(api::create_instance, fmt::format("{{instance_id: '{}'}}", instance_id));
  }
  void create_deleted(std::string_view instance_id) {
    create(instance_id);
    call(api::drop_instance, fmt::format("{{instance_id: '{}'}}", instance_id));
  }
  void add(std::string_view members, std::string_view instance_id = "i") {
    call(api::add_cluster, on_cluster(members, instance_id));
  }

  /// Everything that is stored.
  std::vector<store::Pair> content() {
    return memory.read([](store::View& view) { return view.scan("", ""); });
  }
  std::optional<std::string> value(std::string_view key) {
    return memory.read([&](store::View& view) { return view.get(key); });
  }
  void put(std::string_view key, std::string_view value) {
    memory.transact([&](store::Txn& txn) { txn.put(key, value); });
  }

  pb::InstanceInfoPB stored(std::string_view instance_id = "i") {
    return parsed<pb::InstanceInfoPB>(value(keys::instance_key(instance_id)).value());
  }
  void store(const pb::InstanceInfoPB& instance) {
    put(keys::instance_key(instance.instance_id()), instance.SerializeAsString());
  }
  pb::ClusterPB stored_cluster(std::string_view cluster_id, std::string_view instance_id = "i") {
    const auto instance = stored(instance_id);
    for (const auto& cluster : instance.clusters())
      if (cluster.cluster_id() == cluster_id) return cluster;
    throw std::out_of_range(fmt::format("no cluster '{}'", cluster_id));
  }
  pb::StorageVaultPB stored_vault(std::string_view vault_id, std::string_view instance_id = "i") {
    return parsed<pb::StorageVaultPB>(
        value(keys::storage_vault_key(instance_id, vault_id)).value());
  }
  /// The cloud_unique_ids of the nodes of a cluster, in order: "n1 n2".
  std::string nodes_of(std::string_view cluster_id, std::string_view instance_id = "i") {
    const auto cluster = stored_cluster(cluster_id, instance_id);
    std::string ids;
    for (const auto& node : cluster.nodes())
      ids += (ids.empty() ? "" : " ") + node.cloud_unique_id();
    return ids;
  }
  /// The instance in the index of nodes; "" when the id is not there.
  std::string indexed(std::string_view cloud_unique_id) {
    return value(keys::node_index_key(cloud_unique_id)).value_or("");
  }

  /// All journal records, oldest first.
  std::vector<pb::JournalRecord> journal() {
    const auto range = keys::journal();
    std::vector<pb::JournalRecord> records;
    memory.read([&](store::View& view) {
      for (const auto& pair : view.scan(range.first, range.last))
        records.push_back(parsed<pb::JournalRecord>(pair.value));
    });
    return records;
  }

 private:
  template <class Message>
  static Message parsed(const std::string& bytes) {
    Message message;
    if (!message.ParseFromString(bytes)) throw std::runtime_error("damaged record");
    return message;
  }

  /// A number that grows with each call, at the end of zeros.
  std::string next_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    auto number = ++calls_;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, number /= 256)
      *byte = static_cast<char>(number % 256);
    return bytes;
  }

  std::uint64_t calls_ = 0;
};

}  // namespace metactl::tests
