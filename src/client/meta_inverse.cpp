// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "api/meta.h"
#include "base/error.h"
#include "client/inverse_table.h"

namespace metactl::client {
namespace {

using nlohmann::ordered_json;

/// A request about the same cluster, and nothing more.
pb::AlterClusterRequest about_cluster(const Made& made) {
  auto request = parse<pb::AlterClusterRequest>(made.request);
  const auto id =
      parse<pb::ClusterPB>(made.before.is_null() ? made.after : made.before).cluster_id();
  request.clear_op();
  request.clear_cluster();
  request.mutable_cluster()->set_cluster_id(id);
  return request;
}

pb::AlterInstanceRequest about_instance(const Made& made) {
  pb::AlterInstanceRequest request;
  request.set_instance_id(parse<pb::AlterInstanceRequest>(made.request).instance_id());
  return request;
}

/// The nodes of one cluster that another does not have.
pb::AlterClusterRequest with_nodes(const Made& made, const ordered_json& some,
                                   const ordered_json& others) {
  auto request = about_cluster(made);
  const auto other = parse<pb::ClusterPB>(others);
  const auto has = [&](const pb::NodeInfoPB& node) {
    return std::any_of(other.nodes().begin(), other.nodes().end(), [&](const auto& each) {
      return each.cloud_unique_id() == node.cloud_unique_id() && each.ip() == node.ip() &&
             each.host() == node.host() && each.heartbeat_port() == node.heartbeat_port() &&
             each.edit_log_port() == node.edit_log_port();
    });
  };
  const auto cluster = parse<pb::ClusterPB>(some);
  request.mutable_cluster()->set_type(cluster.type());
  for (const auto& node : cluster.nodes())
    if (!has(node)) *request.mutable_cluster()->add_nodes() = node;
  if (request.cluster().nodes().empty())
    throw Error(Reason::precondition, "no node was changed, as far as it is known");
  return request;
}

Calls undo_status(const Made& made) {
  auto request = about_cluster(made);
  request.mutable_cluster()->set_cluster_status(parse<pb::ClusterPB>(made.before).cluster_status());
  return call(api::set_cluster_status, std::move(request));
}

Calls undo_add_cluster(const Made& made) {
  return call(api::drop_cluster, about_cluster(made));
}

Calls undo_drop_cluster(const Made& made) {
  auto request = about_cluster(made);
  const auto cluster = parse<pb::ClusterPB>(made.before);
  *request.mutable_cluster() = cluster;
  auto calls = call(api::add_cluster, std::move(request));
  // A new compute cluster is NORMAL, whatever the request says.
  if (cluster.type() == pb::ClusterPB::COMPUTE && cluster.has_cluster_status() &&
      cluster.cluster_status() != pb::NORMAL)
    calls.push_back(undo_status(made).front());
  return calls;
}

Calls undo_rename_cluster(const Made& made) {
  auto request = about_cluster(made);
  request.mutable_cluster()->set_cluster_name(parse<pb::ClusterPB>(made.before).cluster_name());
  return call(api::rename_cluster, std::move(request));
}

Calls undo_users(const Made& made) {
  auto request = about_cluster(made);
  *request.mutable_cluster()->mutable_mysql_user_name() =
      parse<pb::ClusterPB>(made.before).mysql_user_name();
  return call(api::update_cluster_mysql_user_name, std::move(request));
}

Calls undo_endpoint(const Made& made) {
  auto request = about_cluster(made);
  const auto before = parse<pb::ClusterPB>(made.before);
  request.mutable_cluster()->set_public_endpoint(before.public_endpoint());
  request.mutable_cluster()->set_private_endpoint(before.private_endpoint());
  return call(api::update_cluster_endpoint, std::move(request));
}

Calls undo_add_node(const Made& made) {
  return call(api::drop_node, with_nodes(made, made.after, made.before));
}

Calls undo_drop_node(const Made& made) {
  const auto request = with_nodes(made, made.before, made.after);
  auto calls = call(api::add_node, request);
  // New nodes run; both calls below change one node each.
  for (const auto& node : request.cluster().nodes()) {
    auto one = request;
    one.mutable_cluster()->clear_nodes();
    *one.mutable_cluster()->add_nodes() = node;
    if (node.status() == pb::NODE_STATUS_DECOMMISSIONING)
      calls.push_back(call(api::decommission_node, one).front());
    if (node.status() == pb::NODE_STATUS_DECOMMISSIONED)
      calls.push_back(call(api::notify_decommissioned, one).front());
  }
  return calls;
}

Calls undo_rename_instance(const Made& made) {
  auto request = about_instance(made);
  request.set_name(parse<pb::InstanceInfoPB>(made.before).name());
  if (request.name().empty())
    throw Error(Reason::precondition, "the instance had no name, and no call takes one away");
  return call(api::rename_instance, std::move(request));
}

Calls undo_instance_status(const Made& made) {
  auto request = about_instance(made);
  const bool was_overdue =
      parse<pb::InstanceInfoPB>(made.before).status() == pb::InstanceInfoPB::OVERDUE;
  request.set_op(was_overdue ? pb::AlterInstanceRequest::SET_OVERDUE
                             : pb::AlterInstanceRequest::SET_NORMAL);
  return call(api::set_instance_status, std::move(request));
}

Calls undo_enable_sse(const Made& made) {
  return call(api::disable_instance_sse, about_instance(made));
}

Calls undo_disable_sse(const Made& made) {
  return call(api::enable_instance_sse, about_instance(made));
}

const std::array inverses = {
    Inverse{api::add_cluster.info.name, Sight::cluster, undo_add_cluster},
    Inverse{api::drop_cluster.info.name, Sight::cluster, undo_drop_cluster},
    Inverse{api::rename_cluster.info.name, Sight::cluster, undo_rename_cluster},
    Inverse{api::update_cluster_mysql_user_name.info.name, Sight::cluster, undo_users},
    Inverse{api::update_cluster_endpoint.info.name, Sight::cluster, undo_endpoint},
    Inverse{api::set_cluster_status.info.name, Sight::cluster, undo_status},
    Inverse{api::add_node.info.name, Sight::cluster, undo_add_node},
    Inverse{api::drop_node.info.name, Sight::cluster, undo_drop_node},
    Inverse{api::rename_instance.info.name, Sight::instance, undo_rename_instance},
    Inverse{api::set_instance_status.info.name, Sight::instance, undo_instance_status},
    Inverse{api::enable_instance_sse.info.name, Sight::instance, undo_enable_sse},
    Inverse{api::disable_instance_sse.info.name, Sight::instance, undo_disable_sse},
    // These are seen only.
    Inverse{api::alter_vcluster_info.info.name, Sight::cluster, nullptr},
    Inverse{api::decommission_node.info.name, Sight::cluster, nullptr},
    Inverse{api::notify_decommissioned.info.name, Sight::cluster, nullptr},
    Inverse{api::create_instance.info.name, Sight::instance, nullptr},
    Inverse{api::drop_instance.info.name, Sight::instance, nullptr},
};

}  // namespace

std::span<const Inverse> meta_inverses() {
  return inverses;
}

}  // namespace metactl::client
