// SPDX-License-Identifier: Apache-2.0
// What a server takes, from how many, and for how long. No test asserts how soon something ends.

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "http/transport.h"
#include "tests/support/loopback.h"

namespace metactl::tests {
namespace {

using namespace std::literals;
using http::Reply;
using http::Request;
using http::Server;
using http::ServerLimits;

constexpr auto get = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"sv;

Reply echo(const Request& request) {
  return {.status = 200,
          .content_type = "text/plain",
          .body = request.path + " " + std::to_string(request.body.size())};
}

std::string announce(std::size_t size, std::string_view path = "/x") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

std::string chunked_header() {
  return "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
}

/// Whether the server answers a request on this connection.
bool is_served(Connection& client) {
  client.send(get);
  return client.receive().status == 200;
}

/// Connections that have each been served once, in this order.
std::vector<std::unique_ptr<Connection>> idle_connections(const Server& server, int count,
                                                          const char* from) {
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(std::make_unique<Connection>(server.port(), from));
    REQUIRE(is_served(*all.back()));
  }
  return all;
}

/// Holds handlers up until it is released.
class Brake {
 public:
  void wait() { released_.wait(); }
  void release() { promise_.set_value(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> released_ = promise_.get_future().share();
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

TEST_CASE("a request is refused by its header, before its body comes", "[http][server]") {
  std::atomic<int> run = 0;
  Request head;
  ServerLimits limits;
  limits.admit = [&](const Request& request) -> std::optional<Reply> {
    if (request.query == "good") return std::nullopt;
    head = request;
    return Reply{.status = 403, .content_type = "text/plain", .body = "no\n"};
  };
  const Server server(
      "127.0.0.1", 0,
      [&](const Request& request) {
        ++run;
        return echo(request);
      },
      limits);

  const std::string request =
      GENERATE(announce(10'000'000, "/a?bad"), announce(3, "/a?bad") + "abc", chunked_header(),
               std::string(get));
  {
    Connection client(server.port());
    client.send(request);
    auto reply = client.receive();
    CHECK(reply.status == 403);
    CHECK(reply.headers["connection"] == "close");
    client.send("GET /y?good HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.receive_rest().empty());
  }
  CHECK(head.peer == "127.0.0.1");
  CHECK(head.header("host") == "x");
  CHECK(head.body.empty());
  CHECK(run == 0);
  CHECK(exchange(server.port(), announce(3, "/a?good") + "abc").body == "/a 3");
}

TEST_CASE("a client that sends on after a refusal sees it nevertheless", "[http][server]") {
  const Server server("127.0.0.1", 0, echo);
  Connection client(server.port());
  client.send(announce(100 << 20));
  const std::string part(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) REQUIRE(client.send(part));
  client.finish();
  CHECK(client.receive().status == 413);
  CHECK(client.receive_rest().empty());
}

TEST_CASE("all bodies together have a budget", "[http][server]") {
  ServerLimits limits;
  limits.all_body_bytes = 100'000;
  const Server server("127.0.0.1", 0, echo, limits);
  const bool is_chunked = GENERATE(false, true);
  const std::string chunk = "ea60\r\n" + std::string(60'000, 'x') + "\r\n0\r\n\r\n";
  const auto whole =
      is_chunked ? chunked_header() + chunk : announce(60'000) + std::string(60'000, 'x');
  const auto begin = whole.size() - 10;

  // The budget is taken when the server has read the header of body or chunk. If another request
  // has it just then, the first one is refused instead, and is made again.
  constexpr int most_tries = 1000;
  std::optional<Connection> first;
  RawReply reply;
  reply.status = 200;
  while (reply.status == 200) {
    first.emplace(server.port());
    first->send(std::string_view(whole).substr(0, begin));
    for (int i = 0; i < most_tries && reply.status == 200; ++i)
      reply = exchange(server.port(), announce(60'000) + std::string(60'000, 'x'));
  }
  CHECK(reply.status == 503);
  CHECK(reply.headers["retry-after"] == "1");
  CHECK(reply.headers["x-content-type-options"] == "nosniff");
  // Small bodies need none.
  CHECK(exchange(server.port(), announce(10'000) + std::string(10'000, 'x')).status == 200);

  first->send(std::string_view(whole).substr(begin));
  CHECK(first->receive().body == "/x 60000");
  CHECK(exchange(server.port(), whole).body == "/x 60000");
}

TEST_CASE("the budget comes back from requests that break off or are refused", "[http][server]") {
  ServerLimits limits;
  limits.all_body_bytes = 100'000;
  limits.body_bytes = 100'000;
  const Server server("127.0.0.1", 0, echo, limits);
  for (int i = 0; i < 10; ++i) {
    Connection broken(server.port());
    broken.send(announce(90'000) + "part");
    broken.finish();
    broken.receive_rest();
    Connection refused(server.port());
    refused.send(chunked_header() + "11170\r\n" + std::string(70'000, 'x') + "\r\nfffff\r\n");
    CHECK(refused.receive().status == 413);
  }
  CHECK(exchange(server.port(), announce(90'000) + std::string(90'000, 'x')).status == 200);
}

TEST_CASE("idle connections of one address leave places for others", "[http][server]") {
  ServerLimits limits;
  limits.connections = 200;
  const Server server("127.0.0.1", 0, echo, limits);
  const auto many = [&] {
    std::vector<std::unique_ptr<Connection>> all;
    for (int i = 0; i < 300; ++i) all.push_back(std::make_unique<Connection>(server.port()));
    return all;
  }();
  std::vector<std::unique_ptr<Connection>> others;
  for (int i = 0; i < 75; ++i) {
    others.push_back(std::make_unique<Connection>(server.port(), "127.0.0.2"));
    REQUIRE(is_served(*others.back()));
  }
  Connection another(server.port());
  CHECK(is_served(another));
}

TEST_CASE("256 connections of one address are served at once by default", "[http][server]") {
  Brake brake;
  std::atomic<int> running = 0;
  const Server server("127.0.0.1", 0, [&](const Request& request) {
    ++running;
    brake.wait();
    return echo(request);
  });
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 256; ++i) {
    clients.push_back(std::make_unique<Connection>(server.port()));
    clients.back()->send(get);
  }
  while (running < 256) std::this_thread::yield();
  brake.release();
  for (auto& client : clients) CHECK(client->receive().status == 200);
}

TEST_CASE("at the limit the connection that was idle for the longest time makes room",
          "[http][server]") {
  ServerLimits limits;
  limits.connections = 6;
  limits.connections_per_address = 3;
  const Server server("127.0.0.1", 0, echo, limits);

  const auto first = idle_connections(server, 3, "127.0.0.1");
  const auto second = idle_connections(server, 3, "127.0.0.2");
  REQUIRE(is_served(*first[0]));  // Now the second is the oldest.

  Connection stranger(server.port(), "127.0.0.3");
  CHECK(is_served(stranger));
  CHECK(first[1]->receive_rest().empty());

  Connection own(server.port(), "127.0.0.2");
  CHECK(is_served(own));
  CHECK(second[0]->receive_rest().empty());

  for (const auto* client : {&first[0], &first[2], &second[1], &second[2]})
    CHECK(is_served(**client));
}

TEST_CASE("a connection in the middle of a request does not make room", "[http][server]") {
  ServerLimits limits;
  limits.connections = 8;
  limits.connections_per_address = 2;
  Brake brake;
  std::atomic<bool> runs = false;
  const Server server(
      "127.0.0.1", 0,
      [&](const Request& request) {
        if (request.path == "/wait") {
          runs = true;
          brake.wait();
        }
        return echo(request);
      },
      limits);
  Connection receiving(server.port());
  receiving.send(
      "POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  REQUIRE(receiving.receive().status == 100);
  Connection waiting(server.port());
  waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!runs) std::this_thread::yield();

  CHECK(Connection(server.port()).receive_rest().empty());
  CHECK(exchange(server.port(), get).status == 0);
  Connection other(server.port(), "127.0.0.2");
  CHECK(is_served(other));

  receiving.send("abc");
  CHECK(receiving.receive().body == "/x 3");
  brake.release();
  CHECK(waiting.receive().body == "/wait 0");
}

TEST_CASE("a silent or half-said request ends", "[http][server]") {
  ServerLimits limits;
  limits.idle = limits.header = limits.transfer = 100ms;
  const Server server("127.0.0.1", 0, echo, limits);
  const std::string begin =
      GENERATE(""s, "G"s, "GET /x HTTP/1.1\r\nHost:"s, announce(3), announce(3) + "ab",
               announce(50'000'000) + "ab", chunked_header(), chunked_header() + "5\r\nab");
  CAPTURE(begin);
  Connection client(server.port());
  client.send(begin);
  CHECK(client.receive_rest() == "");
}

TEST_CASE("an idle connection ends after its last reply", "[http][server]") {
  ServerLimits limits;
  limits.idle = 100ms;
  const Server server("127.0.0.1", 0, echo, limits);
  Connection client(server.port());
  CHECK(is_served(client));
  CHECK(client.receive_rest().empty());
}

TEST_CASE("a request that trickles ends", "[http][server]") {
  ServerLimits limits;
  limits.header = limits.transfer = 200ms;
  const Server server("127.0.0.1", 0, echo, limits);
  const std::string begin = GENERATE("GET /x"s, announce(1'000'000), chunked_header() + "ffff\r\n");
  Connection client(server.port());
  client.send(begin);
  while (client.send("x")) std::this_thread::sleep_for(10ms);  // Until the server resets it.
}

TEST_CASE("a body that arrives steadily has more time", "[http][server]") {
  ServerLimits limits;
  limits.transfer = 200ms;
  const Server server("127.0.0.1", 0, echo, limits);
  Connection client(server.port());
  client.send(announce(80 * 65'536));
  const std::string part(65'536, 'x');
  for (int i = 0; i < 80; ++i) {
    client.send(part);
    std::this_thread::sleep_for(5ms);  // 400 ms in all.
  }
  CHECK(client.receive().body == "/x 5242880");
}

TEST_CASE("a client that does not read its reply is given up", "[http][server]") {
  ServerLimits limits;
  limits.transfer = 100ms;
  limits.connections = 4;
  limits.connections_per_address = 1;
  std::atomic<bool> was_asked = false;
  const Server server(
      "127.0.0.1", 0,
      [&](const Request&) {
        was_asked = true;
        return Reply{.status = 200, .content_type = {}, .body = std::string(64 << 20, 'x')};
      },
      limits);
  Connection deaf(server.port());
  deaf.send(get);
  while (!was_asked) std::this_thread::yield();
  // Its place is free again when it was given up.
  while (exchange(server.port(), "GET\r\n\r\n").status != 400) std::this_thread::sleep_for(10ms);
  CHECK(deaf.receive_rest().size() < 64 << 20);
}

TEST_CASE("a client that does not close after the last reply is closed", "[http][server]") {
  ServerLimits limits;
  limits.linger = 100ms;
  limits.connections_per_address = 1;
  const Server server("127.0.0.1", 0, echo, limits);
  Connection stubborn(server.port());
  stubborn.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(stubborn.receive().status == 200);
  while (exchange(server.port(), get).status != 200) std::this_thread::sleep_for(10ms);
  while (stubborn.send("x")) std::this_thread::sleep_for(10ms);
}

TEST_CASE("more handlers than may run at once wait for their turn, and hold up no one else",
          "[http][server]") {
  ServerLimits limits;
  limits.handlers = 2;
  Brake brake;
  std::atomic<int> running = 0;
  const Server server(
      "127.0.0.1", 0,
      [&](const Request& request) {
        ++running;
        brake.wait();
        return echo(request);
      },
      limits);
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Connection>(server.port()));
    clients.back()->send(get);
  }
  while (running < 2) std::this_thread::yield();
  CHECK(exchange(server.port(), "GET\r\n\r\n").status == 400);
  CHECK(running == 2);
  brake.release();
  for (auto& client : clients) CHECK(client->receive().body == "/x 0");
}

TEST_CASE("a read that was slow once holds up nobody the next time", "[http][server]") {
  ServerLimits limits;
  limits.is_read = [](const Request&) { return true; };
  Brake brake;
  std::atomic<bool> was_slow = false;
  std::atomic<int> waiting = 0;
  const Server server(
      "127.0.0.1", 0,
      [&](const Request& request) {
        if (request.path == "/slow" && was_slow) {
          ++waiting;
          brake.wait();
        } else if (request.path == "/slow") {
          std::this_thread::sleep_for(2ms);
          was_slow = true;
        }
        return echo(request);
      },
      limits);
  const auto slow = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"sv;
  CHECK(exchange(server.port(), slow).status == 200);
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Connection>(server.port()));
    clients.back()->send(slow);
  }
  for (int i = 0; i < 20; ++i) CHECK(exchange(server.port(), get).status == 200);
  while (waiting < 20) std::this_thread::yield();
  brake.release();
  for (auto& client : clients) CHECK(client->receive().status == 200);
}

TEST_CASE("without a descriptor for a client the server rests, and serves the others",
          "[http][server]") {
  const Server server("127.0.0.1", 0, echo);
  Connection known(server.port());
  REQUIRE(is_served(known));
  // The kernel accepts clients that the server cannot.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  std::vector<std::unique_ptr<Connection>> clients;
  const auto usual = files.rlim_cur;
  const int lowest = dup(0);  // The first descriptor that is free.
  close(lowest);
  files.rlim_cur = static_cast<rlim_t>(lowest) + 3;
  setrlimit(RLIMIT_NOFILE, &files);
  try {
    for (int i = 0; i < 3; ++i) clients.push_back(std::make_unique<Connection>(server.port()));
  } catch (const std::runtime_error&) {  // The server was quicker and took a descriptor.
  }
  const auto before = cpu_seconds();
  for (int i = 0; i < 20; ++i) {
    CHECK(is_served(known));
    std::this_thread::sleep_for(20ms);
  }
  const auto spent = cpu_seconds() - before;
  files.rlim_cur = usual;
  setrlimit(RLIMIT_NOFILE, &files);
  CHECK(spent < 0.2);  // Of 0.4 s and more that an endless loop would take.
  for (auto& client : clients) CHECK(is_served(*client));
}

TEST_CASE("an IPv4 client of an IPv6 socket is known by its IPv4 address", "[http][server]") {
  std::unique_ptr<Server> server;
  try {
    server = std::make_unique<Server>("::", 0, [](const Request& request) {
      return Reply{.status = 200, .content_type = {}, .body = request.peer};
    });
  } catch (const std::exception& error) {
    WARN("skipped, no IPv6 here: " << error.what());
    return;
  }
  CHECK(exchange(server->port(), get).body == "127.0.0.1");
}

TEST_CASE("a server that stops says so in its last replies", "[http][server]") {
  Brake brake;
  std::atomic<bool> runs = false;
  auto server = std::make_unique<Server>("127.0.0.1", 0, [&](const Request& request) {
    runs = true;
    brake.wait();
    return echo(request);
  });
  const auto port = server->port();
  Connection running(port);
  running.send(get);
  while (!runs) std::this_thread::yield();

  auto stopped = std::async(std::launch::async, [&] { server.reset(); });
  for (bool refused = false; !refused;) {
    try {
      const Connection another(port);
    } catch (const std::runtime_error&) {
      refused = true;
    }
  }
  brake.release();
  auto reply = running.receive();
  CHECK(reply.status == 200);
  CHECK(reply.headers["connection"] == "close");
  stopped.get();
}

TEST_CASE("a server that stops waits only so long for a body", "[http][server]") {
  ServerLimits limits;
  limits.stop = 100ms;
  auto server = std::make_unique<Server>("127.0.0.1", 0, echo, limits);
  Connection endless(server->port());
  endless.send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  REQUIRE(endless.receive().status == 100);
  server.reset();
  CHECK(endless.receive_rest().empty());
}

}  // namespace metactl::tests
