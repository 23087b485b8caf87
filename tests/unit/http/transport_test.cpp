// SPDX-License-Identifier: Apache-2.0
// HTTP client and server against each other, and against peers that misbehave.

#include "http/transport.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <future>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/shared_library.h"
#include "http/curl_errors.h"
#include "http/listening_socket.h"

using namespace std::literals;
using metactl::Error;
using metactl::Reason;
using metactl::http::CurlTransport;
using metactl::http::ListeningSocket;
using metactl::http::Reply;
using metactl::http::Request;
using metactl::http::Server;

namespace {

constexpr auto patient = 60s;  // Only a hanging test takes so long.

// Says what arrived: "PUT /path?query body".
Reply echo(const Request& request) {
  return {.status = 200,
          .content_type = "text/plain",
          .body = request.method + " " + request.path + "?" + request.query + " " + request.body};
}

std::string url_of(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

CurlTransport client_of(const Server& server) {
  return CurlTransport(url_of(server.port()), patient);
}

Request request_of(std::string method, std::string path, std::string body = {}) {
  return {.method = std::move(method),
          .path = std::move(path),
          .query = {},
          .body = std::move(body),
          .peer = {}};
}

template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no Error was thrown");
  std::abort();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A TCP connection without HTTP.
class RawConnection {
 public:
  explicit RawConnection(int descriptor) : descriptor_(descriptor) {}
  ~RawConnection() { close(descriptor_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  static int connect_to(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{.sin_family = AF_INET,
                   .sin_port = htons(port),
                   .sin_addr = {htonl(INADDR_LOOPBACK)},
                   .sin_zero = {}};
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
      return descriptor;
    close(descriptor);
    return -1;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What arrives until the text holds `end`, or until the peer closes.
  std::string receive(std::string_view end = "\r\n\r\n") {
    std::string all;
    std::string piece(4096, '\0');
    while (!contains(all, end)) {
      const auto got = recv(descriptor_, piece.data(), piece.size(), 0);
      if (got <= 0) break;
      all.append(piece, 0, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int descriptor_;
};

// A peer that accepts connections one after the other and does what the test says.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(FakeServer&)> script)
      : thread_([this, script = std::move(script)] { script(*this); }) {}
  ~FakeServer() { thread_.join(); }

  int accept() {
    pollfd waiting{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
    poll(&waiting, 1, -1);
    return ::accept(socket_.descriptor(), nullptr, nullptr);
  }
  std::uint16_t port() const { return socket_.port(); }

 private:
  ListeningSocket socket_{"127.0.0.1", 0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("headers cross in both directions, in any case", "[http]") {
  const Server server("127.0.0.1", 0, [](const Request& request) {
    return Reply{.status = 200,
                 .content_type = "text/plain",
                 .body = std::string(request.header("content-type")) + "|" +
                         std::string(request.header("X-NODE")),
                 .headers = {{"X-Answered-By", "2"}}};
  });
  auto client = client_of(server);
  auto request = request_of("PUT", "/x", "{}");
  request.headers["X-Node"] = "7";
  const auto reply = client.send(request);
  CHECK(reply.body == "application/json|7");
  CHECK(reply.header("x-answered-by") == "2");
  CHECK(client.reply_header("x-answered-by") == "2");
  CHECK(client.send(request_of("GET", "/x")).body == "|");
}

TEST_CASE("a request arrives whole and its reply comes back", "[http]") {
  Request seen;
  const Server server("127.0.0.1", 0, [&](const Request& request) {
    seen = request;
    return Reply{.status = 409, .content_type = "application/json", .body = R"({"code":1})"};
  });
  auto client = client_of(server);

  const auto method = GENERATE("GET", "PUT", "POST", "DELETE", "PATCH", "BREW");
  const auto body = GENERATE(""s, "{\"a\":\"\0\xff\"}"s);
  const auto reply = client.send({.method = method,
                                  .path = "/a/../b%2Fc+d",
                                  .query = "t=a+b%20c&&=",
                                  .body = body,
                                  .peer = {}});

  CHECK(seen.method == method);
  CHECK(seen.path == "/a/../b%2Fc+d");
  CHECK(seen.query == "t=a+b%20c&&=");
  CHECK(seen.body == body);
  CHECK(seen.peer == "127.0.0.1");
  CHECK(reply.status == 409);
  CHECK(reply.content_type == "application/json");
  CHECK(reply.body == R"({"code":1})");
}

TEST_CASE("HEAD is answered without a body", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  auto client = client_of(server);
  const auto reply = client.send(request_of("HEAD", "/x"));
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(client.send(request_of("GET", "/x")).body == "GET /x? ");
}

TEST_CASE("a path in the server's URL comes before the path of the request", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  CurlTransport client(url_of(server.port()) + "/base/", patient);
  CHECK(client.send(request_of("GET", "/x")).body == "GET /base/x? ");
}

TEST_CASE("an IPv6 client is known by its address", "[http]") {
  std::unique_ptr<Server> server;
  try {
    server = std::make_unique<Server>("::1", 0, [](const Request& request) {
      return Reply{.status = 200, .content_type = {}, .body = request.peer};
    });
  } catch (const Error& error) {
    WARN("skipped, no IPv6 here: " << error.what());
    return;
  }
  CurlTransport client("http://[::1]:" + std::to_string(server->port()), patient);
  const auto reply = client.send(request_of("GET", "/"));
  CHECK(reply.body == "::1");
  CHECK(reply.content_type.empty());
}

TEST_CASE("calls share one connection", "[http]") {
  FakeServer server([](FakeServer& self) {
    RawConnection connection(self.accept());
    for (int i = 0; i < 3; ++i) {
      connection.receive();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
  });
  CurlTransport client(url_of(server.port()), patient);
  for (int i = 0; i < 3; ++i) CHECK(client.send(request_of("GET", "/")).body == "x");
}

TEST_CASE("the client says what it must and nothing else", "[http]") {
  std::promise<std::string> received;
  FakeServer server([&](FakeServer& self) {
    RawConnection connection(self.accept());
    received.set_value(connection.receive("end"));
    connection.send("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n");
  });
  CurlTransport client(url_of(server.port()), patient);
  const auto big = std::string(2 << 20, 'x') + "end";
  CHECK(client.send(request_of("PUT", "/x", big)).status == 302);

  const auto text = received.get_future().get();
  const auto header = text.substr(0, text.find("\r\n\r\n") + 2);
  CHECK(header.starts_with("PUT /x HTTP/1.1\r\n"));
  CHECK(contains(header, "User-Agent: metactl\r\n"));
  CHECK(contains(header, "Content-Type: application/json\r\n"));
  CHECK_FALSE(contains(header, "Expect"));
}

TEST_CASE("a loopback server is reached without the proxy", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  auto client = client_of(server);
  CHECK(client.send(request_of("GET", "/")).status == 200);
  unsetenv("http_proxy");
}

TEST_CASE("a body of 64 MiB is the largest", "[http]") {
  constexpr std::size_t limit = 64 << 20;
  std::atomic<std::size_t> seen = 0;
  const Server server("127.0.0.1", 0, [&](const Request& request) {
    seen = request.body.size();
    return Reply{};
  });
  auto client = client_of(server);

  CHECK(client.send(request_of("PUT", "/", std::string(limit, 'x'))).status == 200);
  CHECK(seen == limit);
  seen = 0;
  const auto refused = client.send(request_of("PUT", "/", std::string(limit + 1, 'x')));
  CHECK(refused.status == 413);
  CHECK(contains(refused.body, "larger than 64 MiB"));
  CHECK(seen == 0);
  CHECK(client.send(request_of("GET", "/")).status == 200);
}

TEST_CASE("a chunked body over the limit is refused before its end", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  RawConnection client(RawConnection::connect_to(server.port()));
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto chunk = "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
  for (int i = 0; i < 64; ++i) REQUIRE(client.send(chunk));
  client.send("1\r\n");
  CHECK(client.receive().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a form-encoded body is a body like any other", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  RawConnection client(RawConnection::connect_to(server.port()));
  client.send(
      "GET /x?a HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 7\r\n\r\na=b+c&d");
  CHECK(contains(client.receive("c&d"), "GET /x?a a=b+c&d"));
}

TEST_CASE("clients that break off or send garbage do no harm", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  const auto bytes =
      GENERATE(""sv, "\0\xff\x16\x03\x01garbage\r\n\r\n\n\n"sv, "GET",
               "GET /x HTTP/1.1\r\nHost: x\r\n", "GET  HTTP/9.9\r\n\r\n", "PUT /x?",
               "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
               "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
               "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  for (int i = 0; i < 20; ++i) {
    RawConnection broken(RawConnection::connect_to(server.port()));
    broken.send(bytes);
  }
  CHECK(client_of(server).send(request_of("GET", "/x")).body == "GET /x? ");
}

TEST_CASE("a slow sender holds up nobody and is answered in the end", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  RawConnection slow(RawConnection::connect_to(server.port()));
  auto other = client_of(server);
  for (const char byte :
       std::string_view("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
    CHECK(other.send(request_of("GET", "/y")).body == "GET /y? ");
    REQUIRE(slow.send({&byte, 1}));
  }
  CHECK(contains(slow.receive("abc"), "PUT /x? abc"));
}

TEST_CASE("a handler that waits holds up nobody", "[http]") {
  std::promise<void> release;
  const Server server("127.0.0.1", 0,
                      [&, released = release.get_future().share()](const Request& request) {
                        if (request.path == "/wait") released.wait();
                        return echo(request);
                      });
  std::vector<std::future<Reply>> waiting;
  for (int i = 0; i < 40; ++i)
    waiting.push_back(std::async(
        std::launch::async, [&] { return client_of(server).send(request_of("GET", "/wait")); }));
  CHECK(client_of(server).send(request_of("GET", "/x")).status == 200);
  release.set_value();
  for (auto& reply : waiting) CHECK(reply.get().status == 200);
}

TEST_CASE("many clients each get their own answers", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  std::vector<std::future<int>> clients;
  for (int c = 0; c < 16; ++c)
    clients.push_back(std::async(std::launch::async, [&server, c] {
      auto client = client_of(server);
      int right = 0;
      for (int i = 0; i < 50; ++i) {
        const auto path = "/" + std::to_string(c) + "/" + std::to_string(i);
        if (client.send(request_of("PUT", path, "{}")).body == "PUT " + path + "? {}") ++right;
      }
      return right;
    }));
  for (auto& right : clients) CHECK(right.get() == 50);
}

TEST_CASE("a request that runs while the server stops gets its answer", "[http]") {
  std::promise<void> entered;
  std::promise<void> release;
  auto server = std::make_unique<Server>("127.0.0.1", 0, [&](const Request& request) {
    entered.set_value();
    release.get_future().wait();
    return echo(request);
  });
  const auto port = server->port();
  auto reply = std::async(std::launch::async, [port] {
    return CurlTransport(url_of(port), patient).send(request_of("PUT", "/x", "{}"));
  });
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.reset(); });
  // New connections are refused before the request that runs is finished.
  for (int other = 0; other >= 0;) {
    other = RawConnection::connect_to(port);
    if (other >= 0) close(other);
  }
  release.set_value();
  CHECK(reply.get().body == "PUT /x? {}");
  stopped.get();
}

TEST_CASE("stopping does not wait for idle connections and unfinished headers", "[http]") {
  auto server = std::make_unique<Server>("127.0.0.1", 0, echo);
  RawConnection silent(RawConnection::connect_to(server->port()));
  RawConnection half(RawConnection::connect_to(server->port()));
  half.send("GET /x HTTP/1.1\r\nHost:");
  RawConnection idle(RawConnection::connect_to(server->port()));
  idle.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(contains(idle.receive("GET /x"), "200 OK"));

  const auto start = std::chrono::steady_clock::now();
  server.reset();
  CHECK(std::chrono::steady_clock::now() - start < 9s);  // Less than it waits for requests.
  CHECK(idle.receive().size() < 10);
  CHECK(half.receive().empty());
}

TEST_CASE("garbage that arrives while the server stops does no harm", "[http]") {
  for (int i = 0; i < 200; ++i) {
    const Server server("127.0.0.1", 0, echo);
    for (int c = 0; c < 3; ++c)
      RawConnection(RawConnection::connect_to(server.port())).send("GET  HTTP/9.9\r\n\r\n");
  }
}

TEST_CASE("the server says why it cannot listen", "[http]") {
  const Server first("127.0.0.1", 0, echo);
  const auto taken = error_of([&] { Server second("127.0.0.1", first.port(), echo); });
  CHECK(taken.reason() == Reason::conflict);
  CHECK(contains(taken.what(), "already in use"));
  for (const char* bad : {"localhost", "[::1]", "", "1.2.3", "192.0.2.1"})
    CHECK(error_of([&] { Server server(bad, 0, echo); }).reason() == Reason::usage);
}

TEST_CASE("a refused connection is unreachable, and says so without the token", "[http]") {
  const int bound = socket(AF_INET, SOCK_STREAM, 0);  // Bound but not listening.
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  REQUIRE(bind(bound, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  getsockname(bound, reinterpret_cast<sockaddr*>(&address), &size);
  const auto port = ntohs(address.sin_port);

  CurlTransport client("http://user:secret@127.0.0.1:" + std::to_string(port), patient);
  const auto error = error_of([&] {
    client.send({.method = "PUT", .path = "/x", .query = "token=secret", .body = {}, .peer = {}});
  });
  close(bound);
  CHECK(error.reason() == Reason::unreachable);
  CHECK(error.what() == "cannot reach " + url_of(port) + ": connection refused");
  CHECK_FALSE(error.hint().empty());
}

TEST_CASE("an unknown host is unreachable", "[http]") {
  CurlTransport client("http://no-such-host.invalid", patient);
  const auto error = error_of([&] { client.send(request_of("GET", "/")); });
  CHECK(error.reason() == Reason::unreachable);
  CHECK(error.what() == std::string("cannot reach http://no-such-host.invalid: unknown host"));
}

TEST_CASE("a server that never answers is unreachable, with an unknown outcome", "[http]") {
  const ListeningSocket mute("127.0.0.1", 0);
  CurlTransport client(url_of(mute.port()), 50ms);
  const auto error = error_of([&] { client.send(request_of("PUT", "/x", "{}")); });
  CHECK(error.reason() == Reason::unknown_outcome);
  CHECK(contains(error.what(), "no answer within 50 ms"));
  CHECK(contains(error.what(), "outcome is unknown"));
}

TEST_CASE("a read without an answer leaves nothing unknown", "[http]") {
  const ListeningSocket mute("127.0.0.1", 0);
  CurlTransport client(url_of(mute.port()), 50ms);
  auto look = request_of("PUT", "/x", "{}");
  look.is_read = true;
  for (const auto& request : {request_of("GET", "/x"), look}) {
    const auto error = error_of([&] { client.send(request); });
    CHECK(error.reason() == Reason::unreachable);
    CHECK(error.what() == "no answer within 50 ms from " + url_of(mute.port()));
    CHECK_FALSE(metactl::http::is_outcome_unknown(error));
  }
}

TEST_CASE("a read whose connection breaks leaves nothing unknown", "[http]") {
  FakeServer server([&](FakeServer& self) { RawConnection(self.accept()).receive(); });
  CurlTransport client(url_of(server.port()), patient);
  const auto error = error_of([&] { client.send(request_of("GET", "/x")); });
  CHECK(error.reason() == Reason::unreachable);
  CHECK(error.what() == "connection broken by " + url_of(server.port()));
  CHECK_FALSE(metactl::http::is_outcome_unknown(error));
}

TEST_CASE("a connection that breaks leaves the outcome unknown", "[http]") {
  const std::string answer = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
                                      "HTTP/1.1 200 OK\r\nContent-");
  FakeServer server([&](FakeServer& self) {
    RawConnection connection(self.accept());
    connection.receive("{}");
    connection.send(answer);
  });
  CurlTransport client(url_of(server.port()), patient);
  const auto error = error_of([&] { client.send(request_of("PUT", "/x", "{}")); });
  CHECK(error.reason() == Reason::unknown_outcome);
  CHECK(contains(error.what(), "outcome is unknown"));
}

TEST_CASE("a request is not sent again when a kept connection dies", "[http]") {
  std::promise<std::string> second;
  FakeServer server([&](FakeServer& self) {
    {
      RawConnection connection(self.accept());
      connection.receive("{}");
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      connection.receive("{}");
    }
    second.set_value(RawConnection(self.accept()).receive());
  });
  CurlTransport client(url_of(server.port()), patient);
  CHECK(client.send(request_of("PUT", "/x", "{}")).status == 200);
  const auto error = error_of([&] { client.send(request_of("PUT", "/x", "{}")); });
  CHECK(error.reason() == Reason::unknown_outcome);
  CHECK(contains(error.what(), "outcome is unknown"));
  CHECK(second.get_future().get().empty());
}

TEST_CASE("a server that does not speak HTTP is an internal error", "[http]") {
  FakeServer server([](FakeServer& self) {
    RawConnection connection(self.accept());
    connection.receive();
    connection.send("220 mail.example.org ESMTP\r\n");
  });
  CurlTransport client(url_of(server.port()), patient);
  CHECK(error_of([&] { client.send(request_of("GET", "/")); }).reason() == Reason::internal);
}

TEST_CASE("TLS with a server that has none is denied", "[http]") {
  const Server server("127.0.0.1", 0, echo);
  CurlTransport client("https://127.0.0.1:" + std::to_string(server.port()), patient);
  CHECK(error_of([&] { client.send(request_of("GET", "/")); }).reason() == Reason::denied);
}

TEST_CASE("malformed server URLs are usage errors", "[http]") {
  const std::string url =
      GENERATE("", "localhost:5000", "ftp://host", "http://", "http://host:99999", "http://a b",
               "http://host/?token=secret", "http://host#x", "file:///etc/passwd");
  const auto error = error_of([&] { CurlTransport client(url, patient); });
  CHECK(error.reason() == Reason::usage);
  CHECK_FALSE(contains(error.what(), "secret"));
}

TEST_CASE("an absent library is named with its package", "[base]") {
  const auto error = error_of([] {
    metactl::SharedLibrary({"libnosuch.so.1", "libnosuch", "to do it", "libnosuch1"});
  });
  CHECK(error.reason() == Reason::internal);
  CHECK(contains(error.what(), "libnosuch is needed to do it, but cannot be loaded: "));
  CHECK(error.hint() == "apt-get install libnosuch1");
}
