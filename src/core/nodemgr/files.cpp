// SPDX-License-Identifier: Apache-2.0
// Files that are sent. Source: node-mgr-api.md, N16 and N17.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/nodemgr_errors.h"
#include "core/nodemgr/operations.h"
#include "core/nodemgr/rows.h"

namespace metactl::core::nodemgr {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t most_bytes = 64UL << 20;

std::string area_of(const std::string& file_type) {
  constexpr std::array<std::string_view, 3> areas = {"mysql", "pgsql", "cluster"};
  return std::find(areas.begin(), areas.end(), file_type) != areas.end() ? file_type : "upload";
}

bool is_unsafe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '/' || c == '\\' || byte < 0x20 || byte == 0x7f;
}

void check_name(const std::string& name) {
  if (name.empty()) throw api::nodemgr_malformed("the file has no name");
  if (name.front() == '.') throw api::nodemgr_malformed("the name of the file begins with '.'");
  if (name.size() > longest_name)
    throw api::nodemgr_malformed(
        fmt::format("the name of the file is longer than {} bytes", longest_name));
  if (std::any_of(name.begin(), name.end(), is_unsafe))
    throw api::nodemgr_malformed("the name of the file has a slash or a control character");
}

}  // namespace

/// Files are no part of the state: they stand beside it, without history.
pb::NodemgrFileResponse send_file(Context& context, const pb::NodemgrFileRequest& request) {
  check_name(request.name());
  if (request.content().size() > most_bytes)
    throw api::nodemgr_malformed("the file is larger than 64 MiB");
  context.read([](store::View& view) { Rows(view).require_made(); });
  const auto area = area_of(request.file_type());
  if (const auto& keep = context.settings().keep_file)
    keep(area, request.name(), request.content());
  pb::NodemgrFileResponse response;
  response.set_area(area);
  response.set_file(request.name());
  response.set_size(request.content().size());
  return response;
}

}  // namespace metactl::core::nodemgr
