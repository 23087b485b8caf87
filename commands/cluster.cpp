// SPDX-License-Identifier: Apache-2.0
// metactl cluster: create, list, rename and drop clusters, and move them between statuses.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/present.h"
#include "commands/request_body.h"

namespace metactl::commands {
namespace {

struct AddOptions {
  std::string name;
  std::string id;
  std::string type = "compute";
  std::vector<std::string> nodes;
  std::vector<std::string> users;
  std::string description;
  std::string public_endpoint;
  std::string private_endpoint;
  std::string active;
  std::string standby;
  std::string body;
  bool if_not_exists = false;
};

struct ListOptions {};

struct ClusterRef {
  std::string name;
};

struct RenameOptions : ClusterRef {
  std::string new_name;
  std::string body;
  bool replace_empty = false;
};

struct DropOptions : ClusterRef {
  std::string body;
  bool if_exists = false;
};

pb::AlterClusterRequest add_request(cli::Session& session, const AddOptions& options) {
  if (!options.body.empty()) {
    only_body({{"NAME", !options.name.empty()},
               {"--id", !options.id.empty()},
               {"--node", !options.nodes.empty()},
               {"--user", !options.users.empty()},
               {"--active", !options.active.empty()}});
    return read_cluster_body(session, options.body);
  }
  check_new_cluster_name(options.name);
  auto request = cluster_request(session, options.id.empty() ? options.name : options.id);
  auto& cluster = *request.mutable_cluster();
  cluster.set_cluster_name(options.name);
  cluster.set_type(static_cast<pb::ClusterPB::Type>(
      parse_enum(*pb::ClusterPB::Type_descriptor(), options.type, "type")));
  for (auto& node : parse_nodes(options.nodes, cluster.type(), request.instance_id()))
    *cluster.add_nodes() = std::move(node);
  for (const auto& user : options.users) cluster.add_mysql_user_name(user);
  if (!options.description.empty()) cluster.set_desc(options.description);
  if (!options.public_endpoint.empty()) cluster.set_public_endpoint(options.public_endpoint);
  if (!options.private_endpoint.empty()) cluster.set_private_endpoint(options.private_endpoint);
  if (options.active.empty() != options.standby.empty())
    throw Error(Reason::usage, "--active and --standby belong together");
  if (!options.active.empty()) set_members(cluster, options.active, options.standby);
  return request;
}

void add(cli::Session& session, const AddOptions& options) {
  const auto request = add_request(session, options);
  const auto& wanted = request.cluster();
  const auto there = [&] { return find_cluster(session, wanted.cluster_name()); };
  cli::Change change;
  if (options.if_not_exists)
    change.is_done = [&] {
      const auto found = there();
      return found && found->cluster_id() == wanted.cluster_id() && found->type() == wanted.type();
    };
  change.difference = [&]() -> std::string {
    const auto found = there();
    if (!found) return "the cluster is not there";
    if (found->cluster_id() != wanted.cluster_id()) return "its id is another one";
    return found->nodes_size() == wanted.nodes_size()
               ? ""
               : fmt::format("it has {} nodes", found->nodes_size());
  };
  session.change(api::add_cluster, request, {"add", "created", "cluster", wanted.cluster_name()},
                 change);
}

void list(cli::Session& session, const ListOptions&) {
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::get_cluster.info, all_clusters_request(session));
  session.print(cluster_list(session, all_clusters(session)));
}

void get(cli::Session& session, const ClusterRef& options) {
  if (session.style().format == render::Format::raw) {
    const auto cluster = find_cluster(session, options.name);
    auto request = all_clusters_request(session);
    request.set_cluster_name(cluster ? cluster->cluster_name() : options.name);
    return session.print_raw(api::get_cluster.info, request);
  }
  session.print(cluster_object(session, get_cluster(session, options.name)));
}

void rename(cli::Session& session, const RenameOptions& options) {
  pb::AlterClusterRequest request;
  std::string old_name = options.name;
  if (!options.body.empty()) {
    only_body({{"NAME", !options.name.empty()}});
    request = read_cluster_body(session, options.body);
    old_name = request.cluster().cluster_id();
  } else {
    check_new_cluster_name(options.new_name);
    const auto cluster = get_cluster(session, options.name);
    if (cluster.cluster_name() == options.new_name)
      return session.unchanged({"rename", "renamed", "cluster", options.new_name});
    request = cluster_request(session, cluster.cluster_id());
    request.mutable_cluster()->set_cluster_name(options.new_name);
  }
  if (options.replace_empty) request.set_replace_if_existing_empty_target_cluster(true);
  session.change(api::rename_cluster, request, {"rename", "renamed", "cluster", old_name},
                 {.difference = [&] {
                   const auto now = get_cluster(session, request.cluster().cluster_id());
                   return now.cluster_name() == request.cluster().cluster_name()
                              ? ""
                              : fmt::format("its name is '{}'", now.cluster_name());
                 }});
}

void drop(cli::Session& session, const DropOptions& options) {
  pb::AlterClusterRequest request;
  std::string name = options.name;
  if (!options.body.empty()) {
    only_body({{"NAME", !name.empty()}});
    request = read_cluster_body(session, options.body);
    name = request.cluster().cluster_id();
  }
  const cli::ChangeText text{"drop", "dropped", "cluster", name};
  const auto cluster = find_cluster(session, name);
  if (!cluster && options.if_exists) return session.unchanged(text);
  const auto found = cluster ? *cluster : get_cluster(session, name);
  session.confirm(
      fmt::format("drop cluster '{}' and its {}", found.cluster_name(), node_count_text(found)));
  if (options.body.empty()) request = cluster_request(session, found.cluster_id());
  session.change(api::drop_cluster, request, text, {.difference = [&] {
                   return find_cluster(session, found.cluster_id()) ? "the cluster is still there"
                                                                    : "";
                 }});
}

void fill_cluster(cli::Group& group) {
  group.command<AddOptions>("add", "Create a cluster", add)
      .positional("NAME", &AddOptions::name, "Name, unique inside the instance")
      .option("--id", &AddOptions::id, "Id, unique inside the instance; default: the name")
      .option("--type", &AddOptions::type, "compute (default), sql or virtual", "TYPE")
      .option("--node", &AddOptions::nodes, std::string(node_syntax) + "; repeatable", "NODE")
      .option("--user", &AddOptions::users, "User who logs in to it by default; repeatable", "NAME")
      .option("--desc", &AddOptions::description, "Description")
      .option("--public-endpoint", &AddOptions::public_endpoint, "Address for clients outside")
      .option("--private-endpoint", &AddOptions::private_endpoint, "Address for clients inside")
      .option("--active", &AddOptions::active, "Virtual: the compute cluster that serves", "NAME",
              cli::Names::cluster)
      .option("--standby", &AddOptions::standby, "Virtual: the compute cluster that takes over",
              "NAME", cli::Names::cluster)
      .flag("--if-not-exists", &AddOptions::if_not_exists,
            "Succeed when a cluster of this name, id and type exists")
      .option("--body", &AddOptions::body, body_help, "FILE")
      .needs({"NAME"}, {"--body"})
      .example("metactl cluster add etl --node 10.0.0.5:9050 --node 10.0.0.6:9050")
      .example("metactl cluster add sql --type sql --node 10.0.0.1:9010/FE_MASTER")
      .example("metactl cluster add both --type virtual --active etl --standby spare")
      .runs(api::add_cluster);
  group.command<ListOptions>("list", "List the clusters of an instance", list)
      .watchable()
      .example("metactl cluster list --where TYPE=COMPUTE --sort -nodes")
      .runs(api::get_cluster);
  group.command<ClusterRef>("get", "Show a cluster with its nodes", get)
      .positional("NAME", &ClusterRef::name, "Name or id", cli::Names::cluster)
      .needs({"NAME"})
      .example("metactl cluster get etl")
      .runs(api::get_cluster);
  group.command<RenameOptions>("rename", "Rename a cluster", rename)
      .positional("NAME", &RenameOptions::name, "Name or id", cli::Names::cluster)
      .positional("NEW-NAME", &RenameOptions::new_name, "New name")
      .flag("--replace-empty", &RenameOptions::replace_empty,
            "Remove a cluster without nodes that has the new name")
      .option("--body", &RenameOptions::body, body_help, "FILE")
      .needs({"NAME", "NEW-NAME"}, {"--body"})
      .example("metactl cluster rename etl nightly")
      .runs(api::rename_cluster);
  group.command<DropOptions>("drop", "Drop a cluster and its nodes", drop)
      .positional("NAME", &DropOptions::name, "Name or id", cli::Names::cluster)
      .flag("--if-exists", &DropOptions::if_exists, "Succeed when there is none")
      .option("--body", &DropOptions::body, body_help, "FILE")
      .needs({"NAME"}, {"--body"})
      .example("metactl cluster drop etl --yes")
      .destructive()
      .runs(api::drop_cluster);

  add_cluster_status_commands(group);
  add_cluster_setting_commands(group);
  add_cluster_fragments_command(group);
}

}  // namespace

void add_cluster_commands(cli::Tree& tree) {
  tree.group("cluster", "Create, list, rename and drop clusters", fill_cluster);
}

}  // namespace metactl::commands
