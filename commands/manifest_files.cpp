// SPDX-License-Identifier: Apache-2.0
#include "commands/manifest_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/yaml.h"
#include "cli/files.h"

namespace metactl::commands {
namespace {

namespace filesystem = std::filesystem;

/// As a shell matches *.yaml: not what begins with a dot.
bool is_manifest(const filesystem::directory_entry& entry) {
  const auto ending = entry.path().extension();
  std::error_code ignored;
  return !entry.path().filename().string().starts_with('.') &&
         (ending == ".yaml" || ending == ".yml" || ending == ".json") &&
         entry.is_regular_file(ignored);
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failure;
  for (filesystem::directory_iterator each(folder, failure), end; !failure && each != end;
       each.increment(failure))
    if (is_manifest(*each)) files.push_back(each->path().string());
  if (failure)
    throw Error(failure == std::errc::permission_denied ? Reason::denied : Reason::internal,
                fmt::format("cannot read '{}': {}", folder, failure.message()));
  if (files.empty())
    throw Error(Reason::usage, fmt::format("no manifests in folder '{}'", folder),
                "it has no *.yaml, *.yml or *.json file whose name begins without a dot");
  std::sort(files.begin(), files.end());
  return files;
}

/// The same for all names of one file.
std::string identity(const std::string& path) {
  std::error_code failure;
  const auto whole = filesystem::canonical(path, failure);
  return failure || path == "-" ? path : whole.string();
}

}  // namespace

std::vector<manifest::Source> read_manifest_files(cli::Io& io,
                                                  const std::vector<std::string>& names) {
  if (names.empty())
    throw Error(Reason::usage, "-f is missing",
                "write -f FILE, -f FOLDER, or -f - for standard input");
  std::vector<manifest::Source> sources;
  std::set<std::string> seen;
  for (const auto& name : names) {
    std::error_code ignored;
    const bool is_folder = name != "-" && filesystem::is_directory(name, ignored);
    for (const auto& file : is_folder ? files_in(name) : std::vector<std::string>{name})
      if (seen.insert(identity(file)).second)
        sources.push_back({file, cli::read_input(io, file, "read", yaml::max_size)});
  }
  return sources;
}

}  // namespace metactl::commands
