// SPDX-License-Identifier: Apache-2.0
#include "http/browsers.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace metactl::http {
namespace {

/// The one form of a numeric address, with or without brackets; "" for a name.
std::string canonical_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, std::string(host).c_str(), bytes.data()) == 1)
      return ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return "";
}

bool is_port(std::string_view text) {
  return text.empty() ||
         (text.front() == ':' && text.find_first_not_of("0123456789", 1) == text.npos);
}

/// The host of "HOST", "HOST:PORT" or the same with "[IPV6]", in lower case and without the dot
/// that may end a name; "" for anything else.
std::string host_in(std::string_view header) {
  auto end = std::min(header.find(':'), header.size());
  if (header.starts_with('[')) end = header.find(']') + 1;  // 0 when there is none.
  if (!is_port(header.substr(end))) return "";
  auto host = text::lower(header.substr(0, end));
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bool is_own(const std::string& host, const OwnHosts& own) {
  if (is_loopback_host(host)) return true;
  if (std::find(own.names.begin(), own.names.end(), host) != own.names.end()) return true;
  const auto address = canonical_address(host);
  if (address.empty()) return false;
  const auto listening = canonical_address(own.address);
  return listening == "0.0.0.0" || listening == "::" || listening == address;
}

/// Whether an origin, SCHEME://HOST[:PORT], is the one that is reached by this Host. A proxy may
/// have taken TLS off, so that schemes say nothing.
bool is_same_origin(std::string_view origin, std::string_view host) {
  constexpr std::string_view mark = "://";
  const auto at = origin.find(mark);
  return at != origin.npos && text::lower(origin.substr(at + mark.size())) == text::lower(host);
}

/// What a stranger wrote, for a text.
std::string shown(std::string_view header) {
  constexpr std::size_t longest = 100;
  return text::printable(header.substr(0, longest));
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = canonical_address(host);
  const bool is_ipv4 = address.find(':') == address.npos;
  return address == "::1" || (is_ipv4 && address.starts_with("127."));
}

std::string foreign_page(const Request& head, const OwnHosts& own) {
  const auto host = head.header("Host");
  if (!host.empty() && !is_own(host_in(host), own))
    return fmt::format(
        "host '{}' is not a name of this server; metactl serve --allow-host NAME allows it",
        shown(host));
  if (const auto origin = head.header("Origin"); !origin.empty() && !is_same_origin(origin, host))
    return fmt::format("requests from pages of another site are refused (Origin: {})",
                       shown(origin));
  const auto site = head.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return fmt::format("requests from pages of another site are refused (Sec-Fetch-Site: {})",
                       shown(site));
  return "";
}

void add_safe_headers(Reply& reply) {
  reply.headers.emplace("X-Content-Type-Options", "nosniff");
  reply.headers.emplace("Cache-Control", "no-store");
  // Tokens stand in URLs.
  reply.headers.emplace("Referrer-Policy", "no-referrer");
  if (!reply.content_type.starts_with("text/html")) return;
  reply.headers.emplace("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  reply.headers.emplace("X-Frame-Options", "DENY");
}

}  // namespace metactl::http
