// SPDX-License-Identifier: Apache-2.0
// metactl cluster fragments: what runs on the backends, as a frontend knows it.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/secret_text.h"
#include "base/text.h"
#include "cli/files.h"
#include "client/frontend.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/secret_options.h"
#include "http/frontend_http.h"

namespace metactl::commands {
namespace {

struct FragmentOptions {
  std::string frontend;
  std::string user = "root";
  std::string password_file;
  std::string password_env;
};

std::string password(cli::Session& session, const FragmentOptions& options) {
  if (!options.password_file.empty() && !options.password_env.empty())
    throw Error(Reason::usage, "only one of --password-file and --password-env is possible");
  if (!options.password_file.empty()) return cli::read_named_secret(options.password_file);
  if (!options.password_env.empty()) return secret_variable(session, options.password_env);
  return session.ask_hidden("password: ").value_or("");
}

/// The curl command that makes the same call; the password is a variable in it.
std::string curl_line(const FragmentOptions& options, bool has_password) {
  const auto variable = options.password_env.empty() ? "PASSWORD" : options.password_env;
  return fmt::format(
      "curl -sS -u {}:{} {}", text::shell_quote(options.user),
      has_password ? fmt::format("\"${}\"", variable) : "",
      text::shell_quote(api::mask_url(options.frontend) + std::string(http::frontend_path)));
}

std::string port_text(std::int64_t port) {
  return port < 0 ? "-" : std::to_string(port);
}

render::Row row(const std::string& cluster, const http::FrontendBackend& backend) {
  const auto name = fmt::format("{}:{}", backend.host, backend.heartbeat_port);
  return {name,
          {name, cluster, std::to_string(backend.fragments), time_text(backend.updated_ms / 1000),
           port_text(backend.be_port), port_text(backend.http_port), port_text(backend.brpc_port)},
          [cluster, backend] {
            return nlohmann::ordered_json{{"cluster_id", cluster},
                                          {"host", backend.host},
                                          {"heartbeat_port", backend.heartbeat_port},
                                          {"be_port", backend.be_port},
                                          {"http_port", backend.http_port},
                                          {"brpc_port", backend.brpc_port},
                                          {"fragments", backend.fragments},
                                          {"updated_ms", backend.updated_ms}};
          }};
}

void fragments(cli::Session& session, const FragmentOptions& options) {
  cli::check_server(options.frontend);
  const auto word = password(session, options);
  if (session.globals().show_curl) session.io().err << curl_line(options, !word.empty()) << '\n';
  const auto clusters =
      client::frontend_clusters(options.frontend, options.user, word, session.connection().timeout);
  render::List list{"Backend",
                    {{"ENDPOINT"},
                     {"CLUSTER_ID"},
                     {"FRAGMENTS"},
                     {"UPDATED"},
                     {"BE_PORT", true},
                     {"HTTP_PORT", true},
                     {"BRPC_PORT", true}},
                    {}};
  for (const auto& [cluster, backends] : clusters)
    for (const auto& backend : backends) list.rows.push_back(row(cluster, backend));
  session.print(list);
}

}  // namespace

void add_cluster_fragments_command(cli::Group& group) {
  group
      .command<FragmentOptions>(
          "fragments", "Show the fragments that run on the backends; asks a frontend", fragments)
      .option("--fe", &FragmentOptions::frontend, "The frontend: http://HOST:PORT", "URL")
      .option("--user", &FragmentOptions::user, "User of the frontend; default root")
      .option("--password-file", &FragmentOptions::password_file, "File with the password", "FILE")
      .option("--password-env", &FragmentOptions::password_env,
              "Environment variable with the password", "VARIABLE")
      .needs({"--fe"})
      .example("metactl cluster fragments --fe http://10.0.0.1:8030 --user root");
}

}  // namespace metactl::commands
