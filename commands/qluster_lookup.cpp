// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ip_address.h"
#include "base/listed.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

Error no_node(const pb::QlusterMapResponse& map, const std::string& word) {
  std::vector<std::string> ips;
  for (const auto& node : map.nodes()) ips.push_back(node.ip());
  Error error(Reason::not_found, fmt::format("no node '{}'{}", word, text::did_you_mean(word, ips)),
              "metactl qluster node list");
  error.set_object(fmt::format("{}/{}", qluster_node_kind, word));
  return error;
}

/// The word for a node as it is compared: an address, or an endpoint.
std::string comparable_word(const std::string& word) {
  return ip::canonical(word).value_or(ip::comparable_endpoint(word));
}

/// `address` is a comparable_word.
bool is_at(const pb::QlusterNodePB& node, const std::string& address) {
  const auto ip = ip::comparable(node.ip());
  return ip == address || (node.has_api_port() && ip::endpoint(ip, node.api_port()) == address) ||
         (node.has_db_port() && ip::endpoint(ip, node.db_port()) == address);
}

const pb::QlusterNodePB& node_at(const pb::QlusterMapResponse& map, const std::string& word) {
  const auto address = comparable_word(word);
  std::vector<const pb::QlusterNodePB*> found;
  std::vector<std::string> ids;
  for (const auto& node : map.nodes()) {
    if (!is_at(node, address)) continue;
    found.push_back(&node);
    ids.push_back(std::to_string(node.id()));
  }
  if (found.empty()) throw no_node(map, word);
  if (found.size() > 1)
    throw Error(Reason::usage, fmt::format("'{}' is {} nodes", word, found.size()),
                "name one by its id: " + text::listed(ids));
  return *found.front();
}

pb::QlusterAskedPB asked_of(const pb::QlusterNodePB& node) {
  pb::QlusterAskedPB asked;
  asked.set_node(node.id());
  if (node.has_api_port()) asked.set_address(ip::endpoint(node.ip(), node.api_port()));
  return asked;
}

/// The same for the node of an id, as far as the server's map tells. One that is refused the map
/// is no member, and will be refused all else, too.
pb::QlusterAskedPB asked_of(cli::Session& session, std::uint64_t id) {
  pb::QlusterAskedPB asked;
  asked.set_node(id);
  if (!session.is_remote()) return asked;
  pb::QlusterMapResponse map;
  try {
    map = qluster_map(session, asked);
  } catch (const Error& error) {
    if (status_in(error) == 0) throw;
    return asked;
  }
  const auto* node = find_node(map, id);
  if (!node) throw no_node(map, std::to_string(id));
  return asked_of(*node);
}

}  // namespace

std::string told(const pb::QlusterAskedPB& asked) {
  if (!asked.has_node()) return asked.address();
  if (asked.address().empty()) return fmt::format("node {}", asked.node());
  return fmt::format("node {} ({})", asked.node(), asked.address());
}

std::optional<std::uint64_t> parse_node_id(const std::string& word) {
  if (word.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const auto number = text::to_int(word);
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

pb::QlusterMapResponse qluster_map(cli::Session& session, const pb::QlusterAskedPB& asked) {
  return session.client().call(api::qluster_get_map, request_to<pb::QlusterRequest>(asked));
}

const pb::QlusterNodePB* find_node(const pb::QlusterMapResponse& map, std::uint64_t id) {
  const auto found = std::find_if(map.nodes().begin(), map.nodes().end(),
                                  [&](const auto& node) { return node.id() == id; });
  return found == map.nodes().end() ? nullptr : &*found;
}

const pb::QlusterNodePB* find_node(const pb::QlusterMapResponse& map, const std::string& word) {
  if (const auto id = parse_node_id(word)) return find_node(map, *id);
  const auto address = comparable_word(word);
  const auto found = std::find_if(map.nodes().begin(), map.nodes().end(),
                                  [&](const auto& node) { return is_at(node, address); });
  return found == map.nodes().end() ? nullptr : &*found;
}

const pb::QlusterNodePB* added_node(const pb::QlusterMapResponse& before,
                                    const pb::QlusterMapResponse& after, const std::string& ip) {
  const auto address = ip::canonical(ip).value_or(ip);
  const auto found = std::find_if(
      after.nodes().begin(), after.nodes().end(),
      [&](const auto& node) { return node.ip() == address && !find_node(before, node.id()); });
  return found == after.nodes().end() ? nullptr : &*found;
}

void note_departed(cli::Session& session, const pb::QlusterMapResponse& before,
                   const pb::QlusterMapResponse& after) {
  for (const auto& node : before.nodes())
    if (!find_node(after, node.id()))
      session.note(
          fmt::format("note: node {} ({}) was removed from the cluster", node.id(), node.ip()));
}

pb::QlusterAskedPB asked_node(cli::Session& session, const std::string& word) {
  if (word.empty()) return {};
  if (const auto id = parse_node_id(word)) return asked_of(session, *id);
  try {
    return asked_of(node_at(qluster_map(session, {}), word));
  } catch (const Error& error) {
    if (status_in(error) != status_precondition) throw;
    auto told = error;
    told.set_hint(hint_without_map);
    throw told;
  }
}

std::uint64_t node_id(const pb::QlusterMapResponse& map, const std::string& word) {
  if (const auto id = parse_node_id(word)) return *id;
  return node_at(map, word).id();
}

std::uint64_t node_id(cli::Session& session, const pb::QlusterAskedPB& asked,
                      const std::string& word) {
  if (const auto id = parse_node_id(word)) return *id;
  return node_at(qluster_map(session, asked), word).id();
}

}  // namespace metactl::commands
