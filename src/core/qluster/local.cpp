// SPDX-License-Identifier: Apache-2.0
// What can only be done on a state file. Source: qluster-api.md, sections 5.10 and 6.6.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "api/qluster_errors.h"
#include "base/text.h"
#include "core/qluster/operations.h"

namespace metactl::core::qluster {
namespace {

void require_known(const Content& content, std::uint64_t id) {
  if (!content.nodes.contains(id))
    throw api::qluster_malformed(fmt::format("there is no node {}", id));
}

}  // namespace

pb::QlusterSimulationPB simulate(Context& context, const pb::QlusterSimulateRequest& request) {
  return change(context, [&](Change& change) {
    auto& content = change.content;
    auto& list = *content.state.mutable_unreachable();
    std::set<std::uint64_t> unreachable(list.begin(), list.end());
    for (const auto id : request.unreachable()) {
      require_known(content, id);
      unreachable.insert(id);
    }
    for (const auto id : request.reachable()) {
      require_known(content, id);
      const auto& both = request.unreachable();
      if (std::find(both.begin(), both.end(), id) != both.end())
        throw api::qluster_malformed(
            fmt::format("node {} cannot be both in reach and out of reach", id));
      unreachable.erase(id);
    }
    list.Assign(unreachable.begin(), unreachable.end());
    change.settle();
    pb::QlusterSimulationPB response;
    *response.mutable_unreachable() = content.state.unreachable();
    if (const auto leader = content.leader()) response.set_leader(*leader);
    return response;
  });
}

pb::QlusterDbConfigPB set_db_config(Context& context,
                                    const pb::QlusterSetDbConfigRequest& request) {
  return change(context, [&](Change& change) {
    auto& list = *change.content.state.mutable_db_config();
    std::map<std::string, std::string> settings;
    for (const auto& setting : list) settings[setting.name()] = setting.value();
    for (const auto& name : request.remove())
      if (settings.erase(name) == 0)
        throw api::qluster_malformed(
            fmt::format("there is no setting '{}' of the database", text::printable(name)));
    for (const auto& setting : request.set()) {
      if (setting.name().empty())
        throw api::qluster_malformed("a setting of the database has no name");
      settings[setting.name()] = setting.value();
    }
    list.Clear();
    pb::QlusterDbConfigPB response;
    for (const auto& [name, value] : settings) {
      auto& setting = *response.add_settings();
      setting.set_name(name);
      setting.set_value(value);
    }
    list = response.settings();
    return response;
  });
}

pb::QlusterReadonlyPB set_readonly(Context& context, const pb::QlusterReadonlyPB& request) {
  std::set<std::string> seen;
  for (const auto& hash : request.hashes()) {
    if (hash.empty()) throw api::qluster_malformed("a hash is empty");
    if (!seen.insert(hash).second)
      throw api::qluster_malformed(
          fmt::format("the hash '{}' is given twice", text::printable(hash)));
  }
  return change(context, [&](Change& change) {
    *change.content.state.mutable_readonly_hashes() = request.hashes();
    return request;
  });
}

}  // namespace metactl::core::qluster
