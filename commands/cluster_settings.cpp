// SPDX-License-Identifier: Apache-2.0
// metactl cluster users, endpoint and vcluster: what else can be changed about a cluster.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/json.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/request_body.h"

namespace metactl::commands {
namespace {

struct UsersOptions {
  std::string name;
  std::vector<std::string> users;
  bool none = false;
  std::string body;
};

struct EndpointOptions {
  std::string name;
  std::string public_endpoint;
  std::string private_endpoint;
  std::string body;
};

struct VirtualOptions {
  std::string name;
  std::string active;
  std::string standby;
  std::optional<std::int64_t> failover_threshold;
  std::optional<std::int64_t> unhealthy_percent;
  std::string body;
};

/// The request in the body, or one about the cluster of that name.
pb::AlterClusterRequest base_request(cli::Session& session, const std::string& name,
                                     const std::string& body) {
  if (!body.empty()) {
    only_body({{"NAME", !name.empty()}});
    return read_cluster_body(session, body);
  }
  return cluster_request(session, get_cluster(session, name).cluster_id());
}

std::string shown_name(const std::string& name, const pb::AlterClusterRequest& request) {
  return name.empty() ? request.cluster().cluster_id() : name;
}

void set_users(cli::Session& session, const UsersOptions& options) {
  auto request = base_request(session, options.name, options.body);
  if (!options.users.empty() && options.none)
    throw Error(Reason::usage, "only one of USER and --none is possible");
  auto& users = *request.mutable_cluster()->mutable_mysql_user_name();
  for (const auto& user : options.users) *users.Add() = user;
  const auto is_wanted = [&] {
    const auto now = get_cluster(session, request.cluster().cluster_id()).mysql_user_name();
    return std::equal(now.begin(), now.end(), users.begin(), users.end());
  };
  const cli::ChangeText text{"set users of", "changed", "cluster",
                             shown_name(options.name, request)};
  if (is_wanted()) return session.unchanged(text);
  session.change(api::update_cluster_mysql_user_name, request, text,
                 {nullptr, [&] { return is_wanted() ? "" : "its users are others"; }});
}

void set_endpoint(cli::Session& session, const EndpointOptions& options) {
  auto request = base_request(session, options.name, options.body);
  auto& wanted = *request.mutable_cluster();
  if (options.body.empty()) {
    wanted.set_public_endpoint(options.public_endpoint);
    wanted.set_private_endpoint(options.private_endpoint);
  }
  const auto is_wanted = [&] {
    const auto now = get_cluster(session, wanted.cluster_id());
    return now.public_endpoint() == wanted.public_endpoint() &&
           now.private_endpoint() == wanted.private_endpoint();
  };
  const cli::ChangeText text{"set endpoints of", "changed", "cluster",
                             shown_name(options.name, request)};
  if (is_wanted()) return session.unchanged(text);
  session.change(api::update_cluster_endpoint, request, text,
                 {nullptr, [&] { return is_wanted() ? "" : "its endpoints are others"; }});
}

/// True when the stored virtual cluster has everything that `wanted` names.
bool holds(const pb::ClusterPB& stored, const pb::ClusterPB& wanted) {
  auto merged = stored;
  if (wanted.cluster_names_size() > 0) merged.clear_cluster_names();
  if (wanted.cluster_policy().standby_cluster_names_size() > 0)
    merged.mutable_cluster_policy()->clear_standby_cluster_names();
  merged.MergeFrom(wanted);
  return api::serialize(merged) == api::serialize(stored);
}

void set_virtual(cli::Session& session, const VirtualOptions& options) {
  auto request = base_request(session, options.name, options.body);
  auto& wanted = *request.mutable_cluster();
  if (options.active.empty() != options.standby.empty())
    throw Error(Reason::usage, "--active and --standby belong together");
  if (!options.active.empty()) set_members(wanted, options.active, options.standby);
  if (options.failover_threshold)
    wanted.mutable_cluster_policy()->set_failover_failure_threshold(*options.failover_threshold);
  if (options.unhealthy_percent)
    wanted.mutable_cluster_policy()->set_unhealthy_node_threshold_percent(
        *options.unhealthy_percent);
  if (options.body.empty() && !wanted.has_cluster_policy())
    throw Error(Reason::usage, "nothing to change is given",
                "--active and --standby, --failover-threshold or --unhealthy-percent");
  const auto is_wanted = [&] { return holds(get_cluster(session, wanted.cluster_id()), wanted); };
  const cli::ChangeText text{"change", "changed", "cluster", shown_name(options.name, request)};
  if (is_wanted()) return session.unchanged(text);
  session.change(api::alter_vcluster_info, request, text,
                 {nullptr, [&] { return is_wanted() ? "" : "its members or policy are others"; }});
}

}  // namespace

void add_cluster_setting_commands(cli::Group& group) {
  auto users = group.group("users", "Users who log in to a cluster by default");
  users.command<UsersOptions>("set", "Replace the users of a cluster", set_users)
      .positional("NAME", &UsersOptions::name, "Cluster", cli::Names::cluster)
      .positional("USER", &UsersOptions::users, "The users")
      .flag("--none", &UsersOptions::none, "No users at all")
      .option("--body", &UsersOptions::body, body_help, "FILE")
      .needs({"NAME"}, {"--body"})
      .needs({"USER"}, {"--body", "--none"})
      .example("metactl cluster users set etl jack root")
      .runs(api::update_cluster_mysql_user_name);

  auto endpoint = group.group("endpoint", "Where clients reach a cluster");
  endpoint.command<EndpointOptions>("set", "Replace both endpoints of a cluster", set_endpoint)
      .positional("NAME", &EndpointOptions::name, "Cluster", cli::Names::cluster)
      .option("--private", &EndpointOptions::private_endpoint, "Address for clients inside")
      .option("--public", &EndpointOptions::public_endpoint,
              "Address for clients outside; empty when not given")
      .option("--body", &EndpointOptions::body, body_help, "FILE")
      .needs({"NAME", "--private"}, {"--body"})
      .example("metactl cluster endpoint set etl --private 10.0.0.5:8030")
      .runs(api::update_cluster_endpoint);

  group
      .command<VirtualOptions>("vcluster", "Change members and policy of a virtual cluster",
                               set_virtual)
      .positional("NAME", &VirtualOptions::name, "Virtual cluster", cli::Names::cluster)
      .option("--active", &VirtualOptions::active, "Compute cluster that serves", "NAME",
              cli::Names::cluster)
      .option("--standby", &VirtualOptions::standby, "Compute cluster that takes over", "NAME",
              cli::Names::cluster)
      .option("--failover-threshold", &VirtualOptions::failover_threshold,
              "Failed checks before it takes over, at least 1", "N")
      .option("--unhealthy-percent", &VirtualOptions::unhealthy_percent,
              "Share of unhealthy nodes that counts as a failure, 1 to 100", "N")
      .option("--body", &VirtualOptions::body, body_help, "FILE")
      .needs({"NAME"}, {"--body"})
      .example("metactl cluster vcluster both --active spare --standby etl")
      .runs(api::alter_vcluster_info);
}

}  // namespace metactl::commands
