// SPDX-License-Identifier: Apache-2.0
// Steps for the settings and nodes of a qluster.
#include <algorithm>
#include <optional>

#include "api/qluster.h"
#include "api/qluster_errors.h"
#include "base/humantime.h"
#include "base/ip_address.h"
#include "manifest/compare.h"
#include "manifest/export.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

using Role = pb::QlusterNodeSpec::Role;

constexpr std::string_view config_name = "cluster";

/// A node as a manifest wants it, and the one that is there for it.
struct Wish {
  const Object* object = nullptr;
  const pb::QlusterNodeSpec* spec = nullptr;
  std::string ip;
  const pb::QlusterNodePB* node = nullptr;  // nullptr: there is none.

  bool has_ports() const { return spec->has_db_port() && spec->has_api_port(); }
  bool is_listener() const {
    return spec->has_role() && spec->role() == pb::QlusterNodeSpec::listener;
  }
  bool is_at_ports_of(const pb::QlusterNodePB& other) const {
    return has_ports() && other.db_port() == static_cast<std::uint64_t>(spec->db_port()) &&
           other.api_port() == static_cast<std::uint64_t>(spec->api_port());
  }
  /// What it is called when all is done.
  std::string title() const {
    pb::QlusterNodePB there;
    if (node) there = *node;
    there.set_ip(ip);
    if (has_ports()) there.set_api_port(static_cast<std::uint64_t>(spec->api_port()));
    return "qluster-node/" + node_name(there);
  }
};

class QlusterPlan {
 public:
  explicit QlusterPlan(Planning& planning)
      : planning_(planning), seen_(*planning.observed().qluster) {}

  void make() {
    for (const auto* object : planning_.wanted("QlusterNode")) read_wish(*object);
    match();
    if (seen_.is_missing) begin();
    for (const auto& wish : wishes_) plan_growth(wish);
    for (const auto* object : planning_.wanted("QlusterConfig")) plan_config(*object);
    for (const auto& wish : wishes_)
      if (!is_leading(wish)) plan_down(wish);
    remove_unwanted();
    for (const auto& wish : wishes_)  // Last, since another node must be asked then.
      if (is_leading(wish)) plan_down(wish);
    if (has_voters_ && voters_ < 1)
      planning_.problem("qluster: no proper node would be left to lead the cluster");
  }

 private:
  // Which node is which.

  void read_wish(const Object& object) {
    Wish wish{&object, &object.as<pb::QlusterNodeSpec>(), "", nullptr};
    const auto address = ip::canonical(wish.spec->has_ip() ? wish.spec->ip() : object.name);
    if (!address)
      return planning_.problem(object, "its name is no IP address, so it needs ip",
                               "metadata.name");
    wish.ip = *address;
    for (const auto& other : wishes_)
      if (other.ip == wish.ip && may_be_same(other, wish))
        return planning_.problem(object,
                                 fmt::format("{} may be the same node, so the ports of both "
                                             "must be given, and be others",
                                             other.object->title()));
    wishes_.push_back(wish);
  }

  /// A listener has no ports, and only one may wait at an ip; all others are told by their ports.
  static bool may_be_same(const Wish& a, const Wish& b) {
    if (a.is_listener() != b.is_listener()) return !(a.is_listener() ? b : a).has_ports();
    return !a.has_ports() || !b.has_ports() || a.spec->api_port() == b.spec->api_port() ||
           a.spec->db_port() == b.spec->db_port();
  }

  bool is_taken(const pb::QlusterNodePB& node) const {
    return std::any_of(wishes_.begin(), wishes_.end(),
                       [&](const Wish& wish) { return wish.node == &node; });
  }

  /// The first free node with the ip of the wish that `fits`.
  template <class Fits>
  void match(Wish& wish, const Fits& fits) {
    if (wish.node) return;
    for (const auto& node : seen_.map.nodes())
      if (ip::comparable(node.ip()) == wish.ip && !is_taken(node) && fits(node)) {
        wish.node = &node;
        return;
      }
  }

  void match() {
    for (auto& wish : wishes_)
      match(wish, [&](const auto& node) { return wish.is_at_ports_of(node); });
    const auto is_without_ports = [](const auto& node) { return !node.has_api_port(); };
    for (auto& wish : wishes_)
      if (wish.is_listener()) match(wish, is_without_ports);
    for (auto& wish : wishes_) match(wish, is_without_ports);
    for (auto& wish : wishes_) {
      const auto same_ip = [&](const auto& each) { return each.ip == wish.ip; };
      const bool is_only = std::count_if(wishes_.begin(), wishes_.end(), same_ip) == 1;
      if (is_only) match(wish, [](const auto&) { return true; });
    }
    voters_ = std::count_if(seen_.map.nodes().begin(), seen_.map.nodes().end(),
                            [](const auto& node) { return node.role() == "proper"; });
    has_voters_ = voters_ > 0;  // Real clusters may have other words for roles.
  }

  /// A new cluster begins with its first proper node.
  void begin() {
    if (wishes_.empty() && planning_.wanted("QlusterConfig").empty()) return;
    const auto first = std::find_if(wishes_.begin(), wishes_.end(), [](const Wish& wish) {
      return wish.has_ports() && wanted_role(wish) == pb::QlusterNodeSpec::proper;
    });
    if (first == wishes_.end()) throw api::qluster_missing();
    pb::QlusterInitRequest request;
    request.set_ip(first->ip);
    request.set_db_port(static_cast<std::uint64_t>(first->spec->db_port()));
    request.set_api_port(static_cast<std::uint64_t>(first->spec->api_port()));
    planning_.step(Action::create, first->title(), api::qluster_init, request,
                   {fmt::format("+ node {}, the first of a new cluster", first->ip)});
    first_.set_id(api::qluster_own_node);
    first_.set_ip(first->ip);
    first_.set_db_port(request.db_port());
    first_.set_api_port(request.api_port());
    first_.set_role("proper");
    first->node = &first_;
    voters_ = 1;
    has_voters_ = true;
  }

  // Nodes that are added, upgraded, or replaced.

  /// The role that is wanted; nothing when any is.
  static std::optional<Role> wanted_role(const Wish& wish) {
    if (wish.spec->has_role()) return wish.spec->role();
    const bool is_listener = !wish.node || wish.node->role() == "listener";
    if (is_listener && wish.has_ports()) return pb::QlusterNodeSpec::proper;
    return wish.node ? std::nullopt : std::optional(pb::QlusterNodeSpec::listener);
  }

  void plan_growth(const Wish& wish) {
    const auto role = wanted_role(wish);
    const bool is_proper =
        wish.node && wish.node->role() != "listener" && wish.node->role() != "down";
    if (role == pb::QlusterNodeSpec::proper && !wish.has_ports() && !is_proper)
      return planning_.problem(*wish.object, "to become proper it needs dbPort and apiPort",
                               "role");
    if (!wish.node) return add(wish, *role);
    if (is_to_be_replaced(wish, role)) return replace(wish, role);
    if (wish.node->role() == "listener" && role == pb::QlusterNodeSpec::proper)
      upgrade(wish, wish.node->id());
    if (wish.node->role() == "listener" && role == pb::QlusterNodeSpec::down)
      planning_.problem(*wish.object, "a listener cannot be marked as down", "role");
  }

  static bool is_to_be_replaced(const Wish& wish, std::optional<Role> role) {
    const auto& now = wish.node->role();
    const bool has_other_ports =
        wish.has_ports() && wish.node->has_api_port() && !wish.is_at_ports_of(*wish.node);
    if (has_other_ports || !role) return has_other_ports;
    return (now == "down" && *role != pb::QlusterNodeSpec::down) ||
           (now == "proper" && *role == pb::QlusterNodeSpec::listener);
  }

  /// `action` tells whether the node is new, or comes back.
  void add(const Wish& wish, Role role, Action action = Action::create) {
    if (role == pb::QlusterNodeSpec::down)
      return planning_.problem(*wish.object, "there is no such node, and a new one is not down",
                               "role");
    auto request = asking<pb::QlusterAddNodeRequest>();
    request.set_ip(wish.ip);
    request.set_role(pb::QlusterNodeSpec::Role_Name(role));
    planning_.step(action, wish.title(), api::qluster_add_node, request,
                   {fmt::format("+ node {}, a listener{}", wish.ip,
                                action == Action::create ? "" : " with another id")});
    if (role == pb::QlusterNodeSpec::proper) upgrade(wish, 0);
  }

  /// `id` 0: that of the node which is added just before.
  void upgrade(const Wish& wish, std::uint64_t id) {
    auto request = asking<pb::QlusterUpgradeRequest>();
    request.set_node(id);
    request.set_db_port(static_cast<std::uint64_t>(wish.spec->db_port()));
    request.set_api_port(static_cast<std::uint64_t>(wish.spec->api_port()));
    planning_.step(Action::change, wish.title(), api::qluster_upgrade_node, request,
                   {changed("role", "listener", "proper"),
                    changed("dbPort", "", std::to_string(request.db_port())),
                    changed("apiPort", "", std::to_string(request.api_port()))});
    ++voters_;
    if (id != 0) return;
    planning_.steps().back().complete = [request, ip = wish.ip](client::Client& client) {
      auto whole = request;
      whole.set_node(newest_listener(client, request.asked(), ip));
      return std::make_shared<pb::QlusterUpgradeRequest>(std::move(whole));
    };
  }

  static std::uint64_t newest_listener(client::Client& client, const pb::QlusterAskedPB& asked,
                                       const std::string& ip) {
    pb::QlusterRequest request;
    *request.mutable_asked() = asked;
    std::uint64_t newest = 0;
    const auto map = client.call(api::qluster_get_map, request);
    for (const auto& node : map.nodes())
      if (node.ip() == ip && !node.has_api_port()) newest = std::max(newest, node.id());
    if (newest == 0)
      throw Error(Reason::precondition, fmt::format("no listener {} is in the map", ip),
                  "apply again when it is");
    return newest;
  }

  /// No call brings a node back, or gives it other ports.
  void replace(const Wish& wish, std::optional<Role> role) {
    const auto& node = *wish.node;
    if (role == pb::QlusterNodeSpec::down)
      return planning_.problem(*wish.object, "a node that is down cannot get other ports",
                               "apiPort");
    if (!remove(node, wish.object, wish.title(), Action::change,
                fmt::format("- id {} ({})", node.id(), node.role())))
      return;
    add(wish, role.value_or(pb::QlusterNodeSpec::proper), Action::change);
  }

  // Nodes that go.

  bool is_leading(const Wish& wish) const {
    return wish.node && seen_.map.has_leader() && wish.node->id() == seen_.map.leader();
  }

  void plan_down(const Wish& wish) {
    if (!wish.node || wish.node->role() != "proper" ||
        wanted_role(wish) != pb::QlusterNodeSpec::down || is_to_be_replaced(wish, {}))
      return;
    planning_.step(Action::change, wish.title(), api::qluster_node_down, request_for(*wish.node),
                   {"- role proper (down from now on)"});
    planning_.lose("qluster node");
    --voters_;
  }

  /// False, and a problem, for the leader.
  bool remove(const pb::QlusterNodePB& node, const Object* object, const std::string& title,
              Action action, const std::string& line) {
    if (seen_.map.has_leader() && seen_.map.leader() == node.id()) {
      const auto text = "it is the leader; hand leadership over first: metactl qluster leader set";
      if (object) {
        planning_.problem(*object, text);
      } else {
        planning_.problem(title + ": " + text);
      }
      return false;
    }
    planning_.step(action, title, api::qluster_remove_node, request_for(node), {line});
    planning_.lose("qluster node");
    if (node.role() == "proper") --voters_;
    return true;
  }

  void remove_unwanted() {
    for (const auto& node : seen_.map.nodes()) {
      if (is_taken(node) || !is_owned(planning_, {"QlusterNode", "", std::to_string(node.id()), 0}))
        continue;
      remove(node, nullptr, "qluster-node/" + node_name(node), Action::destroy,
             fmt::format("- node {} ({})", node.id(), node.ip()));
    }
  }

  pb::QlusterNodeRequest request_for(const pb::QlusterNodePB& node) const {
    auto request = asking<pb::QlusterNodeRequest>();
    request.set_node(node.id());
    return request;
  }

  // Settings.

  /// What a manifest gives, as the service writes it.
  static pb::QlusterConfigPB settings_of(const pb::QlusterConfigSpec& spec) {
    pb::QlusterConfigPB config;
    const auto* type = pb::QlusterConfigSpec::descriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* from = type->field(i);
      const auto* to = pb::QlusterConfigPB::descriptor()->FindFieldByName(from->name());
      const auto& given = *spec.GetReflection();
      const auto& set = *config.GetReflection();
      if (!given.HasField(spec, from)) continue;
      switch (from->cpp_type()) {
        case google::protobuf::FieldDescriptor::CPPTYPE_BOOL:
          set.SetBool(&config, to, given.GetBool(spec, from));
          break;
        case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
          set.SetUInt64(&config, to, static_cast<std::uint64_t>(given.GetInt64(spec, from)));
          break;
        default:
          set.SetString(&config, to,
                        humantime::write(*humantime::parse(given.GetString(spec, from))));
      }
    }
    return config;
  }

  void plan_config(const Object& object) {
    if (object.name != config_name)
      return planning_.problem(
          object, fmt::format("the settings of a qluster have the name '{}'", config_name),
          "metadata.name");
    const auto& spec = object.as<pb::QlusterConfigSpec>();
    const auto& now = seen_.map.config();
    if (spec.has_replication_factor() && !spec.has_quorum_replication() && now.quorum_replication())
      return planning_.problem(object,
                               "the cluster sets it itself, unless quorumReplication is false",
                               "replicationFactor");
    const auto before = fields_of(settings_object(now));
    // A real cluster may take what is sent for all of the settings.
    auto request = asking<pb::QlusterConfigRequest>();
    *request.mutable_config() = now;
    request.mutable_config()->MergeFrom(settings_of(spec));
    auto lines = compare(before, fields_of(settings_object(request.config())));
    if (lines.empty()) return;
    planning_.step(Action::change, object.title(), api::qluster_set_config, request,
                   std::move(lines));
    planning_.steps().back().asks =
        request.config().autoremove_enabled() &&
        (spec.has_autoremove_enabled() || spec.has_autoremove_minimum()) &&
        (!now.autoremove_enabled() ||
         now.autoremove_minimum() != request.config().autoremove_minimum());
  }

  /// As a manifest tells them.
  static Object settings_object(const pb::QlusterConfigPB& config) {
    pb::QlusterMapResponse map;
    *map.mutable_config() = config;
    return export_qluster(map).front();
  }

  template <class Request>
  Request asking() const {
    Request request;
    if (seen_.leader.has_node()) *request.mutable_asked() = seen_.leader;
    return request;
  }

  Planning& planning_;
  const ObservedQluster& seen_;
  std::vector<Wish> wishes_;
  pb::QlusterNodePB first_;  // Of a cluster that does not exist yet.
  std::int64_t voters_ = 0;  // When all steps are done.
  bool has_voters_ = false;
};

}  // namespace

void plan_qluster(Planning& planning) {
  QlusterPlan(planning).make();
}

}  // namespace metactl::manifest
