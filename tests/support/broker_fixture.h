// SPDX-License-Identifier: Apache-2.0
// A core of the memory broker for one test: its own store, clock and settings.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/broker.h"
#include "api/broker_check.h"
#include "base/error.h"
#include "core/broker/handlers.h"
#include "core/dispatcher.h"
#include "store/memory.h"

namespace metactl::tests {

/// The proxies of the worked examples: "2:7001" is 10.0.0.2:7001 on host 10.0.0.2 with the nodes
/// 10.0.0.2:6001 and 10.0.0.2:6002. Answers are told in these short names.
class BrokerFixture {
 public:
  store::MemoryStore memory;
  std::int64_t now_s = 1'700'000'000;
  bool journal = true;
  core::broker::Options options;

  /// Takes `options` that have changed since the first call.
  void restart() { handlers_.clear(); }

  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, const Request& request) {
    if (handlers_.empty()) handlers_ = core::broker::handlers(options);
    const core::Environment environment{
        .now_ms = [this] { return now_s * 1000; },
        .random_bytes = [](std::size_t count) { return std::string(count, 'r'); },
        .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
        .settings = {},
        .journal = journal};
    const core::Dispatcher dispatcher(memory, environment, handlers_);
    Response response;
    const auto error = dispatcher.call(operation.info, request, response, "tester@host");
    if (error) throw Error(*error);
    return response;
  }

  /// "" when the call was done, else its code, or "malformed" when it has none.
  template <class Call>
  std::string outcome(const Call& run) {
    try {
      run();
      return "";
    } catch (const Error& error) {
      const auto code = error.answer().value().code;
      return code.empty() ? "malformed" : code;
    }
  }

  // Calls; each gives "" or its code.

  std::string add(std::string_view proxy, std::optional<std::uint64_t> index = {}) {
    return outcome([&] { call(api::broker_add_proxy, registration(proxy, index)); });
  }
  std::string remove(std::string_view proxy) { return on_proxy(api::broker_delete_proxy, proxy); }
  std::string create(std::string_view name, std::uint64_t nodes) {
    return numbered(api::broker_create_cluster, name, nodes);
  }
  std::string drop(std::string_view name) { return named(api::broker_delete_cluster, name); }
  std::string add_nodes(std::string_view name, std::uint64_t nodes) {
    return numbered(api::broker_add_nodes, name, nodes);
  }
  std::string ensure_nodes(std::string_view name, std::uint64_t nodes) {
    pb::BrokerTotalNodesRequest request;
    request.set_name(std::string(name));
    request.set_cluster_node_number(nodes);
    return outcome([&] { call(api::broker_ensure_nodes, request); });
  }
  std::string delete_free_nodes(std::string_view name) {
    return named(api::broker_delete_free_nodes, name);
  }
  std::string expand(std::string_view name) { return named(api::broker_expand, name); }
  std::string shrink(std::string_view name, std::uint64_t nodes) {
    return numbered(api::broker_shrink, name, nodes);
  }
  std::string auto_scale(std::string_view name, std::uint64_t nodes) {
    return numbered(api::broker_auto_scale, name, nodes);
  }
  std::string balance(std::string_view name) { return named(api::broker_balance, name); }
  std::string configure(std::string_view name,
                        std::vector<std::pair<std::string, std::string>> fields) {
    pb::BrokerClusterConfigRequest request;
    request.set_name(std::string(name));
    for (const auto& [key, value] : fields) {
      auto& field = *request.add_fields();
      field.set_key(key);
      field.set_value(value);
    }
    return outcome([&] { call(api::broker_set_cluster_config, request); });
  }
  std::string report(std::string_view proxy, std::string_view reporter) {
    pb::BrokerFailureRequest request;
    request.set_address(address(proxy));
    request.set_reporter(std::string(reporter));
    return outcome([&] { call(api::broker_report_failure, request); });
  }
  std::string failover(std::string_view proxy) { return on_proxy(api::broker_failover, proxy); }
  /// "4096-8191" with this epoch.
  std::string commit(std::string_view name, std::uint64_t start, std::uint64_t end,
                     std::uint64_t epoch, pb::SlotsPB::Tag tag = pb::SlotsPB::Migrating) {
    pb::BrokerCommitRequest request;
    request.set_cluster_name(std::string(name));
    auto& range = *request.mutable_slot_range()->add_range_list();
    range.set_start(start);
    range.set_end(end);
    request.mutable_slot_range()->set_tag(tag);
    if (tag != pb::SlotsPB::None)
      request.mutable_slot_range()->mutable_migration()->set_epoch(epoch);
    return outcome([&] { call(api::broker_commit_migration, filled(request)); });
  }
  std::string bump(std::uint64_t epoch) {
    pb::BrokerEpochRequest request;
    request.set_epoch(epoch);
    return outcome([&] { call(api::broker_bump_epoch, request); });
  }
  std::string restore(const pb::BrokerMetadataPB& metadata) {
    return outcome([&] { call(api::broker_restore_metadata, metadata); });
  }

  // Answers.

  std::uint64_t epoch() { return call(api::broker_get_epoch, {}).epoch(); }
  pb::BrokerMetadataPB metadata() { return call(api::broker_get_metadata, {}); }
  pb::BrokerClusterViewPB cluster(std::string_view name) {
    return call(api::broker_get_cluster, named_request(name)).cluster();
  }
  pb::BrokerProxyResponse proxy(std::string_view proxy) {
    return call(api::broker_get_proxy, proxy_request(proxy));
  }
  /// Global and cluster epoch: "6/6".
  std::string epochs(std::string_view name = "demo") {
    return fmt::format("{}/{}", epoch(), cluster(name).epoch());
  }
  /// "8 6 migrating"
  std::string info(std::string_view name = "demo") {
    const auto info = call(api::broker_get_cluster_info, named_request(name));
    return fmt::format("{} {}{}", info.node_number(), info.node_number_with_slots(),
                       info.is_migrating() ? " migrating" : "");
  }
  std::string failed() { return list(call(api::broker_list_failed_proxies, {}).addresses()); }
  std::string failures() { return list(call(api::broker_list_failures, {}).addresses()); }
  std::string hosts_cannot_fail() {
    return list(call(api::broker_check_resources, {}).hosts_cannot_fail());
  }
  /// Chunks as "1:7001+2:7001", separated by blanks.
  std::string chunks(const std::string& name = "demo") {
    std::string result;
    const auto document = metadata();
    for (const auto& chunk : document.clusters().at(name).chunks())
      result +=
          fmt::format("{}{}+{}", result.empty() ? "" : " ", shortened(chunk.proxy_addresses(0)),
                      shortened(chunk.proxy_addresses(1)));
    return result;
  }
  /// Nodes with slots: "1:6001 0-4095, 4096-8191>3:6001@7"; for importing ones "<1:6001@7".
  std::vector<std::string> masters(std::string_view name = "demo") {
    std::vector<std::string> result;
    const auto view = cluster(name);
    for (const auto& node : view.nodes())
      if (node.repl().role() == "master") result.push_back(text_of(node));
    return result;
  }

  static std::string text_of(const pb::BrokerNodePB& node) {
    auto result = shortened(node.address());
    for (const auto& slots : node.slots())
      result += (&slots == &node.slots(0) ? " " : ", ") + text_of(slots);
    return result;
  }
  static std::string text_of(const pb::SlotsPB& slots) {
    std::string result;
    for (const auto& range : slots.range_list())
      result += fmt::format("{}{}-{}", result.empty() ? "" : "+", range.start(), range.end());
    const auto& migration = slots.migration();
    if (slots.tag() == pb::SlotsPB::Migrating)
      result += fmt::format(">{}@{}", shortened(migration.dst_node_address()), migration.epoch());
    if (slots.tag() == pb::SlotsPB::Importing)
      result += fmt::format("<{}@{}", shortened(migration.src_node_address()), migration.epoch());
    return result;
  }

  // Names.

  /// 10.0.0.2:7001 for "2:7001"; other texts, which have a '.' or no colon, as they are.
  static std::string address(std::string_view proxy) {
    const bool is_short =
        proxy.find('.') == std::string_view::npos && proxy.find(':') != std::string_view::npos;
    return (is_short ? "10.0.0." : "") + std::string(proxy);
  }
  static std::string shortened(const std::string& address) {
    return address.starts_with("10.0.0.") ? address.substr(7) : address;
  }
  template <class List>
  static std::string list(const List& addresses) {
    std::string result;
    for (const auto& address : addresses)
      result += (result.empty() ? "" : " ") + shortened(address);
    return result;
  }

  /// Proxies H:7001 to H:700N for each of so many hosts, host by host.
  void add_proxies(int hosts, int each) {
    for (int host = 1; host <= hosts; ++host)
      for (int i = 1; i <= each; ++i) add(fmt::format("{}:{}", host, 7000 + i));
  }

  static pb::BrokerAddProxyRequest registration(std::string_view proxy,
                                                std::optional<std::uint64_t> index = {}) {
    pb::BrokerAddProxyRequest request;
    request.set_proxy_address(address(proxy));
    const auto colon = request.proxy_address().find(':');
    const auto host = request.proxy_address().substr(0, colon);
    const auto port = std::atoi(request.proxy_address().substr(colon + 1).c_str()) - 7000;
    request.add_nodes(fmt::format("{}:{}", host, 6000 + 2 * port - 1));
    request.add_nodes(fmt::format("{}:{}", host, 6000 + 2 * port));
    if (index) request.set_index(*index);
    return request;
  }
  static pb::BrokerClusterRequest named_request(std::string_view name) {
    pb::BrokerClusterRequest request;
    request.set_name(std::string(name));
    return request;
  }
  static pb::BrokerProxyRequest proxy_request(std::string_view proxy) {
    pb::BrokerProxyRequest request;
    request.set_address(address(proxy));
    return request;
  }

  /// The required fields that the core does not look at.
  static pb::BrokerCommitRequest filled(pb::BrokerCommitRequest request) {
    if (!request.slot_range().has_migration()) return request;
    auto& migration = *request.mutable_slot_range()->mutable_migration();
    for (const auto set :
         {&pb::MigrationPB::mutable_src_proxy_address, &pb::MigrationPB::mutable_src_node_address,
          &pb::MigrationPB::mutable_dst_proxy_address, &pb::MigrationPB::mutable_dst_node_address})
      *(migration.*set)() = "any";
    return request;
  }

  std::vector<store::Pair> content() {
    return memory.read([](store::View& view) { return view.scan("", ""); });
  }

 private:
  template <class Operation>
  std::string named(const Operation& operation, std::string_view name) {
    return outcome([&] { call(operation, named_request(name)); });
  }
  template <class Operation>
  std::string numbered(const Operation& operation, std::string_view name, std::uint64_t nodes) {
    pb::BrokerNodeNumberRequest request;
    request.set_name(std::string(name));
    request.set_node_number(nodes);
    return outcome([&] { call(operation, request); });
  }
  template <class Operation>
  std::string on_proxy(const Operation& operation, std::string_view proxy) {
    return outcome([&] { call(operation, proxy_request(proxy)); });
  }
  std::vector<core::Handler> handlers_;
};

}  // namespace metactl::tests
