// SPDX-License-Identifier: Apache-2.0
#include "commands/broker_slots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace metactl::commands {
namespace {

constexpr int nodes_of_chunk = 4;

bool is_master(const pb::BrokerNodePB& node) {
  return text::upper(node.repl().role()) == "MASTER";
}

/// The nodes that serve the two parts of a chunk, by their places in it: after a failover both are
/// in one half.
std::array<int, 2> serving_nodes(const pb::BrokerClusterViewPB& cluster, int chunk) {
  const auto is_master_at = [&](int place) {
    return is_master(cluster.nodes(nodes_of_chunk * chunk + place));
  };
  return {is_master_at(0) ? 0 : 3, is_master_at(2) ? 2 : 1};
}

std::uint64_t count_slots(const pb::BrokerNodePB& node, pb::SlotsPB::Tag tag) {
  std::uint64_t count = 0;
  for (const auto& slots : node.slots())
    if (slots.tag() == tag) count += commands::count_slots(slots.range_list());
  return count;
}

/// The place of a node in the cluster; that behind the last for one that is not in it.
std::uint64_t place_of(const pb::BrokerClusterViewPB& cluster, const std::string& address) {
  const auto& nodes = cluster.nodes();
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& node) { return node.address() == address; });
  return static_cast<std::uint64_t>(found - nodes.begin());
}

/// True when slots move, and `holds` for the places from and to which each does.
template <class Holds>
bool all_move(const pb::BrokerClusterViewPB& cluster, const Holds& holds) {
  const auto migrations = migrations_of(cluster);
  return !migrations.empty() &&
         std::all_of(migrations.begin(), migrations.end(), [&](const Migration& each) {
           return holds(place_of(cluster, each.task().src_node_address()),
                        place_of(cluster, each.task().dst_node_address()));
         });
}

/// For each cell of the bar how many of its slots each letter has.
class Cells {
 public:
  void add(const SlotRanges& ranges, char letter) {
    for (const auto& range : ranges)
      for (auto slot = range.start(); slot <= range.end() && slot < slot_count; ++slot)
        ++cells_.at(slot / slots_of_cell)[letter];
  }

  std::string text() const {
    std::string result;
    for (const auto& cell : cells_) {
      const auto most =
          std::max_element(cell.begin(), cell.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      result += most == cell.end() ? '.' : most->first;
    }
    return result;
  }

 private:
  static constexpr std::size_t slots_of_cell = 256;

  std::array<std::map<char, int>, slot_count / slots_of_cell> cells_;
};

/// 'A' to 'Z', 'a' to 'z', then '*' for all others.
char letter_of(std::size_t index) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return index < letters.size() ? letters[index] : '*';
}

}  // namespace

std::string ranges_text(const SlotRanges& ranges) {
  std::vector<std::string> texts;
  for (const auto& range : ranges)
    texts.push_back(range.start() == range.end()
                        ? std::to_string(range.start())
                        : fmt::format("{}-{}", range.start(), range.end()));
  return text::join(texts, ",");
}

std::uint64_t count_slots(const SlotRanges& ranges) {
  std::uint64_t count = 0;
  for (const auto& range : ranges) count += range.end() - range.start() + 1;
  return count;
}

std::string slots_text(const pb::BrokerNodePB& node) {
  std::vector<std::string> texts;
  for (const auto& slots : node.slots()) {
    auto text = ranges_text(slots.range_list());
    const auto& task = slots.migration();
    if (slots.tag() == pb::SlotsPB::Migrating) text += "->" + task.dst_node_address();
    if (slots.tag() == pb::SlotsPB::Importing) text += "<-" + task.src_node_address();
    texts.push_back(text);
  }
  return text::join(texts, " ");
}

std::vector<Migration> migrations_of(const pb::BrokerClusterViewPB& cluster) {
  std::vector<Migration> result;
  for (const auto& node : cluster.nodes())
    for (const auto& slots : node.slots())
      if (slots.tag() == pb::SlotsPB::Migrating) result.push_back({&slots});
  return result;
}

std::uint64_t nodes_with_slots(const pb::BrokerClusterViewPB& cluster) {
  std::uint64_t count = 0;
  for (const auto& node : cluster.nodes())
    if (count_slots(node, pb::SlotsPB::None) > 0) count += 2;
  return count;
}

std::uint64_t slots_to_move(const pb::BrokerClusterViewPB& cluster, std::uint64_t node_number) {
  const auto parts = node_number / 2;
  const auto chunks =
      std::min<std::uint64_t>(node_number / nodes_of_chunk,
                              static_cast<std::uint64_t>(cluster.nodes_size()) / nodes_of_chunk);
  std::uint64_t lacking = 0;
  std::uint64_t part = 0;
  for (int chunk = 0; static_cast<std::uint64_t>(chunk) < chunks; ++chunk)
    for (const auto place : serving_nodes(cluster, chunk)) {
      const auto wanted = slot_count / parts + (part++ < slot_count % parts ? 1 : 0);
      const auto has =
          count_slots(cluster.nodes(nodes_of_chunk * chunk + place), pb::SlotsPB::None);
      lacking += wanted > has ? wanted - has : 0;
    }
  return lacking;
}

bool has_slots_from(const pb::BrokerClusterViewPB& cluster, std::uint64_t place) {
  const auto& nodes = cluster.nodes();
  const auto first =
      std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(nodes.size()));
  return std::any_of(nodes.begin() + static_cast<std::ptrdiff_t>(first), nodes.end(),
                     [](const auto& node) { return node.slots_size() > 0; });
}

bool moves_outwards(const pb::BrokerClusterViewPB& cluster) {
  return all_move(cluster, [](auto from, auto to) { return from < to; });
}

bool moves_inwards(const pb::BrokerClusterViewPB& cluster, std::uint64_t place) {
  return all_move(cluster, [&](auto from, auto to) { return from >= place && to < place; });
}

SlotMap slot_map(const pb::BrokerClusterViewPB& cluster) {
  std::map<std::string, char> letters;
  SlotMap map;
  for (const auto& node : cluster.nodes()) {
    if (!is_master(node)) continue;
    const auto letter = letters.emplace(node.address(), letter_of(letters.size())).first->second;
    const auto owned =
        count_slots(node, pb::SlotsPB::None) + count_slots(node, pb::SlotsPB::Migrating);
    if (letter != '*')
      map.legend.emplace_back(letter, fmt::format("{}, {} slots", node.address(), owned));
  }
  const auto letter_at = [&](const std::string& address) {
    return letters.try_emplace(address, '*').first->second;
  };
  Cells owners;
  Cells moving;
  for (const auto& node : cluster.nodes())
    for (const auto& slots : node.slots()) {
      if (slots.tag() == pb::SlotsPB::Importing) continue;
      owners.add(slots.range_list(), letter_at(node.address()));
      if (slots.tag() == pb::SlotsPB::Migrating)
        moving.add(slots.range_list(), letter_at(slots.migration().dst_node_address()));
    }
  map.owners = owners.text();
  if (!migrations_of(cluster).empty()) map.moving = moving.text();
  return map;
}

}  // namespace metactl::commands
