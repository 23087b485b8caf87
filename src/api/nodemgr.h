// SPDX-License-Identifier: Apache-2.0
// The operations of node_mgr, each a type of job. Source: node-mgr-api.md, sections 4 and 14. All
// travel as a POST, whose path means nothing; which job it is says the member `job_type` of the
// body. A job that is refused is so with {"result": "error"}; one that fails says so by its status.
#pragma once

#include <array>

#include "api/operation.h"
#include "proto/nodemgr.pb.h"

namespace metactl::api {

/// Passwords are masked by our own server only. Errors: an unknown type.
inline constexpr Operation<pb::NodemgrGetNodeRequest, pb::NodemgrNodesResponse> nodemgr_get_node{{
    .name = "nodemgr_get_node",
    .service = Service::nodemgr,
    .reply = Reply::message,
    .route = "POST /",
    .summary = "List the nodes of a machine",
}};

inline constexpr Operation<pb::NodemgrInfoRequest, pb::NodemgrInfoResponse> nodemgr_get_info{{
    .name = "nodemgr_get_info",
    .service = Service::nodemgr,
    .reply = Reply::message,
    .route = "POST /",
    .summary = "Show how busy and how full a machine is",
}};

/// "none" for a job that is not known.
inline constexpr Operation<pb::NodemgrStatusRequest, pb::NodemgrStatusResponse> nodemgr_get_status{{
    .name = "nodemgr_get_status",
    .service = Service::nodemgr,
    .reply = Reply::message,
    .route = "POST /",
    .summary = "Show how far a job is",
}};

inline constexpr Operation<pb::NodemgrUpdateNodeRequest, pb::NodemgrReceivedResponse>
    nodemgr_update_node{{
        .name = "nodemgr_update_node",
        .service = Service::nodemgr,
        .effect = Effect::write,
        .route = "POST /",
        .summary = "Ask the cluster manager again which nodes there are",
    }};

inline constexpr Operation<pb::NodemgrDeleteRequest, pb::NodemgrReceivedResponse> nodemgr_delete{{
    .name = "nodemgr_delete",
    .service = Service::nodemgr,
    .effect = Effect::destroy,
    .route = "POST /",
    .summary = "Drop a table, or remove the file of errors of a node",
}};

inline constexpr Operation<pb::NodemgrSendRequest, pb::NodemgrReceivedResponse> nodemgr_send{{
    .name = "nodemgr_send",
    .service = Service::nodemgr,
    .effect = Effect::destroy,
    .route = "POST /",
    .summary = "Overwrite a table of another node with one of this node",
}};

/// Refused unless the server allows it, and then simulated.
inline constexpr Operation<pb::NodemgrCommandRequest, pb::NodemgrReceivedResponse>
    nodemgr_mysql_cmd{{
        .name = "nodemgr_mysql_cmd",
        .service = Service::nodemgr,
        .effect = Effect::destroy,
        .route = "POST /",
        .summary = "Run a command of the shell beside the tools of MySQL",
    }};

/// As nodemgr_mysql_cmd.
inline constexpr Operation<pb::NodemgrCommandRequest, pb::NodemgrReceivedResponse>
    nodemgr_pgsql_cmd{{
        .name = "nodemgr_pgsql_cmd",
        .service = Service::nodemgr,
        .effect = Effect::destroy,
        .route = "POST /",
        .summary = "Run a command of the shell beside the scripts of PostgreSQL",
    }};

/// As nodemgr_mysql_cmd.
inline constexpr Operation<pb::NodemgrCommandRequest, pb::NodemgrReceivedResponse>
    nodemgr_cluster_cmd{{
        .name = "nodemgr_cluster_cmd",
        .service = Service::nodemgr,
        .effect = Effect::destroy,
        .route = "POST /",
        .summary = "Run a command of the shell beside the cluster manager",
    }};

inline constexpr Operation<pb::NodemgrBackupRequest, pb::NodemgrReceivedResponse>
    nodemgr_coldbackup{{
        .name = "nodemgr_coldbackup",
        .service = Service::nodemgr,
        .effect = Effect::write,
        .route = "POST /",
        .summary = "Back a node up",
    }};

inline constexpr Operation<pb::NodemgrRestoreRequest, pb::NodemgrReceivedResponse>
    nodemgr_coldrestore{{
        .name = "nodemgr_coldrestore",
        .service = Service::nodemgr,
        .effect = Effect::destroy,
        .route = "POST /",
        .summary = "Restore a node from a backup",
    }};

/// A file of less than 2 GiB, for our own server of at most 64 MiB; one of the same name is
/// replaced.
inline constexpr Operation<pb::NodemgrFileRequest, pb::NodemgrFileResponse> nodemgr_send_file{{
    .name = "nodemgr_send_file",
    .service = Service::nodemgr,
    .effect = Effect::destroy,
    .reply = Reply::message,
    .route = "POST /",
    .bulky = true,
    .summary = "Put a file beside the tools of a machine",
}};

/// On a state file only.
inline constexpr Operation<pb::NodemgrImportRequest, pb::NodemgrNodesResponse> nodemgr_import{{
    .name = "nodemgr_import",
    .service = Service::nodemgr,
    .effect = Effect::destroy,
    .reply = Reply::message,
    .summary = "Replace the nodes of a machine",
}};

/// All of them.
inline constexpr std::array nodemgr_operations = {
    any(nodemgr_get_node),    any(nodemgr_get_info),    any(nodemgr_get_status),
    any(nodemgr_update_node), any(nodemgr_delete),      any(nodemgr_send),
    any(nodemgr_mysql_cmd),   any(nodemgr_pgsql_cmd),   any(nodemgr_cluster_cmd),
    any(nodemgr_coldbackup),  any(nodemgr_coldrestore), any(nodemgr_send_file),
    any(nodemgr_import),
};

}  // namespace metactl::api
