// SPDX-License-Identifier: Apache-2.0
// The rows in which a broker's state is stored. Names in keys win over names in values, which are
// only different when a document was restored that said so. Throws Error, integrity, for damaged
// rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/broker/allocation.h"
#include "core/broker/handlers.h"
#include "keys/keys.h"
#include "proto/broker.pb.h"
#include "store/store.h"

namespace metactl::core::broker {

inline constexpr std::string_view metadata_version = "mem-broker-0.2";

/// Reads no more rows than each question needs.
class Rows {
 public:
  Rows(store::View& view, const Options& options) : view_(view), options_(options) {}

  std::uint64_t epoch() { return state().global_epoch(); }
  bool is_ordered() { return state().enable_ordered_proxy(); }

  std::optional<pb::BrokerProxyPB> proxy(std::string_view address);
  std::vector<pb::BrokerProxyPB> proxies();  // In order of addresses.
  bool has_proxy(std::string_view address);
  std::optional<pb::BrokerClusterPB> cluster(std::string_view name);
  std::vector<pb::BrokerClusterPB> clusters();  // In order of names.
  bool has_cluster(std::string_view name);
  /// Throws CLUSTER_NOT_FOUND.
  pb::BrokerClusterPB require_cluster(std::string_view name);

  std::vector<std::string> cluster_names(std::size_t limit = SIZE_MAX);
  std::vector<std::string> proxy_addresses(std::size_t limit = SIZE_MAX);
  std::vector<std::string> failed_proxies();
  std::vector<std::string> reported_proxies();
  std::optional<pb::FailureReportsPB> reports(std::string_view address);

  /// True when a proxy is marked as failed, or has reports.
  bool is_suspect(std::string_view address);
  /// The proxies that may be taken, in order of addresses: those in no cluster that are not
  /// suspect.
  std::vector<pb::BrokerProxyPB> usable();
  Resources resources() { return {usable(), clusters()}; }

  pb::BrokerSettingsPB settings();
  pb::BrokerMetadataPB metadata();

 protected:
  const pb::BrokerStatePB& state();

  std::optional<pb::BrokerStatePB> state_;

 private:
  store::View& view_;
  const Options& options_;
};

/// Sees its own changes.
class Changes : public Rows {
 public:
  Changes(store::Txn& txn, const Options& options) : Rows(txn, options), txn_(txn) {}

  /// Moves the global epoch on, unless it is 2^64-1, and returns it.
  std::uint64_t next_epoch();
  void set_epoch(std::uint64_t epoch);

  void store(const pb::BrokerProxyPB& proxy);
  void store(const pb::BrokerClusterPB& cluster);
  void erase_proxy(std::string_view address);
  void erase_cluster(std::string_view name);

  /// Gives a proxy to a cluster, or, with "", to none. Nothing happens when there is no such proxy.
  void assign(std::string_view address, std::string_view cluster);

  void mark_failed(std::string_view address);
  /// True when the proxy was marked.
  bool unmark_failed(std::string_view address);
  /// No reports: they are removed.
  void store_reports(std::string_view address, const pb::FailureReportsPB& reports);
  /// True when there were some.
  bool erase_reports(std::string_view address);

  void store_settings(const pb::BrokerSettingsPB& settings);
  /// Replaces all but the settings.
  void restore(const pb::BrokerMetadataPB& metadata);

 private:
  bool erase(const std::string& key);

  store::Txn& txn_;
};

/// All rows of a broker.
keys::Range all_rows();

/// Adds a row to the metadata document; rows that are no part of one are passed over.
void add_row(const store::Pair& row, pb::BrokerMetadataPB& metadata);

/// True when the document holds all that the core takes for granted: chunks with all their parts,
/// proxies with two nodes, names of clusters that are names.
bool is_whole(const pb::BrokerMetadataPB& metadata);

}  // namespace metactl::core::broker
