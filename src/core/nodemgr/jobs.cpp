// SPDX-License-Identifier: Apache-2.0
// What the jobs do, with their checks in the order of node-mgr-api.md, N15.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "api/nodemgr_errors.h"
#include "api/rules.h"
#include "base/text.h"
#include "core/nodemgr/job_checks.h"
#include "core/nodemgr/job_table.h"
#include "core/nodemgr/operations.h"

namespace metactl::core::nodemgr {
namespace {

constexpr std::string_view source = "s_";
constexpr std::string_view target = "d_";
/// Stands in the names of databases that node_mgr can copy.
constexpr std::string_view copied_database = "_$$_";

/// Runs a job whose body makes its changes or throws JobFailed.
template <class Body>
pb::NodemgrReceivedResponse run_job(Context& context, const google::protobuf::Message& request,
                                    const Job& job, const Body& body) {
  api::require_plain(api::Service::nodemgr, request);
  run(context, job, [&](store::Txn& txn) {
    try {
      Changes changes(txn);
      body(changes);
      return job.type + " succeed";
    } catch (const JobFailed& failed) {
      return failed.status;
    }
  });
  return {};
}

void check_file_type(const std::string& type) {
  if (type != "table" && type != "binlog")
    throw api::nodemgr_refused(
        fmt::format("'file_type' cannot be '{}': it is table or binlog", text::printable(type)));
}

auto find_table(pb::NodemgrStoredNodePB& node, const Side& side) {
  return std::find_if(node.mutable_tables()->begin(), node.mutable_tables()->end(),
                      [&](const pb::NodemgrTablePB& table) {
                        return table.database() == side.text("dbname") &&
                               table.table() == side.text("table_name");
                      });
}

bool has_table(Node& node, const Side& side) {
  return find_table(node.record, side) != node.record.mutable_tables()->end();
}

bool is_copied(const Side& side) {
  return side.text("dbname").find(copied_database) != std::string::npos;
}

void delete_table(Changes& changes, const Side& side) {
  constexpr auto failure = "delete_db_table error";
  auto nodes = changes.nodes();
  side.check_address(nodes);
  side.check_user();
  side.check_table();
  auto& node = side.log_in(nodes, failure);
  if (!has_table(node, side)) throw JobFailed{failure};
  node.record.mutable_tables()->erase(find_table(node.record, side));
  changes.store(node);
}

void delete_binlog(Changes& changes, const Side& side) {
  auto nodes = changes.nodes();
  side.check_address(nodes);
  side.check_user();
  auto& node = side.log_in(nodes, "get_binlog_path error");
  if (!node.record.has_binlog())
    throw JobFailed{fmt::format("delete file {}mysqld.err fail!", node.record.path())};
  node.record.set_has_binlog(false);
  changes.store(node);
}

void send_table(Changes& changes, const Side& from, const Side& to) {
  constexpr auto failure = "get_table_path error";
  auto nodes = changes.nodes();
  from.check_address(nodes);
  from.check_user();
  from.check_table();
  if (!has_table(from.log_in(nodes, failure), from) || !is_copied(from)) throw JobFailed{failure};
  to.check_address(nodes);
  to.check_user();
  to.check_table();
  auto& node = to.log_in(nodes, failure);
  if (!is_copied(to)) throw JobFailed{failure};
  if (has_table(node, to)) return;
  auto& table = *node.record.add_tables();
  table.set_database(to.text("dbname"));
  table.set_table(to.text("table_name"));
  changes.store(node);
}

/// Where a backup of the node that is made now stands.
std::string backup_file(const pb::NodemgrStoredNodePB& node, std::int64_t now) {
  const auto place =
      node.type() == "meta_node" ? "meta" : fmt::format("{}/{}", node.cluster(), node.shard());
  return fmt::format("/coldbackup/{}/coldback_{:%Y%m%d_%H%M%S}.tgz", place, fmt::localtime(now));
}

/// The node that a backup is about.
Node log_in_for_backup(Changes& changes, const Side& side) {
  auto nodes = changes.nodes();
  side.check_address(nodes);
  side.check_user();
  return side.log_in(nodes, "get_cnf_path error");
}

}  // namespace

pb::NodemgrReceivedResponse delete_job(Context& context, const pb::NodemgrDeleteRequest& request) {
  check_file_type(request.file_type());
  return run_job(context, request, {request.job_id(), "delete"}, [&](Changes& changes) {
    const Side side(request, source);
    request.file_type() == "table" ? delete_table(changes, side) : delete_binlog(changes, side);
  });
}

pb::NodemgrReceivedResponse send_job(Context& context, const pb::NodemgrSendRequest& request) {
  check_file_type(request.file_type());
  return run_job(context, request, {request.job_id(), "send"}, [&](Changes& changes) {
    if (request.file_type() == "binlog") throw JobFailed{"send binlog is not supported error"};
    send_table(changes, Side(request, source), Side(request, target));
  });
}

pb::NodemgrReceivedResponse coldbackup(Context& context, const pb::NodemgrBackupRequest& request) {
  const Job job{request.job_id(), "coldbackup", {"working", "copying"}};
  return run_job(context, request, job, [&](Changes& changes) {
    const auto node = log_in_for_backup(changes, Side(request, source));
    pb::NodemgrBackupPB backup;
    backup.set_ip(node.record.ip());
    backup.set_port(node.record.port());
    changes.store_backup(backup_file(node.record, context.now()), backup);
  });
}

/// A simulated node has nothing that a backup would bring back.
pb::NodemgrReceivedResponse coldrestore(Context& context,
                                        const pb::NodemgrRestoreRequest& request) {
  const Job job{request.job_id(), "coldrestore", {"copying", "working"}};
  return run_job(context, request, job, [&](Changes& changes) {
    log_in_for_backup(changes, Side(request, source));
    if (request.file().empty()) throw JobFailed{"get file error"};
    if (!changes.has_backup(request.file()))
      throw JobFailed{"job_cold_restore poll from hdfs fail!"};
  });
}

}  // namespace metactl::core::nodemgr
