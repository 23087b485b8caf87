// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.h"

#include <limits>
#include <utility>

#include "base/error.h"

namespace metactl::keys {
Range below(std::string prefix) {
  std::string last = prefix + '\xff';  // Every tag is smaller.
  return {std::move(prefix), std::move(last)};
}

Range only(std::string key) {
  std::string last = key + '\0';
  return {std::move(key), std::move(last)};
}

Range rows_of_value(std::string key) {
  std::string last = key;
  append_int(last, std::numeric_limits<std::int64_t>::max());
  return {std::move(key), std::move(last)};
}

std::string instance_key(std::string_view instance_id) {
  return build(instance_type, {std::string(instance_id)});
}

Range all_instances() {
  return below(build(instance_type, {}));
}

std::optional<std::string> parse_instance_key(std::string_view key) {
  auto values = match(instance_type, key);
  if (!values) return std::nullopt;
  return std::get<std::string>(std::move(values->at(0)));
}

std::string storage_vault_key(std::string_view instance_id, std::string_view vault_id) {
  return build(storage_vault_type, {std::string(instance_id), std::string(vault_id)});
}

Range all_vaults(std::string_view instance_id) {
  return below(build(storage_vault_type, {std::string(instance_id)}));
}

Range all_vaults() {
  return below(build(storage_vault_type, {}));
}

std::optional<VaultRef> parse_storage_vault_key(std::string_view key) {
  auto values = match(storage_vault_type, key);
  if (!values) return std::nullopt;
  return VaultRef{std::get<std::string>(std::move(values->at(0))),
                  std::get<std::string>(std::move(values->at(1)))};
}

std::string registry_key() {
  return build(registry_type, {});
}
std::string arn_info_key() {
  return build(arn_info_type, {});
}
std::string encryption_key() {
  return build(encryption_key_type, {});
}
std::string instance_update_key() {
  return build(instance_update_type, {});
}

std::string node_index_key(std::string_view cloud_unique_id) {
  return build(node_index_type, {std::string(cloud_unique_id)});
}

std::optional<std::string> parse_node_index_key(std::string_view key) {
  auto values = match(node_index_type, key);
  if (!values) return std::nullopt;
  return std::get<std::string>(std::move(values->at(0)));
}

std::string secret_key_key() {
  return build(secret_key_type, {});
}
std::string service_config_key() {
  return build(service_config_type, {});
}
std::string rate_limits_key() {
  return build(rate_limits_type, {});
}

std::string remote_change_key(std::string_view server, std::uint64_t number) {
  return build(remote_change_type, {std::string(server), static_cast<std::int64_t>(number)});
}

Range remote_changes(std::string_view server) {
  return below(build(remote_change_type, {std::string(server)}));
}

std::optional<std::uint64_t> parse_remote_change_key(std::string_view key) {
  const auto values = match(remote_change_type, key);
  if (!values) return std::nullopt;
  return static_cast<std::uint64_t>(std::get<std::int64_t>(values->at(1)));
}

std::string remote_change_count_key(std::string_view server) {
  return build(remote_change_count_type, {std::string(server)});
}

std::string journal_key(std::uint64_t revision) {
  if (!std::in_range<std::int64_t>(revision))
    throw Error(Reason::internal, "the revision is too large for a journal key");
  return build(journal_type, {static_cast<std::int64_t>(revision)});
}

Range journal() {
  return below(build(journal_type, {}));
}

std::optional<std::uint64_t> parse_journal_key(std::string_view key) {
  const auto values = match(journal_type, key);
  if (!values || std::get<std::int64_t>(values->at(0)) < 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::get<std::int64_t>(values->at(0)));
}

std::string journal_head_key() {
  return build(journal_head_type, {});
}

}  // namespace metactl::keys
