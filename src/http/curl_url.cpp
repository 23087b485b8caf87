// SPDX-License-Identifier: Apache-2.0
#include "http/curl_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "api/secret_text.h"
#include "base/error.h"
#include "base/text.h"
#include "http/browsers.h"
#include "http/curl_library.h"

namespace metactl::http {

namespace {

// The text is not repeated: it may hold a password or a token.
Error malformed(std::string_view why) {
  return Error(Reason::usage, fmt::format("malformed server URL: {}", why),
               "write it as http://HOST:PORT or https://HOST:PORT");
}

class ParsedUrl {
 public:
  explicit ParsedUrl(const std::string& text) : handle_(curl().url(), curl().url_cleanup) {
    resolve(text);
  }

  /// Replaces it by what a text means that stands in its place, such as "/path".
  void resolve(const std::string& text) {
    const auto code =
        curl().url_set(handle_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_BAD_SCHEME) throw malformed("it must start with http:// or https://");
    if (code == CURLUE_BAD_PORT_NUMBER) throw malformed("bad port number");
    if (code != CURLUE_OK) throw malformed("it cannot be read");
  }

  /// The part, or "" when the URL has none.
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (curl().url_get(handle_.get(), which, &text, 0) != CURLUE_OK) return {};
    std::string result = text;
    curl().free(text);
    return result;
  }

  /// "http://10.0.0.1:5000"
  std::string server() const {
    const auto port = part(CURLUPART_PORT);
    return fmt::format("{}://{}{}{}", part(CURLUPART_SCHEME), part(CURLUPART_HOST),
                       port.empty() ? "" : ":", port);
  }

 private:
  std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> handle_;
};

}  // namespace

ServerUrl parse_server_url(const std::string& url) {
  refuse_list(url);
  const ParsedUrl parsed(url);
  const auto scheme = parsed.part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    throw malformed("it must start with http:// or https://");
  if (url.find_first_of("?#") != std::string::npos)
    throw malformed("it must not hold a query or fragment");

  return {
      .prefix = url.substr(0, url.find_last_not_of('/') + 1),
      .shown = parsed.server(),
      .loopback = is_loopback_host(parsed.part(CURLUPART_HOST)),
  };
}

void refuse_redirect(const Reply& reply, const std::string& server, std::string_view path) {
  constexpr std::array redirections = {301, 302, 303, 307, 308};
  const std::string location(reply.header("Location"));
  if (location.empty() || std::ranges::find(redirections, reply.status) == redirections.end())
    return;
  ParsedUrl target(parse_server_url(server).prefix + std::string(path));
  try {
    target.resolve(location);
  } catch (const Error&) {
    throw Error(Reason::precondition, "the server redirects to a place that cannot be read",
                "check the address of the server");
  }
  auto place = target.part(CURLUPART_PATH);
  const bool is_same_path = place.ends_with(path);
  if (is_same_path) place.resize(place.size() - path.size());
  throw Error(Reason::precondition,
              text::printable(fmt::format("the server redirects to {}{}{}", target.server(), place,
                                          is_same_path ? "/; use it with --server" : "")),
              is_same_path ? "" : "name the service itself with --server");
}

void refuse_list(const std::string& url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  auto authority = url.substr(begin, url.find('/', begin) - begin);
  if (const auto at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at);
  if (authority.find_first_of(",; ") == std::string::npos) return;
  throw Error(Reason::usage,
              fmt::format("one server is expected, not a list: '{}'", api::mask_url(url)),
              "name one of them, or the load balancer in front of them");
}

std::string name_of_server(const std::string& url) {
  const auto parsed = parse_server_url(url);
  const auto path = parsed.prefix.find('/', parsed.prefix.find("://") + 3);
  return parsed.shown + (path == std::string::npos ? "" : parsed.prefix.substr(path));
}

}  // namespace metactl::http
