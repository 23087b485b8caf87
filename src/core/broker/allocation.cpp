// SPDX-License-Identifier: Apache-2.0
#include "core/broker/allocation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "api/broker_errors.h"

namespace metactl::core::broker {
namespace {

/// What is still to be had of a host, the smallest address first.
struct Host {
  std::string_view name;
  std::vector<const pb::BrokerProxyPB*> proxies;
  std::size_t taken = 0;
  std::unordered_map<std::size_t, std::uint64_t> links = {};  // By place of the other host.

  std::size_t left() const { return proxies.size() - taken; }
};

std::vector<Host> by_host(const std::vector<pb::BrokerProxyPB>& proxies) {
  std::map<std::string_view, std::vector<const pb::BrokerProxyPB*>> groups;
  for (const auto& proxy : proxies) groups[proxy.host()].push_back(&proxy);
  std::vector<Host> hosts;
  hosts.reserve(groups.size());
  for (auto& [name, group] : groups) hosts.push_back({.name = name, .proxies = std::move(group)});
  return hosts;
}

std::size_t left(const std::vector<Host>& hosts) {
  std::size_t sum = 0;
  for (const auto& host : hosts) sum += host.left();
  return sum;
}

/// A host with more proxies than all others together cannot pair all of them.
void trim(std::vector<Host>& hosts) {
  if (hosts.empty()) return;
  auto& largest = *std::max_element(
      hosts.begin(), hosts.end(),
      [](const auto& one, const auto& other) { return one.proxies.size() < other.proxies.size(); });
  const auto others = left(hosts) - largest.proxies.size();
  if (largest.proxies.size() > others) largest.proxies.resize(others);
}

void count_links(const std::vector<pb::BrokerClusterPB>& clusters, std::vector<Host>& hosts) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t place = 0; place < hosts.size(); ++place) places[hosts[place].name] = place;
  for (const auto& cluster : clusters) {
    for (const auto& chunk : cluster.chunks()) {
      const auto one = places.find(chunk.hosts(0));
      const auto other = places.find(chunk.hosts(1));
      if (one == places.end() || other == places.end() || one == other) continue;
      ++hosts[one->second].links[other->second];
      ++hosts[other->second].links[one->second];
    }
  }
}

class Pairing {
 public:
  explicit Pairing(std::vector<Host> hosts) : hosts_(std::move(hosts)), links_(hosts_.size()) {}

  ProxyPair next() {
    const auto first = fullest();
    const auto second = partner_of(first);
    ++hosts_[first].links[second];
    ++hosts_[second].links[first];
    auto* half_0 = take(first);
    auto* half_1 = take(second);
    return {half_0, half_1};
  }

 private:
  const pb::BrokerProxyPB* take(std::size_t host) {
    return hosts_[host].proxies[hosts_[host].taken++];
  }

  std::size_t fullest() const {
    const auto found = std::max_element(
        hosts_.begin(), hosts_.end(),
        [](const Host& one, const Host& other) { return one.left() < other.left(); });
    return static_cast<std::size_t>(found - hosts_.begin());
  }

  std::size_t partner_of(std::size_t first) {
    // Few hosts are linked, but all are looked at: the links are spread out for this one search.
    for (const auto& [host, count] : hosts_[first].links) links_[host] = count;
    std::optional<std::size_t> best;
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      if (host == first || hosts_[host].left() == 0) continue;
      const bool is_better =
          !best || links_[host] < links_[*best] ||
          (links_[host] == links_[*best] && hosts_[host].left() > hosts_[*best].left());
      if (is_better) best = host;
    }
    for (const auto& link : hosts_[first].links) links_[link.first] = 0;
    // Trimmed hosts never leave one alone.
    if (!best) throw api::broker_failure("NO_AVAILABLE_RESOURCE");
    return *best;
  }

  std::vector<Host> hosts_;
  std::vector<std::uint64_t> links_;
};

}  // namespace

std::vector<ProxyPair> choose_pairs(const Resources& resources, std::uint64_t proxies) {
  auto hosts = by_host(resources.usable);
  trim(hosts);
  if (left(hosts) < proxies) throw api::broker_failure("NO_AVAILABLE_RESOURCE");
  count_links(resources.clusters, hosts);
  Pairing pairing(std::move(hosts));
  std::vector<ProxyPair> pairs;
  for (std::uint64_t pair = 0; pair < proxies / 2; ++pair) pairs.push_back(pairing.next());
  return pairs;
}

std::vector<ProxyPair> choose_in_order(const Resources& resources, std::uint64_t proxies,
                                       std::uint64_t first) {
  if (resources.usable.size() < proxies) throw api::broker_failure("NO_AVAILABLE_RESOURCE");
  std::vector<const pb::BrokerProxyPB*> sorted;
  for (const auto& proxy : resources.usable) sorted.push_back(&proxy);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* one, const auto* other) {
    return one->index() < other->index();
  });
  std::vector<ProxyPair> pairs;
  for (std::size_t i = 0; i < proxies; ++i) {
    if (sorted[i]->index() != first + i) throw api::broker_failure("PROXY_RESOURCE_OUT_OF_ORDER");
    if (i % 2 == 1) pairs.emplace_back(sorted[i - 1], sorted[i]);
  }
  return pairs;
}

const pb::BrokerProxyPB* choose_spare(const Resources& resources, const std::string& host) {
  std::unordered_map<std::string_view, std::uint64_t> links;
  for (const auto& cluster : resources.clusters) {
    for (const auto& chunk : cluster.chunks()) {
      if (chunk.hosts(0) == host) ++links[chunk.hosts(1)];
      if (chunk.hosts(1) == host) ++links[chunk.hosts(0)];
    }
  }
  const auto hosts = by_host(resources.usable);
  const Host* best = nullptr;
  for (const auto& each : hosts) {
    if (each.name == host) continue;
    const bool is_better = best == nullptr || links[each.name] < links[best->name] ||
                           (links[each.name] == links[best->name] && each.left() > best->left());
    if (is_better) best = &each;
  }
  return best == nullptr ? nullptr : best->proxies.front();
}

}  // namespace metactl::core::broker
