// SPDX-License-Identifier: Apache-2.0
#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"

namespace metactl::tests {
namespace {

constexpr timeval patience = {.tv_sec = 60, .tv_usec = 0};  // Only a hanging test takes so long.
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view header_end = "\r\n\r\n";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

RawReply parse_head(std::string_view head) {
  RawReply reply;
  std::size_t at = head.find(line_end);
  reply.status = static_cast<int>(text::to_int(head.substr(9, 3)).value_or(0));
  while (at < head.size()) {
    at += line_end.size();
    const auto end = std::min(head.find(line_end, at), head.size());
    const auto line = head.substr(at, end - at);
    const auto colon = std::min(line.find(':'), line.size() - 1);
    reply.headers[lower(std::string(line.substr(0, colon)))] = text::trim(line.substr(colon + 1));
    at = end;
  }
  return reply;
}

}  // namespace

std::string raw_request(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view headers) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n{}", method,
                     target, body.size(), headers, body);
}

Connection::Connection(std::uint16_t port, const char* from)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const sockaddr_in to{.sin_family = AF_INET,
                       .sin_port = htons(port),
                       .sin_addr = {htonl(INADDR_LOOPBACK)},
                       .sin_zero = {}};
  const sockaddr_in source{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {inet_addr(from)}, .sin_zero = {}};
  if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0 &&
      connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
    return;
  close(descriptor_);
  throw std::runtime_error(fmt::format("nobody listens on port {}", port));
}

Connection::~Connection() {
  close(descriptor_);
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::finish() {
  shutdown(descriptor_, SHUT_WR);
}

bool Connection::fill() {
  std::string piece(65536, '\0');
  const auto got = recv(descriptor_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  received_.append(piece, 0, static_cast<std::size_t>(got));
  return true;
}

RawReply Connection::receive() {
  while (received_.find(header_end) == std::string::npos)
    if (!fill()) return {};
  const auto head = received_.find(header_end);
  auto reply = parse_head(received_.substr(0, head));
  received_.erase(0, head + header_end.size());
  const auto size =
      static_cast<std::size_t>(text::to_int(reply.headers["content-length"]).value_or(0));
  while (received_.size() < size)
    if (!fill()) return {};
  reply.body = received_.substr(0, size);
  received_.erase(0, size);
  return reply;
}

std::string Connection::receive_rest() {
  while (fill()) {
  }
  return std::move(received_);
}

RawReply exchange(std::uint16_t port, std::string_view request) {
  Connection connection(port);
  connection.send(request);
  return connection.receive();
}

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

}  // namespace metactl::tests
