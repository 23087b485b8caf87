// SPDX-License-Identifier: Apache-2.0
// The one page of a node_mgr. Source: node-mgr-api.md, section 8 and N18.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/nodemgr_errors.h"
#include "http/nodemgr_http.h"
#include "http/rest.h"

namespace metactl::http::nodemgr {
namespace {

constexpr auto html_type = "text/html";
constexpr std::string_view html =
    "<!DOCTYPE html>\n<html><head><title>node_mgr</title></head>"
    "<body><p>hello node http</p></body></html>\n";

struct Range {
  std::uint64_t first;
  std::uint64_t last;
};

/// "bytes=A-B", or "bytes=A-" to the end. Nothing for a range that lies outside, and for other
/// forms.
std::optional<Range> read_range(std::string_view header) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit) || header.find('+') != header.npos) return std::nullopt;
  header.remove_prefix(unit.size());
  const auto dash = std::min(header.find('-'), header.size());
  const auto first = rest::to_unsigned(header.substr(0, dash));
  if (!first || dash == header.size() || *first >= html.size()) return std::nullopt;
  const auto end = header.substr(dash + 1);
  const auto last = end.empty() ? html.size() - 1 : rest::to_unsigned(end);
  if (!last || *last < *first) return std::nullopt;
  return Range{*first, std::min<std::uint64_t>(*last, html.size() - 1)};
}

}  // namespace

bool is_page(const Request& request) {
  return request.method == "GET" && (request.path == "/" || request.path == "/hello");
}

Reply page(const Request& request) {
  const auto wanted = request.header("Range");
  if (wanted.empty()) return {200, html_type, std::string(html)};
  const auto range = read_range(wanted);
  if (!range) return refusal(api::nodemgr_malformed("there is no such range"));
  Reply reply{206, html_type,
              std::string(html.substr(range->first, range->last - range->first + 1))};
  reply.headers["Content-Range"] =
      fmt::format("bytes {}-{}/{}", range->first, range->last, html.size());
  return reply;
}

}  // namespace metactl::http::nodemgr
