// SPDX-License-Identifier: Apache-2.0
// Man pages and the table of exit statuses, from the tree of commands.
#pragma once

#include <string>

#include "cli/tree.h"

namespace metactl::cli {

/// metactl(1) for "", metactl-GROUP(1) for the name of a group. Throws Error, usage, for another
/// name.
std::string man_page(const Tree& tree, const std::string& group);

/// The exit statuses as text.
std::string exit_codes_text();

}  // namespace metactl::cli
