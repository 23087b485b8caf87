// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_present.h"

#include "api/plain_json.h"
#include "api/qluster_json.h"
#include "base/text.h"
#include "commands/lookup.h"
#include "commands/qluster_lookup.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

std::string number(bool is_there, std::uint64_t value) {
  return is_there ? std::to_string(value) : "";
}

void append_config(Fields& fields, const pb::QlusterConfigPB& config) {
  for (auto& field : config_fields(config)) fields.push_back(std::move(field));
}

/// What an entry did, without its kind.
std::string payload_text(const pb::QlusterPayloadPB& payload) {
  auto json = api::qluster_json(payload);
  if (json.is_object()) json.erase("kind");
  return api::dump(json);
}

/// With "type" for the service's own "kind", which would hide that of the document.
ordered_json event_json(const pb::QlusterEventPB& event) {
  auto told = api::qluster_json(event);
  if (!told.is_object()) return told;
  auto json = ordered_json::object();
  for (const auto& [name, value] : told.items()) json[name == "kind" ? "type" : name] = value;
  return json;
}

/// An object of one or several members, whatever the reply was.
template <class Message>
render::Object object_of(std::string kind, std::string name, const Message& message) {
  render::Object object;
  object.kind = std::move(kind);
  object.name = std::move(name);
  object.value = api::qluster_json(message);
  return object;
}

}  // namespace

Fields config_fields(const pb::QlusterConfigPB& config) {
  Fields fields;
  std::vector<const google::protobuf::FieldDescriptor*> set;
  config.GetReflection()->ListFields(config, &set);
  const auto json = api::qluster_json(config);
  for (const auto* field : set)
    if (json.contains(api::wire_name(*field)))
      fields.emplace_back(api::wire_name(*field), text_of(json[api::wire_name(*field)]));
  if (!config.has_other()) return fields;
  const auto others = ordered_json::parse(config.other());
  for (const auto& [name, value] : others.items()) fields.emplace_back(name, text_of(value));
  return fields;
}

/// The id of a node, as it came when it is no number.
std::string id_text(const pb::QlusterNodePB& node) {
  if (node.has_id()) return std::to_string(node.id());
  const auto json = api::qluster_json(node);
  const auto id = json.is_object() ? json.value("id", ordered_json()) : json;
  return id.is_null() ? "" : text_of(id);
}

render::List node_list(const pb::QlusterMapResponse& map) {
  render::List list{
      "QlusterNode", {{"ID"}, {"IP"}, {"DB_PORT"}, {"API_PORT"}, {"ROLE"}, {"LEADER"}}, {}};
  for (const auto& node : map.nodes()) {
    const bool is_leader = map.has_leader() && node.has_id() && map.leader() == node.id();
    list.rows.push_back(
        {id_text(node),
         {id_text(node), node.ip(), number(node.has_db_port(), node.db_port()),
          number(node.has_api_port(), node.api_port()), node.role(), is_leader ? "yes" : ""},
         [node] { return api::qluster_json(node); }});
  }
  return list;
}

render::Object map_object(const pb::QlusterMapResponse& map) {
  auto object = object_of("QlusterMap", std::string(qluster_name), map);
  object.fields = {{"leader", map.has_leader() ? std::to_string(map.leader()) : "none"}};
  append_config(object.fields, map.config());
  object.parts = node_list(map);
  return object;
}

render::Object info_object(const pb::QlusterInfoResponse& info) {
  auto object = object_of("QlusterInfo", std::string(qluster_name), info);
  object.fields = {{"term", number(info.has_term(), info.term())},
                   {"applied-index", number(info.has_applied_index(), info.applied_index())}};
  append_config(object.fields, info.config());
  object.parts = {"QlusterLogEntry", {{"INDEX"}, {"TERM"}, {"KIND"}, {"PAYLOAD"}}, {}};
  for (const auto& entry : info.logs())
    object.parts.rows.push_back({std::to_string(entry.index()),
                                 {std::to_string(entry.index()), std::to_string(entry.term()),
                                  entry.payload().kind(), payload_text(entry.payload())},
                                 [entry] { return api::qluster_json(entry); }});
  return object;
}

render::Object config_object(const pb::QlusterConfigPB& config) {
  auto object = object_of("QlusterConfig", std::string(qluster_name), config);
  append_config(object.fields, config);
  return object;
}

render::Object leader_object(const pb::QlusterLeaderPB& leader) {
  auto object = object_of("QlusterLeader", number(leader.has_id(), leader.id()), leader);
  object.fields = {{"id", number(leader.has_id(), leader.id())},
                   {"ip", leader.ip()},
                   {"db-port", number(leader.has_db_port(), leader.db_port())},
                   {"api-port", number(leader.has_api_port(), leader.api_port())},
                   {"db-address", leader.db_address()},
                   {"api-address", leader.api_address()}};
  return object;
}

render::Object db_config_object(const pb::QlusterDbConfigPB& config) {
  auto object = object_of("QlusterDbConfig", std::string(qluster_name), config);
  for (const auto& [name, value] : object.value.items())
    object.fields.emplace_back(name, text_of(value));
  return object;
}

render::List readonly_list(const pb::QlusterReadonlyPB& readonly) {
  render::List list{"QlusterReadonlySql", {{"HASH"}}, {}};
  for (const auto& hash : readonly.hashes())
    list.rows.push_back({hash, {hash}, [hash] { return ordered_json(hash); }});
  return list;
}

render::List event_list(const pb::QlusterEventsResponse& events) {
  render::List list{
      "QlusterEvent", {{"SEQ"}, {"TIME"}, {"TERM"}, {"INDEX"}, {"TYPE"}, {"NODE"}, {"TEXT"}}, {}};
  for (const auto& event : events.events())
    list.rows.push_back(
        {number(event.has_seq(), event.seq()),
         {number(event.has_seq(), event.seq()), event.time(),
          number(event.has_term(), event.term()), number(event.has_index(), event.index()),
          event.kind(), number(event.has_node(), event.node()), event.text()},
         [event] { return event_json(event); }});
  return list;
}

render::Object simulation_object(const pb::QlusterSimulationPB& simulation) {
  auto object = object_of("QlusterSimulation", std::string(qluster_name), simulation);
  std::vector<std::string> ids;
  for (const auto id : simulation.unreachable()) ids.push_back(std::to_string(id));
  object.fields = {
      {"unreachable", ids.empty() ? "none" : text::join(ids, ", ")},
      {"leader", simulation.has_leader() ? std::to_string(simulation.leader()) : "none"}};
  return object;
}

}  // namespace metactl::commands
