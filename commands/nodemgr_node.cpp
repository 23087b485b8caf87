// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr node: list, refresh and import the nodes of a machine.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/mask.h"
#include "api/nodemgr_json.h"
#include "api/nodemgr_nodes.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/nodemgr.h"
#include "commands/nodemgr_options.h"

namespace metactl::commands {
namespace {

constexpr std::string_view nodes_kind = "nodemgr-nodes";
constexpr auto all_nodes = "all";

struct NoOptions {};

struct ListOptions {
  std::string type;
  std::vector<std::string> ips;
  std::string from = "node-mgr";
};

struct ImportOptions {
  std::string file;
  bool sample = false;
  bool empty = false;
};

cli::Candidates type_words(const std::string&) {
  return {{"meta", ""}, {"storage", ""}, {"computer", ""}};
}

cli::Candidates from_words(const std::string&) {
  return {{"node-mgr", ""}, {"cluster-mgr", ""}};
}

// List.

/// "storage" and "storage_node" as "storage_node".
std::string node_type(const std::string& word) {
  auto type = word.ends_with("_node") ? word : word + "_node";
  if (api::is_nodemgr_node_type(type)) return type;
  throw Error(Reason::usage, fmt::format("no type of nodes '{}'", word),
              "types: meta, storage, computer");
}

pb::NodemgrGetNodeRequest list_request(const ListOptions& options) {
  if (options.from != "node-mgr" && options.from != "cluster-mgr")
    throw Error(Reason::usage, fmt::format("nodes cannot be listed from '{}'", options.from),
                "--from node-mgr or cluster-mgr");
  pb::NodemgrGetNodeRequest request;
  if (!options.type.empty()) request.set_node_type(node_type(options.type));
  request.set_cluster_mgr(options.from == "cluster-mgr");
  if (request.cluster_mgr())  // A node_mgr ignores addresses.
    for (const auto& ip : options.ips) request.add_node_ip(ip);
  return request;
}

/// `name` is that of the member in the reply: storage_node0.
render::Row row_of(const std::string& name, const nlohmann::ordered_json& node) {
  const auto cell = [&](const char* member) {
    const auto found = node.find(member);
    if (found == node.end() || found->is_null()) return std::string();
    return found->is_string() ? found->get<std::string>() : found->dump();
  };
  const auto address = fmt::format("{}:{}", cell("ip"), cell("port"));
  return {name,
          {name, address, cell("user"), cell("cluster"), cell("shard"), cell("disk_used"),
           cell("disk_free"), cell("path"), cell("pwd")},
          [name, node] {
            nlohmann::ordered_json value = {{"name", name}};
            value.update(node);
            return value;
          }};
}

void list(cli::Session& session, const ListOptions& options) {
  session.show(api::nodemgr_get_node, list_request(options),
               [&](pb::NodemgrNodesResponse response) {
                 if (!session.globals().show_secrets) api::mask_secrets(response);
                 render::List list{"NodemgrNode",
                                   {{"NAME"},
                                    {"ADDRESS"},
                                    {"USER"},
                                    {"CLUSTER"},
                                    {"SHARD"},
                                    {"DISK_USED"},
                                    {"DISK_FREE"},
                                    {"PATH", true},
                                    {"PWD", true}},
                                   {}};
                 std::set<std::string> ips;
                 for (const auto& ip : options.ips) ips.insert(ip::comparable(ip));
                 const auto nodes = api::write_nodemgr_nodes(response.nodes());
                 for (const auto& [name, node] : nodes.items())
                   if (ips.empty() || ips.contains(ip::comparable(node.value("ip", ""))))
                     list.rows.push_back(row_of(name, node));
                 session.print(list);
               });
}

// Refresh.

void refresh(cli::Session& session, const NoOptions&) {
  session.change(api::nodemgr_update_node, pb::NodemgrUpdateNodeRequest(),
                 {"refresh", nodemgr_received, nodes_kind, all_nodes});
}

// Import.

bool has_password(const pb::NodemgrNodePB& node) {
  return !node.pwd().empty() && node.pwd() != api::masked_password;
}

api::NodemgrNodes read_nodes(cli::Session& session, const std::string& path) {
  const auto text = cli::read_input(session.io(), path, "read nodes in");
  api::NodemgrNodes nodes;
  try {
    nodes = api::read_nodemgr_nodes(api::parse_plain_json(text));
  } catch (const Error& error) {
    throw Error(Reason::usage, fmt::format("cannot read nodes in '{}': {}", path, error.what()));
  }
  if (nodes.empty())
    throw Error(Reason::usage, fmt::format("there are no nodes in '{}'", path),
                "wanted is an answer to get_node, as 'metactl nodemgr node list -o raw' prints it; "
                "--empty removes all nodes");
  return nodes;
}

/// False before the first import.
bool has_nodemgr(cli::Session& session) {
  try {
    session.client().call(api::nodemgr_get_node, {});
    return true;
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    return false;
  }
}

void import(cli::Session& session, const ImportOptions& options) {
  if ((options.file.empty() ? 0 : 1) + (options.sample ? 1 : 0) + (options.empty ? 1 : 0) != 1)
    throw Error(Reason::usage, "exactly one of FILE, --sample and --empty is needed",
                "--sample imports the sample machine, --empty removes all nodes");
  if (session.is_remote())
    throw Error(Reason::usage, "nodes are imported to a state file, not to a server",
                "--state FILE");
  pb::NodemgrImportRequest request;
  if (options.sample) request.set_sample(true);
  if (!options.file.empty()) *request.mutable_nodes() = read_nodes(session, options.file);
  session.may_make_state();
  if (has_nodemgr(session))
    session.confirm(options.empty    ? std::string("remove all nodes of the machine")
                    : options.sample ? std::string("replace the nodes of the machine by the sample")
                                     : fmt::format("replace the nodes of the machine by {} of '{}'",
                                                   request.nodes_size(), options.file),
                    ", with their tables and logs");
  session.change(api::nodemgr_import, request, {"import", "imported", nodes_kind, all_nodes});
  const auto closed = std::count_if(request.nodes().begin(), request.nodes().end(),
                                    [](const auto& node) { return !has_password(node); });
  if (closed > 0)
    session.note(
        fmt::format("{} of {} have no password, or a masked one: nobody can log in to them", closed,
                    request.nodes_size()));
}

}  // namespace

void add_nodemgr_node_commands(cli::Group& node) {
  node.command<ListOptions>("list", "List the nodes of the machine", list)
      .option("--type", &ListOptions::type, "Only those of this type", "meta|storage|computer")
      .completes("--type", type_words)
      .option("--ip", &ListOptions::ips, "Only those of this address; repeatable", "IP")
      .option("--from", &ListOptions::from,
              "node-mgr (default), or cluster-mgr when --server is one, which has the nodes of all "
              "machines and tells no disks",
              "node-mgr|cluster-mgr")
      .completes("--from", from_words)
      .details(
          "Real servers send passwords in clear text; they are shown as ****** unless\n"
          "--show-secrets is given.")
      .watchable()
      .example("metactl nodemgr node list --type storage -o wide")
      .example(
          "metactl nodemgr node list --from cluster-mgr --ip 10.0.0.7 --server "
          "http://10.0.0.5:9999")
      .runs(api::nodemgr_get_node);
  node.command<NoOptions>("refresh", "Ask the cluster manager again which nodes there are", refresh)
      .details("A node_mgr does so at its start, too. On a state file nothing else happens.")
      .example("metactl nodemgr node refresh")
      .runs(api::nodemgr_update_node);
  node.command<ImportOptions>("import", "Replace the nodes of the machine in a state file", import)
      .positional("FILE", &ImportOptions::file,
                  "Answer to get_node, of a node_mgr or of a cluster_mgr; - reads standard input")
      .flag("--sample", &ImportOptions::sample, "Import the sample machine of node_mgr's README")
      .flag("--empty", &ImportOptions::empty, "Remove all nodes")
      .needs({"FILE"}, {"--sample", "--empty"})
      .details(
          "Exactly one of FILE, --sample and --empty. A state has no node_mgr before the first\n"
          "import, which therefore asks nothing; the first start of metactl serve imports the\n"
          "sample. Passwords are kept as salted hashes, only to compare; who imports masked ones\n"
          "cannot log in to these nodes.")
      .example("metactl nodemgr node import --sample --state machine.db")
      .example("metactl nodemgr node import nodes.json --yes")
      .example("metactl nodemgr node import --empty --yes --state empty.db")
      .destructive()
      .runs(api::nodemgr_import);
}

}  // namespace metactl::commands
