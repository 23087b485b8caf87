// SPDX-License-Identifier: Apache-2.0
// The HTTP server on libmicrohttpd.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <exception>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "http/microhttpd_library.h"
#include "http/microhttpd_socket.h"
#include "http/open_connections.h"
#include "http/transport.h"

namespace metactl::http {

namespace {

// libmicrohttpd cannot answer before a chunked body ends. We read so much for the sake of the
// answer.
constexpr std::size_t max_discarded = 1UL << 30;
constexpr std::chrono::seconds stop_limit{10};
// Below the usual limit of 1024 open files, which the state file needs too.
constexpr unsigned max_connections = 960;

/// One request and its reply, from the request line until the reply is sent.
struct Exchange {
  Request request{};
  Reply reply{};
  std::size_t body_size = 0;  // Also what was discarded.
  bool begun = false;         // The header is complete.
};

MHD_Result queue_reply(MHD_Connection* connection, Exchange& exchange, bool last = false) {
  auto& reply = exchange.reply;
  // Not copied: the exchange outlives the response.
  auto* response =
      microhttpd().create_response(reply.body.size(), reply.body.data(), MHD_RESPMEM_PERSISTENT);
  if (response == nullptr) return MHD_NO;
  if (!reply.content_type.empty())
    microhttpd().add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                     reply.content_type.c_str());
  for (const auto& [name, value] : reply.headers)
    microhttpd().add_response_header(response, name.c_str(), value.c_str());
  if (last) microhttpd().add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  const auto result =
      microhttpd().queue_response(connection, static_cast<unsigned>(reply.status), response);
  microhttpd().destroy_response(response);
  return result;
}

MHD_Result refuse_body(MHD_Connection* connection, Exchange& exchange, const ServerLimits& limits) {
  if (limits.refuse_body)
    exchange.reply = limits.refuse_body(exchange.request);
  else
    exchange.reply = {
        .status = MHD_HTTP_CONTENT_TOO_LARGE,
        .content_type = "text/plain",
        .body = fmt::format("the request body is larger than {} MiB\n", limits.body_bytes >> 20)};
  return queue_reply(connection, exchange);
}

bool announces_too_much(MHD_Connection* connection, std::size_t max_body) {
  const char* length = microhttpd().lookup_connection_value(connection, MHD_HEADER_KIND,
                                                            MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (length == nullptr) return false;
  return text::to_int(length).value_or(0) > static_cast<std::int64_t>(max_body);
}

int socket_of(MHD_Connection* connection) {
  return microhttpd()
      .get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
      ->connect_fd;
}

std::string peer_of(MHD_Connection* connection) {
  const auto* info =
      microhttpd().get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info != nullptr ? numeric_address(*info->client_addr) : "";
}

// Called with each header.
MHD_Result on_header(void* headers, MHD_ValueKind, const char* name, const char* value) noexcept {
  try {
    static_cast<Headers*>(headers)->emplace(name, value != nullptr ? value : "");
    return MHD_YES;
  } catch (const std::exception&) {  // No memory.
    return MHD_NO;
  }
}

MHD_Result take_body(Exchange& exchange, std::string_view data, std::size_t max_body) {
  exchange.body_size += data.size();
  if (exchange.body_size <= max_body) {
    exchange.request.body += data;
  } else {
    exchange.request.body = {};
  }
  return exchange.body_size <= max_discarded ? MHD_YES : MHD_NO;
}

// Called when the request line is read, with the URI as it was sent. What this returns comes back
// in the other two callbacks.
void* on_request_line(void*, const char* uri, MHD_Connection*) noexcept {
  auto exchange = std::make_unique<Exchange>();
  const std::string_view all = uri;
  const auto mark = all.find('?');
  exchange->request.path = all.substr(0, mark);
  if (mark != std::string_view::npos) exchange->request.query = all.substr(mark + 1);
  return exchange.release();
}

}  // namespace

const MicrohttpdLibrary& microhttpd() {
  static const MicrohttpdLibrary library;
  return library;
}

struct Server::State {
  Handler handler;
  ServerLimits limits;
  ListeningSocket socket;
  OpenConnections connections{};
  MHD_Daemon* daemon = nullptr;

  void start();
  void stop();
  MHD_Result proceed(MHD_Connection* connection, Exchange& exchange, std::string_view method,
                     std::string_view data);

  static MHD_Result on_progress(void* state, MHD_Connection*, const char* url, const char* method,
                                const char* version, const char* data, std::size_t* size,
                                void** exchange) noexcept;
  static void on_connection(void* state, MHD_Connection*, void**,
                            MHD_ConnectionNotificationCode) noexcept;
  static void on_end(void* state, MHD_Connection*, void** exchange,
                     MHD_RequestTerminationCode) noexcept;
};

// One thread for each connection: a handler that waits for the disk or a lock holds up no other
// client, and commits of concurrent callers meet in the store. Requests/s on 2 cores, wrk on the
// same machine, a handler that does nothing | one that sleeps 200 us | nothing, and a new
// connection for each request:
//     connections              1     16     64  |     1     16     64  |      1     16
//     thread per connection  17 k  101 k   96 k | 3.4 k   38 k   59 k  |   12 k   18 k
//     2 epoll threads        17 k  159 k  162 k | 3.4 k  7.0 k  6.9 k  |
//     8 epoll threads        18 k  107 k  137 k | 3.4 k   21 k   24 k  |
//     16 epoll threads       17 k  107 k  117 k | 3.4 k   28 k   40 k  |
//     32 epoll threads       18 k  125 k  121 k | 3.3 k   34 k   63 k  |    7 k  9.5 k
// The 99th percentile is the shortest too, e.g. 0.3 ms against 2.7 to 6.3 ms (nothing, 16
// connections).
void Server::State::start() {
  const std::array options = {
      MHD_OptionItem{MHD_OPTION_LISTEN_SOCKET, socket.descriptor(), nullptr},
      MHD_OptionItem{MHD_OPTION_CONNECTION_LIMIT, max_connections, nullptr},
      MHD_OptionItem{MHD_OPTION_CONNECTION_TIMEOUT, static_cast<std::intptr_t>(limits.idle.count()),
                     nullptr},
      MHD_OptionItem{MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<std::intptr_t>(&on_request_line),
                     nullptr},
      MHD_OptionItem{MHD_OPTION_NOTIFY_CONNECTION,
                     reinterpret_cast<std::intptr_t>(&State::on_connection), this},
      MHD_OptionItem{MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<std::intptr_t>(&State::on_end),
                     this},
      MHD_OptionItem{MHD_OPTION_END, 0, nullptr},
  };
  constexpr unsigned flags =
      MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC;
  daemon = microhttpd().start_daemon(flags, 0, nullptr, nullptr, &State::on_progress, this,
                                     MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END);
  if (daemon == nullptr) throw Error(Reason::internal, "libmicrohttpd cannot be started");
}

// libmicrohttpd is stopped only when no connection is left: version 0.9.75 crashes when it refuses
// a malformed request while it is being stopped.
void Server::State::stop() {
  microhttpd().quiesce_daemon(daemon);
  socket.close();
  connections.end(stop_limit);
  microhttpd().stop_daemon(daemon);
}

// Called once when the header is read, then for each piece of the body, then without data.
MHD_Result Server::State::proceed(MHD_Connection* connection, Exchange& exchange,
                                  std::string_view method, std::string_view data) {
  if (!exchange.begun) {
    connections.begin_request(socket_of(connection));
    exchange.begun = true;
    exchange.request.method = method;
    exchange.request.peer = peer_of(connection);
    microhttpd().get_connection_values(connection, MHD_HEADER_KIND, &on_header,
                                       &exchange.request.headers);
    if (auto refused = limits.admit ? limits.admit(exchange.request) : std::nullopt) {
      exchange.reply = *std::move(refused);
      return queue_reply(connection, exchange, true);
    }
    return announces_too_much(connection, limits.body_bytes)
               ? refuse_body(connection, exchange, limits)
               : MHD_YES;
  }
  if (!data.empty()) return take_body(exchange, data, limits.body_bytes);
  if (exchange.body_size > limits.body_bytes) return refuse_body(connection, exchange, limits);
  exchange.reply = handler(exchange.request);
  return queue_reply(connection, exchange, connections.ending());
}

MHD_Result Server::State::on_progress(void* state, MHD_Connection* connection, const char*,
                                      const char* method, const char*, const char* data,
                                      std::size_t* size, void** exchange) noexcept {
  try {
    const auto result = static_cast<State*>(state)->proceed(
        connection, *static_cast<Exchange*>(*exchange), method, {data, *size});
    *size = 0;
    return result;
  } catch (const std::exception&) {  // No memory. Closes the connection.
    return MHD_NO;
  }
}

void Server::State::on_connection(void* state, MHD_Connection* connection, void**,
                                  MHD_ConnectionNotificationCode code) noexcept {
  auto& connections = static_cast<State*>(state)->connections;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    connections.opened(socket_of(connection));
  } else {
    connections.closed(socket_of(connection));
  }
}

void Server::State::on_end(void* state, MHD_Connection* connection, void** exchange,
                           MHD_RequestTerminationCode) noexcept {
  const std::unique_ptr<Exchange> ended(static_cast<Exchange*>(*exchange));
  *exchange = nullptr;
  if (ended && ended->begun)
    static_cast<State*>(state)->connections.end_request(socket_of(connection));
}

Server::Server(const std::string& address, std::uint16_t port, Handler handler, ServerLimits limits)
    : state_(new State{
          .handler = std::move(handler), .limits = std::move(limits), .socket = {address, port}}) {
  state_->start();
}

Server::~Server() {
  state_->stop();
}

std::uint16_t Server::port() const {
  return state_->socket.port();
}

}  // namespace metactl::http
