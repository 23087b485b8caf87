// SPDX-License-Identifier: Apache-2.0
#include "app/local.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>
#include <memory>

#include "app/key_file.h"
#include "app/machine.h"
#include "app/noted_server.h"
#include "app/rehearsal.h"
#include "app/tidy_store.h"
#include "base/crypto.h"
#include "base/error.h"
#include "cli/files.h"
#include "client/http_client.h"
#include "core/meta/rekey.h"
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
  return connection.key_file.empty() ? connection.state + ".key" : connection.key_file;
}

core::Environment local_environment(const cli::Connection& connection,
                                    const core::Settings& settings) {
  const auto file = std::make_shared<KeyFile>(key_path(connection));
  auto own = settings;
  own.keep_file = [folder = connection.state + ".files"](const auto& area, const auto& name,
                                                         std::string_view content) {
    cli::write_private_file(fmt::format("{}/{}/{}", folder, area, name), content);
  };
  own.measure = [state = connection.state](pb::NodemgrInfoResponse& info) {
    measure_machine(state, info);
  };
  return environment_with(
      core::Secrets([file](const auto& fingerprint) { return file->key(fingerprint); }), own);
}

void require_key(const cli::Connection& connection) {
  const auto environment = local_environment(connection, {});
  store::SqliteStore(connection.state).read([&](store::View& view) {
    environment.secrets.require_key(view);
  });
}

std::size_t rekey(const cli::Connection& connection) {
  const KeyFile file(key_path(connection));
  const auto environment = local_environment(connection, {});
  TidyStore store(connection);
  core::Context context(store, environment, environment.now_ms(), {local_actor(), "rekey"});
  const auto new_key = file.prepare();
  const auto fingerprint = core::Secrets::fingerprint(new_key);
  std::size_t count = 0;
  try {
    count = core::meta::rekey(context, new_key);
  } catch (const Error&) {
    const auto known =
        store.read([](store::View& view) { return view.get(keys::secret_key_key()); });
    if (known != fingerprint) file.abandon(fingerprint);
    throw;
  }
  file.commit(fingerprint);
  return count;
}

std::unique_ptr<client::Client> rehearse(const cli::Connection& connection) {
  // A key file is not made for a rehearsal.
  const auto file = std::make_shared<KeyFile>(key_path(connection));
  const std::string other = crypto::random_bytes(32);
  const auto key = [file, other, is_local = connection.server.empty()](
                       const std::optional<std::string>& fingerprint) {
    const bool is_other =
        !is_local || !fingerprint || *fingerprint == core::Secrets::fingerprint(other);
    return is_other ? std::string(other) : file->key(fingerprint);
  };
  const auto environment = environment_with(core::Secrets(key), {});
  if (connection.server.empty())
    return std::make_unique<Rehearsal>(std::make_shared<store::SqliteStore>(connection.state),
                                       environment, local_actor());
  return std::make_unique<Rehearsal>(connect_server(connection), environment, local_actor());
}

namespace {

/// The URL without user, password and a slash at its end: no secret, and the same for one server.
std::string name_in_notes(const std::string& server) {
  const auto url = http::parse_server_url(server);
  const auto path = url.prefix.find('/', url.prefix.find("://") + 3);
  return url.shown + (path == std::string::npos ? "" : url.prefix.substr(path));
}

}  // namespace

std::unique_ptr<client::Client> connect_server(const cli::Connection& connection) {
  auto server =
      std::make_unique<client::HttpClient>(connection.server, connection.token, connection.timeout,
                                           connection.api, connection.is_timeout_chosen);
  if (connection.notes.empty()) return server;
  const auto warn = [](const std::string& text) { std::cerr << "warning: " << text << '\n'; };
  return std::make_unique<NotedServer>(
      std::move(server),
      RemoteNotes(std::make_shared<store::SqliteStore>(connection.notes),
                  name_in_notes(connection.server)),
      NotedServer::Surroundings{local_actor(), now_ms, warn});
}

std::string local_actor() {
  const auto* user = ::getpwuid(::getuid());
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("{}@{}", user ? user->pw_name : std::to_string(::getuid()), host.data());
}

}  // namespace metactl::app
