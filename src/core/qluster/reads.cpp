// SPDX-License-Identifier: Apache-2.0
// What is read from the place of a node. Source: qluster-api.md, sections 5 and 7.

#include "core/qluster/operations.h"

namespace metactl::core::qluster {
namespace {

/// Runs `body(const Content&, store::View&)` when the node that is asked is a member.
template <class Body>
auto read(Context& context, const pb::QlusterRequest& request, const Body& body) {
  return context.read([&](store::View& view) {
    const auto content = load(view);
    require_member(content, request.asked());
    return body(content, view);
  });
}

}  // namespace

pb::QlusterIsLeaderResponse is_leader(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [&](const Content& content, store::View&) {
    require_leading(content, request.asked());
    pb::QlusterIsLeaderResponse response;
    response.set_is_leader(true);
    return response;
  });
}

pb::QlusterMapResponse get_map(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [](const Content& content, store::View&) {
    pb::QlusterMapResponse response;
    if (const auto leader = content.leader()) response.set_leader(*leader);
    for (const auto& [id, node] : content.nodes) *response.add_nodes() = node;
    *response.mutable_config() = content.state.config();
    return response;
  });
}

pb::QlusterInfoResponse get_info(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [&](const Content& content, store::View& view) {
    const auto time = time_text(context.now());
    const auto past = load_past(view, time);
    pb::QlusterInfoResponse response;
    response.set_term(past.counters.term());
    response.set_applied_index(past.counters.last_index());
    *response.mutable_config() = content.state.config();
    for (auto& entry : logs(view)) *response.add_logs() = std::move(entry);
    return response;
  });
}

pb::QlusterConfigPB get_config(Context& context, const pb::QlusterRequest& request) {
  return read(context, request,
              [](const Content& content, store::View&) { return content.state.config(); });
}

pb::QlusterDbConfigPB get_db_config(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [](const Content& content, store::View&) {
    pb::QlusterDbConfigPB response;
    *response.mutable_settings() = content.state.db_config();
    return response;
  });
}

pb::QlusterLeaderPB get_leader(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [](const Content& content, store::View&) {
    require_leader(content);
    return content.leader_object().value();
  });
}

pb::QlusterReadonlyPB get_readonly(Context& context, const pb::QlusterRequest& request) {
  return read(context, request, [](const Content& content, store::View&) {
    pb::QlusterReadonlyPB response;
    *response.mutable_hashes() = content.state.readonly_hashes();
    return response;
  });
}

}  // namespace metactl::core::qluster
