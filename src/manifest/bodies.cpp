// SPDX-License-Identifier: Apache-2.0
#include "manifest/bodies.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace metactl::manifest {
namespace {

using google::protobuf::EnumDescriptor;

/// A field of a body and where a manifest has it: "" when it says nothing, or is read elsewhere.
struct Renamed {
  std::string_view from;
  std::string_view to;
  const EnumDescriptor* (*values)() = nullptr;  // Of a field whose value may be a number.
};

constexpr Renamed cluster_fields[] = {{"cluster_id", "id"},
                                      {"cluster_name", ""},
                                      {"type", "type", pb::ClusterPB::Type_descriptor},
                                      {"desc", "desc"},
                                      {"nodes", ""},
                                      {"mysql_user_name", "mysqlUserNames"},
                                      {"public_endpoint", "publicEndpoint"},
                                      {"private_endpoint", "privateEndpoint"},
                                      {"cluster_status", "status", pb::ClusterStatus_descriptor},
                                      {"cluster_names", ""},
                                      {"cluster_policy", ""},
                                      {"ctime", ""},
                                      {"mtime", ""}};
constexpr Renamed node_fields[] = {{"cloud_unique_id", "cloudUniqueId"},
                                   {"ip", "ip"},
                                   {"host", "host"},
                                   {"heartbeat_port", "heartbeatPort"},
                                   {"edit_log_port", "editLogPort"},
                                   {"node_type", "role", pb::NodeInfoPB::NodeType_descriptor},
                                   {"status", ""},
                                   {"ctime", ""},
                                   {"mtime", ""}};
constexpr Renamed policy_fields[] = {{"type", ""},
                                     {"active_cluster_name", "active"},
                                     {"standby_cluster_names", ""},
                                     {"failover_failure_threshold", "failureThreshold"},
                                     {"unhealthy_node_threshold_percent", "unhealthyNodePercent"}};
constexpr Renamed s3_fields[] = {
    {"provider", "provider", pb::ObjectStoreInfoPB::Provider_descriptor},
    {"endpoint", "endpoint"},
    {"external_endpoint", "externalEndpoint"},
    {"region", "region"},
    {"bucket", "bucket"},
    {"prefix", "prefix"},
    {"ak", "ak"},
    {"role_arn", "roleArn"},
    {"external_id", "externalId"},
    {"use_path_style", "usePathStyle"},
    {"cred_provider_type", ""},
    {"sk", ""}};
constexpr Renamed hdfs_fields[] = {{"prefix", "prefix"}, {"build_conf", ""}};
constexpr Renamed hdfs_conf_fields[] = {{"fs_name", "fsName"},
                                        {"user", "user"},
                                        {"hdfs_kerberos_principal", "kerberosPrincipal"},
                                        {"hdfs_kerberos_keytab", "kerberosKeytab"},
                                        {"hdfs_confs", ""}};
constexpr Renamed instance_fields[] = {{"instance_id", ""}, {"user_id", "userId"},
                                       {"name", "alias"},   {"sse_enabled", "sseEnabled"},
                                       {"vault", ""},       {"obj_info", ""}};
constexpr Renamed vault_fields[] = {
    {"name", ""}, {"id", "id"}, {"obj_info", ""}, {"hdfs_info", ""}};
constexpr Renamed vault_body_fields[] = {
    {"cloud_unique_id", ""}, {"vault", ""}, {"set_as_default_storage_vault", "isDefault"}};
constexpr Renamed cluster_body_fields[] = {
    {"instance_id", ""}, {"cloud_unique_id", ""}, {"cluster", ""}, {"request_ip", ""}, {"op", ""}};

/// "instanceId" as "instance_id": bodies may be written both ways.
std::string snake_case(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') result += '_';
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

/// A field of a body; nullptr when it is not there, or null, which is the same to the service.
const Node* find(const Node* map, std::string_view name) {
  if (!map) return nullptr;
  for (const auto& member : map->members)
    if (snake_case(member.name->text) == name)
      return member.value->is_null() ? nullptr : member.value;
  return nullptr;
}

const Node* find_map(const Node* map, std::string_view name) {
  const auto* found = find(map, name);
  return found && found->is_map() ? found : nullptr;
}

class Translation {
 public:
  Translation(yaml::Documents& documents, Report& report)
      : documents_(documents), report_(report) {}

  const Node* cluster(const Node& body) {
    const auto& cluster = *find(&body, "cluster");
    auto& spec = make(cluster, Node::Kind::map);
    copy(body, spec, cluster_body_fields, "the body");
    copy(cluster, spec, cluster_fields, "cluster");
    if (const auto* nodes = find(&cluster, "nodes"))
      put(spec, "nodes", copy_list(*nodes, node_fields, "nodes"));
    if (const auto* policy = find_map(&cluster, "cluster_policy")) {
      auto& failover = make(*policy, Node::Kind::map);
      copy(*policy, failover, policy_fields, "cluster_policy");
      const auto* standby = find(policy, "standby_cluster_names");
      if (standby && standby->is_list() && standby->items.size() == 1)
        put(failover, "standby", *standby->items.front());
      put(spec, "failover", failover);
    }
    return manifest(body, "Cluster", instance_of(body), find(&cluster, "cluster_name"), spec);
  }

  const Node* vault(const Node& body) {
    const auto& vault = *find(&body, "vault");
    auto& spec = make(vault, Node::Kind::map);
    copy(body, spec, vault_body_fields, "the body");
    copy(vault, spec, vault_fields, "vault");
    if (const auto* s3 = find_map(&vault, "obj_info")) {
      if (const auto* sk = find(s3, "sk"))
        report_.add_in(spec, *sk,
                       "a manifest holds no secret: write a StorageVault manifest whose skFrom "
                       "names a variable (env) or a file");
      auto& to = make(*s3, Node::Kind::map);
      copy(*s3, to, s3_fields, "obj_info");
      put(spec, "s3", to);
    }
    if (const auto* hdfs = find_map(&vault, "hdfs_info")) put(spec, "hdfs", hdfs_spec(*hdfs));
    return manifest(body, "StorageVault", instance_of(body), find(&vault, "name"), spec);
  }

  const Node* instance(const Node& body) {
    for (const auto* name : {"vault", "obj_info"})
      if (const auto* found = find(&body, name))
        report_.add(
            *found,
            fmt::format("'{}' cannot be said of an Instance: write a StorageVault manifest", name));
    auto& spec = make(body, Node::Kind::map);
    copy(body, spec, instance_fields, "the body");
    return manifest(body, "Instance", nullptr, find(&body, "instance_id"), spec);
  }

 private:
  Node& make(const Node& from, Node::Kind kind) {
    auto& node = documents_.nodes.emplace_back();
    node.kind = kind;
    node.line = from.line;
    node.column = from.column;
    return node;
  }

  Node& make_text(const Node& from, std::string_view text) {
    auto& node = make(from, Node::Kind::scalar);
    node.text = text;
    node.quoted = true;
    return node;
  }

  void put(Node& map, std::string_view name, const Node& value) {
    map.members.push_back({&make_text(value, name), &value});
  }

  /// Puts what `from` says into the map `to`, under a manifest's names.
  template <std::size_t count>
  void copy(const Node& from, Node& to, const Renamed (&fields)[count], std::string_view where) {
    for (const auto& [name, value] : from.members) {
      const auto snake = snake_case(name->text);
      const auto* field = std::find_if(std::begin(fields), std::end(fields),
                                       [&](const Renamed& each) { return each.from == snake; });
      if (field == std::end(fields)) {
        report_.add(*name,
                    fmt::format("'{}' in {} cannot be said in a manifest", name->text, where));
      } else if (!field->to.empty() && !value->is_null()) {
        put(to, field->to, scalar(*value, *field));
      }
    }
  }

  /// Numbers may stand in quotes, and for the values of an enum, in a body.
  const Node& scalar(const Node& value, const Renamed& field) {
    const auto number = value.is_scalar() ? text::to_int(value.text) : std::nullopt;
    if (!number || std::to_string(*number) != value.text) return value;
    auto& plain = make(value, Node::Kind::scalar);
    plain.text = value.text;
    if (field.values && *number >= -1 && *number < 100)
      if (const auto* named = field.values()->FindValueByNumber(static_cast<int>(*number)))
        plain.text = named->name();
    return plain;
  }

  template <std::size_t count>
  const Node& copy_list(const Node& from, const Renamed (&fields)[count], std::string_view where) {
    if (!from.is_list()) return from;
    auto& list = make(from, Node::Kind::list);
    for (const auto* item : from.items) {
      auto& to = make(*item, item->kind);
      if (item->is_map()) copy(*item, to, fields, where);
      list.items.push_back(&to);
    }
    return list;
  }

  const Node& hdfs_spec(const Node& hdfs) {
    auto& spec = make(hdfs, Node::Kind::map);
    copy(hdfs, spec, hdfs_fields, "hdfs_info");
    const auto* conf = find_map(&hdfs, "build_conf");
    if (!conf) return spec;
    copy(*conf, spec, hdfs_conf_fields, "build_conf");
    const auto* pairs = find(conf, "hdfs_confs");
    if (!pairs) return spec;
    auto& settings = make(*pairs, Node::Kind::map);
    for (const auto* pair : pairs->items) {
      const auto* key = find(pair, "key");
      const auto* value = find(pair, "value");
      if (key && value)
        settings.members.push_back({key, value});
      else
        report_.add(*pair, "'hdfs_confs' needs key and value");
    }
    put(spec, "settings", settings);
    return spec;
  }

  /// The instance that a body names: instance_id, or the middle of 1:<instance>:<rest>.
  const Node* instance_of(const Node& body) {
    if (const auto* id = find(&body, "instance_id")) return id;
    const auto* reference = find(&body, "cloud_unique_id");
    if (!reference) return nullptr;
    const auto pieces = text::split(reference->text, ':');
    if (pieces.size() == 3 && pieces[0] == "1") return &make_text(*reference, pieces[1]);
    report_.add(*reference, "'cloud_unique_id' names no instance; write 1:<instance>:<any text>");
    return nullptr;
  }

  const Node* manifest(const Node& body, std::string_view kind, const Node* instance,
                       const Node* name, Node& spec) {
    auto& metadata = make(body, Node::Kind::map);
    if (instance) put(metadata, "instance", *instance);
    if (name) put(metadata, "name", *name);
    auto& result = make(body, Node::Kind::map);
    put(result, "apiVersion", make_text(body, api_version));
    put(result, "kind", make_text(body, kind));
    put(result, "metadata", metadata);
    put(result, "spec", spec);
    return &result;
  }

  yaml::Documents& documents_;
  Report& report_;
};

}  // namespace

const Node* manifest_of_body(const Node& body, yaml::Documents& documents, Report& report) {
  for (const auto* name : {"apiVersion", "kind", "metadata", "spec"})
    if (body.find(name)) return nullptr;
  Translation translation(documents, report);
  if (find_map(&body, "cluster")) return translation.cluster(body);
  if (find_map(&body, "vault") && !find(&body, "instance_id")) return translation.vault(body);
  if (find(&body, "instance_id")) return translation.instance(body);
  return nullptr;
}

}  // namespace metactl::manifest
