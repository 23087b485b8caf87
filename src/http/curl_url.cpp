// SPDX-License-Identifier: Apache-2.0
#include "http/curl_url.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "base/error.h"
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

 private:
  std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> handle_;
};

}  // namespace

ServerUrl parse_server_url(const std::string& url) {
  const ParsedUrl parsed(url);
  const auto scheme = parsed.part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    throw malformed("it must start with http:// or https://");
  if (url.find_first_of("?#") != std::string::npos)
    throw malformed("it must not hold a query or fragment");

  const auto host = parsed.part(CURLUPART_HOST);
  const auto port = parsed.part(CURLUPART_PORT);
  return {
      .prefix = url.substr(0, url.find_last_not_of('/') + 1),
      .shown = fmt::format("{}://{}{}{}", scheme, host, port.empty() ? "" : ":", port),
      .loopback = is_loopback_host(host),
  };
}

}  // namespace metactl::http
