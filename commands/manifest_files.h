// SPDX-License-Identifier: Apache-2.0
// The files that -f names: manifests, and folders of them.
#pragma once

#include <string>
#include <vector>

#include "cli/io.h"
#include "manifest/manifest.h"

namespace metactl::commands {

inline constexpr auto manifest_files_help =
    "Manifest: a file, a folder of *.yaml, *.yml and *.json files, or - for standard input; "
    "repeatable";

/// What these files hold, each read once: FILE, DIR or "-". Of a folder its *.yaml, *.yml and
/// *.json files, by name, without hidden ones and folders inside. Throws Error, usage, for no file
/// at all, one that does not exist, a folder without manifests, and more than yaml::max_size bytes.
std::vector<manifest::Source> read_manifest_files(cli::Io& io,
                                                  const std::vector<std::string>& names);

}  // namespace metactl::commands
