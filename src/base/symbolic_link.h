// SPDX-License-Identifier: Apache-2.0
// Where a file really stands.
#pragma once

#include <string>

namespace metactl {

/// The name of the file that `path` leads to when it is a symbolic link, or a link to one; other
/// names stay as they are, also of files that do not exist, and so do links in a circle. What is
/// kept beside a file is kept beside this name. Links among the folders above do not matter.
std::string follow_links(const std::string& path);

}  // namespace metactl
