// SPDX-License-Identifier: Apache-2.0
// The keys that are stored: those of the Meta Service, byte for byte as it writes them, and our
// own.
//
// Key spaces: 01 (user), 02 (system) and 03 (versioned) are the Meta Service's and hold nothing
// else. 80 holds the tool's own records. 81, 82 and 83 are kept for the three other services.
// Every key is a key space byte and fields of the codec, so all of them can be decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keys/key_type.h"

namespace metactl::keys {

// Layouts of key-encoding.md, section 3.
inline constexpr KeyType instance_type{
    "InstanceKey", Space::user, {literal("instance"), bytes("instance_id")}};
inline constexpr KeyType storage_vault_type{
    "StorageVaultKey",
    Space::user,
    {literal("storage_vault"), bytes("instance_id"), literal("vault"), bytes("vault_id")}};
inline constexpr KeyType registry_type{
    "MetaServiceRegistryKey",
    Space::system,
    {literal("system"), literal("meta-service"), literal("registry")}};
inline constexpr KeyType arn_info_type{
    "MetaServiceArnInfoKey",
    Space::system,
    {literal("system"), literal("meta-service"), literal("arn_info")}};
inline constexpr KeyType encryption_key_type{
    "MetaServiceEncryptionKey",
    Space::system,
    {literal("system"), literal("meta-service"), literal("encryption_key_info")}};
inline constexpr KeyType instance_update_type{
    "MetaServiceInstanceUpdateKey",
    Space::system,
    {literal("system"), literal("meta-service"), literal("instance_update")}};

// Ours.
inline constexpr KeyType node_index_type{
    "NodeIndexKey", Space::tool, {literal("node_index"), bytes("cloud_unique_id")}};
inline constexpr KeyType journal_type{
    "JournalKey", Space::tool, {literal("journal"), integer("revision")}};
inline constexpr KeyType secret_key_type{"SecretKeyKey", Space::tool, {literal("secret_key")}};
inline constexpr KeyType service_config_type{
    "ServiceConfigKey", Space::tool, {literal("service_config")}};
inline constexpr KeyType rate_limits_type{"RateLimitsKey", Space::tool, {literal("rate_limits")}};

/// Keys with first <= key < last.
struct Range {
  std::string first;
  std::string last;
};

/// The range that holds this key alone.
Range only(std::string key);

std::string instance_key(std::string_view instance_id);
Range all_instances();
/// The instance id; nothing when this is no instance key.
std::optional<std::string> parse_instance_key(std::string_view key);

std::string storage_vault_key(std::string_view instance_id, std::string_view vault_id);
Range all_vaults(std::string_view instance_id);
Range all_vaults();  // Of all instances.

struct VaultRef {
  std::string instance_id;
  std::string vault_id;
  bool operator==(const VaultRef&) const = default;
};
/// Nothing when this is no storage vault key.
std::optional<VaultRef> parse_storage_vault_key(std::string_view key);

std::string registry_key();
std::string arn_info_key();
std::string encryption_key();
std::string instance_update_key();

/// Maps a node to its instance: the value under this key is the instance id.
std::string node_index_key(std::string_view cloud_unique_id);

/// The value under this key is the fingerprint of the key that the state's secrets are sealed with.
std::string secret_key_key();

/// The settings of the service that update_config changed.
std::string service_config_key();

/// The limits that adjust_rate_limit set.
std::string rate_limits_key();

/// Journal keys sort by revision. Throws internal for a revision over 2^63-1.
std::string journal_key(std::uint64_t revision);
/// All journal records; a part of them is Range{journal_key(first), journal_key(last)}.
Range journal();
/// The revision; nothing when this is no journal key.
std::optional<std::uint64_t> parse_journal_key(std::string_view key);

}  // namespace metactl::keys
