// SPDX-License-Identifier: Apache-2.0
// Which settings of an HDFS client may be shown.
#pragma once

#include <string_view>

namespace metactl::api {

/// True for a setting whose value is never a secret, by its name as the Hadoop documentation has
/// it. All others count as secrets: connectors name their keys as they like.
bool is_harmless_hdfs_setting(std::string_view name);

/// True for a name that begins as those of Hadoop's settings do, such as fs.azure.account.key.x.
bool is_hadoop_setting(std::string_view name);

}  // namespace metactl::api
