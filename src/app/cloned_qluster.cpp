// SPDX-License-Identifier: Apache-2.0
#include "app/cloned_qluster.h"

#include <algorithm>

#include "api/qluster.h"
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
  const auto info = server.call(api::qluster_get_info, asked);
  Past past;
  past.counters.set_term(info.term());
  past.counters.set_last_index(info.applied_index());
  past.counters.set_last_id(largest_id(map, info));
  past.logs.assign(info.logs().begin(), info.logs().end());
  store.transact([&](store::Txn& txn) {
    core::qluster::store_content(txn, std::nullopt, content_of(map));
    core::qluster::store_past(txn, past);
  });
}

}  // namespace metactl::app
