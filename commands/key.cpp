// SPDX-License-Identifier: Apache-2.0
// metactl key: what keys say.
#include "commands/commands.h"

namespace metactl::commands {
namespace {

void fill(cli::Group& group) {
  add_key_grep_command(group);
}

}  // namespace

void add_key_commands(cli::Tree& tree) {
  tree.group("key", "Keys of the Meta Service: what they say, and where they are", fill);
}

}  // namespace metactl::commands
