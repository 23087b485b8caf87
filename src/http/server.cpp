// SPDX-License-Identifier: Apache-2.0
// The HTTP server on Boost.Asio.

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"
#include "http/body_budget.h"
#include "http/browsers.h"
#include "http/framing.h"
#include "http/handler_pool.h"
#include "http/listening_socket.h"
#include "http/open_connections.h"
#include "http/transport.h"

namespace metactl::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = OpenConnection::Clock;
using Executor = asio::io_context::executor_type;
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using State = OpenConnection::State;

constexpr std::size_t first_buffer = 4 * 1024;
constexpr std::size_t body_piece = 128 * 1024;
constexpr std::size_t uncounted_body = 16 * 1024;
constexpr std::size_t chunks_buffer = 64 * 1024;
constexpr std::size_t slowest = 64 * 1024;  // Bytes a second.
constexpr std::chrono::milliseconds accept_pause{100};

/// The places that the limit of open files leaves; it is raised to what we can use.
std::size_t usual_connections() {
  constexpr rlim_t most = 4096;
  constexpr rlim_t other_files = 256;  // A state file takes three for each handler that runs.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return most;
  const auto wanted = std::min(files.rlim_max, most + other_files);
  if (files.rlim_cur < wanted) {
    auto raised = files;
    raised.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  return std::min(most, files.rlim_cur - std::min(other_files, files.rlim_cur / 2));
}

/// One for each core; two at least, so that a handler that runs in one leaves the other.
std::size_t loop_count() {
  return std::clamp(std::thread::hardware_concurrency(), 2U, 8U);
}

ServerLimits completed(ServerLimits limits) {
  if (limits.connections == 0) limits.connections = usual_connections();
  if (limits.connections_per_address == 0)
    limits.connections_per_address = std::max<std::size_t>(1, limits.connections * 5 / 8);
  return limits;
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

/// What all connections of a server share.
struct Engine {
  Engine(const std::string& address, std::uint16_t port, Server::Handler handler,
         ServerLimits wanted);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  void stop();
  /// Whether the handler may run in the thread that serves other connections too.
  bool is_quick(const Request& request) const {
    return limits.is_read && paths.is_quick(request.path) && limits.is_read(request);
  }

  const Server::Handler handler;
  const ServerLimits limits;
  OpenConnections connections;
  BodyBudget budget;
  QuickPaths paths{};
  std::vector<Loop> loops;
  asio::io_context& io = loops.front().io;
  ListeningSocket socket;
  Acceptor acceptor;
  Timer& sweep = loops.front().timer;
  Timer pause{io.get_executor()};
  std::size_t next_loop = 0;
  HandlerPool pool;  // Ends first: its threads use all the others.

 private:
  void accept();
  void accept_all();
  void accept_later();
  void welcome(int accepted, const sockaddr& peer);
  void enforce_deadlines();
};

/// One client. It waits for one event at a time, so that no two of its functions run at once. When
/// it waits for none it is over: the socket is closed with the object.
class Connection : public OpenConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Engine& server, Socket socket, std::string peer)
      : OpenConnection(socket.native_handle(), std::move(peer)),
        server_(server),
        socket_(std::move(socket)) {}
  ~Connection() {
    release_body();
    server_.connections.close(*this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();

 private:
  /// What is to be done next.
  enum class Step : std::uint8_t { header, body, chunks, handler, answer, send, discard };
  /// Whether the next step can be made at once.
  enum class Next : std::uint8_t { step, wait, close };

  void go_on();
  Next take_step();
  Next take_header();
  Next begin_request();
  Next take_body();
  Next take_chunks();
  Next call_handler();
  Next answer();
  Next refuse(Reply reply);
  Next begin_reply(bool is_last);
  Next send();
  Next after_reply();
  Next linger();
  Next discard();
  Next read_more();

  std::optional<Reply> reserve(std::uint64_t size);
  void release_body();
  void begin_transfer(State state);
  void extend_transfer(std::size_t transferred);
  std::array<asio::const_buffer, 2> unsent() const;
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t size);

  Engine& server_;
  Socket socket_;
  std::vector<char> buffer_ = std::vector<char>(first_buffer);
  std::size_t begin_ = 0;  // In the buffer, what was received and not yet looked at.
  std::size_t end_ = 0;
  Step step_ = Step::header;
  Clock::time_point transfer_begin_{};
  std::size_t reserved_ = 0;  // Of the budget for bodies.
  RequestReader reader_{};
  Request request_{};
  Reply reply_{};
  std::string head_{};    // Of the reply.
  std::size_t sent_ = 0;  // Of head and body.
  bool is_last_ = false;  // No request is read after this reply.
};

void Connection::start() {
  set_state(State::idle, Clock::now() + server_.limits.idle);
  go_on();
}

void Connection::go_on() {
  try {
    while (take_step() == Next::step) {
    }
  } catch (const std::exception&) {  // No memory. Ends the connection.
  }
}

Connection::Next Connection::take_step() {
  switch (step_) {
    case Step::header:
      return take_header();
    case Step::body:
      return take_body();
    case Step::chunks:
      return take_chunks();
    case Step::handler:
      return call_handler();
    case Step::answer:
      return answer();
    case Step::send:
      return send();
    case Step::discard:
      return discard();
  }
  return Next::close;
}

void Connection::consume(std::size_t size) {
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

Connection::Next Connection::read_more() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * end_);
  socket_.async_read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            if (error) return;
                            self->end_ += size;
                            self->go_on();
                          });
  return Next::wait;
}

Connection::Next Connection::take_header() {
  // Source: RFC 9112, section 2.2.
  if (unread().starts_with("\r\n")) consume(2);
  if (unread().empty() || unread() == "\r") return read_more();

  auto header = reader_.read_header(unread(), request_);
  if (header.refusal) return refuse(std::move(*header.refusal));
  if (header.size == 0) {
    if (state() != State::header) set_state(State::header, Clock::now() + server_.limits.header);
    return read_more();
  }
  consume(header.size);
  return begin_request();
}

Connection::Next Connection::begin_request() {
  const bool is_chunked = reader_.is_chunked();
  const auto size = reader_.content_length();
  const bool is_all_here = !is_chunked && size <= unread().size();
  if (is_all_here)
    set_state(State::answering);
  else
    begin_transfer(State::body);

  request_.peer = peer();
  auto refused = server_.limits.admit ? server_.limits.admit(request_) : std::nullopt;
  if (!refused) refused = reserve(size);
  if (refused) return refuse(std::move(*refused));
  if (!is_all_here && reader_.expects_continue() && unread().empty()) {
    error_code ignored;
    socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), ignored);
  }
  request_.body.reserve(size);
  step_ = is_chunked ? Step::chunks : Step::body;
  return Next::step;
}

/// Straight into the request, but for what came together with the header.
Connection::Next Connection::take_body() {
  auto& body = request_.body;
  const auto all = reader_.content_length();
  const auto here = unread().substr(0, all - body.size());
  body.append(here);
  consume(here.size());
  const auto size = body.size();
  if (size == all) {
    step_ = Step::handler;
    return Next::step;
  }
  body.resize(size + std::min(all - size, body_piece));
  socket_.async_read_some(
      asio::buffer(body.data() + size, body.size() - size),
      [self = shared_from_this(), size](const error_code& error, std::size_t more) {
        if (error) return;
        self->request_.body.resize(size + more);
        self->extend_transfer(size + more);
        self->go_on();
      });
  return Next::wait;
}

Connection::Next Connection::take_chunks() {
  auto chunks = reader_.read_chunks(unread(), request_.body,
                                    [this](std::uint64_t size) { return reserve(size); });
  consume(chunks.taken);
  if (chunks.refusal) return refuse(std::move(*chunks.refusal));
  if (chunks.is_last) {
    step_ = Step::handler;
    return Next::step;
  }
  extend_transfer(request_.body.size());
  if (buffer_.size() < chunks_buffer) buffer_.resize(chunks_buffer);
  return read_more();
}

std::optional<Reply> Connection::reserve(std::uint64_t size) {
  const auto& limits = server_.limits;
  if (size > limits.body_bytes) {
    if (limits.refuse_body) return limits.refuse_body(request_);
    return refusal(413,
                   fmt::format("the request body is larger than {} MiB", limits.body_bytes >> 20));
  }
  if (size <= std::max(uncounted_body, reserved_)) return std::nullopt;
  if (!server_.budget.take(size - reserved_)) {
    auto reply = refusal(503, "too many large requests at once; try again");
    reply.headers["Retry-After"] = "1";
    return reply;
  }
  reserved_ = size;
  return std::nullopt;
}

void Connection::release_body() {
  request_.body.clear();
  if (request_.body.capacity() > uncounted_body) request_.body.shrink_to_fit();
  server_.budget.give_back(std::exchange(reserved_, 0));
}

void Connection::begin_transfer(State state) {
  transfer_begin_ = Clock::now();
  set_state(state, transfer_begin_ + server_.limits.transfer);
}

void Connection::extend_transfer(std::size_t transferred) {
  set_state(state(), transfer_begin_ + server_.limits.transfer +
                         std::chrono::seconds(transferred / slowest));
}

Connection::Next Connection::call_handler() {
  set_state(State::answering);
  step_ = Step::answer;
  if (server_.is_quick(request_)) return Next::step;
  server_.pool.run([self = shared_from_this()] { self->go_on(); });
  return Next::wait;
}

Connection::Next Connection::answer() {
  const auto begin = Clock::now();
  reply_ = server_.handler(request_);
  server_.paths.note(request_.path, Clock::now() - begin);
  release_body();
  const auto connection = reply_.headers.find("Connection");
  const bool says_close = connection != reply_.headers.end() && connection->second == "close";
  return begin_reply(says_close || reader_.after() == After::end || server_.connections.ending());
}

/// What follows on this connection is not read as a request.
Connection::Next Connection::refuse(Reply reply) {
  release_body();
  reply_ = std::move(reply);
  add_safe_headers(reply_);
  return begin_reply(true);
}

std::array<asio::const_buffer, 2> Connection::unsent() const {
  const bool has_body = request_.method != "HEAD" && reply_.status != 204;
  const auto body = has_body ? std::string_view(reply_.body) : std::string_view();
  const auto of_head = std::min(sent_, head_.size());
  return {asio::buffer(std::string_view(head_).substr(of_head)),
          asio::buffer(body.substr(sent_ - of_head))};
}

Connection::Next Connection::begin_reply(bool is_last) {
  is_last_ = is_last;
  write_head(head_, reply_, is_last ? After::end : reader_.after());
  error_code error;
  sent_ = 0;
  sent_ = socket_.write_some(unsent(), error);
  if (error && error != asio::error::would_block) return Next::close;
  if (asio::buffer_size(unsent()) == 0) return after_reply();
  begin_transfer(State::sending);
  step_ = Step::send;
  return Next::step;
}

Connection::Next Connection::send() {
  if (asio::buffer_size(unsent()) == 0) return after_reply();
  socket_.async_write_some(unsent(),
                           [self = shared_from_this()](const error_code& error, std::size_t size) {
                             if (error) return;
                             self->sent_ += size;
                             self->extend_transfer(self->sent_);
                             self->go_on();
                           });
  return Next::wait;
}

Connection::Next Connection::after_reply() {
  if (is_last_) return linger();
  reply_.body.clear();
  reply_.body.shrink_to_fit();
  step_ = Step::header;
  if (unread().empty()) {
    if (buffer_.size() > first_buffer) buffer_ = std::vector<char>(first_buffer);
    set_state(State::idle, Clock::now() + server_.limits.idle);
  } else {
    set_state(State::header, Clock::now() + server_.limits.header);
  }
  return server_.connections.ending() ? Next::close : Next::step;
}

/// A socket that is closed while there is something to read resets the connection, and with it the
/// reply: so the client closes first.
Connection::Next Connection::linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  set_state(State::lingering, Clock::now() + server_.limits.linger);
  step_ = Step::discard;
  return server_.connections.ending() ? Next::close : Next::step;
}

Connection::Next Connection::discard() {
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (!error) self->go_on();
                          });
  return Next::wait;
}

Engine::Engine(const std::string& address, std::uint16_t port, Server::Handler handler_,
               ServerLimits wanted)
    : handler(std::move(handler_)),
      limits(completed(std::move(wanted))),
      connections(limits.connections, limits.connections_per_address),
      budget(limits.all_body_bytes),
      loops(loop_count()),
      socket(address, port),
      acceptor(io.get_executor(), Protocol(socket.family(), 0), socket.release()),
      pool(limits.handlers) {}

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
