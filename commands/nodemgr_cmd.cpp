// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr cmd: commands of the shell on a machine.
#include <fmt/format.h>

#include "api/nodemgr.h"
#include "commands/nodemgr.h"
#include "commands/nodemgr_options.h"

namespace metactl::commands {
namespace {

struct CommandOptions {
  std::string command;
  bool allow_shell = false;
};

using Operation = api::Operation<pb::NodemgrCommandRequest, pb::NodemgrReceivedResponse>;

void run(cli::Session& session, const CommandOptions& options, const Operation& operation,
         const std::string& area) {
  if (!options.allow_shell)
    throw Error(
        Reason::usage,
        fmt::format("refused to hand '{}' to a shell without --allow-shell", options.command),
        "the server runs whatever it is told; add --allow-shell if that is what you want");
  pb::NodemgrCommandRequest request;
  request.set_cmd(options.command);
  session.confirm(fmt::format("run '{}' in the shell of the machine", options.command));
  session.change(operation, request, {"run", nodemgr_received, "nodemgr-cmd", area},
                 {.hint = "our own server simulates some: metactl serve --service nodemgr "
                          "--allow-shell"});
}

void mysql(cli::Session& session, const CommandOptions& options) {
  run(session, options, api::nodemgr_mysql_cmd, "mysql");
}

void pgsql(cli::Session& session, const CommandOptions& options) {
  run(session, options, api::nodemgr_pgsql_cmd, "pgsql");
}

void cluster(cli::Session& session, const CommandOptions& options) {
  run(session, options, api::nodemgr_cluster_cmd, "cluster");
}

void add(cli::Group& cmd, const std::string& name, const std::string& summary,
         void (*command)(cli::Session&, const CommandOptions&), const Operation& operation,
         const std::string& example) {
  cmd.command<CommandOptions>(name, summary, command)
      .positional("COMMAND", &CommandOptions::command, "A line of the shell, as one word")
      .secret("COMMAND")
      .flag("--allow-shell", &CommandOptions::allow_shell, "That this is what you want")
      .needs({"COMMAND"})
      .details(
          "Output and exit status are thrown away by the server: that it was received is all that\n"
          "is told. A state file and our own server run nothing; only serve --allow-shell knows\n"
          "./startmysql.sh PORT, ./stopmysql.sh PORT and python2 start_pg.py port=PORT, which "
          "mark\n"
          "the node. Servers from the end of 2021 on have no such jobs.")
      .details(nodemgr_hazard)
      .example(fmt::format("metactl nodemgr cmd {} {} --allow-shell --yes", name, example))
      .destructive()
      .runs(operation);
}

}  // namespace

void add_nodemgr_cmd_commands(cli::Group& cmd) {
  add(cmd, "mysql", "Run a command beside the tools of MySQL", mysql, api::nodemgr_mysql_cmd,
      "'./startmysql.sh 6001'");
  add(cmd, "pgsql", "Run a command beside the scripts of PostgreSQL", pgsql, api::nodemgr_pgsql_cmd,
      "'python2 start_pg.py port=5401'");
  add(cmd, "cluster", "Run a command beside the cluster manager", cluster, api::nodemgr_cluster_cmd,
      "'bash -x bin/cluster_mgr_safe --debug cluster_mgr.cnf'");
}

}  // namespace metactl::commands
