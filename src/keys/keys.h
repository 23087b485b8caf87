// SPDX-License-Identifier: Apache-2.0
// The keys that are stored: those of the Meta Service, byte for byte as it writes them, and our
// own.
//
// Key spaces: 01 (user), 02 (system) and 03 (versioned) are the Meta Service's and hold nothing
// else. 80 holds the tool's own records, 81 those of the memory broker, 82 those of qluster
// and 83 those of node_mgr.
// Every key is a key space byte and fields of the codec, so all of them can be decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keys/catalogue.h"
#include "keys/key_type.h"

namespace metactl::keys {

inline constexpr const KeyType& instance_type = key_type("InstanceKey");
inline constexpr const KeyType& storage_vault_type = key_type("StorageVaultKey");
inline constexpr const KeyType& recycle_stage_type = key_type("RecycleStageKey");
inline constexpr const KeyType& registry_type = key_type("MetaServiceRegistryKey");
inline constexpr const KeyType& arn_info_type = key_type("MetaServiceArnInfoKey");
inline constexpr const KeyType& encryption_key_type = key_type("MetaServiceEncryptionKey");
inline constexpr const KeyType& instance_update_type = key_type("MetaServiceInstanceUpdateKey");
inline constexpr const KeyType& node_index_type = key_type("NodeIndexKey");
inline constexpr const KeyType& journal_type = key_type("JournalKey");
inline constexpr const KeyType& journal_head_type = key_type("JournalHeadKey");
inline constexpr const KeyType& secret_key_type = key_type("SecretKeyKey");
inline constexpr const KeyType& service_config_type = key_type("ServiceConfigKey");
inline constexpr const KeyType& remote_change_type = key_type("RemoteChangeKey");
inline constexpr const KeyType& remote_change_count_type = key_type("RemoteChangeCountKey");
inline constexpr const KeyType& rate_limits_type = key_type("RateLimitsKey");
inline constexpr const KeyType& broker_state_type = key_type("BrokerStateKey");
inline constexpr const KeyType& broker_proxy_type = key_type("BrokerProxyKey");
inline constexpr const KeyType& broker_cluster_type = key_type("BrokerClusterKey");
inline constexpr const KeyType& broker_failed_proxy_type = key_type("BrokerFailedProxyKey");
inline constexpr const KeyType& broker_failure_reports_type = key_type("BrokerFailureReportsKey");
inline constexpr const KeyType& broker_settings_type = key_type("BrokerSettingsKey");
inline constexpr const KeyType& qluster_state_type = key_type("QlusterStateKey");
inline constexpr const KeyType& qluster_counters_type = key_type("QlusterCountersKey");
inline constexpr const KeyType& qluster_node_type = key_type("QlusterNodeKey");
inline constexpr const KeyType& qluster_log_type = key_type("QlusterLogKey");
inline constexpr const KeyType& qluster_event_type = key_type("QlusterEventKey");
inline constexpr const KeyType& qluster_rpc_type = key_type("QlusterRpcKey");
inline constexpr const KeyType& nodemgr_state_type = key_type("NodemgrStateKey");
inline constexpr const KeyType& nodemgr_node_type = key_type("NodemgrNodeKey");
inline constexpr const KeyType& nodemgr_job_type = key_type("NodemgrJobKey");
inline constexpr const KeyType& nodemgr_backup_type = key_type("NodemgrBackupKey");

/// Keys with first <= key < last.
struct Range {
  std::string first;
  std::string last;
};

/// All keys that are `prefix` or go on with another field after it, which must end with a field.
Range below(std::string prefix);

/// The range that holds this key alone.
Range only(std::string key);

/// The rows of the value under a key, which may be split: the key, and the key with one more
/// integer. Source: key-encoding.md, section 2.
Range rows_of_value(std::string key);

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
/// The cloud_unique_id; nothing when this is no such key.
std::optional<std::string> parse_node_index_key(std::string_view key);

/// The value under this key is the fingerprint of the key that the state's secrets are sealed with.
std::string secret_key_key();

/// The settings of the service that update_config changed.
std::string service_config_key();

/// The limits that adjust_rate_limit set.
std::string rate_limits_key();

/// What was changed on a server from this machine, by number.
std::string remote_change_key(std::string_view server, std::uint64_t number);
Range remote_changes(std::string_view server);
/// The number; nothing when this is no such key.
std::optional<std::uint64_t> parse_remote_change_key(std::string_view key);
/// How many changes those were.
std::string remote_change_count_key(std::string_view server);

/// Journal keys sort by revision. Throws internal for a revision over 2^63-1.
std::string journal_key(std::uint64_t revision);
/// All journal records; a part of them is Range{journal_key(first), journal_key(last)}.
Range journal();
/// The revision; nothing when this is no journal key.
std::optional<std::uint64_t> parse_journal_key(std::string_view key);
/// Where the journal ends; the next key after all journal records.
std::string journal_head_key();

}  // namespace metactl::keys
