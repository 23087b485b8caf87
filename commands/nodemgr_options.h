// SPDX-License-Identifier: Apache-2.0
// What the jobs of node_mgr are told: nodes, logins, names, ids of jobs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/tree.h"

namespace metactl::commands {

inline constexpr std::string_view nodemgr_job_kind = "nodemgr-job";

/// What is told of a job that was accepted: "succeed" means no more.
inline constexpr std::string_view nodemgr_received = "received (not yet done)";

/// For help.
inline constexpr auto nodemgr_hazard =
    "Whoever reaches the port of a real node_mgr can run commands on its machine, drop tables, "
    "and\n"
    "read and replace files; passwords travel in clear text, and are written to its log. Use it "
    "in\n"
    "closed networks only.";

struct NodemgrAddress {
  std::string ip;
  std::uint64_t port = 0;
};

/// IP:PORT. Throws Error, usage.
NodemgrAddress parse_nodemgr_address(const std::string& word);

/// Who logs in to a node.
struct NodemgrLogin {
  std::string user;
  std::string password_file;
  std::string password_env;
};

/// The password; asked for at a terminal when no option says where it is. `flag` is
/// "--password" or "--to-password". Throws Error, usage, when there is none, or two.
std::string read_nodemgr_password(cli::Session& session, const NodemgrLogin& login,
                                  std::string_view flag, const std::string& node);

/// Throws Error, usage, unless the word has only letters, digits, _ and $, or `any` name is
/// allowed.
void check_nodemgr_name(const std::string& name, const std::string& word, bool any);

/// Options that each job has.
struct NodemgrJobOptions : NodemgrLogin {
  std::string node;
  std::string job_id;
};

/// The id that was typed, or a new one. Throws Error, usage, for one that a node_mgr may not keep.
std::string job_id_of(const NodemgrJobOptions& options);

/// Sets job_id and s_ip to s_pwd, which all jobs have. Asks for the password.
template <class Request>
Request nodemgr_job_request(cli::Session& session, const NodemgrJobOptions& options) {
  const auto address = parse_nodemgr_address(options.node);
  Request request;
  request.set_job_id(job_id_of(options));
  request.set_s_ip(address.ip);
  request.set_s_port(address.port);
  request.set_s_user(options.user);
  request.set_s_pwd(read_nodemgr_password(session, options, "--password", options.node));
  return request;
}

/// Adds NODE, --user, --password-file, --password-env and --job-id.
template <class Options>
void add_nodemgr_job_options(cli::Command<Options>& command) {
  command.positional("NODE", &NodemgrJobOptions::node, "IP:PORT of the node on its machine");
}
template <class Options>
void add_nodemgr_login_options(cli::Command<Options>& command) {
  command.option("--user", &NodemgrJobOptions::user, "Who logs in to the node", "NAME")
      .option("--password-file", &NodemgrJobOptions::password_file,
              "File with the password; without this and --password-env a terminal is asked", "FILE")
      .option("--password-env", &NodemgrJobOptions::password_env,
              "Environment variable with the password", "VARIABLE")
      .option("--job-id", &NodemgrJobOptions::job_id,
              "Name of the job; default: one that nobody has, which is told", "ID")
      .asks_for("--password-file", {"--password-env"})
      .details(nodemgr_hazard);
}

/// Tells that passwords can be read on the way, unless the server is on this machine.
void warn_of_clear_text(cli::Session& session);

}  // namespace metactl::commands
