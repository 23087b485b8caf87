// SPDX-License-Identifier: Apache-2.0
// Settings of the Meta Service that change its behaviour. Source: meta-service-api.md, section 10.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/store.h"

namespace metactl::core::meta {

enum class ConfigType : std::uint8_t { boolean, int32, int64, text };

struct ConfigEntry {
  std::string_view name;
  ConfigType type;
  std::string_view initial;  // The value unless update_config set another one.
  bool is_mutable;           // update_config may change it.
};

inline constexpr std::array service_config = {
    ConfigEntry{"arn_ak", ConfigType::text, "", false},
    ConfigEntry{"arn_id", ConfigType::text, "", false},
    ConfigEntry{"arn_sk", ConfigType::text, "", false},
    ConfigEntry{"default_max_qps_limit", ConfigType::int64, "1000000", true},
    // The service's own default is true; a rehearsal would have to wait five minutes then.
    ConfigEntry{"enable_check_fe_drop_in_safe_time", ConfigType::boolean, "false", true},
    ConfigEntry{"enable_check_instance_id", ConfigType::boolean, "true", true},
    ConfigEntry{"enable_cluster_name_check", ConfigType::boolean, "false", true},
    ConfigEntry{"enable_cluster_snapshot", ConfigType::boolean, "false", true},
    ConfigEntry{"enable_distinguish_hdfs_path", ConfigType::boolean, "true", true},
    ConfigEntry{"enable_multi_version_status", ConfigType::boolean, "false", true},
    ConfigEntry{"enable_rate_limit", ConfigType::boolean, "true", true},
    ConfigEntry{"encryption_method", ConfigType::text, "AES_256_GCM", false},
    ConfigEntry{"max_num_aborted_txn", ConfigType::int32, "100", true},
    ConfigEntry{"snapshot_max_reserved_num", ConfigType::int32, "35", true},
    ConfigEntry{"snapshot_min_interval_seconds", ConfigType::int32, "3600", true},
};

/// The value in force. `name` is one of those above, of that type.
bool config_flag(store::View& view, std::string_view name);
std::int64_t config_number(store::View& view, std::string_view name);

}  // namespace metactl::core::meta
