// SPDX-License-Identifier: Apache-2.0
// Reading one stored value. Source: key-encoding.md, section 6.
#include <fmt/format.h>

#include "api/json.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/stored_values.h"
#include "core/meta/tablets.h"
#include "keys/load_keys.h"

namespace metactl::core::meta {
namespace {

/// The newest value in front of a versionstamp.
std::string versioned_text(store::View& view, const keys::KeyType& type, const std::string& key,
                           const std::string& limit) {
  const auto stamp = keys::read_stamp_leniently(limit).value_or(keys::newest);
  const auto prefix = key + static_cast<char>(keys::Tag::versionstamp);
  const auto rows = view.scan(prefix, prefix + keys::to_bytes(stamp));
  if (rows.empty()) throw missing_value(type, key);
  const auto& [found, value] = rows.back();
  const auto json = value.empty() ? "{}" : value_text(type, key, value);
  constexpr std::size_t stamp_size = 10;
  return fmt::format("{}\\nversionstamp={}", json,
                     text::hex(std::string_view(found).substr(prefix.size(), stamp_size)));
}

/// Throws unreadable_value, whichever row is damaged.
std::optional<StoredStats> find_stats(store::View& view, const std::string& key) {
  try {
    return read_stats(view, keys::below(key));
  } catch (const Error& error) {
    if (!error.answer()) throw;
    throw unreadable_value(keys::tablet_stats_type, key);
  }
}

std::string stats_text(store::View& view, const std::string& key) {
  const auto stats = find_stats(view, key);
  if (!stats) return "stats_kvs not found\n";
  return fmt::format("aggregated_stats: {}\ndetached_stats: {}\nmerged_stats: {}\n",
                     api::to_json(stats->main), api::to_json(stats->counters),
                     api::to_json(merged(*stats)));
}

std::string text_of(store::View& view, const keys::KeyType& type, const std::string& key,
                    const std::string& stamp) {
  if (&type == &keys::tablet_stats_type) return stats_text(view, key);
  if (type.versioned) return versioned_text(view, type, key, stamp);
  const auto value = find_value(view, key);
  if (!value) throw missing_value(type, key);
  return value_text(type, key, *value);
}

}  // namespace

pb::TextResponse get_value(Context& context, const pb::KeyRequest& request) {
  const auto& type = service_type(request.key_type());
  const auto key =
      request.key().empty() ? encoded_key(type, parameters_of(request)) : key_bytes(request.key());
  return context.read([&](store::View& view) {
    pb::TextResponse response;
    response.set_text(text_of(view, type, key, request.versionstamp()));
    return response;
  });
}

}  // namespace metactl::core::meta
