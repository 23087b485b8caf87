// SPDX-License-Identifier: Apache-2.0
#include "core/meta/service_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "api/mask.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

constexpr std::array type_names = {"bool", "int32_t", "int64_t", "std::string"};

pb::ServiceConfigPB load_config(store::View& view) {
  return find_record<pb::ServiceConfigPB>(view, keys::service_config_key(),
                                          "the service's settings")
      .value_or(pb::ServiceConfigPB());
}

const ConfigEntry* find_entry(std::string_view name) {
  const auto* found = std::find_if(service_config.begin(), service_config.end(),
                                   [&](const ConfigEntry& entry) { return entry.name == name; });
  return found == service_config.end() ? nullptr : found;
}

std::string value_of(const pb::ServiceConfigPB& config, const ConfigEntry& entry) {
  const auto found = config.values().find(std::string(entry.name));
  return found == config.values().end() ? std::string(entry.initial) : found->second;
}

bool fits(ConfigType type, const std::string& value) {
  if (type == ConfigType::text) return true;
  if (type == ConfigType::boolean) return value == "true" || value == "false";
  const auto number = text::to_int(value);
  return number && *number >= 0 &&
         (type == ConfigType::int64 || *number <= std::numeric_limits<std::int32_t>::max());
}

/// Name and value of one item of update_config. Throws INVALID_ARGUMENT, which names the item.
std::pair<std::string, std::string> checked(const std::string& item) {
  const auto equals = std::min(item.find('='), item.size());
  auto name = item.substr(0, equals);
  const bool shows_value = !api::is_secret_name(name);
  const auto refuse = [&](std::string_view why) {
    throw invalid_argument(fmt::format("{}, config={}", why, shows_value ? item : name));
  };
  if (equals == item.size()) refuse("an item must be a name and a value with an equals sign");
  auto value = item.substr(equals + 1);
  const auto* entry = find_entry(name);
  if (!entry) refuse("there is no such setting");
  if (!entry->is_mutable) refuse("the setting is immutable");
  if (!fits(entry->type, value)) refuse("the value has another type");
  return {std::move(name), std::move(value)};
}

nlohmann::json entry_json(const pb::ServiceConfigPB& config, const ConfigEntry& entry) {
  return {entry.name, type_names.at(static_cast<std::size_t>(entry.type)), value_of(config, entry),
          entry.is_mutable};
}

}  // namespace

bool config_flag(store::View& view, std::string_view name) {
  return value_of(load_config(view), *find_entry(name)) == "true";
}

std::int64_t config_number(store::View& view, std::string_view name) {
  return *text::to_int(value_of(load_config(view), *find_entry(name)));
}

pb::StatusResponse update_config(Context& context, const pb::UpdateConfigRequest& request) {
  if (request.configs().empty()) throw invalid_argument("empty configs");
  context.transact([&](store::Txn& txn) {
    auto config = load_config(txn);
    for (const auto& item : text::split(request.configs(), ',')) {
      const auto [name, value] = checked(item);
      (*config.mutable_values())[name] = value;
    }
    txn.put(keys::service_config_key(), api::serialize(config));
  });
  return {};
}

pb::JsonResponse show_config(Context& context, const pb::ShowConfigRequest& request) {
  auto result = nlohmann::json::array();
  context.read([&](store::View& view) {
    const auto config = load_config(view);
    for (const auto& entry : service_config)
      if (request.conf_key().empty() || request.conf_key() == entry.name)
        result.push_back(entry_json(config, entry));
  });
  pb::JsonResponse response;
  response.set_result(result.dump());
  return response;
}

}  // namespace metactl::core::meta
