// SPDX-License-Identifier: Apache-2.0
#include "app/local.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/key_file.h"
#include "app/leftovers.h"
#include "app/machine.h"
#include "app/noted_server.h"
#include "app/rehearsal.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/symbolic_link.h"
#include "cli/files.h"
#include "cli/tree.h"
#include "client/http_client.h"
#include "commands/commands.h"
#include "core/meta/rekey.h"
#include "core/state/upgrade.h"
#include "http/curl_url.h"
#include "keys/keys.h"
#include "store/sqlite.h"

namespace metactl::app {
namespace {

std::int64_t now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

core::Environment environment_with(core::Secrets secrets, const core::Settings& settings) {
  return {now_ms, crypto::random_bytes, std::move(secrets), settings};
}

}  // namespace

std::string key_path(const cli::Connection& connection) {
  return follow_links(connection.key_file.empty() ? connection.state + ".key"
                                                  : connection.key_file);
}

core::Environment local_environment(const cli::Connection& connection,
                                    const core::Settings& settings, const UploadLimits& uploads) {
  const auto file = std::make_shared<KeyFile>(key_path(connection));
  auto own = settings;
  own.release = connection.release;
  const auto folder = std::make_shared<UploadFolder>(connection.state + ".files", uploads);
  own.keep_file = [folder](const auto& area, const auto& name, std::string_view content) {
    folder->keep(area, name, content);
  };
  own.measure = [state = connection.state](pb::NodemgrInfoResponse& info) {
    measure_machine(state, info);
  };
  return environment_with(
      core::Secrets([file](const auto& fingerprint) { return file->key(fingerprint); }), own);
}

namespace {

/// The program, and of a metactl the names of its commands: other words may be secret.
std::string name_command(const std::vector<std::string>& words) {
  const auto program = std::filesystem::path(words.front()).filename().string();
  if (!program.starts_with("metactl")) return program;
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  cli::Tree tree(rest);
  commands::add_all_commands(tree);
  return cli::command_in(tree, rest);
}

}  // namespace

std::shared_ptr<store::SqliteStore> open_state(const cli::Connection& connection,
                                               const core::Environment& environment) {
  store::SqliteOptions options;
  if (connection.is_timeout_chosen) options.patience = connection.timeout;
  options.may_upgrade = connection.may_upgrade;
  options.upgrade_rows = [environment](store::Txn& txn, std::uint32_t from) {
    core::upgrade_rows(txn, from, environment);
  };
  options.note = connection.note;
  options.note_wait = connection.note_wait;
  options.name_command = name_command;
  options.after_first_change = [state = connection.state,
                                has_own_key = connection.key_file.empty()](store::Store& store) {
    remove_leftovers(store, state, has_own_key);
  };
  return std::make_shared<store::SqliteStore>(connection.state, std::move(options));
}

void require_key(const cli::Connection& connection) {
  const auto environment = local_environment(connection, {});
  open_state(connection, environment)->read([&](store::View& view) {
    environment.secrets.require_key(view);
  });
}

std::size_t rekey(const cli::Connection& connection) {
  const KeyFile file(key_path(connection));
  const auto environment = local_environment(connection, {});
  const auto store = open_state(connection, environment);
  core::Context context(*store, environment, environment.now_ms(),
                        {local_origin(connection), "rekey"});
  const auto new_key = file.prepare();
  const auto fingerprint = core::Secrets::fingerprint(new_key);
  std::size_t count = 0;
  try {
    count = core::meta::rekey(context, new_key);
  } catch (const Error&) {
    const auto known =
        store->read([](store::View& view) { return view.get(keys::secret_key_key()); });
    if (known != fingerprint) file.abandon(fingerprint);
    throw;
  }
  file.commit(fingerprint);
  return count;
}

namespace {

core::Environment rehearsal_environment(const cli::Connection& connection) {
  // A key file is not made for a rehearsal.
  const auto file = std::make_shared<KeyFile>(key_path(connection));
  const std::string other = crypto::random_bytes(32);
  const auto key = [file, other, is_local = connection.server.empty()](
                       const std::optional<std::string>& fingerprint) {
    const bool is_other =
        !is_local || !fingerprint || *fingerprint == core::Secrets::fingerprint(other);
    return is_other ? std::string(other) : file->key(fingerprint);
  };
  return environment_with(core::Secrets(key), {.release = connection.release});
}

}  // namespace

std::unique_ptr<client::Client> rehearse(const cli::Connection& connection) {
  if (!connection.server.empty()) return rehearse_on(connection, connect_server(connection));
  const auto environment = rehearsal_environment(connection);
  return std::make_unique<Rehearsal>(open_state(connection, environment), environment,
                                     local_origin(connection));
}

std::unique_ptr<client::Client> rehearse_on(const cli::Connection& connection,
                                            std::unique_ptr<client::Client> server) {
  return std::make_unique<Rehearsal>(std::move(server), rehearsal_environment(connection),
                                     local_origin(connection));
}

namespace {

/// The state file with the history of servers.
std::shared_ptr<store::SqliteStore> open_notes(const cli::Connection& connection) {
  auto notes = connection;
  notes.state = connection.notes;
  notes.key_file.clear();
  return open_state(notes, local_environment(notes, {}));
}

}  // namespace

std::unique_ptr<client::Client> connect_server(const cli::Connection& connection) {
  auto server = std::make_unique<client::HttpClient>(
      connection.server, connection.token, connection.timeout, connection.api,
      connection.is_timeout_chosen, connection.retries);
  server->set_command(connection.command.id);
  if (connection.notes.empty()) return server;
  const auto warn = [](const std::string& text) { std::cerr << "warning: " << text << '\n'; };
  return std::make_unique<NotedServer>(
      std::move(server),
      RemoteNotes(open_notes(connection), http::name_of_server(connection.server)),
      NotedServer::Surroundings{local_origin(connection), now_ms, warn});
}

core::Origin local_origin(const cli::Connection& connection) {
  const auto* user = ::getpwuid(::getuid());
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  core::Origin origin(
      fmt::format("{}@{}", user ? user->pw_name : std::to_string(::getuid()), host.data()));
  origin.command_id = connection.command.id;
  origin.command_line = connection.command.line;
  return origin;
}

}  // namespace metactl::app
