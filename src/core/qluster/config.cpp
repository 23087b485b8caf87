// SPDX-License-Identifier: Apache-2.0
// The settings of a cluster. Source: qluster-api.md, sections 5.2, 5.3 and 6.4.

#include <fmt/format.h>

#include "api/plain_json.h"
#include "api/qluster_errors.h"
#include "api/qluster_json.h"
#include "base/humantime.h"
#include "base/text.h"
#include "core/qluster/operations.h"

namespace metactl::core::qluster {
namespace {

using google::protobuf::FieldDescriptor;

/// Calls `visit(const FieldDescriptor&)` with each duration that is set; they are all the texts.
template <class Visit>
void each_duration(const pb::QlusterConfigPB& config, const Visit& visit) {
  std::vector<const FieldDescriptor*> fields;
  config.GetReflection()->ListFields(config, &fields);
  for (const auto* field : fields)
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) visit(*field);
}

/// The settings with durations in the canonical form.
pb::QlusterConfigPB canonical(pb::QlusterConfigPB config) {
  config.clear_other();
  each_duration(config, [&](const FieldDescriptor& field) {
    const auto text = config.GetReflection()->GetString(config, &field);
    const auto duration = humantime::parse(text);
    if (!duration)
      throw api::qluster_malformed(fmt::format("'{}' is not a duration: '{}'; {}",
                                               api::wire_name(field), text::printable(text),
                                               humantime::example));
    config.GetReflection()->SetString(&config, &field, humantime::write(*duration));
  });
  return config;
}

void require_sense(const pb::QlusterConfigPB& config) {
  if (humantime::parse(config.heartbeat_interval()) >= humantime::parse(config.node_timeout()))
    throw api::qluster_malformed(
        fmt::format("'heartbeat-interval' ({}) is not smaller than 'node-timeout' ({})",
                    config.heartbeat_interval(), config.node_timeout()));
}

/// node-timeout=5s, quorum-replication=false
std::string told(const pb::QlusterConfigPB& changed) {
  std::vector<std::string> settings;
  const auto json = api::qluster_json(changed);
  for (const auto& [name, value] : json.items())
    settings.push_back(
        fmt::format("{}={}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  return text::join(settings, ", ");
}

}  // namespace

pb::QlusterConfigPB set_config(Context& context, const pb::QlusterConfigRequest& request) {
  const auto wanted = canonical(request.config());
  return change(context, [&](Change& change) {
    auto& content = change.content;
    auto& config = *content.state.mutable_config();
    const auto before = config;
    config.MergeFrom(wanted);
    require_sense(config);
    require_leading(content, request.asked());
    content.fit_factor();
    const auto changed = changed_settings(before, config);
    if (changed.ByteSizeLong() == 0) return config;
    require_replication(content);
    pb::QlusterPayloadPB payload;
    payload.set_kind("config");
    *payload.mutable_config() = changed;
    change.past.append(content, std::move(payload));
    change.past.tell("config-changed", std::nullopt, "settings are changed: " + told(changed));
    change.settle();
    return config;
  });
}

}  // namespace metactl::core::qluster
