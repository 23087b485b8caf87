// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr file: put files on a machine.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "api/nodemgr.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/nodemgr.h"
#include "commands/nodemgr_options.h"

namespace metactl::commands {
namespace {

constexpr std::array<std::string_view, 4> areas = {"mysql", "pgsql", "cluster", "upload"};
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 31;

struct SendOptions {
  std::string file;
  std::string area;
};

cli::Candidates area_words(const std::string&) {
  cli::Candidates found;
  for (const auto area : areas) found.emplace_back(area, "");
  return found;
}

void check_area(const std::string& area) {
  if (std::find(areas.begin(), areas.end(), area) != areas.end()) return;
  const std::vector<std::string> words(areas.begin(), areas.end());
  throw Error(Reason::usage, fmt::format("no area '{}'{}", area, text::did_you_mean(area, words)),
              "areas: " + text::join(words, ", "));
}

void check_name(const std::string& name) {
  const auto is_bad = [](unsigned char c) {
    return c == '"' || c == '\\' || c < 0x20 || c == 0x7f;
  };
  if (!name.empty() && std::none_of(name.begin(), name.end(), is_bad)) return;
  throw Error(
      Reason::usage,
      fmt::format("not a name that a node_mgr keeps a file under: '{}'", text::printable(name)),
      "names have no quotation marks, backslashes and control characters");
}

void check_size(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size >= largest_file)
    throw Error(Reason::usage, fmt::format("file '{}' is too large: a node_mgr takes less than 2 "
                                           "GiB",
                                           path));
}

void send(cli::Session& session, const SendOptions& options) {
  check_area(options.area);
  pb::NodemgrFileRequest request;
  request.set_name(std::filesystem::path(options.file).filename().string());
  check_name(request.name());
  check_size(options.file);
  request.set_content(cli::read_named_file(options.file, "read", largest_file));
  if (options.area != "upload") request.set_file_type(options.area);
  session.confirm(
      fmt::format("put '{}' into the area {} of the machine", request.name(), options.area),
      "; a file of that name is replaced");
  session.change(
      api::nodemgr_send_file, request,
      {"send", "saved", "nodemgr-file", fmt::format("{}/{}", options.area, request.name())});
}

}  // namespace

void add_nodemgr_file_commands(cli::Group& file) {
  file.command<SendOptions>("send", "Put a file on the machine", send)
      .positional("FILE", &SendOptions::file, "A file of less than 2 GiB; its folder is left out")
      .option("--area", &SendOptions::area,
              "Where it goes: beside the tools of mysql, pgsql or cluster, or to upload", "AREA")
      .completes("--area", area_words)
      .needs({"FILE", "--area"})
      .details(
          "A file of the same name is replaced. Our own server takes up to 64 MiB, and keeps "
          "areas\n"
          "as folders in STATE.files. Servers from the end of 2021 on have only upload.")
      .details(nodemgr_hazard)
      .example("metactl nodemgr file send ./mysql_shard1.json --area mysql --yes")
      .destructive()
      .runs(api::nodemgr_send_file);
}

}  // namespace metactl::commands
