// SPDX-License-Identifier: Apache-2.0
// metactl state: the local state file.
#include <fmt/format.h>

#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct RekeyOptions {};

void rekey(cli::Session& session, const RekeyOptions&) {
  if (session.is_remote())
    throw Error(Reason::usage, "rekey works on a local state, not on a server", "--state FILE");
  session.refuse_dry_run();
  const auto connection = session.connection();
  if (session.services().is_new && session.services().is_new(connection))
    throw Error(Reason::not_found, fmt::format("there is no state '{}'", connection.state));
  const auto count = session.services().rekey(connection);
  session.note(fmt::format("{} secret{} encrypted with a new key; back up the key file", count,
                           count == 1 ? "" : "s"));
  session.done({"rekey", "rekeyed", "state", connection.state});
}

void fill(cli::Group& group) {
  group
      .command<RekeyOptions>(
          "rekey", "Make a new key and encrypt all secrets with it, in one transaction", rekey)
      .example("metactl state rekey --state /var/lib/metactl/state.db");
}

}  // namespace

void add_state_commands(cli::Tree& tree) {
  tree.group("state", "The local state file", fill);
}

}  // namespace metactl::commands
