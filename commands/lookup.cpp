// SPDX-License-Identifier: Apache-2.0
#include "commands/lookup.h"

#include <arpa/inet.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>

#include "base/ip_address.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Nothing when the service answers that there is no such cluster.
std::optional<pb::ClusterPB> read_cluster(cli::Session& session,
                                          const pb::GetClusterRequest& request) {
  try {
    return session.client().call(api::get_cluster, request).cluster(0);
  } catch (const Error& error) {
    if (error.answer() && error.answer()->http == 404) return std::nullopt;
    throw;
  }
}

bool is_ip(int family, const std::string& address) {
  in6_addr buffer{};
  return inet_pton(family, address.c_str(), &buffer) == 1;
}

/// Digits and dots alone are an address, if a wrong one.
bool is_host_name(const std::string& address) {
  return text::consists_of(address, "-._") &&
         address.find_first_not_of("0123456789.") != std::string::npos;
}

Error bad_node(const std::string& word, std::string_view why) {
  return Error(Reason::usage, fmt::format("not a node: '{}': {}", word, why), node_syntax);
}

/// A node at an address, which stands in brackets if it is IPv6, and without anything else.
pb::NodeInfoPB node_at(const std::string& word, const std::string& address, std::int64_t port) {
  pb::NodeInfoPB node;
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  const auto bare = bracketed ? address.substr(1, address.size() - 2) : address;
  if (is_ip(AF_INET6, bare)) {
    if (!bracketed)
      throw bad_node(word, fmt::format("an IPv6 address stands in brackets: [{}]:{}", bare, port));
    node.set_ip(bare);
  } else if (is_ip(AF_INET, address)) {
    node.set_ip(address);
  } else if (is_host_name(address)) {
    node.set_host(address);
  } else {
    throw bad_node(word, fmt::format("'{}' is neither an IP address nor a host name", address));
  }
  return node;
}

std::string plural(const std::string& word) {
  return word + (word.ends_with('s') ? "es" : "s");
}

std::vector<std::string> field_names(const google::protobuf::Descriptor& type,
                                     const std::string& before) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(before + type.field(i)->name());
  return names;
}

/// Takes notes of nothing, while the parser without a collector prints what it finds.
class Silence : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

/// Sets a number or a truth value from text; false when it is none, or too large.
bool parse_value(Message& message, const FieldDescriptor& field, const std::string& value) {
  Silence silence;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silence);
  return parser.ParseFieldValueFromString(value, &field, &message);
}

void check_name(const std::string& name, std::string_view what) {
  if (!text::consists_of(name, "_-."))
    throw Error(
        Reason::usage,
        fmt::format("not a name for {}: '{}': it may have letters, digits, '_', '-' and '.'", what,
                    text::printable(name)));
}

void check_name_with_letter(const std::string& name, std::string_view what) {
  check_name(name, what);
  if (std::isalpha(static_cast<unsigned char>(name[0])) == 0)
    throw Error(Reason::usage,
                fmt::format("not a name for {}: '{}': it must start with a letter", what, name));
}

}  // namespace

std::optional<pb::InstanceInfoPB> find_instance(cli::Session& session, const std::string& id) {
  try {
    return get_instance(session, id);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) return std::nullopt;
    throw;
  }
}

pb::InstanceInfoPB get_instance(cli::Session& session, const std::string& id) {
  pb::GetInstanceRequest request;
  request.set_instance_id(id);
  try {
    return session.client().call(api::get_instance, request).instance();
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) throw cli::no_instance(id, error);
    throw;
  }
}

std::vector<std::string> all_instances(cli::Session& session) {
  std::vector<std::string> ids;
  try {
    const auto response = session.client().call(api::list_instances, pb::ListInstancesRequest());
    for (const auto& each : response.instances())
      if (each.status() != pb::InstanceInfoPB::DELETED) ids.push_back(each.instance_id());
  } catch (const Error& error) {
    throw cannot_list_instances(session, error);
  }
  return ids;
}

Error cannot_list_instances(const cli::Session& session, const Error& error) {
  auto told = error;
  if (session.is_remote() && error.reason() == Reason::internal)
    told.set_hint(
        "the real service cannot list instances; name one: metactl instance get ID, or -i ID");
  return told;
}

pb::GetClusterRequest all_clusters_request(cli::Session& session) {
  pb::GetClusterRequest request;
  request.set_instance_id(session.instance());
  request.set_cloud_unique_id(session.instance_reference());
  return request;
}

std::vector<pb::ClusterPB> all_clusters(cli::Session& session) {
  try {
    const auto response = session.client().call(api::get_cluster, all_clusters_request(session));
    return {response.cluster().begin(), response.cluster().end()};
  } catch (const Error& error) {
    if (error.answer() && error.answer()->http == 404) return {};
    throw;
  }
}

std::optional<pb::ClusterPB> find_cluster(cli::Session& session, const std::string& name) {
  auto request = all_clusters_request(session);
  request.set_cluster_name(name);
  if (auto cluster = read_cluster(session, request)) return cluster;
  request.clear_cluster_name();
  request.set_cluster_id(name);
  return read_cluster(session, request);
}

pb::ClusterPB get_cluster(cli::Session& session, const std::string& name) {
  if (auto cluster = find_cluster(session, name)) return std::move(*cluster);
  std::vector<std::string> names;
  for (const auto& cluster : all_clusters(session)) names.push_back(cluster.cluster_name());
  Error error(Reason::not_found,
              fmt::format("no cluster '{}' in instance '{}'{}", name, session.instance(),
                          text::did_you_mean(name, names)),
              "metactl cluster list");
  error.set_object("cluster/" + name);
  throw error;
}

pb::AlterClusterRequest cluster_request(cli::Session& session, const std::string& cluster_id) {
  pb::AlterClusterRequest request;
  request.set_instance_id(session.instance());
  request.mutable_cluster()->set_cluster_id(cluster_id);
  return request;
}

pb::NodeInfoPB parse_node(const std::string& word, pb::ClusterPB::Type type,
                          const std::string& instance_id) {
  const auto at = std::min(word.find('@'), word.size());
  const auto place = word.substr(0, at);
  const auto slash = std::min(place.find('/'), place.size());
  const auto socket = place.substr(0, slash);
  const auto colon = socket.rfind(':');
  if (colon == std::string::npos || socket.ends_with(']')) throw bad_node(word, "it has no port");
  if (colon == 0) throw bad_node(word, "it has no address");
  const auto port = text::to_int(socket.substr(colon + 1));
  if (!port || !ip::is_port(*port)) throw bad_node(word, "the port must be 1 to 65535");

  auto node = node_at(word, socket.substr(0, colon), *port);
  if (type == pb::ClusterPB::SQL) {
    if (slash + 1 >= place.size()) throw bad_node(word, "a node of a SQL cluster needs a role");
    node.set_edit_log_port(static_cast<int>(*port));
    node.set_node_type(static_cast<pb::NodeInfoPB::NodeType>(
        parse_enum(*pb::NodeInfoPB::NodeType_descriptor(), place.substr(slash + 1), "role")));
  } else {
    if (slash != place.size()) throw bad_node(word, "only nodes of SQL clusters have a role");
    node.set_heartbeat_port(static_cast<int>(*port));
  }
  if (at < word.size() && at + 1 == word.size()) throw bad_node(word, "empty cloud_unique_id");
  node.set_cloud_unique_id(at < word.size() ? word.substr(at + 1)
                                            : api::default_unique_id(instance_id, node));
  return node;
}

std::vector<pb::NodeInfoPB> parse_nodes(const std::vector<std::string>& words,
                                        pb::ClusterPB::Type type, const std::string& instance_id) {
  std::vector<pb::NodeInfoPB> nodes;
  std::set<std::string> seen;
  for (const auto& word : words) {
    nodes.push_back(parse_node(word, type, instance_id));
    if (!seen.insert(api::comparable_endpoint(nodes.back())).second)
      throw Error(Reason::usage,
                  fmt::format("node '{}' is given twice", api::endpoint(nodes.back())));
  }
  return nodes;
}

int parse_enum(const google::protobuf::EnumDescriptor& type, const std::string& word,
               const std::string& what, std::vector<std::string> words) {
  if (words.empty()) words = cli::value_names(type);
  const auto upper = text::upper(word);
  for (const auto& each : words)
    if (text::upper(each) == upper) return type.FindValueByName(upper)->number();
  const bool is_upper = words.front() == text::upper(words.front());
  throw Error(Reason::usage,
              fmt::format("no {} '{}'{}", what, word,
                          text::did_you_mean(is_upper ? upper : text::lower(word), words)),
              fmt::format("{}: {}", plural(what), text::join(words, ", ")));
}

std::pair<std::string, std::string> split_pair(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(Reason::usage, fmt::format("not KEY=VALUE: '{}'", text::printable(word)));
  return {word.substr(0, equals), word.substr(equals + 1)};
}

void set_field(Message& message, const std::string& name, const std::string& value) {
  const auto* descriptor = message.GetDescriptor();
  const auto* field = descriptor->FindFieldByName(name);
  if (!field) {
    const auto names = field_names(*descriptor, "");
    throw Error(Reason::usage,
                fmt::format("no field '{}'{}", name, text::did_you_mean(name, names)),
                "fields: " + text::join(names, ", "));
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
    throw Error(Reason::usage, fmt::format("'{}' has fields of its own", name),
                "fields: " + text::join(field_names(*field->message_type(), name + "."), ", "));
  const auto* reflection = message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    reflection->SetEnumValue(&message, field, parse_enum(*field->enum_type(), value, name));
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection->SetString(&message, field, value);
  } else if (!parse_value(message, *field, value)) {
    throw Error(Reason::usage, fmt::format("not a value for '{}': '{}'", name, value));
  }
}

void check_new_instance_id(const std::string& id) {
  check_name(id, "an instance");
}

void check_new_cluster_name(const std::string& name) {
  check_name_with_letter(name, "a cluster");
}

void check_new_vault_name(const std::string& name) {
  check_name_with_letter(name, "a vault");
}

std::string text_of(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string time_text(std::int64_t seconds) {
  if (seconds == 0) return "";
  return fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string time_text_ms(std::int64_t milliseconds) {
  return time_text(milliseconds / 1000);
}

}  // namespace metactl::commands
