// SPDX-License-Identifier: Apache-2.0
// The HTTP server on Boost.Asio.

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"
#include "http/connection.h"
#include "http/listening_socket.h"
#include "http/transport.h"

namespace metactl::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = OpenConnection::Clock;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr std::chrono::milliseconds accept_pause{100};

/// One for each core; two at least, so that a handler that runs in one leaves the other.
std::size_t loop_count() {
  return std::clamp(std::thread::hardware_concurrency(), 2U, 8U);
}

/// A thread and the connections that it serves.
struct Loop {
  asio::io_context io{1};
  /// Opens the descriptors of `io` here, where their lack is an error, and not in the thread.
  Timer timer{io.get_executor()};
  std::thread thread{};

  void start() {
    thread = std::thread([this] {
      const auto work = asio::make_work_guard(io);
      io.run();
    });
  }
  void stop() {
    io.stop();
    if (thread.joinable()) thread.join();
  }
};

/// Accepts connections, and ends those whose deadline has passed.
struct Engine : ServerContext {
  Engine(const std::string& address, std::uint16_t port, Server::Handler handler,
         ServerLimits wanted);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  void stop();

  std::vector<Loop> loops;
  asio::io_context& io = loops.front().io;
  ListeningSocket socket;
  Acceptor acceptor;
  Timer& sweep = loops.front().timer;
  Timer pause{io.get_executor()};
  std::size_t next_loop = 0;

 private:
  void accept();
  void accept_all();
  void accept_later();
  void welcome(int accepted, const sockaddr& peer);
  void enforce_deadlines();
};

Engine::Engine(const std::string& address, std::uint16_t port, Server::Handler wanted_handler,
               ServerLimits wanted)
    : ServerContext(std::move(wanted_handler), std::move(wanted)),
      loops(loop_count()),
      socket(address, port),
      acceptor(io.get_executor(), Protocol(socket.family(), 0), socket.release()) {}

void Engine::start() {
  acceptor.native_non_blocking(true);
  accept();
  enforce_deadlines();
  for (auto& loop : loops) loop.start();
}

void Engine::stop() {
  connections.announce_end();                       // First: who is refused below may rely on it.
  ::shutdown(acceptor.native_handle(), SHUT_RDWR);  // From now on connections are refused.
  connections.end(limits.stop);
}

Engine::~Engine() {
  pool.stop();  // First: its threads use the loops.
  for (auto& loop : loops) loop.stop();
}

void Engine::accept() {
  acceptor.async_wait(Acceptor::wait_read, [this](const error_code& error) {
    if (!error) accept_all();
  });
}

/// With accept4, because Asio lets children inherit what it accepts.
void Engine::accept_all() {
  constexpr int at_once = 64;
  for (int i = 0; i < at_once; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* peer = reinterpret_cast<sockaddr*>(&address);
    const int accepted =
        ::accept4(acceptor.native_handle(), peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0 && (errno == ECONNABORTED || errno == EINTR)) continue;
    if (accepted < 0 && errno == EAGAIN) break;
    if (accepted < 0) return accept_later();  // EMFILE, ENFILE, ENOBUFS, ENOMEM.

    welcome(accepted, *peer);
  }
  accept();
}

void Engine::welcome(int accepted, const sockaddr& peer) {
  const int on = 1;
  setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto& loop = loops[next_loop++ % loops.size()];
  Socket client(loop.io.get_executor());
  error_code error;
  client.assign(Protocol(peer.sa_family, 0), accepted, error);
  if (error) {
    ::close(accepted);
    return;
  }
  try {
    client.non_blocking(true);
    auto connection = std::make_shared<Connection>(*this, std::move(client), numeric_address(peer));
    if (connections.open(*connection)) connection->start();
  } catch (const std::exception&) {  // No memory. Closes the connection.
  }
}

void Engine::accept_later() {
  pause.expires_after(accept_pause);
  pause.async_wait([this](const error_code& error) {
    if (!error) accept();
  });
}

void Engine::enforce_deadlines() {
  const auto shortest = std::min({limits.idle, limits.header, limits.transfer, limits.linger}) / 4;
  sweep.expires_after(
      std::clamp(shortest, std::chrono::milliseconds(5), std::chrono::milliseconds(1000)));
  sweep.async_wait([this](const error_code& error) {
    if (error) return;
    connections.enforce_deadlines(Clock::now());
    enforce_deadlines();
  });
}

}  // namespace

struct Server::State : Engine {
  using Engine::Engine;
};

Server::Server(const std::string& address, std::uint16_t port, Handler handler,
               ServerLimits limits) {
  const auto failure = [](const std::error_code& why) {
    return Error(Reason::internal, "cannot serve HTTP: " + why.message());
  };
  try {
    state_ = std::make_unique<State>(address, port, std::move(handler), std::move(limits));
    state_->start();
  } catch (const boost::system::system_error& error) {
    throw failure(error.code());
  } catch (const std::system_error& error) {
    throw failure(error.code());
  }
}

Server::~Server() {
  state_->stop();
}

std::uint16_t Server::port() const {
  return state_->socket.port();
}

}  // namespace metactl::http
