// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/io.h"
#include "cli/session.h"

namespace metactl::app {

/// Runs one command line (without the program's name) and gives its exit status. Throws nothing.
int run(const std::vector<std::string>& arguments, cli::Io& io, const cli::Services& services);

}  // namespace metactl::app
