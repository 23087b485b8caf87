// SPDX-License-Identifier: Apache-2.0
#include "http/s3_bucket.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "http/transport.h"

namespace metactl::http {

namespace {

constexpr auto check_endpoint = "check the endpoint and the region";

/// What an error code of S3 means here.
struct Meaning {
  std::string_view code;
  Reason reason;
  std::string_view why;
  std::string_view hint;
};

constexpr std::array meanings = {
    Meaning{"InvalidAccessKeyId", Reason::precondition, "the access key id is unknown",
            "check the access key id"},
    Meaning{"SignatureDoesNotMatch", Reason::precondition,
            "the secret key does not belong to the access key id", "check the secret key"},
    Meaning{"AccessDenied", Reason::precondition,
            "the keys are valid, but have no permission to list it",
            "grant s3:ListBucket, or check the bucket's name: it may be somebody else's"},
    Meaning{"RequestTimeTooSkewed", Reason::precondition,
            "the clocks of the store and of this machine differ too much",
            "set this machine's clock"},
    Meaning{"NoSuchBucket", Reason::not_found, "there is no such bucket",
            "check the bucket's name and the endpoint"},
    Meaning{"AuthorizationHeaderMalformed", Reason::usage,
            "the region is wrong, or the access key id malformed", check_endpoint},
};

Meaning meaning_of(std::string_view code, int status) {
  const auto found = std::ranges::find(meanings, code, &Meaning::code);
  if (found != meanings.end()) return *found;
  if (status == 401 || status == 403)
    return {code, Reason::precondition, "the keys are refused", "check both keys"};
  if (status == 404) return meaning_of("NoSuchBucket", status);
  if (status == 400) return {code, Reason::usage, "the request is refused", check_endpoint};
  if (status / 100 == 3)
    return {code, Reason::usage, "it is in another region or at another endpoint", check_endpoint};
  return {code, Reason::internal, "the store does not answer as it should", check_endpoint};
}

/// The text of the first <name> in `xml`; "" when it is none, or not one plain word.
std::string element(std::string_view xml, std::string_view name) {
  const auto open = fmt::format("<{}>", name);
  const auto from = xml.find(open);
  if (from == std::string_view::npos) return {};
  const auto text = xml.substr(from + open.size());
  const auto word = text.substr(0, text.find('<'));
  return text::consists_of(word, "-_.") ? std::string(word) : std::string();
}

bool succeeded(const Reply& reply) {
  return reply.status / 100 == 2;
}

// Consoles of object stores answer every path with their web page.
bool accepts(const Reply& reply) {
  return succeeded(reply) && !reply.content_type.starts_with("text/html");
}

/// The region that the store names for a request to a wrong one; "" when it names none.
std::string right_region(const Reply& reply, const std::string& header) {
  if (reply.status != 400 && reply.status / 100 != 3) return {};
  if (text::consists_of(header, "-_")) return header;
  return element(reply.body, "Region");
}

/// Why it was refused: "the access key id is unknown (HTTP 403, InvalidAccessKeyId)".
Error refusal(const Bucket& bucket, const Reply& reply, const std::string& region_header) {
  if (succeeded(reply))
    return Error(Reason::usage, "a web page answers there, not an object store",
                 "check host and port of the endpoint: a store's console has a port of its own");
  const auto region = right_region(reply, region_header);
  if (!region.empty() && region != bucket.region)
    return Error(Reason::usage, fmt::format("its region is '{}', not '{}'", region, bucket.region),
                 fmt::format("set the region to '{}'", region));
  const auto code = element(reply.body, "Code");
  const auto meaning = meaning_of(code, reply.status);
  return Error(
      meaning.reason,
      fmt::format("{} (HTTP {}{}{})", meaning.why, reply.status, code.empty() ? "" : ", ", code),
      std::string(meaning.hint));
}

struct Address {
  std::string url;   // "https://books.s3.example.com"
  std::string path;  // "/", or "/books" in path style.
};

/// Endpoints are not repeated in errors, for they may hold a password.
Address address_of(const Bucket& bucket) {
  const auto mark = bucket.endpoint.find("://");
  const bool has_scheme = mark != std::string::npos;
  const auto scheme = has_scheme ? bucket.endpoint.substr(0, mark) : "https";
  auto host = has_scheme ? bucket.endpoint.substr(mark + 3) : bucket.endpoint;
  if (host.ends_with('/')) host.pop_back();
  if (host.empty() || host.starts_with(':') || host.find_first_of("/@") != std::string::npos)
    throw Error(Reason::usage, "malformed endpoint",
                "write it as HOST, HOST:PORT, or http://HOST:PORT");
  if (bucket.path_style) return {fmt::format("{}://{}", scheme, host), "/" + bucket.bucket};
  return {fmt::format("{}://{}.{}", scheme, bucket.bucket, host), "/"};
}

bool is_bucket_name(std::string_view name) {
  return text::consists_of(name, "-._") && text::consists_of(name.substr(0, 1), "") &&
         text::consists_of(name.substr(name.size() - 1), "");
}

bool is_key(std::string_view key) {
  return !key.empty() &&
         std::ranges::none_of(key, [](unsigned char c) { return std::iscntrl(c) != 0; });
}

// What these checks let pass stands in a URL and in a header.
void check(const Bucket& bucket) {
  if (!is_bucket_name(bucket.bucket))
    throw Error(Reason::usage, "malformed name", "a name has letters, digits, '-', '.' and '_'");
  if (!text::consists_of(bucket.region, "-_"))
    throw Error(Reason::usage, "malformed region", "write it as eu-west-1");
  if (!is_key(bucket.ak) || !is_key(bucket.sk))
    throw Error(Reason::usage, "malformed keys",
                "neither key may be empty or hold line ends or other control characters");
}

Request request_of(const std::string& method, const Address& address, const std::string& query) {
  return {.method = method, .path = address.path, .query = query, .body = {}, .peer = {}};
}

void ask(const Bucket& bucket, std::chrono::milliseconds timeout) {
  check(bucket);
  const auto address = address_of(bucket);
  CurlTransport transport(address.url, timeout,
                          {.user = bucket.ak,
                           .password = bucket.sk,
                           .aws_sigv4 = fmt::format("aws:amz:{}:s3", bucket.region)});
  if (accepts(transport.send(request_of("HEAD", address, "")))) return;
  const auto reply = transport.send(request_of("GET", address, "list-type=2&max-keys=0"));
  if (!accepts(reply)) throw refusal(bucket, reply, transport.reply_header("x-amz-bucket-region"));
}

}  // namespace

void head_bucket(const Bucket& bucket, std::chrono::milliseconds timeout) {
  try {
    ask(bucket, timeout);
  } catch (const Error& error) {
    auto told =
        error.explained(fmt::format("cannot use bucket '{}'", text::printable(bucket.bucket)));
    if (error.reason() == Reason::unreachable)
      told.set_hint(bucket.path_style
                        ? "check the endpoint"
                        : "check the endpoint; where BUCKET.HOST has no address, use path style");
    throw told;
  }
}

}  // namespace metactl::http
