// SPDX-License-Identifier: Apache-2.0
#include "app/sights.h"

#include <string>
#include <utility>

#include "api/broker.h"
#include "api/clusters.h"
#include "api/meta.h"

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

std::unique_ptr<Message> broker_proxy(client::Client& server, const Message& about) {
  pb::BrokerProxyRequest request;
  const auto address = text_in(about, "address");
  request.set_address(address.empty() ? text_in(about, "proxy_address") : address);
  auto response = server.call(api::broker_get_proxy, request);
  if (!response.has_proxy()) return nullptr;
  // Its epoch and its peers change with other things.
  pb::BrokerProxyViewPB proxy;
  proxy.set_address(response.proxy().address());
  proxy.set_epoch(0);
  *proxy.mutable_free_nodes() = response.proxy().free_nodes();
  for (const auto& node : response.proxy().nodes()) proxy.add_free_nodes(node.address());
  return owned(std::move(proxy));
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
    case client::Sight::none:
      break;
  }
  return nullptr;
}

}  // namespace metactl::app
