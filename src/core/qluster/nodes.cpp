// SPDX-License-Identifier: Apache-2.0
// Nodes and their life. Source: qluster-api.md, sections 6.1, 6.2 and 7.

#include <fmt/format.h>

#include <algorithm>

#include "api/qluster_errors.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "core/qluster/operations.h"

namespace metactl::core::qluster {
namespace {

constexpr int gone = 410;
constexpr int precondition = 412;

Error refused(const std::string& why) {
  return api::qluster_failure(precondition, why);
}

std::string canonical_ip(const std::string& told) {
  if (auto address = ip::canonical(told)) return std::move(*address);
  throw api::qluster_malformed(
      fmt::format("'ip' is not an IPv4 or IPv6 address: '{}'", text::printable(told)));
}

void require_port(const char* name, std::uint64_t port) {
  if (!ip::is_port(port))
    throw api::qluster_malformed(fmt::format("'{}' is not from 1 to 65535: {}", name, port));
}

template <class Request>
void require_ports(const Request& request) {
  require_port("db-port", request.db_port());
  require_port("api-port", request.api_port());
  if (request.db_port() == request.api_port())
    throw api::qluster_malformed("'db-port' and 'api-port' are the same");
}

/// Throws 410 for a node that was removed, 412 for one that never was.
pb::QlusterNodePB& require_node(Change& change, std::uint64_t id) {
  const auto found = change.content.nodes.find(id);
  if (found != change.content.nodes.end()) return found->second;
  if (id > 0 && id <= change.past.counters.last_id())
    throw api::qluster_failure(gone, fmt::format("node {} was removed", id));
  throw refused(fmt::format("there never was a node {}", id));
}

bool has_port(const pb::QlusterNodePB& node, std::uint64_t port) {
  return (node.has_db_port() && node.db_port() == port) ||
         (node.has_api_port() && node.api_port() == port);
}

void require_free_ports(const Content& content, const std::string& host,
                        const pb::QlusterUpgradeRequest& request) {
  for (const auto& [id, other] : content.nodes)
    for (const auto port : {request.db_port(), request.api_port()})
      if (other.ip() == host && has_port(other, port))
        throw refused(fmt::format("{} is taken by node {}", ip::endpoint(host, port), id));
}

}  // namespace

pb::QlusterNodePB init(Context& context, const pb::QlusterInitRequest& request) {
  const auto ip = canonical_ip(request.ip());
  require_ports(request);
  return context.transact([&](store::Txn& txn) {
    if (stored_content(txn))
      throw Error(Reason::conflict, *refused("the state has a qluster already").answer());
    const auto content = Content::of_one(ip, request.db_port(), request.api_port());
    store_content(txn, std::nullopt, content);
    store_past(txn, Past::beginning(content, time_text(context.now())));
    return content.nodes.begin()->second;
  });
}

pb::QlusterLeaderPB set_leader(Context& context, const pb::QlusterNodeRequest& request) {
  return change(context, [&](Change& change) {
    auto& content = change.content;
    const auto id = request.node();
    require_member(content, request.asked());
    require_leader(content);
    if (!content.is_voter(id))
      throw refused(
          content.nodes.contains(id)
              ? fmt::format("node {} is {}, and only proper nodes can lead", id,
                            content.nodes.at(id).role() == listener ? "a listener" : "down")
              : fmt::format("node {} is no member of the cluster", id));
    if (!content.is_reachable(id)) throw refused(fmt::format("node {} is out of reach", id));
    if (!content.is_leader(id)) change.lead(id);
    change.settle();
    return content.leader_object().value();
  });
}

pb::QlusterNodePB add_node(Context& context, const pb::QlusterAddNodeRequest& request) {
  const auto ip = canonical_ip(request.ip());
  if (request.role() != listener && request.role() != proper)
    throw api::qluster_malformed(fmt::format("'role' is neither listener nor proper: '{}'",
                                             text::printable(request.role())));
  return change(context, [&](Change& change) {
    auto& content = change.content;
    require_leading(content, request.asked());
    for (const auto& [id, node] : content.nodes)
      if (node.ip() == ip && node.role() == listener)
        throw refused(fmt::format("node {} waits at {} already, as a listener", id, ip));
    const auto id = change.past.counters.last_id() + 1;
    pb::QlusterNodePB node;
    node.set_id(id);
    node.set_ip(ip);
    node.set_role(std::string(listener));
    content.nodes[id] = node;
    require_replication(content);
    change.past.counters.set_last_id(id);
    pb::QlusterPayloadPB payload;
    payload.set_kind("add-node");
    *payload.mutable_node() = node;
    payload.set_requested_role(request.role());
    change.past.append(content, std::move(payload));
    change.past.tell("node-added", id, fmt::format("node {} at {} is added as a listener", id, ip));
    change.settle();
    return node;
  });
}

pb::QlusterNodePB upgrade_node(Context& context, const pb::QlusterUpgradeRequest& request) {
  require_ports(request);
  return change(context, [&](Change& change) {
    auto& content = change.content;
    require_leading(content, request.asked());
    auto& node = require_node(change, request.node());
    if (node.role() != listener)
      throw refused(fmt::format("node {} is {}, and only listeners can be upgraded", node.id(),
                                node.role() == proper ? "a proper node already" : "down"));
    require_free_ports(content, node.ip(), request);
    node.set_db_port(request.db_port());
    node.set_api_port(request.api_port());
    node.set_role(std::string(proper));
    content.fit_factor();
    require_replication(content);
    pb::QlusterPayloadPB payload;
    payload.set_kind("upgrade-node");
    payload.set_id(node.id());
    payload.set_db_port(node.db_port());
    payload.set_api_port(node.api_port());
    change.past.append(content, std::move(payload));
    change.past.tell("node-upgraded", node.id(),
                     fmt::format("node {} is a proper node, its database at {}, its API at {}",
                                 node.id(), ip::endpoint(node.ip(), node.db_port()),
                                 ip::endpoint(node.ip(), node.api_port())));
    auto upgraded = node;
    change.settle();
    return upgraded;
  });
}

pb::QlusterNodePB remove_node(Context& context, const pb::QlusterNodeRequest& request) {
  return change(context, [&](Change& change) {
    auto& content = change.content;
    require_leading(content, request.asked());
    auto node = require_node(change, request.node());
    if (content.is_leader(node.id()))
      throw refused(fmt::format("node {} is the leader: hand leadership over first", node.id()));
    content.remove(node.id());
    require_replication(content);
    change.past.append(content, "remove-node", node.id());
    change.past.tell("node-removed", node.id(), fmt::format("node {} is removed", node.id()));
    change.settle();
    return node;
  });
}

pb::QlusterNodePB node_down(Context& context, const pb::QlusterNodeRequest& request) {
  return change(context, [&](Change& change) {
    auto& content = change.content;
    require_leading(content, request.asked());
    auto& node = require_node(change, request.node());
    const auto id = node.id();
    if (node.role() != proper)
      throw refused(fmt::format("node {} is {}, and only proper nodes can be marked down", id,
                                node.role() == listener ? "a listener" : "down already"));
    if (content.voters().size() == 1)
      throw refused(fmt::format("node {} is the last proper node", id));
    node.set_role(std::string(down));
    content.fit_factor();
    require_replication(content);
    change.past.append(content, "node-down", id);
    change.past.tell("node-down", id, fmt::format("node {} is down", id));
    if (content.is_leader(id)) change.elect();
    auto marked = node;
    change.settle();
    return marked;
  });
}

}  // namespace metactl::core::qluster
