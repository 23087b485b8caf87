// SPDX-License-Identifier: Apache-2.0
#include "api/broker_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace metactl::api {
namespace {

constexpr std::uint64_t slot_count = 16384;

/// The entries of a protobuf map in order.
template <class Map>
auto sorted(const Map& entries) {
  std::map<std::string, const typename Map::mapped_type*> result;
  for (const auto& [name, value] : entries) result.emplace(name, &value);
  return result;
}

std::string migration_of(pb::MigrationTaskPB task) {
  task.set_is_migrating(false);
  return task.SerializeAsString();
}

std::string text_of(std::uint64_t start, std::uint64_t end) {
  return start == end ? fmt::format("{}", start) : fmt::format("{}-{}", start, end);
}

class Check {
 public:
  explicit Check(const pb::BrokerMetadataPB& metadata) : metadata_(metadata) {}

  std::vector<Finding> run() {
    for (const auto& [name, cluster] : sorted(metadata_.clusters())) see_cluster(name, *cluster);
    for (const auto& [address, proxy] : sorted(metadata_.all_proxies())) see_proxy(address, *proxy);
    return std::move(findings_);
  }

 private:
  void add(std::string id, const std::string& object, std::string message,
           Severity severity = Severity::error) {
    findings_.push_back({std::move(id), severity, "broker/" + object, std::move(message), ""});
  }

  void see_cluster(const std::string& name, const pb::BrokerClusterPB& cluster) {
    const auto object = "cluster/" + name;
    if (cluster.name() != name)
      add("key-mismatch", object, fmt::format("its record is that of '{}'", cluster.name()));
    if (cluster.epoch() > metadata_.global_epoch())
      add("epoch-ahead", object,
          fmt::format("its epoch {} is larger than the global epoch {}", cluster.epoch(),
                      metadata_.global_epoch()));
    for (int i = 0; i < cluster.chunks_size(); ++i)
      see_chunk(name, cluster.chunks(i), fmt::format("{}/chunk/{}", object, i));
    see_slots(cluster, object);
    see_migrations(cluster, object);
  }

  void see_chunk(const std::string& cluster, const pb::ChunkPB& chunk, const std::string& object) {
    if (chunk.parts_size() != 2 || chunk.proxy_addresses_size() != 2 || chunk.hosts_size() != 2 ||
        chunk.node_addresses_size() != 4)
      return add("incomplete-chunk", object, "it does not have two proxies with two nodes each");
    for (int half = 0; half < 2; ++half) see_half(cluster, chunk, half, object);
    if (chunk.hosts(0) == chunk.hosts(1))
      add("one-host-chunk", object,
          fmt::format("both halves are on host '{}': its failure takes the slots away",
                      chunk.hosts(0)),
          Severity::warning);
  }

  void see_half(const std::string& cluster, const pb::ChunkPB& chunk, int half,
                const std::string& object) {
    const auto& address = chunk.proxy_addresses(half);
    const auto [first, is_new] = chunks_.emplace(address, object);
    if (!is_new)
      add("shared-proxy", object,
          fmt::format("its proxy '{}' also serves {}", address, first->second));
    const auto found = metadata_.all_proxies().find(address);
    if (found == metadata_.all_proxies().end())
      return add("unknown-proxy", object, fmt::format("its proxy '{}' is not registered", address));
    const auto& proxy = found->second;
    if (!proxy.has_cluster())
      add("wrong-tag", object, fmt::format("its proxy '{}' is registered as free", address));
    else if (proxy.cluster() != cluster)
      add("wrong-tag", object,
          fmt::format("its proxy '{}' is registered with cluster '{}'", address, proxy.cluster()));
    if (proxy.host() != chunk.hosts(half))
      add("wrong-host", object,
          fmt::format("its proxy '{}' is registered on host '{}', not '{}'", address, proxy.host(),
                      chunk.hosts(half)));
    const auto own_nodes = chunk.node_addresses().begin() + std::ptrdiff_t{2} * half;
    const bool has_nodes = std::equal(proxy.node_addresses().begin(), proxy.node_addresses().end(),
                                      own_nodes, own_nodes + 2);
    if (!has_nodes)
      add("wrong-nodes", object,
          fmt::format("its proxy '{}' is registered with other nodes", address));
  }

  void see_proxy(const std::string& address, const pb::BrokerProxyPB& proxy) {
    const auto object = "proxy/" + address;
    if (proxy.proxy_address() != address)
      add("key-mismatch", object, fmt::format("its record is that of '{}'", proxy.proxy_address()));
    if (!proxy.has_cluster()) return;
    if (!chunks_.contains(address))
      add("stray-proxy", object,
          fmt::format("it is registered with cluster '{}', which has no chunk with it",
                      proxy.cluster()));
  }

  void see_slots(const pb::BrokerClusterPB& cluster, const std::string& object) {
    std::array<int, slot_count> owners{};
    const auto count = [&](const auto& ranges) {
      for (const auto& range : ranges) {
        if (range.start() > range.end() || range.end() >= slot_count)
          add("wrong-slots", object,
              fmt::format("it has the slots {}-{}, which are none", range.start(), range.end()));
        else
          for (auto slot = range.start(); slot <= range.end(); ++slot) ++owners.at(slot);
      }
    };
    for (const auto& chunk : cluster.chunks()) {
      for (const auto& part : chunk.parts()) {
        count(part.stable_slots().range_list());
        for (const auto& task : part.migrating_slots())
          if (task.is_migrating()) count(task.range_list());
      }
    }
    const auto free = ranges_where(owners, [](int number) { return number == 0; });
    if (!free.empty()) add("missing-slots", object, fmt::format("no node has the slots {}", free));
    const auto shared = ranges_where(owners, [](int number) { return number > 1; });
    if (!shared.empty())
      add("shared-slots", object, fmt::format("several nodes have the slots {}", shared));
  }

  template <class Wanted>
  static std::string ranges_where(const std::array<int, slot_count>& owners,
                                  const Wanted& is_wanted) {
    std::string result;
    for (std::size_t start = 0; start < slot_count; ++start) {
      if (!is_wanted(owners.at(start))) continue;
      auto end = start;
      while (end + 1 < slot_count && is_wanted(owners.at(end + 1))) ++end;
      result += (result.empty() ? "" : ", ") + text_of(start, end);
      start = end;
    }
    return result;
  }

  /// A migration stands in the lists of the parts that it names, and nowhere else.
  void see_migrations(const pb::BrokerClusterPB& cluster, const std::string& object) {
    struct Sides {
      const pb::MigrationTaskPB* task = nullptr;
      int source = 0;
      int destination = 0;
      int elsewhere = 0;
    };
    std::map<std::string, Sides> migrations;
    for (int chunk = 0; chunk < cluster.chunks_size(); ++chunk) {
      for (int part = 0; part < cluster.chunks(chunk).parts_size(); ++part) {
        const auto place =
            std::pair(static_cast<std::uint64_t>(chunk), static_cast<std::uint64_t>(part));
        for (const auto& task : cluster.chunks(chunk).parts(part).migrating_slots()) {
          auto& sides = migrations[migration_of(task)];
          sides.task = &task;
          const auto& meta = task.meta();
          const auto named = task.is_migrating()
                                 ? std::pair(meta.src_chunk_index(), meta.src_chunk_part())
                                 : std::pair(meta.dst_chunk_index(), meta.dst_chunk_part());
          ++(named != place        ? sides.elsewhere
             : task.is_migrating() ? sides.source
                                   : sides.destination);
        }
      }
    }
    for (const auto& [identity, sides] : migrations) {
      if (sides.source == 1 && sides.destination == 1 && sides.elsewhere == 0) continue;
      const auto& meta = sides.task->meta();
      add("one-sided-migration", object,
          fmt::format("a migration from chunk {} part {} to chunk {} part {} does not stand in the "
                      "lists of these two parts, and only there",
                      meta.src_chunk_index(), meta.src_chunk_part(), meta.dst_chunk_index(),
                      meta.dst_chunk_part()));
    }
  }

  const pb::BrokerMetadataPB& metadata_;
  std::vector<Finding> findings_;
  std::map<std::string, std::string> chunks_;  // The first chunk that each proxy serves.
};

}  // namespace

std::vector<Finding> broker_findings(const pb::BrokerMetadataPB& metadata) {
  return Check(metadata).run();
}

}  // namespace metactl::api
