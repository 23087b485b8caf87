// SPDX-License-Identifier: Apache-2.0
// What is asked of an object store, and what its answers mean. A real store is asked in tests/e2e.

#include "http/s3_bucket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/error.h"
#include "http/listening_socket.h"
#include "http/transport.h"
#include "tests/support/fake_server.h"

using namespace std::literals;

namespace metactl::tests {
namespace {

constexpr auto patient = 60s;  // Only a hanging test takes so long.

http::Bucket bucket_at(const std::string& endpoint) {
  return {.endpoint = endpoint,
          .region = "eu-1",
          .bucket = "books",
          .path_style = true,
          .ak = "the-key-id",
          .sk = "hush-hush"};
}

/// "accepted", or "reason: text; hint", which must not hold the secret key.
std::string outcome(const http::Bucket& bucket, std::chrono::milliseconds timeout = patient) {
  try {
    http::head_bucket(bucket, timeout);
    return "accepted";
  } catch (const Error& error) {
    const auto told =
        fmt::format("{}: {}; {}", info(error.reason()).name, error.what(), error.hint());
    CHECK(told.find("hush") == std::string::npos);
    return told;
  }
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string refused_with(std::string_view code) {
  return fmt::format("<?xml version=\"1.0\"?>\n<Error><Code>{}</Code></Error>", code);
}

/// A bucket whose store answers every request with this status and body.
std::string outcome_of(int status, const std::string& body,
                       const std::string& type = "application/xml") {
  const FakeServer store([&](const std::string&, const std::string&) {
    return http::Reply{.status = status, .content_type = type, .body = body};
  });
  return outcome(bucket_at(store.url()));
}

/// A store that gives each reply, as it stands, to one request on a connection of its own.
class ScriptedStore {
 public:
  explicit ScriptedStore(std::vector<std::string> replies)
      : thread_([this, replies = std::move(replies)] {
          for (const auto& reply : replies) answer(reply);
        }) {}
  ~ScriptedStore() { finish(); }
  ScriptedStore(const ScriptedStore&) = delete;
  ScriptedStore& operator=(const ScriptedStore&) = delete;

  std::string authority(const std::string& host) const {
    return fmt::format("{}:{}", host, socket_.port());
  }
  /// The heads of all requests, after the last reply was given.
  std::string requests() {
    finish();
    return requests_;
  }

 private:
  void finish() {
    if (thread_.joinable()) thread_.join();
  }

  void answer(const std::string& reply) {
    pollfd waiting{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 60'000) != 1) return;
    const int connection = accept(socket_.descriptor(), nullptr, nullptr);
    std::string piece(4096, '\0');
    for (std::string request; !request.ends_with("\r\n\r\n");) {
      const auto got = recv(connection, piece.data(), piece.size(), 0);
      if (got <= 0) break;
      request.append(piece, 0, static_cast<std::size_t>(got));
      requests_.append(piece, 0, static_cast<std::size_t>(got));
    }
    send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
    close(connection);
  }

  const http::ListeningSocket socket_{"127.0.0.1", 0};
  std::string requests_;
  std::thread thread_;
};

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

std::string moved(int status) {
  return fmt::format(
      "HTTP/1.1 {} No\r\nX-Amz-Bucket-Region: eu-2\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n",
      status);
}

}  // namespace

TEST_CASE("a store is asked by one signed HEAD", "[http][s3]") {
  ScriptedStore store({ok});
  const auto bucket = bucket_at("http://" + store.authority("127.0.0.1"));
  CHECK(outcome(bucket) == "accepted");
  const auto requests = store.requests();
  CHECK(requests.starts_with("HEAD /books HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(contains(requests, "Authorization: AWS4-HMAC-SHA256 Credential=the-key-id/"));
  CHECK(contains(requests, "/eu-1/s3/aws4_request, "));
  CHECK(contains(requests, "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "));
  CHECK(contains(requests,
                 "x-amz-content-sha256: "  // Of nothing.
                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"));
  CHECK_FALSE(contains(requests, "hush-hush"));
}

TEST_CASE("the bucket stands in the host name unless path style is wanted", "[http][s3]") {
  ScriptedStore store({ok});
  auto bucket = bucket_at("http://" + store.authority("localhost") + "/");
  bucket.path_style = false;
  CHECK(outcome(bucket) == "accepted");
  CHECK(store.requests().starts_with("HEAD / HTTP/1.1\r\nHost: books.localhost:"));
}

TEST_CASE("an endpoint without a scheme means TLS", "[http][s3]") {
  const FakeServer store([](const std::string&, const std::string&) { return http::Reply{}; });
  const auto endpoint = store.url().substr("http://"sv.size());
  CHECK(contains(outcome(bucket_at(endpoint)), "no trusted connection to https://127.0.0.1:"));
  CHECK(store.calls().empty());
}

TEST_CASE("a refused HEAD is followed by a GET that tells why", "[http][s3]") {
  ScriptedStore store({"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n",
                       "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n" +
                           refused_with("SignatureDoesNotMatch")});
  CHECK(contains(outcome(bucket_at("http://" + store.authority("127.0.0.1"))),
                 "does not belong to the access key id"));
  CHECK(contains(store.requests(), "GET /books?list-type=2&max-keys=0 HTTP/1.1\r\n"));
}

TEST_CASE("a store that accepts the GET alone accepts the keys", "[http][s3]") {
  ScriptedStore store({"HTTP/1.1 405 No\r\nConnection: close\r\n\r\n", ok});
  CHECK(outcome(bucket_at("http://" + store.authority("127.0.0.1"))) == "accepted");
}

TEST_CASE("a store's refusal is told by its code, or else by its status", "[http][s3]") {
  struct Case {
    int status;
    std::string body;
    std::string outcome;
  };
  const auto [status, body, expected] = GENERATE(values<Case>({
      {403, refused_with("InvalidAccessKeyId"),
       "precondition: cannot use bucket 'books': the access key id is unknown (HTTP 403, "
       "InvalidAccessKeyId); check the access key id"},
      {403, refused_with("AccessDenied"),
       "precondition: cannot use bucket 'books': the keys are valid, but have no permission"},
      {403, refused_with("RequestTimeTooSkewed"),
       "precondition: cannot use bucket 'books': the clocks of the store and of this machine"},
      {403, refused_with("ExpiredToken"),
       "precondition: cannot use bucket 'books': the keys are refused (HTTP 403, ExpiredToken);"},
      {403, refused_with("\x1b[2J"),
       "precondition: cannot use bucket 'books': the keys are refused (HTTP 403);"},
      {401, "", "precondition: cannot use bucket 'books': the keys are refused (HTTP 401);"},
      {404, refused_with("NoSuchBucket"),
       "not_found: cannot use bucket 'books': there is no such bucket (HTTP 404, NoSuchBucket);"},
      {404, "", "not_found: cannot use bucket 'books': there is no such bucket (HTTP 404);"},
      {400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-2</Region></Error>",
       "usage: cannot use bucket 'books': its region is 'eu-2', not 'eu-1'; set the region to "
       "'eu-2'"},
      {400, refused_with("AuthorizationHeaderMalformed"),
       "usage: cannot use bucket 'books': the region is wrong"},
      {400, "", "usage: cannot use bucket 'books': the request is refused (HTTP 400);"},
      {301, "", "usage: cannot use bucket 'books': it is in another region"},
      {503, refused_with("SlowDown"),
       "internal: cannot use bucket 'books': the store does not answer as it should (HTTP 503, "
       "SlowDown)"},
  }));
  const auto told = outcome_of(status, body);
  INFO(told);
  CHECK(told.starts_with(expected));
}

TEST_CASE("the right region is named when the store names it in a header", "[http][s3]") {
  const int status = GENERATE(301, 307, 400);
  ScriptedStore store({moved(status), moved(status)});
  CHECK(contains(outcome(bucket_at("http://" + store.authority("127.0.0.1"))),
                 "its region is 'eu-2', not 'eu-1'"));
}

TEST_CASE("a web page is no store", "[http][s3]") {
  CHECK(contains(outcome_of(200, "<html>", "text/html; charset=utf-8"),
                 "a web page answers there, not an object store"));
}

TEST_CASE("a store that cannot be reached is unreachable", "[http][s3]") {
  const bool listens = GENERATE(false, true);
  const DeafSocket store(listens);
  const auto told = outcome(bucket_at(store.url()), 50ms);
  INFO(told);
  CHECK(told.starts_with("unreachable: cannot use bucket 'books': "));
  CHECK(told.ends_with("; check the endpoint"));
}

TEST_CASE("what cannot be asked is refused before anything is sent", "[http][s3]") {
  const FakeServer store([](const std::string&, const std::string&) { return http::Reply{}; });
  const auto usage_error = [](const http::Bucket& bucket) {
    return outcome(bucket).starts_with("usage: ");
  };
  const auto good = bucket_at(store.url());
  for (const auto* endpoint : {"", "http://", ":80", "http://user:hush@127.0.0.1", "ftp://host",
                               "host/path", "http://host:99999", "host?hush", "a b"})
    for (const bool path_style : {false, true}) {
      INFO(endpoint);
      auto bucket = bucket_at(endpoint);
      bucket.path_style = path_style;
      CHECK(usage_error(bucket));
    }
  for (const auto* name : {"", "..", "a/b", "a?b", "a@b", "a\r\nb", "-a", "a."}) {
    auto bucket = good;
    bucket.bucket = name;
    CHECK(usage_error(bucket));
  }
  for (const auto* region : {"", "eu:1", "eu 1"}) {
    auto bucket = good;
    bucket.region = region;
    CHECK(usage_error(bucket));
  }
  for (const auto* key : {"", "hush\r\nX: y"}) {
    auto bucket = good;
    bucket.ak = key;
    CHECK(usage_error(bucket));
    bucket = good;
    bucket.sk = key;
    CHECK(usage_error(bucket));
  }
  CHECK(store.calls().empty());
}

TEST_CASE("credentials without a signature are HTTP basic", "[http]") {
  ScriptedStore server({ok});
  http::CurlTransport client("http://" + server.authority("127.0.0.1"), patient,
                             {.user = "user", .password = "pass:word", .aws_sigv4 = ""});
  client.send({.method = "GET", .path = "/", .query = {}, .body = {}, .peer = {}});
  CHECK(contains(server.requests(), "Authorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n"));
}

}  // namespace metactl::tests
