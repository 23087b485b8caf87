// SPDX-License-Identifier: Apache-2.0
// The configuration of a cluster. Source: broker-api.md, section 13.

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "api/broker_errors.h"
#include "core/broker/chunks.h"
#include "core/broker/names.h"
#include "core/broker/operations.h"
#include "core/broker/views.h"

namespace metactl::core::broker {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Digits with an optional plus sign.
std::optional<std::uint64_t> to_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

bool set_strategy(pb::BrokerConfigPB& config, const std::string& value) {
  constexpr std::array<std::string_view, 3> strategies = {"disabled", "set_get_only", "allow_all"};
  const auto strategy = lower(value);
  if (std::find(strategies.begin(), strategies.end(), strategy) == strategies.end()) return false;
  config.set_compression_strategy(strategy);
  return true;
}

/// A number of the part migration_config.
template <void (pb::MigrationConfigPB::*set)(std::uint64_t), std::uint64_t least = 0>
bool set_number(pb::BrokerConfigPB& config, const std::string& value) {
  const auto number = to_number(value);
  if (!number || *number < least) return false;
  (config.mutable_migration_config()->*set)(*number);
  return true;
}

struct Field {
  std::string_view key;
  bool (*set)(pb::BrokerConfigPB&, const std::string&);  // False: not a value of it.
};

using Migration = pb::MigrationConfigPB;
constexpr std::array fields = {
    Field{"compression_strategy", set_strategy},
    Field{"migration_max_migration_time", set_number<&Migration::set_max_migration_time>},
    Field{"migration_max_blocking_time", set_number<&Migration::set_max_blocking_time>},
    Field{"migration_scan_interval", set_number<&Migration::set_scan_interval>},
    Field{"migration_scan_count", set_number<&Migration::set_scan_count, 1>},
};

void set_field(pb::BrokerConfigPB& config, const pb::ConfigFieldPB& wanted) {
  const auto key = lower(wanted.key());
  const auto* field = std::find_if(fields.begin(), fields.end(),
                                   [&](const Field& each) { return each.key == key; });
  if (field == fields.end())
    throw api::broker_config_failure(wanted.key(), wanted.value(), "FIELD_NOT_FOUND");
  if (!field->set(config, wanted.value()))
    throw api::broker_config_failure(wanted.key(), wanted.value(), "INVALID_VALUE");
}

}  // namespace

pb::BrokerEmptyResponse set_cluster_config(Broker& broker, Context& context,
                                           const pb::BrokerClusterConfigRequest& request) {
  check_name(request.name());
  auto wanted = request.fields();
  std::sort(wanted.begin(), wanted.end(),
            [](const auto& one, const auto& other) { return one.key() < other.key(); });
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    if (is_migrating(cluster)) throw api::broker_failure("MIGRATION_RUNNING");
    for (const auto& field : wanted) set_field(*cluster.mutable_config(), field);
    cluster.set_epoch(rows.next_epoch());
    rows.store(cluster);
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
