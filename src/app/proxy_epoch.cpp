// SPDX-License-Identifier: Apache-2.0
#include "app/proxy_epoch.h"

#include <charconv>

#include "base/error.h"
#include "base/tcp_socket.h"

namespace metactl::app {
namespace {

constexpr std::string_view question = "*2\r\n$5\r\nUMCTL\r\n$8\r\nGETEPOCH\r\n";
constexpr std::size_t longest_answer = 64;  // A sign, a number and the end of the line.

/// ":123\r\n"
std::optional<std::uint64_t> parse_integer(std::string_view line) {
  if (!line.starts_with(':') || !line.ends_with("\r\n")) return std::nullopt;
  line = line.substr(1, line.size() - 3);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> ask_proxy_epoch(const std::string& address,
                                             std::chrono::milliseconds timeout) {
  try {
    TcpSocket socket(address, timeout);
    socket.send(question);
    std::string answer;
    while (!answer.ends_with("\r\n")) {
      const auto piece = socket.receive(longest_answer);
      if (piece.empty() || answer.size() + piece.size() > longest_answer) return std::nullopt;
      answer += piece;
    }
    return parse_integer(answer);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace metactl::app
