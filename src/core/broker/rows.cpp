// SPDX-License-Identifier: Apache-2.0
#include "core/broker/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "api/broker_errors.h"
#include "api/broker_json.h"
#include "core/broker/chunks.h"
#include "core/broker/views.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::broker {
namespace {

std::string key_of(const keys::KeyType& type, std::string_view name) {
  return keys::build(type, {std::string(name)});
}

keys::Range all_of(const keys::KeyType& type) {
  return keys::below(keys::build(type, {}));
}

std::optional<std::string> name_in(const keys::KeyType& type, std::string_view key) {
  auto values = keys::match(type, key);
  if (!values) return std::nullopt;
  return std::get<std::string>(std::move(values->at(0)));
}

Error damaged(std::string_view what, std::string_view name) {
  return Error(Reason::integrity, fmt::format("damaged record of {} '{}'", what, name));
}

bool is_whole_cluster(const pb::BrokerClusterPB& cluster) {
  return std::all_of(cluster.chunks().begin(), cluster.chunks().end(),
                     [](const pb::ChunkPB& chunk) { return is_whole(chunk); });
}

bool is_whole_proxy(const pb::BrokerProxyPB& proxy) {
  return proxy.node_addresses_size() == nodes_of_proxy;
}

pb::BrokerClusterPB parse_cluster(const std::string& value, std::string_view name) {
  pb::BrokerClusterPB cluster;
  if (!cluster.ParseFromString(value) || !is_whole_cluster(cluster)) throw damaged("cluster", name);
  fill_defaults(*cluster.mutable_config());
  return cluster;
}

pb::BrokerProxyPB parse_proxy(const std::string& value, std::string_view address) {
  pb::BrokerProxyPB proxy;
  if (!proxy.ParseFromString(value) || !is_whole_proxy(proxy)) throw damaged("proxy", address);
  return proxy;
}

std::vector<std::string> names(store::View& view, const keys::KeyType& type,
                               std::size_t limit = SIZE_MAX) {
  const auto range = all_of(type);
  std::vector<std::string> found;
  for (const auto& row : view.scan(range.first, range.last, limit))
    if (auto name = name_in(type, row.key)) found.push_back(std::move(*name));
  return found;
}

constexpr std::array metadata_types = {&keys::broker_proxy_type, &keys::broker_cluster_type,
                                       &keys::broker_failed_proxy_type,
                                       &keys::broker_failure_reports_type};

void sort_reports(pb::FailureReportsPB& reports) {
  std::sort(reports.mutable_reports()->begin(), reports.mutable_reports()->end(),
            [](const auto& one, const auto& other) { return one.reporter() < other.reporter(); });
}

/// The rows of a document, but for the state.
std::map<std::string, std::string> rows_of(const pb::BrokerMetadataPB& metadata) {
  std::map<std::string, std::string> rows;
  for (const auto& [address, proxy] : metadata.all_proxies())
    rows[key_of(keys::broker_proxy_type, address)] = proxy.SerializeAsString();
  for (const auto& [name, cluster] : metadata.clusters())
    rows[key_of(keys::broker_cluster_type, name)] = cluster.SerializeAsString();
  for (const auto& address : metadata.failed_proxies())
    rows[key_of(keys::broker_failed_proxy_type, address)] = "";
  for (const auto& [address, reports] : metadata.failures()) {
    auto sorted = reports;
    sort_reports(sorted);
    rows[key_of(keys::broker_failure_reports_type, address)] = sorted.SerializeAsString();
  }
  return rows;
}

}  // namespace

const pb::BrokerStatePB& Rows::state() {
  if (!state_)
    state_ = find_record<pb::BrokerStatePB>(view_, keys::build(keys::broker_state_type, {}),
                                            "the broker's state");
  if (!state_) {
    state_.emplace();
    state_->set_global_epoch(0);
    state_->set_enable_ordered_proxy(options_.ordered);
  }
  return *state_;
}

std::optional<pb::BrokerProxyPB> Rows::proxy(std::string_view address) {
  const auto value = view_.get(key_of(keys::broker_proxy_type, address));
  if (!value) return std::nullopt;
  auto proxy = parse_proxy(*value, address);
  proxy.set_proxy_address(std::string(address));
  return proxy;
}

std::vector<pb::BrokerProxyPB> Rows::proxies() {
  const auto range = all_of(keys::broker_proxy_type);
  std::vector<pb::BrokerProxyPB> found;
  for (const auto& row : view_.scan(range.first, range.last)) {
    const auto address = name_in(keys::broker_proxy_type, row.key).value_or("");
    found.push_back(parse_proxy(row.value, address));
    found.back().set_proxy_address(address);
  }
  return found;
}

bool Rows::has_proxy(std::string_view address) {
  return view_.get(key_of(keys::broker_proxy_type, address)).has_value();
}

std::optional<pb::BrokerClusterPB> Rows::cluster(std::string_view name) {
  const auto value = view_.get(key_of(keys::broker_cluster_type, name));
  if (!value) return std::nullopt;
  auto cluster = parse_cluster(*value, name);
  cluster.set_name(std::string(name));
  return cluster;
}

std::vector<pb::BrokerClusterPB> Rows::clusters() {
  std::vector<pb::BrokerClusterPB> found;
  for (const auto& name : cluster_names()) found.push_back(require_cluster(name));
  return found;
}

bool Rows::has_cluster(std::string_view name) {
  return view_.get(key_of(keys::broker_cluster_type, name)).has_value();
}

pb::BrokerClusterPB Rows::require_cluster(std::string_view name) {
  auto found = cluster(name);
  if (!found) throw api::broker_failure("CLUSTER_NOT_FOUND");
  return *std::move(found);
}

std::vector<std::string> Rows::cluster_names(std::size_t limit) {
  return names(view_, keys::broker_cluster_type, limit);
}
std::vector<std::string> Rows::proxy_addresses(std::size_t limit) {
  return names(view_, keys::broker_proxy_type, limit);
}
std::vector<std::string> Rows::failed_proxies() {
  return names(view_, keys::broker_failed_proxy_type);
}
std::vector<std::string> Rows::reported_proxies() {
  return names(view_, keys::broker_failure_reports_type);
}

std::optional<pb::FailureReportsPB> Rows::reports(std::string_view address) {
  return find_record<pb::FailureReportsPB>(
      view_, key_of(keys::broker_failure_reports_type, address), "failure reports");
}

bool Rows::is_suspect(std::string_view address) {
  return view_.get(key_of(keys::broker_failed_proxy_type, address)).has_value() ||
         view_.get(key_of(keys::broker_failure_reports_type, address)).has_value();
}

std::vector<pb::BrokerProxyPB> Rows::usable() {
  std::set<std::string> suspect;
  for (auto& address : failed_proxies()) suspect.insert(std::move(address));
  for (auto& address : reported_proxies()) suspect.insert(std::move(address));
  auto found = proxies();
  std::erase_if(found, [&](const pb::BrokerProxyPB& proxy) {
    return proxy.has_cluster() || suspect.contains(proxy.proxy_address());
  });
  return found;
}

pb::BrokerSettingsPB Rows::settings() {
  return find_record<pb::BrokerSettingsPB>(view_, keys::build(keys::broker_settings_type, {}),
                                           "the broker's settings")
      .value_or(pb::BrokerSettingsPB());
}

pb::BrokerMetadataPB Rows::metadata() {
  pb::BrokerMetadataPB metadata;
  metadata.set_version(std::string(metadata_version));
  metadata.set_global_epoch(epoch());
  metadata.set_enable_ordered_proxy(is_ordered());
  for (const auto* type : metadata_types) {
    const auto range = all_of(*type);
    for (const auto& row : view_.scan(range.first, range.last)) add_row(row, metadata);
  }
  return metadata;
}

std::uint64_t Changes::next_epoch() {
  const auto epoch = Rows::epoch();
  if (epoch < std::numeric_limits<std::uint64_t>::max()) set_epoch(epoch + 1);
  return Rows::epoch();
}

void Changes::set_epoch(std::uint64_t epoch) {
  state();
  state_->set_global_epoch(epoch);
  txn_.put(keys::build(keys::broker_state_type, {}), state_->SerializeAsString());
}

void Changes::store(const pb::BrokerProxyPB& proxy) {
  txn_.put(key_of(keys::broker_proxy_type, proxy.proxy_address()), proxy.SerializeAsString());
}

void Changes::store(const pb::BrokerClusterPB& cluster) {
  txn_.put(key_of(keys::broker_cluster_type, cluster.name()), cluster.SerializeAsString());
}

void Changes::erase_proxy(std::string_view address) {
  erase(key_of(keys::broker_proxy_type, address));
  unmark_failed(address);
  erase_reports(address);
}

void Changes::erase_cluster(std::string_view name) {
  erase(key_of(keys::broker_cluster_type, name));
}

void Changes::assign(std::string_view address, std::string_view cluster) {
  auto found = proxy(address);
  if (!found) return;
  if (cluster.empty())
    found->clear_cluster();
  else
    found->set_cluster(std::string(cluster));
  store(*found);
}

void Changes::mark_failed(std::string_view address) {
  txn_.put(key_of(keys::broker_failed_proxy_type, address), "");
}

bool Changes::unmark_failed(std::string_view address) {
  return erase(key_of(keys::broker_failed_proxy_type, address));
}

void Changes::store_reports(std::string_view address, const pb::FailureReportsPB& reports) {
  if (reports.reports().empty())
    erase_reports(address);
  else
    txn_.put(key_of(keys::broker_failure_reports_type, address), reports.SerializeAsString());
}

bool Changes::erase_reports(std::string_view address) {
  return erase(key_of(keys::broker_failure_reports_type, address));
}

void Changes::store_settings(const pb::BrokerSettingsPB& settings) {
  txn_.put(keys::build(keys::broker_settings_type, {}), settings.SerializeAsString());
}

void Changes::restore(const pb::BrokerMetadataPB& metadata) {
  const auto wanted = rows_of(metadata);
  for (const auto* type : metadata_types) {
    const auto range = all_of(*type);
    for (const auto& row : txn_.scan(range.first, range.last))
      if (!wanted.contains(row.key)) txn_.erase(row.key);
  }
  for (const auto& [key, value] : wanted) txn_.put(key, value);
  state();
  state_->set_enable_ordered_proxy(metadata.enable_ordered_proxy());
  set_epoch(metadata.global_epoch());
}

bool Changes::erase(const std::string& key) {
  if (!txn_.get(key)) return false;
  txn_.erase(key);
  return true;
}

keys::Range all_rows() {
  return keys::below(std::string(1, static_cast<char>(keys::Space::broker)));
}

void add_row(const store::Pair& row, pb::BrokerMetadataPB& metadata) {
  if (!row.key.starts_with(static_cast<char>(keys::Space::broker))) return;
  if (row.key == keys::build(keys::broker_state_type, {})) {
    const auto state = parse_record<pb::BrokerStatePB>(row.value, "the broker's state");
    metadata.set_global_epoch(state.global_epoch());
    metadata.set_enable_ordered_proxy(state.enable_ordered_proxy());
  } else if (const auto address = name_in(keys::broker_proxy_type, row.key)) {
    (*metadata.mutable_all_proxies())[*address] = parse_proxy(row.value, *address);
  } else if (const auto name = name_in(keys::broker_cluster_type, row.key)) {
    (*metadata.mutable_clusters())[*name] = parse_cluster(row.value, *name);
  } else if (const auto failed = name_in(keys::broker_failed_proxy_type, row.key)) {
    metadata.add_failed_proxies(*failed);
  } else if (const auto reported = name_in(keys::broker_failure_reports_type, row.key)) {
    (*metadata.mutable_failures())[*reported] =
        parse_record<pb::FailureReportsPB>(row.value, "failure reports");
  }
}

bool is_whole(const pb::BrokerMetadataPB& metadata) {
  const auto is_name = [](const std::string& name) { return api::is_broker_cluster_name(name); };
  return std::all_of(metadata.clusters().begin(), metadata.clusters().end(),
                     [&](const auto& each) {
                       return is_name(each.first) && is_name(each.second.name()) &&
                              is_whole_cluster(each.second);
                     }) &&
         std::all_of(
             metadata.all_proxies().begin(), metadata.all_proxies().end(), [&](const auto& each) {
               const auto& proxy = each.second;
               return is_whole_proxy(proxy) && (!proxy.has_cluster() || is_name(proxy.cluster()));
             });
}

}  // namespace metactl::core::broker
