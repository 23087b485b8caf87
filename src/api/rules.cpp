// SPDX-License-Identifier: Apache-2.0
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/clusters.h"
#include "api/mask.h"
#include "api/service.h"
#include "base/ip_address.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Fields that hold what people or programs write, in several lines if they like.
constexpr std::array<std::string_view, 12> free_texts = {
    "offset", "desc",  "comment",  "reason", "msg",   "first_error_msg",
    "text",   "value", "document", "cmd",    "other", "load_file_paths"};

/// Fields at whose ends the service removes slashes, blanks and tabs. Source: meta-service-api.md,
/// sections 8.5 and 8.7.
constexpr std::array<std::string_view, 2> trimmed_fields = {"prefix", "fs_name"};

bool is_plain_in(const FieldDescriptor& field, std::string_view text) {
  const bool is_trimmed =
      std::find(trimmed_fields.begin(), trimmed_fields.end(), field.name()) != trimmed_fields.end();
  constexpr auto ends = "/ \t";
  const auto first = is_trimmed ? std::min(text.find_first_not_of(ends), text.size()) : 0;
  const auto last = is_trimmed ? text.find_last_not_of(ends) : text.size();
  return is_plain(text.substr(first, last - first + 1));
}

/// Where the value at `index` of a field has one; "" for none. `place` is the field itself.
std::string find_at(const Message& message, const FieldDescriptor& field, int index,
                    const std::string& place) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const auto& inner = field.is_repeated() ? reflection->GetRepeatedMessage(message, &field, index)
                                            : reflection->GetMessage(message, &field);
    const auto found = find_control_characters(inner);
    return found.empty() ? "" : fmt::format("{}.{}", place, found);
  }
  std::string scratch;
  const auto& text = field.is_repeated()
                         ? reflection->GetRepeatedStringReference(message, &field, index, &scratch)
                         : reflection->GetStringReference(message, &field, &scratch);
  return is_plain_in(field, text) ? "" : place;
}

std::string find_in(const Message& message, const FieldDescriptor& field) {
  if (!is_name(field) && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return "";
  if (!field.is_repeated()) return find_at(message, field, 0, field.name());
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i)
    if (auto found = find_at(message, field, i, fmt::format("{}[{}]", field.name(), i));
        !found.empty())
      return found;
  return "";
}

}  // namespace

bool is_plain(std::string_view text) {
  const bool is_ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return is_ascii || text::printable(text) == text;
}

bool is_name(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING && !is_secret_name(field.name()) &&
         std::find(free_texts.begin(), free_texts.end(), field.name()) == free_texts.end();
}

std::string find_control_characters(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields)
    if (auto found = find_in(message, *field); !found.empty()) return found;
  return "";
}

void require_plain(Service service, const Message& request) {
  const auto place = find_control_characters(request);
  if (!place.empty()) throw refused(service, fmt::format("'{}' has control characters", place));
}

std::vector<std::string_view> missing_fields(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  std::vector<std::string_view> missing;
  if (type == pb::ClusterPB::COMPUTE && node.heartbeat_port() == 0)
    missing.emplace_back("heartbeat_port");
  if (type == pb::ClusterPB::SQL && node.edit_log_port() == 0)
    missing.emplace_back("edit_log_port");
  if (type == pb::ClusterPB::SQL && !node.has_node_type()) missing.emplace_back("node_type");
  return missing;
}

std::string unique_endpoint(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  const auto& address = address_of(node);
  if (address.empty()) return "";
  return fmt::format("{} {}:{}", type == pb::ClusterPB::SQL ? "FE" : "BE", address,
                     endpoint_port(node, type));
}

std::string comparable_unique_endpoint(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  auto spelled = node;
  spelled.set_host(ip::comparable(address_of(node)));
  return unique_endpoint(spelled, type);
}

std::vector<std::string> names_of(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  std::vector<std::string> names;
  const auto port = endpoint_port(node, type);
  const auto add = [&](std::string_view kind, const std::string& address) {
    if (!address.empty()) names.push_back(fmt::format("{} {}:{}", kind, address, port));
  };
  add("ip", node.ip());
  add("host", node.host());
  add("address", address_of(node));
  return names;
}

Leaders leaders_of(const pb::ClusterPB& cluster) {
  Leaders leaders;
  for (const auto& node : cluster.nodes()) {
    leaders.masters += node.node_type() == pb::NodeInfoPB::FE_MASTER ? 1 : 0;
    leaders.followers += node.node_type() == pb::NodeInfoPB::FE_FOLLOWER ? 1 : 0;
  }
  return leaders;
}

}  // namespace metactl::api
