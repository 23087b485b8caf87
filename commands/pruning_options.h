// SPDX-License-Identifier: Apache-2.0
// The flags of plan and apply that are about removing.
#pragma once

#include <fmt/format.h>

#include "cli/tree.h"
#include "commands/manifests.h"

namespace metactl::commands {

/// `Options` derives from Pruning.
template <class Options>
cli::Command<Options>& add_pruning_options(cli::Command<Options>& command) {
  return command
      .option("--owner", &Options::owner,
              "Note on this machine what is made, under this name, for --prune", "NAME")
      .flag("--prune", &Options::prune,
            "Remove what an earlier apply with this --owner made, if no manifest is about it")
      .option(
          "--prune-limit", &Options::limit,
          fmt::format("Refuse to remove more objects than that; default {}", default_prune_limit),
          "N");
}

}  // namespace metactl::commands
