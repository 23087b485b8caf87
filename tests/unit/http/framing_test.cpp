// SPDX-License-Identifier: Apache-2.0
// Where requests begin and end: what RFC 9112 calls ambiguous is refused, and nothing after it
// runs.

#include "http/framing.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>

#include "http/transport.h"
#include "tests/support/loopback.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

constexpr auto next = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"sv;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t replies_in(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find("HTTP/1.1 "); at != std::string_view::npos;
       at = text.find("HTTP/1.1 ", at + 1))
    ++count;
  return count;
}

/// Answers "METHOD PATH?QUERY [HOST] BODY", and remembers it.
class EchoServer {
 public:
  std::uint16_t port() const { return server_.port(); }
  std::vector<std::string> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  /// All that comes back for these bytes, until the server closes.
  std::string answer_to(std::string_view bytes) const {
    Connection client(port());
    client.send(bytes);
    client.finish();
    return client.receive_rest();
  }

 private:
  http::Reply answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request.method + " " + request.path + "?" + request.query + " [" +
                    std::string(request.header("host")) + "] " + request.body);
    return {.status = 200, .content_type = "text/plain", .body = seen_.back()};
  }

  mutable std::mutex mutex_;
  std::vector<std::string> seen_;
  const http::Server server_{"127.0.0.1", 0,
                             [this](const http::Request& request) { return answer(request); }};
};

std::string post(std::string_view headers, std::string_view body = "") {
  return "POST /first HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

void check_refused(std::string bytes) {
  CAPTURE(bytes);
  const EchoServer server;
  const auto reply = server.answer_to(bytes + std::string(next));
  CHECK(reply.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(replies_in(reply) == 1);
  CHECK(contains(reply, "\r\nConnection: close\r\n"));
  CHECK(contains(reply, "malformed request: "));
  CHECK(server.seen().empty());
}

}  // namespace

TEST_CASE("a request with an ambiguous length is refused", "[http][framing]") {
  check_refused(GENERATE(
      post("Content-Length: 0\r\nContent-Length: 5\r\n", "hello"),
      post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
      post("Content-Length: 5, 5\r\n", "hello"),
      post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
      post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
      post("Content-Length : 5\r\n", "hello"), post("Content-Length\t: 5\r\n", "hello"),
      post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), post("Content-Length: +40\r\n"),
      post("Content-Length: 0x10\r\n"), post("Content-Length: -1\r\n"),
      post("Content-Length: \r\n"), post("Content-Length:\r\n"), post("Content-Length: 1 1\r\n"),
      post("Content-Length: 1e1\r\n"), post("Content-Length: five\r\n"),
      post("Content-Length: 99999999999999999999\r\n")));
}

TEST_CASE("a transfer encoding other than chunked is refused", "[http][framing]") {
  const std::string encoding =
      GENERATE("chunked, identity", "identity, chunked", "gzip, chunked", "identity", "gzip",
               "chunked, chunked", "xchunked", "chunkedx", "chunked;q=1", "\"chunked\"", "",
               "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity",
               "identity\r\nTransfer-Encoding: chunked", "chunked,");
  check_refused(post("Transfer-Encoding: " + encoding + "\r\n", "0\r\n\r\n"));
  check_refused("POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_CASE("control characters, folded lines and bare line ends are refused", "[http][framing]") {
  check_refused(GENERATE(
      post("A: b\0c\r\n"s), post("A\0: b\r\n"s), post("A: \x01\r\n"), post("A\x0b: b\r\n"),
      post("A: b\x7f\r\n"), post("A: b\r\n c\r\n"), post("A: b\r\n\tc\r\n"), post("A:\r\n b\r\n"),
      post("A: b\rc\r\n"), post("A: b\nB: c\r\n"), post("A: b\n"), post("A\r\n"), post(": b\r\n"),
      post("A b: c\r\n"), "GET / HTTP/1.1\nHost: x\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: x\n\n"s,
      "GET / HTTP/1.1\r\n Host: x\r\n\r\n"s, "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "GET / HTTP/1.1\rHost: x\r\n\r\n"s));
}

TEST_CASE("a missing, double or malformed Host is refused", "[http][framing]") {
  const std::string host = GENERATE(
      "", "Host: x\r\nHost: x\r\n", "Host: x\r\nHost: y\r\n", "Host: a b\r\n", "Host: a/b\r\n",
      "Host: user@x\r\n", "Host: a:b\r\n", "Host: a:1:2\r\n", "Host: [::1\r\n", "Host: [\r\n",
      "Host: []\r\n", "Host: ::1\r\n", "Host: [::1]x\r\n", "Host: x:123456\r\n", "Host: <x>\r\n");
  check_refused("GET /first HTTP/1.1\r\n" + host + "\r\n");
}

TEST_CASE("what is no HTTP/1 request is refused", "[http][framing]") {
  check_refused(GENERATE(
      "GET /\r\n\r\n"s, "GET / \r\n\r\n"s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s,
      "GET / HTTP/0.9\r\n\r\n"s, "GET / HTTP/1.2\r\nHost: x\r\n\r\n"s,
      "GET / HTTP/9.9\r\nHost: x\r\n\r\n"s, "GET / http/1.1\r\nHost: x\r\n\r\n"s,
      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"s, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"s, "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "G@T / HTTP/1.1\r\nHost: x\r\n\r\n"s, " GET / HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "\x16\x03\x01\x02"s, "\0"s, "GET x HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"s, "GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "GET http://u@h/x HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "GET ftp://h/x HTTP/1.1\r\nHost: x\r\n\r\n"s));
}

TEST_CASE("malformed chunks are refused, and the request is not run", "[http][framing]") {
  const std::string filler(300, 'x');
  check_refused(GENERATE_COPY(
      chunked("5\r\nhelloX0\r\n\r\n"), chunked("g\r\n"), chunked("\r\n\r\n"), chunked("-1\r\n"),
      chunked("+5\r\nhello\r\n0\r\n\r\n"), chunked("0x5\r\nhello\r\n0\r\n\r\n"),
      chunked("5 \r\nhello\r\n0\r\n\r\n"), chunked("5\nhello\r\n0\r\n\r\n"),
      chunked("11111111111111111\r\n"), chunked("5;\r\nhello\r\n0\r\n\r\n"),
      chunked("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), chunked("5;a=" + filler + "\r\nhello\r\n"),
      chunked("0\r\nContent-Length: 5\r\n\r\n"), chunked("0\r\nA : b\r\n\r\n"),
      chunked("0\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n")));
}

TEST_CASE("what chunked bodies may hold is understood", "[http][framing]") {
  const EchoServer server;
  const auto head = GENERATE("Transfer-Encoding: chunked\r\n", "transfer-encoding:CHUNKED \r\n");
  const auto body = GENERATE(
      "5\r\nhello\r\n0\r\n\r\n", "005\r\nhello\r\n000\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      "5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n", "5\r\nhello\r\n0\r\nHost: y\r\nA: b\r\n\r\n");
  const auto request = post(head, body);
  Connection slow(server.port());  // Each byte on its own.
  for (const char byte : request) slow.send({&byte, 1});
  CHECK(slow.receive().body == "POST /first? [x] hello");

  const auto reply = server.answer_to(request + std::string(next));
  CHECK(replies_in(reply) == 2);
  CHECK(server.seen().back() == "GET /next? [x] ");
}

TEST_CASE("a length beyond all memory is refused once", "[http][framing]") {
  const EchoServer server;
  const auto reply =
      server.answer_to(post("Content-Length: 18446744073709551615\r\n") + std::string(next));
  CHECK(reply.starts_with("HTTP/1.1 413 "));
  CHECK(replies_in(reply) == 1);
  const auto of_chunk = server.answer_to(chunked("ffffffffffffffff\r\n"));
  CHECK(of_chunk.starts_with("HTTP/1.1 413 "));
  CHECK(server.seen().empty());
}

TEST_CASE("targets in absolute form have the host of the target", "[http][framing]") {
  const EchoServer server;
  const auto get = [&](std::string_view target) {
    return exchange(server.port(),
                    "GET " + std::string(target) + " HTTP/1.1\r\nHost: other\r\n\r\n")
        .body;
  };
  CHECK(get("http://a.b:80/x/y?q=%41") == "GET /x/y?q=%41 [a.b:80] ");
  CHECK(get("HTTP://[::1]:5000") == "GET /? [[::1]:5000] ");
  CHECK(get("http://a?q") == "GET /?q [a] ");
  CHECK(get("*") == "GET *? [other] ");
  CHECK(get("/http://a/?b?c") == "GET /http://a/?b?c [other] ");
}

TEST_CASE("usual hosts pass", "[http][framing]") {
  const EchoServer server;
  const std::string host =
      GENERATE("localhost", "127.0.0.1:5000", "[::1]:5000", "[::1]", "a-b.c_d", "x:", "", "A.B");
  const auto reply = exchange(server.port(), "GET / HTTP/1.1\r\nhOST:\t " + host + " \r\n\r\n");
  CHECK(reply.body == "GET /? [" + host + "] ");
}

TEST_CASE("headers that are too large or too many are refused", "[http][framing]") {
  const EchoServer server;
  const auto status = [&](const std::string& bytes) {
    return server.answer_to(bytes + std::string(next)).substr(0, 13);
  };
  const std::string large(100'000, 'x');
  CHECK(status("GET /" + large + " HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 414 ");
  CHECK(status("GET / HTTP/1.1\r\nHost: x\r\nA: " + large + "\r\n\r\n") == "HTTP/1.1 431 ");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "A: b\r\n";
  CHECK(status("GET / HTTP/1.1\r\nHost: x\r\n" + many + "\r\n") == "HTTP/1.1 431 ");
  CHECK(server.seen().empty());

  const std::string fits(32 * 1024 - 40, 'x');
  CHECK(status("GET /" + fits + " HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 200 ");
}

TEST_CASE("a client says whether its connection lives on", "[http][framing]") {
  const EchoServer server;
  const auto connection_header = [&](std::string_view start, std::string_view headers) {
    Connection client(server.port());
    client.send("GET / " + std::string(start) + "\r\nHost: x\r\n" + std::string(headers) + "\r\n");
    auto reply = client.receive();
    REQUIRE(reply.status == 200);
    const auto says = reply.headers["connection"];
    if (says != "close") {
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      CHECK(client.receive().status == 200);
    } else {
      CHECK(client.receive_rest().empty());
    }
    return says;
  };
  CHECK(connection_header("HTTP/1.1", "").empty());
  CHECK(connection_header("HTTP/1.1", "Connection: foo, Close\r\n") == "close");
  CHECK(connection_header("HTTP/1.0", "") == "close");
  CHECK(connection_header("HTTP/1.0", "Connection: keep-alive\r\n") == "keep-alive");
  CHECK(server.answer_to("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a client that waits for it is told to send its body", "[http][framing]") {
  const EchoServer server;
  Connection client(server.port());
  client.send(post("Content-Length: 5\r\nexpect: 100-Continue\r\n"));
  CHECK(client.receive().status == 100);
  client.send("hello");
  CHECK(client.receive().body == "POST /first? [x] hello");

  Connection refused(server.port());
  refused.send(post("Content-Length: 999999999999\r\nExpect: 100-continue\r\n"));
  CHECK(refused.receive().status == 413);

  Connection old(server.port());
  old.send("POST /old HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
  CHECK(old.receive().status == 200);
}

TEST_CASE("a thousand requests in one go are answered in order", "[http][framing]") {
  const EchoServer server;
  Connection client(server.port());
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += "PUT /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb";
  all.replace(all.rfind("Host"), 0, "Connection: close\r\n");
  client.send(all);
  for (int i = 0; i < 1000; ++i)
    REQUIRE(client.receive().body == "PUT /" + std::to_string(i) + "? [x] b");
  CHECK(client.receive_rest().empty());
}

TEST_CASE("an empty line before a request is passed over", "[http][framing]") {
  const EchoServer server;
  Connection client(server.port());
  client.send("\r");
  client.send("\n" + post("Content-Length: 1\r\n", "b") + "\r\n" + post("Content-Length: 0\r\n"));
  CHECK(client.receive().body == "POST /first? [x] b");
  CHECK(client.receive().body == "POST /first? [x] ");
}

TEST_CASE("a reply says when it was made, how long it is, and no more than it should",
          "[http][framing]") {
  const http::Server server("127.0.0.1", 0, [](const http::Request& request) {
    return http::Reply{.status = request.path == "/empty" ? 204 : 299,
                       .content_type = "text/plain",
                       .body = "body",
                       .headers = {{"X-A", "b"}, {"X-Split", "a\r\nX-B: c"}}};
  });
  Connection client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  auto reply = client.receive();
  CHECK(reply.status == 299);
  CHECK(reply.body == "body");
  CHECK(reply.headers["date"].ends_with(" GMT"));
  CHECK(reply.headers["content-length"] == "4");
  CHECK(reply.headers["x-a"] == "b");
  CHECK_FALSE(reply.headers.contains("x-split"));
  CHECK_FALSE(reply.headers.contains("x-b"));

  client.send(
      "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /empty HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  const auto rest = client.receive_rest();
  CHECK(replies_in(rest) == 2);
  CHECK_FALSE(contains(rest, "body"));
  const auto empty = rest.substr(rest.rfind("HTTP/1.1 204 No Content\r\n"));
  CHECK_FALSE(contains(empty, "Content-Length"));
  CHECK(empty.ends_with("\r\n\r\n"));
}

}  // namespace metactl::tests
