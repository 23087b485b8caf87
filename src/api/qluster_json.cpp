// SPDX-License-Identifier: Apache-2.0
#include "api/qluster_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "api/plain_json.h"
#include "api/qluster_errors.h"
#include "base/text.h"
#include "proto/qluster.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto other_name = "other";

const FieldDescriptor* other_of(const Message& message) {
  return message.GetDescriptor()->FindFieldByName(other_name);
}

// ---- Writing.

/// Adds the members that `other` holds; when it is no object it stands for the whole.
void add_other(const Message& message, PlainWritten& json) {
  const auto* field = other_of(message);
  if (!field || !message.GetReflection()->HasField(message, field)) return;
  auto other =
      PlainWritten::parse(message.GetReflection()->GetString(message, field), nullptr, false);
  if (other.is_discarded()) return;
  if (!other.is_object()) {
    json = std::move(other);
    return;
  }
  for (auto& [name, value] : other.items()) json[name] = std::move(value);
}

/// All fields; absent ones are null.
PlainWritten write_whole(const PlainJson& plain, const Message& message) {
  constexpr std::array<std::string_view, 1> others = {other_name};
  auto json = plain.write_fields(message, others);
  add_other(message, json);
  return json;
}

/// The fields that are set.
PlainWritten write_set(const PlainJson& plain, const Message& message) {
  const auto* type = message.GetDescriptor();
  std::vector<std::string_view> others = {other_name};
  for (int i = 0; i < type->field_count(); ++i)
    if (!message.GetReflection()->HasField(message, type->field(i)))
      others.push_back(type->field(i)->name());
  auto json = plain.write_fields(message, others);
  add_other(message, json);
  return json;
}

/// Nodes by their ids, unless `other` has them as they came.
PlainWritten write_map(const PlainJson& plain, const Message& message) {
  constexpr std::array<std::string_view, 1> others = {other_name};
  const auto& map = dynamic_cast<const pb::QlusterMapResponse&>(message);
  auto nodes = PlainWritten::object();
  for (const auto& node : map.nodes()) append(nodes, std::to_string(node.id()), plain.write(node));
  auto json = plain.write_fields(message, others);
  json["nodes"] = std::move(nodes);
  add_other(message, json);
  return json;
}

PlainWritten write_settings(const PlainJson&, const Message& message) {
  auto json = PlainWritten::object();
  for (const auto& setting : dynamic_cast<const pb::QlusterDbConfigPB&>(message).settings())
    append(json, setting.name(), setting.value());
  add_other(message, json);
  return json;
}

PlainWritten write_hashes(const PlainJson&, const Message& message) {
  auto json = PlainWritten::array();
  for (const auto& hash : dynamic_cast<const pb::QlusterReadonlyPB&>(message).hashes())
    json.push_back(hash);
  return json;
}

PlainWritten write_events(const PlainJson& plain, const Message& message) {
  auto json = PlainWritten::array();
  for (const auto& event : dynamic_cast<const pb::QlusterEventsResponse&>(message).events())
    json.push_back(plain.write(event));
  return json;
}

void read_hashes(const PlainJson&, const PlainRead& json, const PlainPlace& place,
                 Message& message) {
  auto& list = dynamic_cast<pb::QlusterReadonlyPB&>(message);
  list_of(json, place);
  for (std::size_t i = 0; i < json.size(); ++i) list.add_hashes(string_of(json[i], place.entry(i)));
}

/// Settings of the right types, and no others.
void read_config(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                 Message& message) {
  constexpr std::array<std::string_view, 1> others = {other_name};
  const auto* type = message.GetDescriptor();
  std::vector<std::string> names;
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->name() != other_name) names.push_back(wire_name(*type->field(i)));
  for (const auto& [name, value] : object_of(json, place).items()) {
    const auto inside = place.member(name);
    if (std::find(names.begin(), names.end(), name) == names.end())
      inside.refuse("is no setting of a cluster" + text::did_you_mean(name, names));
    if (value.is_null()) inside.refuse("is null");
  }
  plain.read_fields(json, place, message, others);
}

/// Only read by the functions below.
void never_read(const PlainJson&, const PlainRead&, const PlainPlace& place, Message&) {
  place.refuse("cannot be read");
}

constexpr std::array forms = {
    PlainJson::Form{pb::QlusterConfigPB::descriptor, write_set, read_config},
    PlainJson::Form{pb::QlusterPayloadPB::descriptor, write_set, never_read},
    PlainJson::Form{pb::QlusterNodePB::descriptor, write_whole, never_read},
    PlainJson::Form{pb::QlusterLogEntryPB::descriptor, write_whole, never_read},
    PlainJson::Form{pb::QlusterEventPB::descriptor, write_whole, never_read},
    PlainJson::Form{pb::QlusterInfoResponse::descriptor, write_whole, never_read},
    PlainJson::Form{pb::QlusterLeaderPB::descriptor, write_whole, never_read},
    PlainJson::Form{pb::QlusterMapResponse::descriptor, write_map, never_read},
    PlainJson::Form{pb::QlusterDbConfigPB::descriptor, write_settings, never_read},
    PlainJson::Form{pb::QlusterReadonlyPB::descriptor, write_hashes, read_hashes},
    PlainJson::Form{pb::QlusterEventsResponse::descriptor, write_events, never_read},
};

constexpr PlainJson qluster{forms};

// ---- Reading what real clusters send.

std::string text_of(const PlainRead& json) {
  return json.is_string() ? json.get<std::string>()
                          : json.dump(-1, ' ', false, PlainRead::error_handler_t::replace);
}

std::optional<std::uint64_t> number_in(const PlainRead& json) {
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  const auto number =
      json.is_string() ? text::to_int(json.get_ref<const std::string&>()) : std::nullopt;
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

void set_other(const PlainRead& json, Message& message) {
  if (const auto* field = other_of(message))
    message.GetReflection()->SetString(
        &message, field, json.dump(-1, ' ', false, PlainRead::error_handler_t::replace));
}

/// An entry of a list: what is no object is kept as it is.
void read_entry(const PlainRead& json, Message& entry) {
  if (json.is_object()) return read_qluster_reply(json, entry);
  set_other(json, entry);
}

bool read_list(const PlainRead& json, const FieldDescriptor& field, Message& message) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || !json.is_array()) return false;
  for (const auto& each : json)
    read_entry(each, *message.GetReflection()->AddMessage(&message, &field));
  return true;
}

/// False when the value is not of the type of the field.
bool read_value(const PlainRead& json, const FieldDescriptor& field, Message& message) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) return read_list(json, field, message);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (json.is_string()) reflection->SetString(&message, &field, json.get<std::string>());
      return json.is_string();
    case FieldDescriptor::CPPTYPE_BOOL:
      if (json.is_boolean()) reflection->SetBool(&message, &field, json.get<bool>());
      return json.is_boolean();
    case FieldDescriptor::CPPTYPE_UINT64: {
      const auto number = number_in(json);
      if (number) reflection->SetUInt64(&message, &field, *number);
      return number.has_value();
    }
    default:
      if (json.is_object()) read_qluster_reply(json, *reflection->MutableMessage(&message, &field));
      return json.is_object();
  }
}

/// The fields of an object; what does not fit is left in `json`, nulls are not.
void read_fields(PlainRead& json, Message& message) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& field = *type->field(i);
    const auto found = json.find(wire_name(field));
    if (found == json.end() || field.name() == other_name) continue;
    if (found->is_null() || read_value(*found, field, message)) json.erase(found);
  }
}

void keep_other(const PlainRead& json, Message& message) {
  if (!json.is_null() && !(json.is_object() && json.empty())) set_other(json, message);
}

/// A node of a map; `id` is its key there, null in a list. One that is no object may be its id.
void read_node(PlainRead json, const PlainRead& id, pb::QlusterNodePB& node) {
  if (json.is_object() && !json.contains("id") && !id.is_null()) json["id"] = id;
  read_entry(json, node);
  if (json.is_object()) return;
  if (const auto number = number_in(id.is_null() ? json : id)) node.set_id(*number);
}

/// Nodes by their ids, or a list of them. False when they cannot be written by their ids without a
/// loss.
bool read_nodes(const PlainRead& json, pb::QlusterMapResponse& map) {
  if (!json.is_structured()) return json.is_null();
  bool is_whole = true;
  std::set<std::uint64_t> ids;
  for (const auto& [key, each] : json.items()) {
    auto& node = *map.add_nodes();
    read_node(each, json.is_object() ? PlainRead(key) : PlainRead(), node);
    is_whole = is_whole && each.is_object() && node.has_id() && ids.insert(node.id()).second &&
               (json.is_array() || key == std::to_string(node.id()));
  }
  std::stable_sort(map.mutable_nodes()->begin(), map.mutable_nodes()->end(),
                   [](const auto& one, const auto& other) { return one.id() < other.id(); });
  return is_whole;
}

void read_map(PlainRead json, pb::QlusterMapResponse& map) {
  PlainRead nodes;
  if (const auto found = json.find("nodes"); found != json.end()) {
    nodes = std::move(*found);
    json.erase(found);
  }
  if (const auto leader = json.find("leader");
      leader != json.end() && leader->is_object() && leader->contains("id"))
    *leader = PlainRead((*leader)["id"]);
  read_fields(json, map);
  if (!read_nodes(nodes, map)) json["nodes"] = std::move(nodes);
  keep_other(json, map);
}

void read_settings(PlainRead json, pb::QlusterDbConfigPB& config) {
  for (auto member = json.begin(); json.is_object() && member != json.end();) {
    if (!member->is_string()) {
      ++member;
      continue;
    }
    auto& setting = *config.add_settings();
    setting.set_name(member.key());
    setting.set_value(member->get<std::string>());
    member = json.erase(member);
  }
  keep_other(json, config);
}

void read_events(const PlainRead& json, pb::QlusterEventsResponse& response) {
  if (!json.is_array()) return read_qluster_reply(json, *response.add_events());
  for (const auto& each : json) read_qluster_reply(each, *response.add_events());
}

}  // namespace

nlohmann::ordered_json qluster_json(const Message& message) {
  return qluster.write(message);
}

std::string to_qluster_json(const Message& message) {
  return dump(qluster.write(message));
}

void read_qluster_request(std::string_view text, Message& request) {
  try {
    qluster.read(parse_plain_json(text), {}, request);
  } catch (const Error& error) {
    throw qluster_malformed(error.what());
  }
}

void read_qluster_reply(const nlohmann::json& json, Message& message) {
  if (auto* config = dynamic_cast<pb::QlusterDbConfigPB*>(&message))
    return read_settings(json, *config);
  if (auto* events = dynamic_cast<pb::QlusterEventsResponse*>(&message))
    return read_events(json, *events);
  if (auto* list = dynamic_cast<pb::QlusterReadonlyPB*>(&message)) {
    for (const auto& each : json) list->add_hashes(text_of(each));
    return;
  }
  if (auto* map = dynamic_cast<pb::QlusterMapResponse*>(&message); map && json.is_object())
    return read_map(json, *map);
  auto rest = json;
  if (rest.is_object()) {
    read_fields(rest, message);
  } else if (auto* leader = dynamic_cast<pb::QlusterLeaderPB*>(&message)) {
    if (const auto id = number_in(rest)) {
      leader->set_id(*id);
      return;
    }
  }
  keep_other(rest, message);
}

}  // namespace metactl::api
