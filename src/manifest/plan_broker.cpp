// SPDX-License-Identifier: Apache-2.0
// Steps for the proxies and clusters of a memory broker.
#include <algorithm>
#include <cstdint>

#include "api/broker.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

constexpr std::uint64_t nodes_of_chunk = 4;

std::string title_of(const std::string& name) {
  return "broker-cluster/" + name;
}

pb::BrokerClusterRequest request_for(const std::string& name) {
  pb::BrokerClusterRequest request;
  request.set_name(name);
  return request;
}

// Proxies.

/// True for one address in two spellings.
bool is_same(const std::string& a, const std::string& b) {
  return ip::comparable_endpoint(a) == ip::comparable_endpoint(b);
}

std::string host_of(const pb::BrokerProxySpec& spec, const std::string& address) {
  return spec.has_host() ? spec.host() : address.substr(0, address.find(':'));
}

void plan_proxy(Planning& planning, const Object& object) {
  const auto& spec = object.as<pb::BrokerProxySpec>();
  const auto& proxies = planning.observed().broker->all_proxies();
  const auto found = std::find_if(proxies.begin(), proxies.end(), [&](const auto& each) {
    return is_same(each.first, object.name);
  });
  if (found == proxies.end()) {
    pb::BrokerAddProxyRequest request;
    request.set_proxy_address(object.name);
    *request.mutable_nodes() = spec.nodes();
    if (spec.has_host()) request.set_host(spec.host());
    if (spec.has_index()) request.set_index(static_cast<std::uint64_t>(spec.index()));
    return planning.step(
        Action::create, object.title(), api::broker_add_proxy, request,
        {fmt::format("+ proxy {} on host {}", object.name, host_of(spec, object.name))});
  }
  const auto& proxy = found->second;
  const auto differs = [&](std::string_view what, const std::string& now) {
    planning.problem(
        object, fmt::format("{} is '{}' and cannot be changed; remove the proxy first", what, now),
        what);
  };
  if (!std::equal(spec.nodes().begin(), spec.nodes().end(), proxy.node_addresses().begin(),
                  proxy.node_addresses().end(), is_same))
    differs("nodes", text::join(std::vector<std::string>(proxy.node_addresses().begin(),
                                                         proxy.node_addresses().end()),
                                ", "));
  if (spec.has_host() && !is_same(spec.host(), proxy.host())) differs("host", proxy.host());
  // Outside ordered mode brokers take no index.
  if (planning.observed().broker->enable_ordered_proxy() && spec.has_index() &&
      static_cast<std::uint64_t>(spec.index()) != proxy.index())
    differs("index", std::to_string(proxy.index()));
}

// Clusters.

bool is_free(const pb::ChunkPB& chunk) {
  return std::all_of(chunk.parts().begin(), chunk.parts().end(), [](const pb::ChunkPartPB& part) {
    return !part.has_stable_slots() && part.migrating_slots().empty();
  });
}

bool is_migrating(const pb::BrokerClusterPB& cluster) {
  for (const auto& chunk : cluster.chunks())
    for (const auto& part : chunk.parts())
      if (!part.migrating_slots().empty()) return true;
  return false;
}

/// The number of nodes that have slots when all that move have moved: all of them when they move to
/// later chunks, else those in front of the chunks that give all of theirs away.
std::uint64_t target_of(const pb::BrokerClusterPB& cluster) {
  std::uint64_t kept = 0;
  for (const auto& chunk : cluster.chunks()) {
    const auto& parts = chunk.parts();
    for (const auto& part : parts)
      for (const auto& task : part.migrating_slots())
        if (task.meta().src_chunk_index() < task.meta().dst_chunk_index())
          return nodes_of_chunk * static_cast<std::uint64_t>(cluster.chunks_size());
    if (std::any_of(parts.begin(), parts.end(),
                    [](const pb::ChunkPartPB& part) { return part.has_stable_slots(); }))
      kept += nodes_of_chunk;
  }
  return kept;
}

struct Numbers {
  std::uint64_t all = 0;
  std::uint64_t free = 0;  // Without slots.
};

Numbers numbers_of(const pb::BrokerClusterPB& cluster) {
  const auto free = std::count_if(cluster.chunks().begin(), cluster.chunks().end(), is_free);
  return {nodes_of_chunk * static_cast<std::uint64_t>(cluster.chunks_size()),
          nodes_of_chunk * static_cast<std::uint64_t>(free)};
}

/// Slots that move still count where they come from.
std::uint64_t slots_of(const pb::BrokerClusterPB& cluster) {
  std::uint64_t count = 0;
  const auto add = [&](const auto& ranges) {
    for (const auto& range : ranges)
      if (range.end() >= range.start()) count += range.end() - range.start() + 1;
  };
  for (const auto& chunk : cluster.chunks())
    for (const auto& part : chunk.parts()) {
      add(part.stable_slots().range_list());
      for (const auto& task : part.migrating_slots())
        if (task.is_migrating()) add(task.range_list());
    }
  return count;
}

/// Every field of a cluster's configuration that a manifest gives: its key, what is wanted and what
/// is there.
struct ConfigField {
  std::string key;
  std::string wanted;
  std::string now;
};

std::vector<ConfigField> differing_fields(const pb::BrokerClusterSpec& spec,
                                          const pb::BrokerConfigPB& config) {
  std::vector<ConfigField> fields;
  const auto add = [&](bool is_given, std::string key, std::string wanted, std::string now) {
    if (is_given && wanted != now)
      fields.push_back({std::move(key), std::move(wanted), std::move(now)});
  };
  const auto& wanted = spec.migration();
  const auto& now = config.migration_config();
  add(spec.has_compression_strategy(), "compression_strategy",
      pb::BrokerClusterSpec::Compression_Name(spec.compression_strategy()),
      config.compression_strategy());
  add(wanted.has_max_blocking_time(), "migration_max_blocking_time",
      std::to_string(wanted.max_blocking_time()), std::to_string(now.max_blocking_time()));
  add(wanted.has_max_migration_time(), "migration_max_migration_time",
      std::to_string(wanted.max_migration_time()), std::to_string(now.max_migration_time()));
  add(wanted.has_scan_count(), "migration_scan_count", std::to_string(wanted.scan_count()),
      std::to_string(now.scan_count()));
  add(wanted.has_scan_interval(), "migration_scan_interval", std::to_string(wanted.scan_interval()),
      std::to_string(now.scan_interval()));
  return fields;
}

void set_config(Planning& planning, const Object& object, const pb::BrokerConfigPB& config) {
  const auto fields = differing_fields(object.as<pb::BrokerClusterSpec>(), config);
  if (fields.empty()) return;
  pb::BrokerClusterConfigRequest request;
  request.set_name(object.name);
  std::vector<std::string> lines;
  for (const auto& field : fields) {
    auto& sent = *request.add_fields();
    sent.set_key(field.key);
    sent.set_value(field.wanted);
    lines.push_back(changed(field.key, field.now, field.wanted));
  }
  planning.step(Action::change, object.title(), api::broker_set_cluster_config, request, lines);
}

void create(Planning& planning, const Object& object) {
  const auto& spec = object.as<pb::BrokerClusterSpec>();
  if (!spec.has_node_number())
    return planning.problem(object,
                            "there is no such cluster, and to create it nodeNumber is "
                            "needed");
  pb::BrokerNodeNumberRequest request;
  request.set_name(object.name);
  request.set_node_number(static_cast<std::uint64_t>(spec.node_number()));
  planning.step(Action::create, object.title(), api::broker_create_cluster, request,
                {fmt::format("+ cluster {} with {} nodes", object.name, spec.node_number())});
  set_config(planning, object, pb::BrokerConfigPB());
}

/// A cluster that is there, with what is wanted of it.
struct Scaling {
  const Object* object;
  const pb::BrokerClusterPB* cluster;
  std::uint64_t wanted;
  Numbers numbers;
};

/// The number of nodes as it is wanted cannot be begun while slots move to another one.
bool is_busy(Planning& planning, const Scaling& scaling) {
  if (!is_migrating(*scaling.cluster)) return false;
  if (const auto target = target_of(*scaling.cluster); scaling.wanted != target)
    planning.problem(*scaling.object,
                     fmt::format("its slots are being moved to {} nodes; wait until they have, "
                                 "then it can be given {} nodes",
                                 target, scaling.wanted),
                     "nodeNumber");
  return true;
}

/// Takes out what has no slots where fewer nodes are wanted.
void remove_free_nodes(Planning& planning, Scaling& scaling) {
  auto& [all, free] = scaling.numbers;
  if (free == 0 || scaling.wanted >= all || all - free < scaling.wanted) return;
  planning.step(Action::change, scaling.object->title(), api::broker_delete_free_nodes,
                request_for(scaling.object->name), {fmt::format("- {} nodes without slots", free)});
  planning.lose("broker node", free);
  all -= free;
  free = 0;
}

void scale_out(Planning& planning, const Scaling& scaling) {
  const auto& [all, free] = scaling.numbers;
  if (scaling.wanted < all || (scaling.wanted == all && free == 0)) return;
  if (scaling.wanted == all)
    return planning.step(Action::change, scaling.object->title(), api::broker_expand,
                         request_for(scaling.object->name),
                         {fmt::format("~ slots move to {} nodes without any", free)});
  pb::BrokerNodeNumberRequest request;
  request.set_name(scaling.object->name);
  request.set_node_number(scaling.wanted);
  planning.step(Action::change, scaling.object->title(), api::broker_auto_scale, request,
                {changed("nodeNumber", std::to_string(all), std::to_string(scaling.wanted))});
}

void scale_in(Planning& planning, const Scaling& scaling) {
  const auto& [all, free] = scaling.numbers;
  if (scaling.wanted >= all) return;
  const auto* const later =
      all - free > scaling.wanted
          ? ": slots move first; apply again when they have, to take the nodes out"
          : "";
  pb::BrokerNodeNumberRequest request;
  request.set_name(scaling.object->name);
  request.set_node_number(scaling.wanted);
  planning.step(
      Action::change, scaling.object->title(), api::broker_auto_scale, request,
      {changed("nodeNumber", std::to_string(all), std::to_string(scaling.wanted)) + later});
  planning.lose("broker node", all - scaling.wanted);
}

// Removal.

bool is_wanted(const Planning& planning, std::string_view kind, const std::string& name) {
  const auto wanted = planning.wanted(kind);
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Object* object) { return is_same(object->name, name); });
}

/// The names of what is owned and there, but in no manifest.
template <class Map>
std::vector<std::string> unwanted(const Planning& planning, std::string_view kind,
                                  const Map& there) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : there)
    if (is_owned(planning, {std::string(kind), "", name, 0}) && !is_wanted(planning, kind, name))
      names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> delete_clusters(Planning& planning) {
  const auto& clusters = planning.observed().broker->clusters();
  auto names = unwanted(planning, "BrokerCluster", clusters);
  for (const auto& name : names) {
    const auto& cluster = clusters.at(name);
    const auto nodes = numbers_of(cluster).all;
    planning.step(Action::destroy, title_of(name), api::broker_delete_cluster, request_for(name),
                  {fmt::format("- cluster {} with {} nodes", name, nodes)});
    planning.lose("broker cluster");
    planning.lose("broker node", nodes);
    planning.lose("slot", slots_of(cluster));
  }
  return names;
}

void delete_proxies(Planning& planning, const std::vector<std::string>& deleted_clusters) {
  const auto& proxies = planning.observed().broker->all_proxies();
  for (const auto& address : unwanted(planning, "BrokerProxy", proxies)) {
    const auto& cluster = proxies.at(address).cluster();
    if (!cluster.empty() && std::find(deleted_clusters.begin(), deleted_clusters.end(), cluster) ==
                                deleted_clusters.end()) {
      planning.problem(fmt::format(
          "broker-proxy/{}: it cannot be removed while it serves cluster '{}'", address, cluster));
      continue;
    }
    pb::BrokerProxyRequest request;
    request.set_address(address);
    planning.step(Action::destroy, "broker-proxy/" + address, api::broker_delete_proxy, request,
                  {"- proxy " + address});
    planning.lose("broker proxy");
  }
}

}  // namespace

void plan_broker(Planning& planning) {
  for (const auto* object : planning.wanted("BrokerProxy")) plan_proxy(planning, *object);
  const auto deleted = delete_clusters(planning);
  std::vector<const Object*> created;
  std::vector<Scaling> scalings;
  const auto& clusters = planning.observed().broker->clusters();
  for (const auto* object : planning.wanted("BrokerCluster")) {
    const auto found = clusters.find(object->name);
    if (found == clusters.end()) {
      created.push_back(object);
      continue;
    }
    const auto& cluster = found->second;
    const auto& spec = object->as<pb::BrokerClusterSpec>();
    // A configuration is not changed while slots move, so before they do.
    set_config(planning, *object, cluster.config());
    if (spec.has_node_number())
      scalings.push_back(
          {object, &cluster, static_cast<std::uint64_t>(spec.node_number()), numbers_of(cluster)});
  }
  std::erase_if(scalings, [&](const Scaling& scaling) { return is_busy(planning, scaling); });
  for (auto& scaling : scalings) remove_free_nodes(planning, scaling);
  for (const auto* object : created) create(planning, *object);
  for (const auto& scaling : scalings) scale_out(planning, scaling);
  for (const auto& scaling : scalings) scale_in(planning, scaling);
  delete_proxies(planning, deleted);
}

std::vector<std::string> on_their_way(const PlanInput& input, const Observed& observed) {
  std::vector<std::string> result;
  for (const auto& [id, seen] : observed) {
    if (!seen.broker) continue;
    const auto& clusters = seen.broker->clusters();
    for (const auto& object : input.wanted) {
      if (object.kind->name != "BrokerCluster" || object.instance != id) continue;
      const auto found = clusters.find(object.name);
      if (found != clusters.end() && object.as<pb::BrokerClusterSpec>().has_node_number() &&
          is_migrating(found->second))
        result.push_back(fmt::format("{}: slots are on their way to {} nodes", object.title(),
                                     target_of(found->second)));
    }
  }
  return result;
}

}  // namespace metactl::manifest
