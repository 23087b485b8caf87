// SPDX-License-Identifier: Apache-2.0
#include "app/cloned_qluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/qluster.h"
#include "base/error.h"
#include "base/text.h"
#include "core/qluster/rows.h"

namespace metactl::app {
namespace {

using core::qluster::Content;
using core::qluster::Past;
using google::protobuf::Message;

pb::QlusterRequest asked_in(const Message& about) {
  pb::QlusterRequest request;
  const auto* field = about.GetDescriptor()->FindFieldByName("asked");
  if (field && about.GetReflection()->HasField(about, field))
    request.mutable_asked()->CopyFrom(about.GetReflection()->GetMessage(about, field));
  return request;
}

Content content_of(const pb::QlusterMapResponse& map) {
  Content content;
  if (map.has_leader()) content.state.set_leader(map.leader());
  *content.state.mutable_config() = map.config();
  for (const auto& node : map.nodes()) content.nodes[node.id()] = node;
  return content;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Reason::precondition, "this cluster cannot be rehearsed: " + why,
              "rehearse on a state file: --state FILE");
}

/// A node whose role means something else than in our core would be taken for another.
void require_known_roles(const pb::QlusterMapResponse& map) {
  constexpr std::array known = {core::qluster::listener, core::qluster::proper,
                                core::qluster::down};
  for (const auto& node : map.nodes()) {
    if (!node.has_id()) refuse("its map shows a node without a number as its id");
    if (std::find(known.begin(), known.end(), node.role()) == known.end())
      refuse(fmt::format("node {} has the role '{}', where listener, proper and down are known",
                         node.id(), text::printable(node.role())));
  }
}

/// What our core takes for granted of a cluster.
void require_voters(const Content& content) {
  if (content.voters().empty()) refuse("its map shows no proper node");
  if (content.state.has_leader() && !content.is_voter(content.state.leader()))
    refuse(fmt::format("its leader {} is no proper node", content.state.leader()));
}

/// Ids that nodes had which are gone stand in the log, as far as it goes back.
std::uint64_t largest_id(const pb::QlusterMapResponse& map, const pb::QlusterInfoResponse& info) {
  std::uint64_t largest = 0;
  for (const auto& node : map.nodes()) largest = std::max(largest, node.id());
  for (const auto& entry : info.logs())
    largest = std::max({largest, entry.payload().id(), entry.payload().node().id()});
  return largest;
}

}  // namespace

void clone_qluster(client::Client& server, const Message& request, store::Store& store) {
  const auto asked = asked_in(request);
  const auto map = server.call(api::qluster_get_map, asked);
  require_known_roles(map);
  const auto content = content_of(map);
  require_voters(content);
  const auto info = server.call(api::qluster_get_info, asked);
  Past past;
  past.counters.set_term(info.term());
  past.counters.set_last_index(info.applied_index());
  past.counters.set_last_id(largest_id(map, info));
  past.logs.assign(info.logs().begin(), info.logs().end());
  store.transact([&](store::Txn& txn) {
    core::qluster::store_content(txn, std::nullopt, content);
    core::qluster::store_past(txn, past);
  });
}

}  // namespace metactl::app
