// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "api/qluster.h"
#include "base/error.h"
#include "client/inverse_table.h"

namespace metactl::client {
namespace {

/// As a request that asks who was asked then.
template <class Request>
Request asked_as_in(const Made& made) {
  Request request;
  if (made.request.contains("asked"))
    *request.mutable_asked() = parse<pb::QlusterAskedPB>(made.request["asked"]);
  return request;
}

Calls undo_add_node(const Made& made) {
  const auto node = parse<pb::QlusterNodePB>(made.after);
  if (!made.before.is_null() || !node.has_id())
    throw Error(Reason::precondition, "it is not known which node was added");
  auto request = asked_as_in<pb::QlusterNodeRequest>(made);
  request.set_node(node.id());
  return call(api::qluster_remove_node, std::move(request));
}

Calls undo_set_leader(const Made& made) {
  const auto leader = parse<pb::QlusterLeaderPB>(made.before);
  if (!leader.has_id()) throw Error(Reason::precondition, "there was no leader before");
  auto request = asked_as_in<pb::QlusterNodeRequest>(made);
  request.set_node(leader.id());
  return call(api::qluster_set_leader, std::move(request));
}

Calls undo_set_config(const Made& made) {
  auto request = asked_as_in<pb::QlusterConfigRequest>(made);
  *request.mutable_config() = parse<pb::QlusterConfigPB>(made.before);
  return call(api::qluster_set_config, std::move(request));
}

const std::array inverses = {
    Inverse{api::qluster_add_node.info.name, Sight::qluster_node, undo_add_node},
    Inverse{api::qluster_set_leader.info.name, Sight::qluster_leader, undo_set_leader},
    Inverse{api::qluster_set_config.info.name, Sight::qluster_config, undo_set_config},
    // These are seen only: no call makes a listener of a proper node, or gives a node its id back.
    Inverse{api::qluster_upgrade_node.info.name, Sight::qluster_node, nullptr},
    Inverse{api::qluster_node_down.info.name, Sight::qluster_node, nullptr},
    Inverse{api::qluster_remove_node.info.name, Sight::qluster_node, nullptr},
};

}  // namespace

std::span<const Inverse> qluster_inverses() {
  return inverses;
}

}  // namespace metactl::client
