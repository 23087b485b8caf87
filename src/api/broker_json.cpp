// SPDX-License-Identifier: Apache-2.0
#include "api/broker_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/broker_errors.h"
#include "api/plain_json.h"
#include "base/text.h"
#include "proto/broker.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::Message;

constexpr auto no_tag = "None";

// [start, end]

PlainWritten write_range(const PlainJson&, const pb::SlotRangePB& range) {
  return PlainWritten::array({range.start(), range.end()});
}

void read_range(const PlainJson&, const PlainRead& json, const PlainPlace& place,
                pb::SlotRangePB& range) {
  if (list_of(json, place).size() != 2) place.refuse("is not a pair of slots");
  range.set_start(unsigned_of(json[0], place.entry(0)));
  range.set_end(unsigned_of(json[1], place.entry(1)));
}

// {"range_list", "tag"}

constexpr std::array<std::string_view, 2> tag_fields = {"tag", "migration"};

PlainWritten write_slots(const PlainJson& plain, const pb::SlotsPB& slots) {
  auto json = plain.write_fields(slots, tag_fields);
  if (slots.tag() == pb::SlotsPB::None) {
    json["tag"] = no_tag;
  } else {
    json["tag"][pb::SlotsPB::Tag_Name(slots.tag())] = plain.write(slots.migration());
  }
  return json;
}

void read_slots(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                pb::SlotsPB& slots) {
  plain.read_fields(json, place, slots, tag_fields);
  const auto& tag = member_of(json, place, "tag");
  const auto at_tag = place.member("tag");
  if (tag == no_tag) return slots.set_tag(pb::SlotsPB::None);
  pb::SlotsPB::Tag found = pb::SlotsPB::None;
  const bool is_known = tag.is_object() && tag.size() == 1 &&
                        pb::SlotsPB::Tag_Parse(tag.begin().key(), &found) &&
                        found != pb::SlotsPB::None;
  if (!is_known) at_tag.refuse("is none of \"None\", {\"Migrating\": ...}, {\"Importing\": ...}");
  slots.set_tag(found);
  plain.read(tag.begin().value(), at_tag.member(tag.begin().key()), *slots.mutable_migration());
}

PlainWritten write_stable(const PlainJson& plain, const pb::StableSlotsPB& slots) {
  auto json = plain.write_fields(slots);
  json["tag"] = no_tag;
  return json;
}

void read_stable(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                 pb::StableSlotsPB& slots) {
  plain.read_fields(json, place, slots);
  if (member_of(json, place, "tag") != no_tag) place.member("tag").refuse("is not \"None\"");
}

// A chunk: its two parts are two lists of two.

constexpr std::size_t parts_count = 2;
constexpr std::array<std::string_view, 2> chunk_head = {"role_position", "parts"};
constexpr std::array<std::string_view, 4> chunk_tail = {"parts", "proxy_addresses", "hosts",
                                                        "node_addresses"};

PlainWritten write_chunk(const PlainJson& plain, const pb::ChunkPB& chunk) {
  auto stable = PlainWritten::array();
  auto migrating = PlainWritten::array();
  for (const auto& part : chunk.parts()) {
    stable.push_back(part.has_stable_slots() ? plain.write(part.stable_slots()) : nullptr);
    auto tasks = PlainWritten::array();
    for (const auto& task : part.migrating_slots()) tasks.push_back(plain.write(task));
    migrating.push_back(std::move(tasks));
  }
  auto json = plain.write_fields(chunk, chunk_tail);
  json["stable_slots"] = std::move(stable);
  json["migrating_slots"] = std::move(migrating);
  json.update(plain.write_fields(chunk, chunk_head));
  return json;
}

/// The member of that name, which has an entry for each part.
const PlainRead& list_of_parts(const PlainRead& json, const PlainPlace& place,
                               std::string_view name) {
  const auto inside = place.member(name);
  const auto& list = list_of(member_of(json, place, name), inside);
  if (list.size() != parts_count)
    inside.refuse(fmt::format("has {} entries instead of {}", list.size(), parts_count));
  return list;
}

void read_chunk(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                pb::ChunkPB& chunk) {
  constexpr std::array<std::string_view, 1> parts = {"parts"};
  plain.read_fields(json, place, chunk, parts);
  const auto& stable = list_of_parts(json, place, "stable_slots");
  const auto& migrating = list_of_parts(json, place, "migrating_slots");
  const auto at_stable = place.member("stable_slots");
  const auto at_migrating = place.member("migrating_slots");
  for (std::size_t i = 0; i < parts_count; ++i) {
    auto& part = *chunk.add_parts();
    if (!stable[i].is_null())
      plain.read(stable[i], at_stable.entry(i), *part.mutable_stable_slots());
    const auto at_tasks = at_migrating.entry(i);
    const auto& tasks = list_of(migrating[i], at_tasks);
    for (std::size_t k = 0; k < tasks.size(); ++k)
      plain.read(tasks[k], at_tasks.entry(k), *part.add_migrating_slots());
  }
}

// {reporter: time}

PlainWritten write_reports(const PlainJson&, const pb::FailureReportsPB& reports) {
  auto json = PlainWritten::object();
  for (const auto& report : reports.reports()) append(json, report.reporter(), report.time());
  return json;
}

void read_reports(const PlainJson&, const PlainRead& json, const PlainPlace& place,
                  pb::FailureReportsPB& reports) {
  for (const auto& [reporter, time] : object_of(json, place).items()) {
    auto& report = *reports.add_reports();
    report.set_reporter(reporter);
    report.set_time(unsigned_of(time, place.member(reporter)));
  }
}

// {key: value}

PlainWritten write_config_fields(const PlainJson&, const pb::BrokerClusterConfigRequest& request) {
  auto json = PlainWritten::object();
  for (const auto& field : request.fields()) json[field.key()] = field.value();
  return json;
}

void read_config_fields(const PlainJson&, const PlainRead& json, const PlainPlace& place,
                        pb::BrokerClusterConfigRequest& request) {
  for (const auto& [key, value] : object_of(json, place).items()) {
    auto& field = *request.add_fields();
    field.set_key(key);
    field.set_value(string_of(value, place.member(key)));
  }
}

// A configuration tells all its defaults.

PlainWritten write_config(const PlainJson& plain, const pb::BrokerConfigPB& config) {
  auto full = config;
  full.mutable_migration_config();
  return plain.write_fields(full);
}

void read_config(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                 pb::BrokerConfigPB& config) {
  constexpr std::array<std::string_view, 3> strategies = {"disabled", "set_get_only", "allow_all"};
  plain.read_fields(json, place, config);
  if (!config.has_compression_strategy()) return;
  const auto lower = text::lower(config.compression_strategy());
  if (std::find(strategies.begin(), strategies.end(), lower) == strategies.end())
    place.member("compression_strategy").refuse("is none of disabled, set_get_only, allow_all");
  config.set_compression_strategy(lower);
}

// Objects of their fields, with a rule of their own.

template <class M>
PlainWritten write_object(const PlainJson& plain, const M& message) {
  return plain.write_fields(message);
}

void read_replication(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                      pb::ReplicationPB& replication) {
  plain.read_fields(json, place, replication);
  const auto role = text::lower(replication.role());
  if (role != "master" && role != "replica")
    place.member("role").refuse("is neither master nor replica");
  replication.set_role(role);
}

void read_commit(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                 pb::BrokerCommitRequest& request) {
  plain.read_fields(json, place, request);
  if (!is_broker_cluster_name(request.cluster_name()))
    place.member("cluster_name").refuse("is not the name of a cluster");
}

// A bare list.

PlainWritten write_nodes(const PlainJson& plain, const pb::BrokerNodesResponse& response) {
  auto json = PlainWritten::array();
  for (const auto& node : response.nodes()) json.push_back(plain.write(node));
  return json;
}

void read_nodes(const PlainJson& plain, const PlainRead& json, const PlainPlace& place,
                pb::BrokerNodesResponse& response) {
  list_of(json, place);
  for (std::size_t i = 0; i < json.size(); ++i)
    plain.read(json[i], place.entry(i), *response.add_nodes());
}

constexpr std::array forms = {
    plain_form<pb::SlotRangePB, write_range, read_range>(),
    plain_form<pb::SlotsPB, write_slots, read_slots>(),
    plain_form<pb::StableSlotsPB, write_stable, read_stable>(),
    plain_form<pb::ChunkPB, write_chunk, read_chunk>(),
    plain_form<pb::FailureReportsPB, write_reports, read_reports>(),
    plain_form<pb::BrokerClusterConfigRequest, write_config_fields, read_config_fields>(),
    plain_form<pb::BrokerConfigPB, write_config, read_config>(),
    plain_form<pb::ReplicationPB, write_object<pb::ReplicationPB>, read_replication>(),
    plain_form<pb::BrokerCommitRequest, write_object<pb::BrokerCommitRequest>, read_commit>(),
    plain_form<pb::BrokerNodesResponse, write_nodes, read_nodes>(),
};

constexpr PlainJson plain{forms};

template <class Read>
void read_as_broker(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    throw broker_malformed(error.what());
  }
}

}  // namespace

nlohmann::ordered_json broker_json(const Message& message) {
  return plain.write(message);
}

std::string to_broker_json(const Message& message) {
  return dump(plain.write(message));
}

void read_broker_json(std::string_view text, Message& message) {
  read_as_broker([&] { plain.read(parse_plain_json(text), {}, message); });
}

void read_broker_json(const nlohmann::json& json, Message& message) {
  read_as_broker([&] { plain.read(json, {}, message); });
}

std::string to_broker_body(const Message& request, std::span<const std::string_view> others) {
  return dump(plain.has_form(request) ? plain.write(request) : plain.write_fields(request, others));
}

void read_broker_body(std::string_view text, Message& request,
                      std::span<const std::string_view> others) {
  read_as_broker([&] {
    const auto json = parse_plain_json(text);
    plain.has_form(request) ? plain.read(json, {}, request)
                            : plain.read_fields(json, {}, request, others);
  });
}

bool is_broker_cluster_name(std::string_view name) {
  constexpr std::size_t longest = 31;
  return name.size() <= longest && text::consists_of(name, "@-_");
}

}  // namespace metactl::api
