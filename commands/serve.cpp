// SPDX-License-Identifier: Apache-2.0
// metactl serve: the local state behind HTTP.
#include "commands/commands.h"

namespace metactl::commands {
namespace {

void run(cli::Session& session, const cli::ServeOptions& options) {
  if (session.is_remote())
    throw Error(Reason::usage, "serve works on a local state, not on a server", "--state FILE");
  session.refuse_dry_run();
  session.services().serve(session.io(), session.connection(), options, session.globals().verbose);
}

}  // namespace

void add_serve_command(cli::Tree& tree) {
  tree.command<cli::ServeOptions>("serve",
                                  "Put the local state behind HTTP, as a Meta Service does", run)
      .option("--listen", &cli::ServeOptions::listen,
              "Default 127.0.0.1:5000; port 0 picks a free one", "ADDRESS:PORT")
      .option("--fe-drop-protection", &cli::ServeOptions::fe_drop_protection,
              "Refuse to drop an FE node that is younger; default 0, the real service has 300s",
              "TIME")
      .option("--unknown-route", &cli::ServeOptions::unknown_route,
              "Answer to a call that does not exist: 404 (default), or ok as older services do",
              "404|ok")
      .flag("--open-rpc", &cli::ServeOptions::open_rpc,
            "Answer calls under /MetaService/<method>, such as begin_txn, without a token; the "
            "real service has none there")
      .flag("--allow-set-value", &cli::ServeOptions::allow_set_value,
            "Run set_value and delete_value, which write whatever they are told; else they are "
            "refused")
      .example("metactl serve --state /var/lib/metactl/state.db --token-file token");
}

}  // namespace metactl::commands
