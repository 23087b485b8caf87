// SPDX-License-Identifier: Apache-2.0
// Steps for clusters, their nodes and their users.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include "api/clusters.h"
#include "api/rules.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "manifest/cluster_spec.h"
#include "manifest/compare.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

/// A cluster as a manifest wants it.
struct Wanted {
  const Object* object;
  const pb::ClusterSpec* spec;
  std::vector<pb::NodeInfoPB> nodes;
  std::shared_ptr<const pb::ClusterSpec> own_spec = nullptr;  // With what was looked up.

  bool gives(std::string_view field) const { return object->given.contains(field); }
  bool is_virtual() const { return spec->type() == pb::ClusterPB::VIRTUAL; }
  const std::string& id() const { return spec->has_id() ? spec->id() : object->name; }
};

/// The endpoint with the kind of node, as both kinds may have the same.
std::string place_of(pb::ClusterPB::Type type, const pb::NodeInfoPB& node) {
  return (type == pb::ClusterPB::SQL ? "FE " : "BE ") + api::comparable_endpoint(node);
}

std::string shown(const pb::NodeInfoPB& node) {
  const auto role =
      node.has_node_type() ? " " + pb::NodeInfoPB::NodeType_Name(node.node_type()) : std::string();
  return fmt::format("node {}{}", api::endpoint(node), role);
}

std::set<std::string> as_set(const Names& names) {
  return {names.begin(), names.end()};
}

/// Plans the clusters of one instance. The model of the planning is as it will be after each step.
class ClusterPlanner {
 public:
  explicit ClusterPlanner(Planning& planning);

  void run();

 private:
  void match(Wanted& wanted);
  void rename_all();
  void rename(const Wanted& wanted, const std::string& name);
  void index();
  void check_places();
  void drop_in_the_way();
  void free_places(const Wanted& wanted);
  void create(const Wanted& wanted);
  void change(const Wanted& wanted);
  void set_users(const std::string& title, pb::ClusterPB& cluster, const Names& users);
  void set_endpoints(const Wanted& wanted, pb::ClusterPB& cluster);
  void set_failover(const Wanted& wanted, pb::ClusterPB& cluster);
  void check_members(const Wanted& wanted);
  std::string no_cluster(const std::string& name);
  void set_status(const Wanted& wanted, pb::ClusterPB& cluster);
  void add_nodes(const Wanted& wanted, pb::ClusterPB& cluster);
  void drop_nodes(const std::string& title, pb::ClusterPB& cluster,
                  const std::vector<pb::NodeInfoPB>& nodes);
  void drop_surplus(const Wanted& wanted, pb::ClusterPB& cluster);
  void check_frontends(const std::string& title, const pb::ClusterPB& cluster);
  void check_masters(const Wanted& wanted, const pb::ClusterPB& cluster);
  void plan_users(const Object& object);

  pb::ClusterPB* find(const std::string& id);
  pb::ClusterPB* find_named(const std::string& name);
  const Wanted* wanted_of(const pb::ClusterPB& cluster) const;
  const Wanted* wanting(const std::string& place) const;
  pb::NodeInfoPB with_id(pb::NodeInfoPB node) const;
  pb::AlterClusterRequest request_of(const pb::ClusterPB& cluster) const;

  Planning& planning_;
  std::vector<Wanted> wanted_;
  std::unordered_map<std::string, const Wanted*> by_id_;
  std::unordered_map<std::string, const Wanted*> by_place_;  // Of each node.
};

ClusterPlanner::ClusterPlanner(Planning& planning) : planning_(planning) {
  for (const auto* object : planning.wanted("Cluster")) {
    Wanted wanted{object, &object->as<pb::ClusterSpec>(), {}, nullptr};
    for (const auto& node : wanted.spec->nodes()) wanted.nodes.push_back(node_of(node));
    wanted_.push_back(std::move(wanted));
  }
}

pb::ClusterPB* ClusterPlanner::find(const std::string& id) {
  for (auto& cluster : *planning_.model().mutable_clusters())
    if (cluster.cluster_id() == id) return &cluster;
  return nullptr;
}

pb::ClusterPB* ClusterPlanner::find_named(const std::string& name) {
  for (auto& cluster : *planning_.model().mutable_clusters())
    if (cluster.cluster_name() == name) return &cluster;
  return nullptr;
}

const Wanted* ClusterPlanner::wanted_of(const pb::ClusterPB& cluster) const {
  const auto found = by_id_.find(cluster.cluster_id());
  return found == by_id_.end() ? nullptr : found->second;
}

/// The cluster that shall have a node at that place; nullptr when no manifest says so.
const Wanted* ClusterPlanner::wanting(const std::string& place) const {
  const auto found = by_place_.find(place);
  return found == by_place_.end() ? nullptr : found->second;
}

void ClusterPlanner::index() {
  for (const auto& wanted : wanted_) {
    by_id_.emplace(wanted.id(), &wanted);
    for (const auto& node : wanted.nodes)
      by_place_.emplace(place_of(wanted.spec->type(), node), &wanted);
  }
}

pb::NodeInfoPB ClusterPlanner::with_id(pb::NodeInfoPB node) const {
  if (!node.has_cloud_unique_id())
    node.set_cloud_unique_id(api::default_unique_id(planning_.instance_id(), node));
  return node;
}

pb::AlterClusterRequest ClusterPlanner::request_of(const pb::ClusterPB& cluster) const {
  pb::AlterClusterRequest request;
  request.set_instance_id(planning_.instance_id());
  request.mutable_cluster()->set_cluster_id(cluster.cluster_id());
  return request;
}

/// Says what cannot be changed, and fills in the id and type of a cluster that is there.
void ClusterPlanner::match(Wanted& wanted) {
  const auto& object = *wanted.object;
  const auto* named = find_named(object.name);
  auto spec = std::make_shared<pb::ClusterSpec>(*wanted.spec);
  if (!spec->has_id() && named) spec->set_id(named->cluster_id());
  wanted.spec = spec.get();
  const auto* cluster = find(wanted.id());
  if (!spec->has_type() && cluster) spec->set_type(cluster->type());
  wanted.own_spec = std::move(spec);
  if (!cluster && named)
    return planning_.problem(
        object, fmt::format("it has the id '{}', which never changes", named->cluster_id()), "id");
  if (!cluster && !wanted.spec->has_type())
    return planning_.problem(object,
                             "there is no such cluster, and to create one its type is needed");
  if (!cluster) return;
  if (wanted.spec->has_type() && wanted.spec->type() != cluster->type())
    planning_.problem(object,
                      fmt::format("its type is {} and cannot be changed",
                                  pb::ClusterPB::Type_Name(cluster->type())),
                      "type");
  if (wanted.spec->has_desc() && wanted.spec->desc() != cluster->desc())
    planning_.problem(object, "desc cannot be changed", "desc");
  check_masters(wanted, *cluster);
}

void ClusterPlanner::check_masters(const Wanted& wanted, const pb::ClusterPB& cluster) {
  const auto master_in = [](const auto& nodes) -> std::string {
    for (const auto& node : nodes)
      if (node.node_type() == pb::NodeInfoPB::FE_MASTER) return api::endpoint(node);
    return "";
  };
  const auto is = master_in(cluster.nodes());
  const auto shall = master_in(wanted.nodes);
  if (wanted.gives("nodes") && !is.empty() && !shall.empty() &&
      ip::comparable_endpoint(is) != ip::comparable_endpoint(shall))
    planning_.problem(*wanted.object,
                      fmt::format("the FE_MASTER cannot move from {} to {} without a moment in "
                                  "which there are none or two",
                                  is, shall),
                      "nodes");
}

void ClusterPlanner::rename(const Wanted& wanted, const std::string& name) {
  auto& cluster = *find(wanted.id());
  auto request = request_of(cluster);
  request.mutable_cluster()->set_cluster_name(name);
  planning_.step(Action::change, wanted.object->title(), api::rename_cluster, request,
                 {changed("name", cluster.cluster_name(), name)});
  cluster.set_cluster_name(name);
}

/// First those whose new name is free. When names go round in a circle, one steps aside.
void ClusterPlanner::rename_all() {
  std::vector<const Wanted*> left;
  for (const auto& wanted : wanted_) {
    const auto* cluster = find(wanted.id());
    if (cluster && cluster->cluster_name() != wanted.object->name) left.push_back(&wanted);
  }
  while (!left.empty()) {
    const auto free = std::find_if(left.begin(), left.end(), [&](const Wanted* wanted) {
      return !find_named(wanted->object->name);
    });
    if (free != left.end()) {
      rename(**free, (*free)->object->name);
      left.erase(free);
      continue;
    }
    const auto* holder = find_named(left.front()->object->name);
    const auto* other = wanted_of(*holder);
    if (!other || other->object->name == holder->cluster_name())
      return planning_.problem(
          *left.front()->object,
          fmt::format("the cluster with the id '{}' has this name", holder->cluster_id()));
    rename(*other, holder->cluster_name() + "_renamed");
  }
}

/// Clusters that will go and have nodes that others want go first.
void ClusterPlanner::drop_in_the_way() {
  std::vector<std::string> ids;
  for (const auto* cluster : unwanted_clusters(planning_))
    if (std::any_of(cluster->nodes().begin(), cluster->nodes().end(), [&](const auto& node) {
          return wanting(place_of(cluster->type(), node)) != nullptr;
        }))
      ids.push_back(cluster->cluster_id());
  for (const auto& id : ids) drop_cluster(planning_, id);
}

/// Nodes of clusters that no manifest describes stay where they are.
void ClusterPlanner::check_places() {
  for (const auto& cluster : planning_.model().clusters()) {
    const auto* owner = wanted_of(cluster);
    if (owner && owner->gives("nodes")) continue;
    for (const auto& node : cluster.nodes()) {
      const auto* wanted = wanting(place_of(cluster.type(), node));
      if (wanted && wanted != owner)
        planning_.problem(*wanted->object,
                          fmt::format("node {} is in cluster '{}', whose nodes no manifest names",
                                      api::endpoint(node), cluster.cluster_name()));
    }
  }
}

void ClusterPlanner::check_frontends(const std::string& title, const pb::ClusterPB& cluster) {
  if (cluster.type() != pb::ClusterPB::SQL) return;
  const auto leaders = api::leaders_of(cluster);
  if (!leaders.are_valid())
    planning_.problem(
        fmt::format("{}: there would be a moment with {} FE_MASTERs and no way "
                    "around it",
                    title, leaders.masters));
}

void ClusterPlanner::drop_nodes(const std::string& title, pb::ClusterPB& cluster,
                                const std::vector<pb::NodeInfoPB>& nodes) {
  if (nodes.empty()) return;
  auto request = request_of(cluster);
  request.mutable_cluster()->set_cluster_name(cluster.cluster_name());
  request.mutable_cluster()->set_type(cluster.type());
  std::vector<std::string> changes;
  for (const auto& node : nodes) {
    *request.mutable_cluster()->add_nodes() = node;
    changes.push_back("- " + shown(node));
  }
  planning_.step(Action::change, title, api::drop_node, request, changes);
  planning_.lose("node", nodes.size());
  std::set<std::string> gone;
  for (const auto& node : nodes) gone.insert(api::comparable_endpoint(node));
  auto& left = *cluster.mutable_nodes();
  left.erase(std::remove_if(
                 left.begin(), left.end(),
                 [&](const auto& node) { return gone.contains(api::comparable_endpoint(node)); }),
             left.end());
  check_frontends(title, cluster);
}

/// True when the node that is there must be dropped for the one that is wanted at the same place.
bool is_replaced(const pb::NodeInfoPB& is, const pb::NodeInfoPB& wanted) {
  return (wanted.has_cloud_unique_id() && wanted.cloud_unique_id() != is.cloud_unique_id()) ||
         (wanted.has_node_type() && wanted.node_type() != is.node_type());
}

/// Drops what stands in the way: nodes that go to other clusters, and those that change.
void ClusterPlanner::free_places(const Wanted& wanted) {
  auto* cluster = find(wanted.id());
  if (!cluster || !wanted.gives("nodes")) return;
  std::map<std::string, const pb::NodeInfoPB*> by_endpoint;
  for (const auto& node : wanted.nodes) by_endpoint[api::comparable_endpoint(node)] = &node;
  std::vector<pb::NodeInfoPB> dropped;
  for (const auto& node : cluster->nodes()) {
    const auto found = by_endpoint.find(api::comparable_endpoint(node));
    const bool goes = found == by_endpoint.end() && wanting(place_of(cluster->type(), node));
    if (goes || (found != by_endpoint.end() && is_replaced(node, *found->second)))
      dropped.push_back(node);
  }
  drop_nodes(wanted.object->title(), *cluster, dropped);
}

void ClusterPlanner::add_nodes(const Wanted& wanted, pb::ClusterPB& cluster) {
  std::set<std::string> there;
  for (const auto& node : cluster.nodes()) there.insert(api::comparable_endpoint(node));
  auto request = request_of(cluster);
  request.mutable_cluster()->set_cluster_name(cluster.cluster_name());
  request.mutable_cluster()->set_type(cluster.type());
  std::vector<std::string> changes;
  for (const auto& node : wanted.nodes) {
    if (there.contains(api::comparable_endpoint(node))) continue;
    *request.mutable_cluster()->add_nodes() = with_id(node);
    *cluster.add_nodes() = with_id(node);
    changes.push_back("+ " + shown(node));
  }
  if (changes.empty()) return;
  planning_.step(Action::change, wanted.object->title(), api::add_node, request, changes);
  check_frontends(wanted.object->title(), cluster);
}

void ClusterPlanner::drop_surplus(const Wanted& wanted, pb::ClusterPB& cluster) {
  std::set<std::string> kept;
  for (const auto& node : wanted.nodes) kept.insert(api::comparable_endpoint(node));
  std::vector<pb::NodeInfoPB> dropped;
  for (const auto& node : cluster.nodes())
    if (!kept.contains(api::comparable_endpoint(node))) dropped.push_back(node);
  drop_nodes(wanted.object->title(), cluster, dropped);
}

/// The nodes with which a cluster is created: services refuse followers beside a master then, but
/// let them be added.
std::vector<pb::NodeInfoPB> first_nodes(std::vector<pb::NodeInfoPB> nodes) {
  const auto is = [](pb::NodeInfoPB::NodeType type) {
    return [type](const pb::NodeInfoPB& node) { return node.node_type() == type; };
  };
  if (std::any_of(nodes.begin(), nodes.end(), is(pb::NodeInfoPB::FE_MASTER)))
    std::erase_if(nodes, is(pb::NodeInfoPB::FE_FOLLOWER));
  return nodes;
}

void fill_failover(const pb::FailoverSpec& spec, pb::ClusterPB& cluster) {
  cluster.clear_cluster_names();
  cluster.add_cluster_names(spec.active());
  cluster.add_cluster_names(spec.standby());
  auto& policy = *cluster.mutable_cluster_policy();
  policy.set_type(pb::ClusterPolicy::ActiveStandby);
  policy.set_active_cluster_name(spec.active());
  policy.clear_standby_cluster_names();
  policy.add_standby_cluster_names(spec.standby());
  if (spec.has_failure_threshold()) policy.set_failover_failure_threshold(spec.failure_threshold());
  if (spec.has_unhealthy_node_percent())
    policy.set_unhealthy_node_threshold_percent(spec.unhealthy_node_percent());
}

/// The members of a virtual cluster are made before it.
void ClusterPlanner::check_members(const Wanted& wanted) {
  const auto& failover = wanted.spec->failover();
  for (const auto& [path, name] : {std::pair("failover.active", failover.active()),
                                   std::pair("failover.standby", failover.standby())})
    if (!find_named(name)) planning_.problem(*wanted.object, no_cluster(name), path);
}

/// "there is no cluster 'elt'; did you mean 'etl'?"
std::string ClusterPlanner::no_cluster(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& cluster : planning_.model().clusters()) names.push_back(cluster.cluster_name());
  return fmt::format("there is no cluster '{}'{}", name, text::did_you_mean(name, names));
}

void ClusterPlanner::create(const Wanted& wanted) {
  const auto& spec = *wanted.spec;
  if (spec.has_failover()) check_members(wanted);
  pb::AlterClusterRequest request;
  request.set_instance_id(planning_.instance_id());
  auto& cluster = *request.mutable_cluster();
  cluster.set_cluster_id(wanted.id());
  cluster.set_cluster_name(wanted.object->name);
  cluster.set_type(spec.type());
  if (spec.has_desc()) cluster.set_desc(spec.desc());
  if (spec.has_public_endpoint()) cluster.set_public_endpoint(spec.public_endpoint());
  if (spec.has_private_endpoint()) cluster.set_private_endpoint(spec.private_endpoint());
  *cluster.mutable_mysql_user_name() = spec.mysql_user_names();
  if (spec.has_failover()) fill_failover(spec.failover(), cluster);
  std::vector<std::string> changes = {
      fmt::format("+ {} cluster {}", pb::ClusterPB::Type_Name(spec.type()), wanted.object->name)};
  for (const auto& node : first_nodes(wanted.nodes)) {
    *cluster.add_nodes() = with_id(node);
    changes.push_back("+ " + shown(node));
  }
  for (const auto& user : spec.mysql_user_names()) changes.push_back("+ user " + user);
  planning_.step(Action::create, wanted.object->title(), api::add_cluster, request, changes);
  auto& added = *planning_.model().add_clusters();
  added = cluster;
  if (spec.type() == pb::ClusterPB::COMPUTE) added.set_cluster_status(pb::NORMAL);
  add_nodes(wanted, added);
  set_status(wanted, added);
}

void ClusterPlanner::set_users(const std::string& title, pb::ClusterPB& cluster,
                               const Names& users) {
  const auto before = as_set(cluster.mysql_user_name());
  const auto after = as_set(users);
  if (before == after) return;
  auto request = request_of(cluster);
  *request.mutable_cluster()->mutable_mysql_user_name() = users;
  std::vector<std::string> changes;
  for (const auto& user : after)
    if (!before.contains(user)) changes.push_back("+ user " + user);
  std::uint64_t lost = 0;
  for (const auto& user : before) {
    if (after.contains(user)) continue;
    changes.push_back("- user " + user);
    ++lost;
  }
  planning_.step(Action::change, title, api::update_cluster_mysql_user_name, request, changes);
  planning_.lose("user", lost);
  *cluster.mutable_mysql_user_name() = users;
}

void ClusterPlanner::set_endpoints(const Wanted& wanted, pb::ClusterPB& cluster) {
  const auto& spec = *wanted.spec;
  const auto& shall_public =
      spec.has_public_endpoint() ? spec.public_endpoint() : cluster.public_endpoint();
  const auto& shall_private =
      spec.has_private_endpoint() ? spec.private_endpoint() : cluster.private_endpoint();
  std::vector<std::string> changes;
  if (!are_same("publicEndpoint", cluster.public_endpoint(), shall_public))
    changes.push_back(changed("publicEndpoint", cluster.public_endpoint(), shall_public));
  if (!are_same("privateEndpoint", cluster.private_endpoint(), shall_private))
    changes.push_back(changed("privateEndpoint", cluster.private_endpoint(), shall_private));
  if (changes.empty()) return;
  auto request = request_of(cluster);
  request.mutable_cluster()->set_public_endpoint(shall_public);
  request.mutable_cluster()->set_private_endpoint(shall_private);
  if (shall_private.empty())
    return planning_.problem(*wanted.object, "publicEndpoint needs privateEndpoint");
  planning_.step(Action::change, wanted.object->title(), api::update_cluster_endpoint, request,
                 changes);
}

void ClusterPlanner::set_failover(const Wanted& wanted, pb::ClusterPB& cluster) {
  if (!wanted.spec->has_failover()) return;
  check_members(wanted);
  auto shall = cluster;
  fill_failover(wanted.spec->failover(), shall);
  std::vector<std::string> changes;
  const auto compare = [&](const char* what, const std::string& before, const std::string& after) {
    if (before != after) changes.push_back(changed(what, before, after));
  };
  const auto& is_policy = cluster.cluster_policy();
  const auto& shall_policy = shall.cluster_policy();
  const auto standby = [](const pb::ClusterPolicy& policy) {
    return policy.standby_cluster_names().empty() ? "" : policy.standby_cluster_names(0);
  };
  compare("active", is_policy.active_cluster_name(), shall_policy.active_cluster_name());
  compare("standby", standby(is_policy), standby(shall_policy));
  compare("failureThreshold", std::to_string(is_policy.failover_failure_threshold()),
          std::to_string(shall_policy.failover_failure_threshold()));
  compare("unhealthyNodePercent", std::to_string(is_policy.unhealthy_node_threshold_percent()),
          std::to_string(shall_policy.unhealthy_node_threshold_percent()));
  if (changes.empty()) return;
  auto request = request_of(cluster);
  *request.mutable_cluster()->mutable_cluster_names() = shall.cluster_names();
  *request.mutable_cluster()->mutable_cluster_policy() = shall_policy;
  planning_.step(Action::change, wanted.object->title(), api::alter_vcluster_info, request,
                 changes);
  const auto members = as_set(shall.cluster_names());
  planning_.lose("member", static_cast<std::uint64_t>(std::count_if(
                               cluster.cluster_names().begin(), cluster.cluster_names().end(),
                               [&](const auto& name) { return !members.contains(name); })));
}

void ClusterPlanner::set_status(const Wanted& wanted, pb::ClusterPB& cluster) {
  if (!wanted.spec->has_status() || wanted.spec->status() == cluster.cluster_status()) return;
  const auto path = api::status_path(cluster.cluster_status(), wanted.spec->status());
  if (path.empty())
    return planning_.problem(
        *wanted.object,
        fmt::format("no way from status {} to {}", pb::ClusterStatus_Name(cluster.cluster_status()),
                    pb::ClusterStatus_Name(wanted.spec->status())),
        "status");
  for (const auto status : path) {
    auto request = request_of(cluster);
    request.mutable_cluster()->set_cluster_status(status);
    planning_.step(Action::change, wanted.object->title(), api::set_cluster_status, request,
                   {changed("status", pb::ClusterStatus_Name(cluster.cluster_status()),
                            pb::ClusterStatus_Name(status))});
    cluster.set_cluster_status(status);
  }
}

void ClusterPlanner::change(const Wanted& wanted) {
  auto& cluster = *find(wanted.id());
  if (wanted.gives("mysqlUserNames"))
    set_users(wanted.object->title(), cluster, wanted.spec->mysql_user_names());
  set_endpoints(wanted, cluster);
  set_failover(wanted, cluster);
  if (wanted.gives("nodes")) add_nodes(wanted, cluster);
  set_status(wanted, cluster);
}

void ClusterPlanner::plan_users(const Object& object) {
  auto* cluster = find_named(object.name);
  if (!cluster) return planning_.problem(object, no_cluster(object.name), "metadata.name");
  set_users(object.title(), *cluster, object.as<pb::ClusterUsersSpec>().mysql_user_names());
}

void ClusterPlanner::run() {
  for (auto& wanted : wanted_) match(wanted);
  // Members first.
  std::stable_partition(wanted_.begin(), wanted_.end(),
                        [](const Wanted& wanted) { return !wanted.is_virtual(); });
  index();
  if (!planning_.problems().empty()) return;
  rename_all();
  drop_in_the_way();
  check_places();
  if (!planning_.problems().empty()) return;
  for (const auto& wanted : wanted_) free_places(wanted);
  for (const auto& wanted : wanted_) {
    if (find(wanted.id())) {
      change(wanted);
    } else {
      create(wanted);
    }
  }
  for (const auto& wanted : wanted_)
    if (wanted.gives("nodes")) drop_surplus(wanted, *find(wanted.id()));
  for (const auto* object : planning_.wanted("ClusterUsers")) plan_users(*object);
}

}  // namespace

void plan_clusters(Planning& planning) {
  ClusterPlanner(planning).run();
}

}  // namespace metactl::manifest
