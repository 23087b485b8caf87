// SPDX-License-Identifier: Apache-2.0
#include "http/curl_errors.h"

#include <fmt/format.h>

#include <cctype>
#include <system_error>
#include <utility>

#include "http/curl_library.h"

namespace metactl::http {

namespace {

constexpr auto check_address =
    "check the address, and that the server runs; 'metactl serve' starts one";
constexpr auto check_outcome = "look whether the change was made before you repeat it";

std::string lower_first(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string connect_error(const CurlFailure& failure) {
  if (failure.os_error == 0) return "no connection";
  return lower_first(std::generic_category().message(static_cast<int>(failure.os_error)));
}

Error unreachable(const CurlFailure& failure, std::string_view why, std::string hint) {
  return Error(Reason::unreachable, fmt::format("cannot reach {}: {}", failure.server, why),
               std::move(hint));
}

// A request was sent and no whole reply came: nobody can tell what became of a change.
Error no_reply(const CurlFailure& failure, std::string_view what, const char* hint) {
  const auto told = fmt::format("{} {}", what, failure.server);
  if (failure.is_read) return Error(Reason::unreachable, told, hint);
  return Error(Reason::unknown_outcome, told + ": the request was sent, its outcome is unknown",
               check_outcome);
}

Error broken(const CurlFailure& failure) {
  return no_reply(failure, "connection broken by", check_address);
}

Error timed_out(const CurlFailure& failure) {
  const auto limit = fmt::format("within {} ms", failure.timeout.count());
  if (failure.sent)
    return no_reply(failure, fmt::format("no answer {} from", limit),
                    "--timeout TIME gives it more time");
  return unreachable(failure, fmt::format("no connection {}", limit), check_address);
}

Error tls_failed(CURLcode code, const CurlFailure& failure) {
  return Error(Reason::denied,
               fmt::format("no trusted connection to {}: {}", failure.server,
                           lower_first(curl().easy_strerror(code))),
               "check that the server speaks TLS and that its certificate is valid for this name");
}

Error failed(const CurlFailure& failure, std::string_view why) {
  return Error(Reason::internal, fmt::format("the call to {} failed: {}", failure.server, why));
}

}  // namespace

Error error_of(CURLcode code, const CurlFailure& failure) {
  if (failure.too_large) return failed(failure, "the reply is larger than 256 MiB");
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return Error(Reason::usage, fmt::format("malformed URL below {}", failure.server));
    case CURLE_COULDNT_RESOLVE_HOST:
      return unreachable(failure, "unknown host", "check the name of the host");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unreachable(failure, "unknown proxy host", "check http_proxy and https_proxy");
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(failure);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_PEER_FAILED_VERIFICATION:
      return tls_failed(code, failure);
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_ABORTED_BY_CALLBACK:  // Our refusal to send it twice.
      if (failure.sent) return broken(failure);
      [[fallthrough]];
    case CURLE_COULDNT_CONNECT:
      // On a second try, after the connection that had been kept broke.
      if (failure.sent) return broken(failure);
      return unreachable(failure, connect_error(failure), check_address);
    default:
      return failed(failure, lower_first(curl().easy_strerror(code)));
  }
}

void set_outcome_unknown(Error& error) {
  error = error.with_reason(Reason::unknown_outcome);
  error.set_hint(check_outcome);
}

bool is_outcome_unknown(const Error& error) {
  return error.reason() == Reason::unknown_outcome;
}

}  // namespace metactl::http
