// SPDX-License-Identifier: Apache-2.0
#include "tests/support/command_world.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "app/embedded_client.h"
#include "app/first_services.h"
#include "app/noted_server.h"
#include "app/rehearsal.h"
#include "app/run.h"
#include "app/state_tools.h"
#include "base/text.h"
#include "client/http_client.h"
#include "proto/nodemgr.pb.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "tests/support/plain_secrets.h"

namespace metactl::tests {

namespace {

/// A machine that is always equally busy.
void measure(pb::NodemgrInfoResponse& info) {
  info.set_cpu_used("12.34%");
  info.set_mem_used("383M");
  info.set_mem_free("1601M");
  info.set_disk_used("20K");
  info.set_disk_free("76G");
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment) names.push_back(name);
  return names;
}

/// What is kept of a command must hold no secret that was typed either.
core::Origin origin(const cli::Connection& connection) {
  refuse_plain_secrets({}, connection.command.line);
  core::Origin origin("tester@host");
  origin.command_id = connection.command.id;
  origin.command_line = connection.command.line;
  return origin;
}

}  // namespace

CommandWorld::CommandWorld(Mode mode)
    : environment{{"HOME", "home"}}, old_folder_(std::filesystem::current_path()), mode_(mode) {
  std::filesystem::current_path(folder_.path());
  services.connect = [this](const cli::Connection& connection) { return connect(connection); };
  services.rehearse = [this](const cli::Connection& connection) { return rehearse(connection); };
  services.rehearse_on = [](const cli::Connection& connection, auto server) {
    return std::make_unique<app::Rehearsal>(std::move(server), core_environment(),
                                            origin(connection));
  };
  services.serve = app::serve;
  services.state = [](const cli::Connection& connection) {
    return app::state_tools(connection, core_environment(), origin(connection));
  };
  services.new_command_id = [this] { return fmt::format("{:016x}", ++commands_); };
  if (mode == Mode::served) start_server();
}

CommandWorld::~CommandWorld() {
  std::error_code ignored;
  std::filesystem::current_path(old_folder_, ignored);
}

void CommandWorld::start_server() {
  server::FrontOptions options;
  options.token = "golden-token";
  server_ = std::make_unique<app::StateServer>(
      server_state_, core_environment(),
      app::ServedServices{.meta = options,
                          .broker = server::BrokerFrontOptions(),
                          .qluster = server::QlusterFrontOptions(),
                          .nodemgr = server::NodemgrFrontOptions()},
      "127.0.0.1", 0);
  write_file("server.token", options.token + "\n");
  std::filesystem::permissions("server.token", std::filesystem::perms::owner_read);
  environment["METACTL_SERVER"] = server_->url();
  environment["METACTL_TOKEN_FILE"] = "server.token";
}

void CommandWorld::use_services(const std::set<api::Service>& wanted) {
  const bool is_served = mode_ == Mode::served;
  if (!is_served) environment["METACTL_STATE"] = "state.db";
  auto core = core_environment();
  core.journal = false;  // They are there before the test begins.
  app::make_first_services(is_served ? server_state_ : state_at("state.db"), core,
                           core::Origin("tester@host"), wanted);
}

std::shared_ptr<store::Store> CommandWorld::state_at(const std::string& path) {
  auto& state = states_[path];
  if (!state && mode_ == Mode::sqlite) state = std::make_shared<store::SqliteStore>(path);
  if (!state) state = std::make_shared<store::MemoryStore>();
  return state;
}

std::unique_ptr<client::Client> CommandWorld::connect(const cli::Connection& connection) {
  if (!connection.server.empty()) return connect_server(connection);
  auto core = core_environment();
  core.settings.release = connection.release;
  return std::make_unique<app::EmbeddedClient>(state_at(connection.state), std::move(core),
                                               origin(connection));
}

std::unique_ptr<client::Client> CommandWorld::connect_server(const cli::Connection& connection) {
  const auto core = core_environment();
  auto server = std::make_unique<client::HttpClient>(
      connection.server, connection.token, connection.timeout, connection.api,
      connection.is_timeout_chosen, connection.retries);
  server->set_command(connection.command.id);
  return std::make_unique<app::NotedServer>(
      std::move(server), app::RemoteNotes(state_at(connection.notes), connection.server),
      app::NotedServer::Surroundings{origin(connection), core.now_ms, [](const auto&) {}});
}

std::unique_ptr<client::Client> CommandWorld::rehearse(const cli::Connection& connection) {
  if (!connection.server.empty())
    return std::make_unique<app::Rehearsal>(connect(connection), core_environment(),
                                            origin(connection));
  return std::make_unique<app::Rehearsal>(state_at(connection.state), core_environment(),
                                          origin(connection));
}

core::Environment CommandWorld::core_environment() {
  return {.now_ms = [] { return fixed_time * 1000; },
          .random_bytes = [](std::size_t count) { return std::string(count, 'r'); },
          .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
          .settings = {.measure = measure}};
}

CommandWorld::Result CommandWorld::run(const std::vector<std::string>& arguments,
                                       const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const auto look_up = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  cli::Io io{in,
             out,
             err,
             in_is_terminal,
             out_is_terminal,
             err_is_terminal,
             width,
             look_up,
             [&](const std::string& prompt) {
               err << prompt << '\n';
               std::string line;
               std::getline(in, line);
               return line;
             },
             nullptr,
             [&](const std::string& command) {
               on_shell();
               return cli::run_shell(command);
             },
             [&](auto) { on_sleep(); },
             names_of(environment)};
  const int status = app::run(arguments, io, services);
  refuse_plain_secrets(arguments, out.str());
  refuse_plain_secrets(arguments, err.str());
  return {status, out.str(), err.str()};
}

CommandWorld::Result CommandWorld::run_line(const std::string& line, const std::string& input) {
  return run(text::split(line, ' '), input);
}

void CommandWorld::write_file(const std::string& name, const std::string& content) {
  const std::filesystem::path path(name);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

}  // namespace metactl::tests
