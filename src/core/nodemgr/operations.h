// SPDX-License-Identifier: Apache-2.0
// What each operation does; api/nodemgr.h tells its errors.
#pragma once

#include "core/context.h"
#include "proto/nodemgr.pb.h"

namespace metactl::core::nodemgr {

// nodes.cpp
pb::NodemgrNodesResponse get_node(Context&, const pb::NodemgrGetNodeRequest&);
pb::NodemgrInfoResponse get_info(Context&, const pb::NodemgrInfoRequest&);
pb::NodemgrReceivedResponse update_node(Context&, const pb::NodemgrUpdateNodeRequest&);
pb::NodemgrNodesResponse import_nodes(Context&, const pb::NodemgrImportRequest&);

// commands.cpp
pb::NodemgrReceivedResponse mysql_cmd(Context&, const pb::NodemgrCommandRequest&);
pb::NodemgrReceivedResponse pgsql_cmd(Context&, const pb::NodemgrCommandRequest&);
pb::NodemgrReceivedResponse cluster_cmd(Context&, const pb::NodemgrCommandRequest&);

// jobs.cpp
pb::NodemgrReceivedResponse delete_job(Context&, const pb::NodemgrDeleteRequest&);
pb::NodemgrReceivedResponse send_job(Context&, const pb::NodemgrSendRequest&);
pb::NodemgrReceivedResponse coldbackup(Context&, const pb::NodemgrBackupRequest&);
pb::NodemgrReceivedResponse coldrestore(Context&, const pb::NodemgrRestoreRequest&);

// job_table.cpp
pb::NodemgrStatusResponse get_status(Context&, const pb::NodemgrStatusRequest&);

// files.cpp
pb::NodemgrFileResponse send_file(Context&, const pb::NodemgrFileRequest&);

}  // namespace metactl::core::nodemgr
