// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP server on Boost.Asio: reads requests, has them answered, sends the
// replies.
#pragma once

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_budget.h"
#include "http/framing.h"
#include "http/handler_pool.h"
#include "http/message.h"
#include "http/open_connections.h"
#include "http/transport.h"

namespace metactl::http {

using Executor = boost::asio::io_context::executor_type;
using Protocol = boost::asio::generic::stream_protocol;
using Socket = boost::asio::basic_stream_socket<Protocol, Executor>;

/// What all connections of a server share.
struct ServerContext {
  ServerContext(Server::Handler wanted_handler, ServerLimits wanted);

  /// Whether the handler may run in the thread that serves other connections too.
  bool is_quick(const Request& request) const {
    return limits.is_read && paths.is_quick(request.path) && limits.is_read(request);
  }

  const Server::Handler handler;
  const ServerLimits limits;
  OpenConnections connections;
  BodyBudget budget;
  QuickPaths paths{};
  HandlerPool pool;
};

/// One client. It waits for one event at a time, so that no two of its functions run at once. When
/// it waits for none it is over: the socket is closed with the object.
class Connection : public OpenConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerContext& server, Socket socket, std::string peer)
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
  static constexpr std::size_t first_buffer = std::size_t{4} * 1024;

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
  std::array<boost::asio::const_buffer, 2> unsent() const;
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t size);

  ServerContext& server_;
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

}  // namespace metactl::http
