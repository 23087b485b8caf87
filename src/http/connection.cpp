// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <exception>
#include <utility>

#include "http/browsers.h"

namespace metactl::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t body_piece = std::size_t{128} * 1024;
constexpr std::size_t uncounted_body = std::size_t{16} * 1024;
constexpr std::size_t chunks_buffer = std::size_t{64} * 1024;
constexpr std::size_t slowest = std::size_t{64} * 1024;  // Bytes a second.

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

ServerLimits completed(ServerLimits limits) {
  if (limits.connections == 0) limits.connections = usual_connections();
  if (limits.connections_per_address == 0)
    limits.connections_per_address = std::max<std::size_t>(1, limits.connections * 5 / 8);
  return limits;
}

}  // namespace

ServerContext::ServerContext(Server::Handler wanted_handler, ServerLimits wanted)
    : handler(std::move(wanted_handler)),
      limits(completed(std::move(wanted))),
      connections(limits.connections, limits.connections_per_address),
      budget(limits.all_body_bytes),
      pool(limits.handlers) {}

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

}  // namespace metactl::http
