// SPDX-License-Identifier: Apache-2.0
// The list of nodes. Source: node-mgr-api.md, N11, N13 and N14.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api/mask.h"
#include "api/nodemgr_errors.h"
#include "api/nodemgr_json.h"
#include "api/rules.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "core/nodemgr/operations.h"
#include "core/nodemgr/rows.h"
#include "core/nodemgr/sample.h"

namespace metactl::core::nodemgr {
namespace {

constexpr std::size_t longest_folder = 255;
/// Nodes that are simulated take no room.
constexpr auto no_size = "error";

void check_type(const std::string& type) {
  if (!api::is_nodemgr_node_type(type))
    throw api::nodemgr_refused(
        fmt::format("'node_type' cannot be '{}': it is meta_node, storage_node or computer_node",
                    text::printable(type)));
}

pb::NodemgrNodePB shown(const pb::NodemgrStoredNodePB& node) {
  pb::NodemgrNodePB told;
  told.set_type(node.type());
  told.set_ip(node.ip());
  told.set_port(node.port());
  told.set_user(node.user());
  told.set_pwd(std::string(api::masked_password));
  if (node.has_cluster()) told.set_cluster(node.cluster());
  if (node.has_shard()) told.set_shard(node.shard());
  told.set_path(node.path());
  told.set_disk_used(no_size);
  told.set_disk_free(no_size);
  return told;
}

bool is_wanted(const pb::NodemgrStoredNodePB& node, const pb::NodemgrGetNodeRequest& request) {
  if (request.has_node_type() && node.type() != request.node_type()) return false;
  const auto& ips = request.node_ip();
  return ips.empty() || std::find(ips.begin(), ips.end(), node.ip()) != ips.end();
}

/// The nodes in the order of their types.
pb::NodemgrNodesResponse listed(const std::vector<Node>& nodes,
                                const pb::NodemgrGetNodeRequest& request) {
  pb::NodemgrNodesResponse response;
  for (const auto type : api::nodemgr_node_types)
    for (const auto& node : nodes)
      if (node.record.type() == type && is_wanted(node.record, request))
        *response.add_nodes() = shown(node.record);
  return response;
}

std::uint64_t count_of(const std::vector<Node>& nodes, std::string_view type) {
  return static_cast<std::uint64_t>(std::count_if(
      nodes.begin(), nodes.end(), [&](const Node& node) { return node.record.type() == type; }));
}

void check_nodes(const pb::NodemgrImportRequest& request) {
  api::require_plain(api::Service::nodemgr, request);
  std::set<std::pair<std::string, std::uint64_t>> places;
  for (const auto& node : request.nodes()) {
    check_type(node.type());
    if (node.ip().empty()) throw api::nodemgr_refused("a node has no 'ip'");
    if (!ip::canonical(node.ip()))
      throw api::nodemgr_refused(
          fmt::format("the 'ip' of a node is no address: '{}'", text::printable(node.ip())));
    if (!ip::is_port(node.port()))
      throw api::nodemgr_refused(fmt::format("the 'port' of a node on '{}' is not 1 to 65535",
                                             text::printable(node.ip())));
    if (std::max(node.cluster().size(), node.shard().size()) > longest_folder)
      throw api::nodemgr_refused(fmt::format(
          "'cluster' and 'shard' of the node '{}:{}' are folders of backups, and have {} "
          "bytes at most",
          node.ip(), node.port(), longest_folder));
    if (!places.emplace(node.ip(), node.port()).second)
      throw api::nodemgr_refused(fmt::format("two nodes have the address '{}:{}'",
                                             text::printable(node.ip()), node.port()));
  }
}

}  // namespace

pb::NodemgrNodesResponse get_node(Context& context, const pb::NodemgrGetNodeRequest& request) {
  if (request.has_node_type()) check_type(request.node_type());
  return context.read([&](store::View& view) { return listed(Rows(view).nodes(), request); });
}

pb::NodemgrInfoResponse get_info(Context& context, const pb::NodemgrInfoRequest&) {
  pb::NodemgrInfoResponse response;
  if (context.settings().measure) context.settings().measure(response);
  const auto nodes = context.read([&](store::View& view) { return Rows(view).nodes(); });
  response.set_meta_node(count_of(nodes, "meta_node"));
  response.set_storage_node(count_of(nodes, "storage_node"));
  response.set_computer_node(count_of(nodes, "computer_node"));
  return response;
}

/// Nodes are read again whenever they are asked for, and so there is nothing to do.
pb::NodemgrReceivedResponse update_node(Context& context,
                                        const pb::NodemgrUpdateNodeRequest& request) {
  if (request.has_node_type()) check_type(request.node_type());
  context.read([](store::View& view) { Rows(view).require_made(); });
  return {};
}

pb::NodemgrNodesResponse import_nodes(Context& context, const pb::NodemgrImportRequest& request) {
  check_nodes(request);
  return context.transact([&](store::Txn& txn) {
    Changes changes(txn);
    if (request.sample()) {
      changes.replace_nodes(sample_nodes(context));
      changes.store_backup(sample_backup, sample_backup_record());
      return listed(changes.nodes(), {});
    }
    std::vector<pb::NodemgrStoredNodePB> nodes;
    for (const auto& node : request.nodes()) nodes.push_back(new_node(context, node));
    changes.replace_nodes(nodes);
    return listed(changes.nodes(), {});
  });
}

}  // namespace metactl::core::nodemgr
