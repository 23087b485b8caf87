// SPDX-License-Identifier: Apache-2.0
// metactl cluster status, set-status, suspend and resume.
#include <fmt/format.h>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/request_body.h"

namespace metactl::commands {
namespace {

struct ShowOptions {
  std::string name;
  std::string status;
};

struct SetOptions {
  std::string name;
  std::string status;
  std::string body;
};

struct ClusterRef {
  std::string name;
};

std::vector<std::string> statuses() {
  return cli::value_names(*pb::ClusterStatus_descriptor());
}

pb::ClusterStatus parse_status(const std::string& word) {
  return static_cast<pb::ClusterStatus>(
      parse_enum(*pb::ClusterStatus_descriptor(), word, "status", statuses()));
}

/// The result names the status that the cluster has then.
cli::ChangeText set_text(const std::string& name, pb::ClusterStatus status) {
  return {"set status of", "changed", "cluster", name, {"status", pb::ClusterStatus_Name(status)}};
}

void show(cli::Session& session, const ShowOptions& options) {
  pb::GetClusterStatusRequest request;
  request.add_instance_ids(session.instance());
  if (!options.status.empty()) request.set_status(parse_status(options.status));
  if (!options.name.empty() && session.style().format == render::Format::raw)
    throw Error(Reason::usage, "-o raw shows all clusters: leave out NAME");
  session.show(api::get_cluster_status, request, [&](const pb::GetClusterStatusResponse& response) {
    render::List list{"Cluster", {{"NAME"}, {"ID"}, {"STATUS"}}, {}};
    for (const auto& detail : response.details())
      for (const auto& each : detail.clusters())
        if (options.name.empty() || each.cluster_name() == options.name ||
            each.cluster_id() == options.name)
          list.rows.push_back({each.cluster_name(),
                               {each.cluster_name(), each.cluster_id(),
                                pb::ClusterStatus_Name(each.cluster_status())},
                               [&session, each] { return session.value_of(each); }});
    if (list.rows.empty()) all_clusters(session);  // Throws when there is no such instance.
    if (list.rows.empty() && !options.name.empty() && options.status.empty()) {
      const auto cluster = get_cluster(session, options.name);
      throw Error(Reason::precondition,
                  fmt::format("cluster '{}' has no status: it is {}", options.name,
                              pb::ClusterPB::Type_Name(cluster.type())));
    }
    std::sort(list.rows.begin(), list.rows.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    session.print(list);
  });
}

/// Walks a cluster along `path`, from where it stands on it to its end.
void walk(cli::Session& session, const std::string& name, const cli::ChangeText& text,
          const std::vector<pb::ClusterStatus>& path) {
  const auto cluster = get_cluster(session, name);
  const auto now = cluster.cluster_status();
  if (now == path.back()) return session.unchanged(text);
  auto next = std::find(path.begin(), path.end(), now);
  next = next == path.end() ? path.end() - 1 : next + 1;
  auto request = cluster_request(session, cluster.cluster_id());
  for (; next + 1 != path.end(); ++next) {
    request.mutable_cluster()->set_cluster_status(*next);
    session.client().call(api::set_cluster_status, request);
  }
  request.mutable_cluster()->set_cluster_status(path.back());
  session.change(
      api::set_cluster_status, request, text,
      {[&] { return get_cluster(session, name).cluster_status() == path.back(); },
       [&] {
         const auto status = get_cluster(session, name).cluster_status();
         return status == path.back() ? "" : "its status is " + pb::ClusterStatus_Name(status);
       }});
}

void suspend(cli::Session& session, const ClusterRef& options) {
  walk(session, options.name, {"suspend", "suspended", "cluster", options.name},
       {pb::NORMAL, pb::SUSPENDED});
}

void resume(cli::Session& session, const ClusterRef& options) {
  walk(session, options.name, {"resume", "resumed", "cluster", options.name},
       {pb::SUSPENDED, pb::TO_RESUME, pb::NORMAL});
}

void set(cli::Session& session, const SetOptions& options) {
  if (!options.body.empty()) {
    only_body({{"NAME", !options.name.empty()}});
    const auto request = read_cluster_body(session, options.body);
    const auto& wanted = request.cluster();
    const auto is_wanted = [&] {
      return get_cluster(session, wanted.cluster_id()).cluster_status() == wanted.cluster_status();
    };
    return session.change(
        api::set_cluster_status, request, set_text(wanted.cluster_id(), wanted.cluster_status()),
        {is_wanted, [&] { return is_wanted() ? "" : "its status is another one"; }});
  }
  const auto status = parse_status(options.status);
  walk(session, options.name, set_text(options.name, status), {status});
}

}  // namespace

void add_cluster_status_commands(cli::Group& group) {
  group.command<ShowOptions>("status", "Show the status of the compute clusters", show)
      .positional("NAME", &ShowOptions::name, "Only this one", cli::Names::cluster)
      .option("--status", &ShowOptions::status, "Only those with this status", "STATUS")
      .example("metactl cluster status --status SUSPENDED")
      .runs(api::get_cluster_status);
  group.command<SetOptions>("set-status", "Move a compute cluster to a status, by one step", set)
      .positional("NAME", &SetOptions::name, "Name or id", cli::Names::cluster)
      .positional("STATUS", &SetOptions::status, text::join(statuses(), ", "))
      .option("--body", &SetOptions::body, body_help, "FILE")
      .needs({"NAME", "STATUS"}, {"--body"})
      .example("metactl cluster set-status etl MANUAL_SHUTDOWN")
      .runs(api::set_cluster_status);
  group.command<ClusterRef>("suspend", "Suspend a compute cluster", suspend)
      .positional("NAME", &ClusterRef::name, "Name or id", cli::Names::cluster)
      .needs({"NAME"})
      .example("metactl cluster suspend etl")
      .runs(api::set_cluster_status);
  group
      .command<ClusterRef>("resume", "Bring a compute cluster back to NORMAL, over all steps",
                           resume)
      .positional("NAME", &ClusterRef::name, "Name or id", cli::Names::cluster)
      .needs({"NAME"})
      .example("metactl cluster resume etl")
      .runs(api::set_cluster_status);
}

}  // namespace metactl::commands
