// SPDX-License-Identifier: Apache-2.0
#include "app/sights.h"

#include <string>
#include <utility>

#include "api/broker.h"
#include "api/clusters.h"
#include "api/meta.h"
#include "api/qluster.h"
#include "base/ip_address.h"

namespace metactl::app {
namespace {

using google::protobuf::Message;

/// The field of that name; "" when the message has none.
std::string text_in(const Message& message, const std::string& name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field ? message.GetReflection()->GetString(message, field) : "";
}

template <class Part>
std::unique_ptr<Message> owned(Part&& part) {
  return std::make_unique<std::remove_cvref_t<Part>>(std::forward<Part>(part));
}

std::unique_ptr<Message> cluster(client::Client& server, const Message& about_message) {
  const auto& about = dynamic_cast<const pb::AlterClusterRequest&>(about_message);
  pb::GetClusterRequest request;
  request.set_cloud_unique_id(about.instance_id().empty()
                                  ? about.cloud_unique_id()
                                  : api::instance_reference(about.instance_id()));
  if (about.cluster().cluster_id().empty()) {
    request.set_cluster_name(about.cluster().cluster_name());
  } else {
    request.set_cluster_id(about.cluster().cluster_id());
  }
  return owned(server.call(api::get_cluster, request).cluster(0));
}

std::unique_ptr<Message> instance(client::Client& server, const Message& about) {
  pb::GetInstanceRequest request;
  request.set_instance_id(text_in(about, "instance_id"));
  auto found = server.call(api::get_instance, request).instance();
  found.clear_clusters();
  return owned(std::move(found));
}

std::unique_ptr<Message> broker_cluster(client::Client& server, const Message& about) {
  pb::BrokerClusterRequest request;
  const auto name = text_in(about, "name");
  request.set_name(name.empty() ? text_in(about, "cluster_name") : name);
  auto response = server.call(api::broker_get_cluster, request);
  if (!response.has_cluster()) return nullptr;
  response.mutable_cluster()->set_epoch(0);
  return owned(std::move(*response.mutable_cluster()));
}

/// All that the metadata say of the proxy: its own document has neither host nor index, nor its
/// mark as failed.
std::unique_ptr<Message> broker_proxy(client::Client& server, const Message& about) {
  const auto named = text_in(about, "address");
  const auto address = named.empty() ? text_in(about, "proxy_address") : named;
  const auto metadata = server.call(api::broker_get_metadata, {});
  const auto found = metadata.all_proxies().find(address);
  if (found == metadata.all_proxies().end()) return nullptr;
  pb::BrokerMetadataPB seen;
  seen.set_version(metadata.version());
  seen.set_global_epoch(0);  // It changes with other things.
  seen.set_enable_ordered_proxy(metadata.enable_ordered_proxy());
  (*seen.mutable_all_proxies())[address] = found->second;
  for (const auto& failed : metadata.failed_proxies())
    if (failed == address) seen.add_failed_proxies(failed);
  return owned(std::move(seen));
}

/// Who was asked to make a change is asked what it left.
pb::QlusterRequest asked_in(const Message& about) {
  pb::QlusterRequest request;
  const auto* field = about.GetDescriptor()->FindFieldByName("asked");
  if (field && about.GetReflection()->HasField(about, field))
    request.mutable_asked()->CopyFrom(about.GetReflection()->GetMessage(about, field));
  return request;
}

/// The node of that id, or the one that was added with that ip: the newest listener. The leader is
/// no part of it.
std::unique_ptr<Message> qluster_node(client::Client& server, const Message& about) {
  const auto map = server.call(api::qluster_get_map, asked_in(about));
  const auto* added = dynamic_cast<const pb::QlusterAddNodeRequest*>(&about);
  const auto* field = about.GetDescriptor()->FindFieldByName("node");
  const auto id = added ? 0 : about.GetReflection()->GetUInt64(about, field);
  const auto ip = added ? ip::canonical(added->ip()).value_or(added->ip()) : "";
  const pb::QlusterNodePB* found = nullptr;
  for (const auto& node : map.nodes())
    if (added ? node.ip() == ip && !node.has_api_port() : node.id() == id) found = &node;
  return found ? owned(pb::QlusterNodePB(*found)) : nullptr;
}

}  // namespace

std::unique_ptr<Message> look_at(client::Client& server, client::Sight sight,
                                 const Message& request) {
  switch (sight) {
    case client::Sight::cluster:
      return cluster(server, request);
    case client::Sight::instance:
      return instance(server, request);
    case client::Sight::broker_cluster:
      return broker_cluster(server, request);
    case client::Sight::broker_proxy:
      return broker_proxy(server, request);
    case client::Sight::broker_settings:
      return owned(server.call(api::broker_get_settings, {}));
    case client::Sight::qluster_node:
      return qluster_node(server, request);
    case client::Sight::qluster_leader:
      return owned(server.call(api::qluster_get_leader, asked_in(request)));
    case client::Sight::qluster_config:
      return owned(server.call(api::qluster_get_config, asked_in(request)));
    case client::Sight::none:
      break;
  }
  return nullptr;
}

}  // namespace metactl::app
