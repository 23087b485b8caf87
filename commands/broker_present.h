// SPDX-License-Identifier: Apache-2.0
// How clusters and proxies of the memory broker look in tables. JSON is the broker's own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/session.h"
#include "proto/broker.pb.h"

namespace metactl::commands {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// "yes", "no".
std::string yes_no(bool value);

/// A configuration by the keys under which it is changed.
Fields config_fields(const pb::BrokerConfigPB& config);

render::List broker_cluster_list(const std::vector<pb::BrokerClusterViewPB>& clusters);

/// With `has_map` a drawing of the slots stands among the fields.
render::Object broker_cluster_object(const pb::BrokerClusterViewPB& cluster, bool has_map);

/// In the order of the broker, which tells the chunks.
render::List broker_node_list(const google::protobuf::RepeatedPtrField<pb::BrokerNodePB>& nodes);

render::List broker_migration_list(const pb::BrokerClusterViewPB& cluster);

/// `failed` and `reporters` say why it cannot be taken.
struct BrokerProxyRow {
  pb::BrokerProxyPB proxy;
  bool is_failed = false;
  pb::FailureReportsPB reports = {};

  bool is_usable() const { return !proxy.has_cluster() && !is_failed && reports.reports().empty(); }
};

/// The registered proxies, by address.
std::vector<BrokerProxyRow> proxy_rows(const pb::BrokerMetadataPB& metadata);

render::List broker_proxy_list(const std::vector<BrokerProxyRow>& rows);
render::Object broker_proxy_object(const pb::BrokerProxyViewPB& proxy);

/// Texts of one column, such as addresses.
render::List broker_text_list(const std::string& kind, const std::string& column,
                              const google::protobuf::RepeatedPtrField<std::string>& texts);

}  // namespace metactl::commands
