// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/check.h"

#include <fmt/format.h>

#include "api/nodemgr_json.h"
#include "base/text.h"
#include "proto/nodemgr.pb.h"

namespace metactl::core::nodemgr {

keys::Range all_rows() {
  return keys::below(std::string(1, static_cast<char>(keys::Space::nodemgr)));
}

void Check::see(const store::Pair& row) {
  is_stored_ = is_stored_ || row.key == keys::build(keys::nodemgr_state_type, {});
  const auto fields = keys::match(keys::nodemgr_node_type, row.key);
  pb::NodemgrStoredNodePB node;
  if (!fields || !node.ParseFromString(row.value)) return;
  nodes_[std::get<std::int64_t>(fields->front())] = {node.type(),
                                                     fmt::format("{}:{}", node.ip(), node.port())};
}

std::vector<api::Finding> Check::findings() const {
  std::vector<api::Finding> found;
  std::map<std::string, std::int64_t> owners;
  const auto add = [&](const char* id, std::int64_t number, std::string message) {
    found.push_back({id, api::Severity::error, fmt::format("nodemgr/node/{}", number),
                     std::move(message), "metactl state restore FILE --force"});
  };
  for (const auto& [number, place] : nodes_) {
    if (!is_stored_) add("unseen-node", number, "the row that says that nodes are stored is gone");
    if (!api::is_nodemgr_node_type(place.type))
      add("unknown-type", number,
          fmt::format("there are no nodes of type '{}'", text::printable(place.type)));
    const auto [owner, is_new] = owners.emplace(place.address, number);
    if (!is_new)
      add("duplicate-endpoint", number,
          fmt::format("node {} has the address '{}' too", owner->second,
                      text::printable(place.address)));
  }
  return found;
}

}  // namespace metactl::core::nodemgr
