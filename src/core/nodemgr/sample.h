// SPDX-License-Identifier: Apache-2.0
// The machine of the examples in the service's README. Source: node-mgr-api.md, N11.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/context.h"
#include "proto/nodemgr.pb.h"

namespace metactl::core::nodemgr {

inline constexpr std::string_view sample_ip = "127.0.0.1";
inline constexpr std::string_view sample_backup =
    "/coldbackup/clust1/shard1/coldback_20211122_234303.tgz";
inline constexpr std::uint64_t sample_backup_port = 6004;

pb::NodemgrBackupPB sample_backup_record();
/// `context` gives salts for passwords.
std::vector<pb::NodemgrStoredNodePB> sample_nodes(const Context& context);

}  // namespace metactl::core::nodemgr
