// SPDX-License-Identifier: Apache-2.0
#include "client/nodemgr_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/nodemgr.h"
#include "base/error.h"
#include "base/text.h"
#include "client/nodemgr_guard.h"
#include "http/curl_errors.h"
#include "http/curl_url.h"

namespace metactl::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds time_to_connect{5};
constexpr seconds time_to_answer{10};
constexpr seconds time_to_measure{30};
constexpr std::size_t largest_reply = std::size_t{8} << 20;
constexpr std::size_t piece_size = std::size_t{64} << 10;
constexpr std::size_t largest_file = std::size_t{1} << 31;
constexpr std::string_view blank_line = "\r\n\r\n";
constexpr auto look_at_address =
    "look at the address of the server: a node_mgr's port is usually 9998, later 5001";

seconds usual_time(const api::OperationInfo& operation) {
  return operation.name == api::nodemgr_get_info.info.name ? time_to_measure : time_to_answer;
}

bool is_multipart(const http::Request& request) {
  return request.header("Content-Type").starts_with("multipart/");
}

/// Where the file begins in a body of parameters and a file.
std::size_t file_start(const std::string& body) {
  const auto parameters = body.find(blank_line);
  const auto file =
      parameters == std::string::npos ? parameters : body.find(blank_line, parameters + 1);
  if (file == std::string::npos) throw Error(Reason::usage, "the request has no file");
  return file + blank_line.size();
}

/// Header and body up to the first byte of a file, if there is one: what must come in one read.
std::string head_of(const http::Request& request, std::string_view body) {
  const auto size = is_multipart(request) ? request.body.size() : body.size();
  return fmt::format("POST / HTTP/1.0\r\nContent-Type: {}\r\nContent-Length: {}{}{}",
                     request.header("Content-Type"), size, blank_line, body);
}

void check_size(const http::Request& request, std::string_view head) {
  if (head.size() > longest_nodemgr_request)
    throw Error(Reason::usage,
                fmt::format("the request has {} bytes, and a node_mgr reads {} at most: it would "
                            "lose the rest and answer succeed",
                            head.size(), longest_nodemgr_request),
                is_multipart(request) ? "give the file a shorter name" : "use shorter names");
  if (request.body.size() >= largest_file)
    throw Error(Reason::usage, "the file is too large: a node_mgr takes less than 2 GiB");
}

/// The failure behind the moment in which the request was sent.
Error after_sending(const api::OperationInfo& operation, const Error& error) {
  if (operation.effect == api::Effect::read || error.reason() != Reason::unreachable) return error;
  auto told = error.extended(": the request was sent, its outcome is unknown");
  http::set_outcome_unknown(told);
  return told;
}

std::string receive_all(TcpSocket& socket) {
  std::string bytes;
  for (auto piece = socket.receive(piece_size); !piece.empty();
       piece = socket.receive(piece_size)) {
    bytes += piece;
    if (bytes.size() > largest_reply)
      throw Error(Reason::internal, "the reply is larger than 8 MiB", look_at_address);
  }
  return bytes;
}

/// The line at `at`, which is moved behind its end.
std::string_view take_line(std::string_view bytes, std::size_t& at) {
  const auto end = std::min(bytes.find('\n', at), bytes.size());
  auto line = bytes.substr(at, end - at);
  at = std::min(end + 1, bytes.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int status_in(std::string_view line) {
  const auto blank = std::min(line.find(' '), line.size());
  const auto status = text::to_int(text::trim(line.substr(blank, 4))).value_or(0);
  if (!line.starts_with("HTTP/") || status < 100 || status > 599)
    throw Error(Reason::internal, "the answer is not HTTP", look_at_address);
  return static_cast<int>(status);
}

/// A header line; what has no colon is a content type without its name.
void read_header(std::string_view line, http::Reply& reply) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    reply.content_type = text::trim(line);
    return;
  }
  reply.headers.emplace(line.substr(0, colon), text::trim(line.substr(colon + 1)));
}

bool is_json(std::string_view body) {
  return nlohmann::json::accept(body);
}

}  // namespace

http::Reply parse_nodemgr_reply(const std::string& bytes) {
  if (bytes.empty()) throw Error(Reason::unreachable, "the connection was closed without answer");
  std::size_t at = 0;
  http::Reply reply;
  const auto first = take_line(bytes, at);
  if (bytes.find('\n') == std::string::npos && std::string_view("HTTP/1.0 200").starts_with(first))
    throw Error(Reason::unreachable,
                fmt::format("the answer is torn behind {} bytes", bytes.size()));
  reply.status = status_in(first);
  while (at < bytes.size() && bytes[at] != '{' && bytes[at] != '[') {
    const auto line = take_line(bytes, at);
    if (line.empty()) break;
    read_header(line, reply);
  }
  reply.body = bytes.substr(at);
  // Without a length a torn text is still no JSON; a length that is wrong says nothing then.
  const auto length = reply.headers.find("Content-Length");
  const auto announced =
      length == reply.headers.end() ? std::nullopt : text::to_int(length->second);
  const auto missing = announced ? *announced - static_cast<std::int64_t>(reply.body.size()) : 0;
  const bool is_torn = missing > 0 || (!announced && reply.status == 200);
  if (is_torn && !is_json(reply.body))
    throw Error(Reason::unreachable,
                announced ? fmt::format("the answer is torn: {} of {} bytes came",
                                        reply.body.size(), *announced)
                          : fmt::format("the answer is torn behind {} bytes", bytes.size()));
  return reply;
}

milliseconds NodemgrExchange::limit(const http::Request& request, milliseconds usual) const {
  const auto own = settings_.timeout.value_or(usual);
  return request.limit ? std::min(own, *request.limit) : own;
}

TcpSocket NodemgrExchange::connect(const http::Request& request) const {
  const auto shown = http::parse_server_url(settings_.url).shown;
  const auto host = shown.substr(shown.find("://") + 3);
  if (shown.starts_with("https"))
    throw Error(Reason::usage, fmt::format("a node_mgr speaks no TLS: '{}'", shown),
                "write it as http://" + host);
  const auto bracket = host.find(']');  // Of an IPv6 address.
  const bool has_port =
      host.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
  try {
    return TcpSocket(has_port ? host : host + ":80", limit(request, time_to_connect));
  } catch (Error& error) {
    error.set_hint("check the address, and that the node_mgr runs; 'metactl serve' starts one");
    throw;
  }
}

std::string NodemgrExchange::converse(TcpSocket& socket, milliseconds limit, std::string_view head,
                                      std::string_view rest) {
  std::optional<Error> broken;
  try {
    socket.set_timeout(limit);
    socket.send(head);
    for (; !rest.empty(); rest.remove_prefix(std::min(piece_size, rest.size()))) {
      socket.set_timeout(limit);
      socket.send(rest.substr(0, piece_size));
    }
  } catch (const Error& error) {
    broken = error;  // The server may have said why it takes no more.
  }
  socket.set_timeout(limit);
  try {
    return receive_all(socket);
  } catch (const Error& error) {
    throw Error(broken ? *broken : error);
  }
}

http::Reply NodemgrExchange::send(const api::OperationInfo& operation,
                                  const http::Request& request) const {
  const bool has_file = is_multipart(request);
  const auto start = has_file ? file_start(request.body) : 0;
  const auto head =
      head_of(request, has_file ? request.body.substr(0, start) : checked_job(request.body));
  check_size(request, head);
  const auto rest = has_file ? std::string_view(request.body).substr(start) : std::string_view();
  auto socket = connect(request);
  try {
    return parse_nodemgr_reply(converse(socket, limit(request, usual_time(operation)), head, rest));
  } catch (const Error& error) {
    throw after_sending(operation, error);
  }
}

}  // namespace metactl::client
