// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr job: delete and send tables, delete logs.
#include <fmt/format.h>

#include "api/nodemgr.h"
#include "commands/nodemgr.h"
#include "commands/nodemgr_options.h"

namespace metactl::commands {
namespace {

struct BinlogOptions : NodemgrJobOptions {};

struct TableOptions : NodemgrJobOptions {
  std::string database;
  std::string table;
  bool any_name = false;
};

struct SendOptions : TableOptions {
  std::string to;
  std::string to_database;
  std::string to_table;
  std::string to_user;
  std::string to_password_file;
  std::string to_password_env;
};

template <class Request, class Response>
void submit(cli::Session& session, const api::Operation<Request, Response>& operation,
            const Request& request) {
  session.change(operation, request,
                 {"submit",
                  nodemgr_received,
                  nodemgr_job_kind,
                  request.job_id(),
                  {"job_id", request.job_id(), true}});
  if (!session.globals().dry_run)
    session.note(
        fmt::format("metactl nodemgr job status {} tells its end; a real node_mgr does not: look "
                    "in the database",
                    request.job_id()));
}

void delete_table(cli::Session& session, const TableOptions& options) {
  check_nodemgr_name("DATABASE", options.database, options.any_name);
  check_nodemgr_name("TABLE", options.table, options.any_name);
  auto request = nodemgr_job_request<pb::NodemgrDeleteRequest>(session, options);
  request.set_file_type("table");
  request.set_s_dbname(options.database);
  request.set_s_table_name(options.table);
  session.confirm(fmt::format("drop table '{}' of database '{}' at {}", options.table,
                              options.database, options.node));
  warn_of_clear_text(session);
  submit(session, api::nodemgr_delete, request);
}

void delete_binlog(cli::Session& session, const BinlogOptions& options) {
  auto request = nodemgr_job_request<pb::NodemgrDeleteRequest>(session, options);
  request.set_file_type("binlog");
  session.warn("this removes the error log of the node, and no binlog, whatever the job is called");
  session.confirm(fmt::format("remove the error log of {}", options.node));
  warn_of_clear_text(session);
  submit(session, api::nodemgr_delete, request);
}

NodemgrLogin target_login(const SendOptions& options) {
  return {options.to_user.empty() ? options.user : options.to_user, options.to_password_file,
          options.to_password_env};
}

/// The target's password is the source's when it says nothing of a login of its own.
std::string target_password(cli::Session& session, const SendOptions& options,
                            const std::string& source) {
  const bool is_same = options.to_user.empty() && options.to_password_file.empty() &&
                       options.to_password_env.empty();
  return is_same
             ? source
             : read_nodemgr_password(session, target_login(options), "--to-password", options.to);
}

void send(cli::Session& session, const SendOptions& options) {
  check_nodemgr_name("DATABASE", options.database, options.any_name);
  check_nodemgr_name("TABLE", options.table, options.any_name);
  const auto target = parse_nodemgr_address(options.to);
  const auto& database = options.to_database.empty() ? options.database : options.to_database;
  const auto& table = options.to_table.empty() ? options.table : options.to_table;
  check_nodemgr_name("--to-database", database, options.any_name);
  check_nodemgr_name("--to-table", table, options.any_name);
  auto request = nodemgr_job_request<pb::NodemgrSendRequest>(session, options);
  request.set_file_type("table");
  request.set_s_dbname(options.database);
  request.set_s_table_name(options.table);
  request.set_d_ip(target.ip);
  request.set_d_port(target.port);
  request.set_d_user(target_login(options).user);
  request.set_d_pwd(target_password(session, options, request.s_pwd()));
  request.set_d_dbname(database);
  request.set_d_table_name(table);
  session.confirm(fmt::format("overwrite table '{}' of database '{}' at {} with '{}' of {}", table,
                              database, options.to, options.table, options.node));
  warn_of_clear_text(session);
  submit(session, api::nodemgr_send, request);
}

template <class Options>
void add_table_options(cli::Command<Options>& command) {
  add_nodemgr_job_options(command);
  command.positional("DATABASE", &TableOptions::database, "Database, such as postgres_$$_public")
      .positional("TABLE", &TableOptions::table, "Table")
      .flag("--any-name", &TableOptions::any_name,
            "Take names of other characters than letters, digits, _ and $; they go into SQL and "
            "paths as they are");
  add_nodemgr_login_options(command);
}

}  // namespace

void add_nodemgr_job_commands(cli::Group& job) {
  auto drop = job.command<TableOptions>("delete-table", "Drop a table of a node", delete_table);
  add_table_options(drop);
  drop.needs({"NODE", "DATABASE", "TABLE", "--user"})
      .details(
          "The answer means that the job was received. A real node_mgr answers the same to what\n"
          "it cannot do, and records no status: look in the database.")
      .example(
          "metactl nodemgr job delete-table 127.0.0.1:6007 'postgres_$$_public' t13 --user pgx "
          "--password-file pgx.pwd --yes")
      .destructive()
      .runs(api::nodemgr_delete);
  auto binlog =
      job.command<BinlogOptions>("delete-binlog", "Remove the error log of a node", delete_binlog);
  add_nodemgr_job_options(binlog);
  add_nodemgr_login_options(binlog);
  binlog.needs({"NODE", "--user"})
      .details(
          "node_mgr calls this the deletion of a binlog, but removes the file that MySQL names in\n"
          "@@log_error.")
      .example(
          "metactl nodemgr job delete-binlog 127.0.0.1:6007 --user pgx --password-file pgx.pwd "
          "--yes")
      .destructive()
      .runs(api::nodemgr_delete);
  auto copy =
      job.command<SendOptions>("send", "Overwrite a table of another node with one of this", send);
  add_table_options(copy);
  copy.option("--to", &SendOptions::to, "IP:PORT of the node that gets the table", "NODE")
      .option("--to-database", &SendOptions::to_database, "Database there; default: the same",
              "NAME")
      .option("--to-table", &SendOptions::to_table, "Table there; default: the same", "NAME")
      .option("--to-user", &SendOptions::to_user, "Who logs in there; default: the same", "NAME")
      .option("--to-password-file", &SendOptions::to_password_file,
              "File with the password there; default: the same password", "FILE")
      .option("--to-password-env", &SendOptions::to_password_env,
              "Environment variable with the password there", "VARIABLE")
      .needs({"NODE", "DATABASE", "TABLE", "--to", "--user"})
      .details(
          "Both databases need _$$_ in their names. The source's node_mgr sends both passwords on\n"
          "to the target's, and from then on gives the file of the table to anybody who asks for\n"
          "it by the id of the job.")
      .example(
          "metactl nodemgr job send 127.0.0.1:6004 'postgres_$$_public' t12 --to 127.0.0.1:6007 "
          "--to-table t17 --user pgx --password-file pgx.pwd --yes")
      .destructive()
      .runs(api::nodemgr_send);
}

}  // namespace metactl::commands
