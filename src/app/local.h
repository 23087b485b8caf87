// SPDX-License-Identifier: Apache-2.0
// A local state: its store, its key file, and the surroundings of a core that works on it.
#pragma once

#include <memory>
#include <string>

#include "app/upload_folder.h"
#include "cli/session.h"
#include "core/context.h"
#include "store/sqlite.h"

namespace metactl::app {

/// The real clock, real randomness, and secrets sealed with the key file that is named, or
/// STATE.key, which is made (0600) when the first secret is stored. Files that node_mgr is sent go
/// to STATE.files, within these limits, and it measures this machine.
core::Environment local_environment(const cli::Connection& connection,
                                    const core::Settings& settings,
                                    const UploadLimits& uploads = {});

/// The state file of the connection, opened on first use. All commands and `serve` get it here. Its
/// first change upgrades the state of an older release, with the secrets of `environment`.
std::shared_ptr<store::SqliteStore> open_state(const cli::Connection& connection,
                                               const core::Environment& environment);

/// The file with the key of the state's secrets.
std::string key_path(const cli::Connection& connection);

/// Throws Error, integrity, when the state has secrets and the key file does not open them.
void require_key(const cli::Connection& connection);

/// Seals all secrets of the state again with a fresh key, which takes the place of the one in the
/// key file. Returns how many there were. Throws Error; then state and key file are as before.
std::size_t rekey(const cli::Connection& connection);

/// A client that only rehearses changes of the local state, or of a server.
std::unique_ptr<client::Client> rehearse(const cli::Connection& connection);
/// The same on what `server` shows.
std::unique_ptr<client::Client> rehearse_on(const cli::Connection& connection,
                                            std::unique_ptr<client::Client> server);

/// A client of the server, which notes its changes where the connection says.
std::unique_ptr<client::Client> connect_server(const cli::Connection& connection);

/// user@host, and the command that runs, for the journal.
core::Origin local_origin(const cli::Connection& connection);

}  // namespace metactl::app
