// SPDX-License-Identifier: Apache-2.0
// metactl qluster node: list nodes, add, upgrade, mark and remove them.
#include <fmt/format.h>

#include "base/ip_address.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/qluster_change.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

struct NodeRef : AskOptions {
  std::string node;
};

struct AddOptions : AskOptions {
  std::string ip;
  std::string role = "listener";
  bool if_not_exists = false;
};

struct UpgradeOptions : NodeRef {
  std::optional<std::int64_t> db_port;
  std::optional<std::int64_t> api_port;
};

struct InitOptions {
  std::string address;
  std::optional<std::int64_t> db_port;
  std::optional<std::int64_t> api_port;
  bool if_not_exists = false;
};

struct RemoveOptions : NodeRef {
  bool if_exists = false;
};

void list(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_map,
             [&](const auto& response) { session.print(node_list(response)); });
}

// Adding.

void warn_of_role(cli::Session& session, const std::string& role) {
  if (role != "listener" && role != "proper")
    session.warn(fmt::format(
        "the documents tell no roles; those that are known are listener and proper, not '{}'",
        role));
}

/// Adds once: another call after one of which nobody knows what became of it might add a second
/// node.
class Adding {
 public:
  /// `before` is the map of then.
  Adding(cli::Session& session, const AddOptions& options, const pb::QlusterMapResponse& before)
      : session_(session), before_(before), ip_(options.ip) {
    request_.set_ip(options.ip);
    request_.set_role(options.role);
  }

  void operator()(const pb::QlusterAskedPB& asked) {
    if (is_there_since(asked)) return;
    set_asked(request_, asked);
    if (session_.style().format == render::Format::raw)
      return session_.print_raw(api::qluster_add_node.info, request_);
    answer_ = session_.client().call(api::qluster_add_node, request_);
  }

  /// "" when the map shows the new node.
  std::string difference(const pb::QlusterAskedPB& asked) const {
    const auto map = qluster_map(session_, asked);
    return added_node(before_, map, ip_) ? "" : "no new node has that ip";
  }

  /// The new node, also where the answer did not tell: that of a real cluster is not documented.
  /// nullopt when it is not there.
  std::optional<std::uint64_t> id(const pb::QlusterAskedPB& asked) const {
    if (answer_.has_id() && !session_.client().wants_read_back()) return answer_.id();
    const auto map = qluster_map(session_, asked);
    if (answer_.has_id() && find_node(map, answer_.id())) return answer_.id();
    const auto* node = added_node(before_, map, ip_);
    return node ? std::optional(node->id()) : std::nullopt;
  }

 private:
  /// Before a second call: whether the first one, which was refused, added it all the same.
  bool is_there_since(const pb::QlusterAskedPB& asked) {
    if (!std::exchange(was_called_, true)) return false;
    try {
      const auto map = qluster_map(session_, asked);
      const auto* node = added_node(before_, map, ip_);
      if (!node) return false;
      answer_ = *node;
      return true;
    } catch (const Error& error) {
      if (status_in(error) == 0) throw;
      return false;  // It cannot answer that either.
    }
  }

  cli::Session& session_;
  const pb::QlusterMapResponse& before_;
  std::string ip_;
  pb::QlusterAddNodeRequest request_;
  pb::QlusterNodePB answer_;
  bool was_called_ = false;
};

void add(cli::Session& session, const AddOptions& options) {
  Asking asking(session, options);
  const auto before = asking.map();
  cli::ChangeText text{"add", "added", qluster_node_kind, options.ip};
  if (const auto* node = find_node(before, options.ip); node && options.if_not_exists) {
    text.fact = {"id", node->id(), true};
    return session.unchanged(text);
  }
  warn_of_role(session, options.role);
  Adding adding(session, options, before);
  try {
    ask_for_change(
        session, asking, [&](const auto& asked) { return adding.difference(asked); },
        std::ref(adding));
  } catch (const Error& error) {
    auto told = error.explained(fmt::format("cannot add {} '{}'", qluster_node_kind, options.ip));
    told.set_object(fmt::format("{}/{}", qluster_node_kind, options.ip));
    throw told;
  }
  if (session.style().format == render::Format::raw) return;
  const auto id = adding.id(asking.asked());
  session.require_shown(text, [&] { return id ? "" : "no new node has that ip"; });
  if (id) text.name = std::to_string(*id);
  if (id) text.fact = {"id", *id, true};
  session.done(text);
}

// Nodes that are there.

/// A port; whether it is one says the service.
std::uint64_t port(const std::optional<std::int64_t>& number, const std::string& flag) {
  if (!ip::is_port(*number))
    throw Error(Reason::usage, fmt::format("not a port for {}: '{}'", flag, *number),
                "ports are 1 to 65535");
  return static_cast<std::uint64_t>(*number);
}

void upgrade(cli::Session& session, const UpgradeOptions& options) {
  pb::QlusterUpgradeRequest request;
  request.set_db_port(port(options.db_port, "--db-port"));
  request.set_api_port(port(options.api_port, "--api-port"));
  Asking asking(session, options);
  const auto id = node_id(session, asking.asked(), options.node);
  request.set_node(id);
  change_qluster(session, asking, api::qluster_upgrade_node, request,
                 {"upgrade", "upgraded", qluster_node_kind, std::to_string(id)},
                 [&session, request](const auto& asked) -> std::string {
                   const auto map = qluster_map(session, asked);
                   const auto* node = find_node(map, request.node());
                   if (!node) return "the node is not there";
                   const bool has_ports = node->db_port() == request.db_port() &&
                                          node->api_port() == request.api_port();
                   return has_ports ? "" : "the node has other ports";
                 });
}

pb::QlusterNodeRequest request_for(std::uint64_t id) {
  pb::QlusterNodeRequest request;
  request.set_node(id);
  return request;
}

void down(cli::Session& session, const NodeRef& options) {
  Asking asking(session, options);
  const auto id = node_id(session, asking.asked(), options.node);
  session.confirm(fmt::format("mark node '{}' as down", id),
                  "; to bring it back it must be removed and added anew");
  change_qluster(session, asking, api::qluster_node_down, request_for(id),
                 {"mark", "marked as down", qluster_node_kind, std::to_string(id)},
                 [&session, id](const auto& asked) -> std::string {
                   const auto map = qluster_map(session, asked);
                   const auto* node = find_node(map, id);
                   // A real cluster may have other words for it, or tell none.
                   return node && node->role() == "proper" ? "the node is still proper" : "";
                 });
}

void remove(cli::Session& session, const RemoveOptions& options) {
  Asking asking(session, options);
  const auto before = asking.map();
  std::uint64_t id = 0;
  try {
    id = node_id(before, options.node);
  } catch (const Error& error) {
    if (!options.if_exists || error.reason() != Reason::not_found) throw;
    return session.unchanged({"remove", "removed", qluster_node_kind, options.node});
  }
  const cli::ChangeText text{"remove", "removed", qluster_node_kind, std::to_string(id)};
  const bool is_there = find_node(before, id) != nullptr;
  if (options.if_exists && !is_there) return session.unchanged(text);
  session.confirm(fmt::format("remove node '{}'", id), "; it gets a new id when it is added anew");
  // Of a node that was not there no look tells whether it was removed.
  const QlusterDifference difference = [&, id](const auto& asked) -> std::string {
    const auto map = qluster_map(session, asked);
    return find_node(map, id) ? "the node is still there" : "";
  };
  change_qluster(session, asking, api::qluster_remove_node, request_for(id), text,
                 is_there ? difference : nullptr);
}

void fill_changes(cli::Group& node) {
  constexpr auto node_help = "Id or address of the node: 2, 10.0.0.2, 10.0.0.2:8080";
  with_leader(node.command<UpgradeOptions>("upgrade", "Turn a listener into a proper node", upgrade)
                  .positional("NODE", &UpgradeOptions::node, node_help, cli::Names::qluster_node)
                  .option("--db-port", &UpgradeOptions::db_port, "Port of its database", "PORT")
                  .option("--api-port", &UpgradeOptions::api_port, "Port of its REST API", "PORT"))
      .needs({"NODE", "--db-port", "--api-port"})
      .details("A proper node votes, and counts for the replication of the log.")
      .example("metactl qluster node upgrade 2 --db-port 5432 --api-port 8080")
      .runs(api::qluster_upgrade_node);
  with_leader(node.command<NodeRef>("down", "Tell that the database of a node is in trouble", down)
                  .positional("NODE", &NodeRef::node, node_help, cli::Names::qluster_node))
      .needs({"NODE"})
      .details(
          "The node stops voting, and the connection pool sends it nothing more. There is no "
          "documented\n"
          "way back: remove the node, add it again, and upgrade it.")
      .example("metactl qluster node down 3 --yes")
      .destructive()
      .runs(api::qluster_node_down);
  with_leader(node.command<RemoveOptions>("remove", "Remove a node from the cluster", remove)
                  .positional("NODE", &RemoveOptions::node, node_help, cli::Names::qluster_node)
                  .flag("--if-exists", &RemoveOptions::if_exists, "Succeed when there is none"))
      .needs({"NODE"})
      .details("Not the leader: hand leadership over first. Ids are never used again.")
      .example("metactl qluster node remove 3 --yes")
      .destructive()
      .runs(api::qluster_remove_node, api::qluster_get_map);
}

// The first one.

void init(cli::Session& session, const InitOptions& options) {
  if (session.is_remote())
    throw Error(Reason::usage, "a qluster is made in a state file, not on a server",
                "--state FILE");
  pb::QlusterInitRequest request;
  request.set_ip(options.address);
  request.set_db_port(port(options.db_port, "--db-port"));
  request.set_api_port(port(options.api_port, "--api-port"));
  cli::Change more;
  more.is_done = [&] { return options.if_not_exists; };
  session.may_make_state();
  session.change(api::qluster_init, request, {"create", "created", "qluster", options.address},
                 more);
}

}  // namespace

void add_qluster_node_commands(cli::Group& qluster) {
  qluster.command<InitOptions>("init", "Create a one-node qluster in a state file", init)
      .positional("ADDRESS", &InitOptions::address, "Address of the node, IPv4 or IPv6")
      .option("--db-port", &InitOptions::db_port, "Port of its database", "PORT")
      .option("--api-port", &InitOptions::api_port, "Port of its API", "PORT")
      .flag("--if-not-exists", &InitOptions::if_not_exists, "Succeed when there is a qluster")
      .needs({"ADDRESS", "--db-port", "--api-port"})
      .details(
          "The node has id 1 and leads. A state has no qluster before: apply of manifests creates\n"
          "one, too, and so does the first start of metactl serve.")
      .example("metactl qluster init 10.0.0.1 --db-port 5432 --api-port 8080 --state qhb.db")
      .runs(api::qluster_init);
  auto node = qluster.group("node", "Nodes: add, upgrade, mark and remove them");
  with_asking(node.command<AskOptions>("list", "List the nodes", list).watchable())
      .example("metactl qluster node list")
      .example("metactl qluster node list --where ROLE=proper -o json")
      .runs(api::qluster_get_map);
  with_leader(node.command<AddOptions>("add", "Add a node, as a listener", add)
                  .positional("IP", &AddOptions::ip, "Address of the node, IPv4 or IPv6")
                  .option("--role", &AddOptions::role,
                          "What it shall become: listener (default) or proper", "ROLE")
                  .flag("--if-not-exists", &AddOptions::if_not_exists,
                        "Succeed when there is a node with that ip"))
      .needs({"IP"})
      .details(
          "Each new node is a listener: it gets the log, but neither votes nor counts. Start "
          "qluster\n"
          "on it, and upgrade it when it has the log. A call whose answer was lost is never "
          "repeated;\n"
          "the map is read instead and tells whether the node is there.")
      .example("metactl qluster node add 10.0.0.2")
      .example("metactl qluster node add fd00::2 --role proper --follow-leader")
      .runs(api::qluster_add_node, api::qluster_get_map);
  fill_changes(node);
}

}  // namespace metactl::commands
