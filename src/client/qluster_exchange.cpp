// SPDX-License-Identifier: Apache-2.0
#include "client/qluster_exchange.h"

#include <fmt/format.h>

#include "base/error.h"
#include "http/curl_url.h"
#include "http/qluster_http.h"

namespace metactl::client {
namespace {

/// Runs `call`; bytes that are no HTTP are told as what they are.
template <class Call>
auto over_http(const Call& call) {
  try {
    return call();
  } catch (const Error& error) {
    if (error.reason() != Reason::internal) throw;
    throw http::qluster::not_qluster(error.what());
  }
}

}  // namespace

/// Asks the server that was named what it is, before a request may go past it. One that does not
/// answer is none of ours: the node at the address may answer all the same.
bool QlusterExchange::is_ours() {
  if (is_ours_) return *is_ours_;
  try {
    http::CurlTransport transport(url_, timeout_);
    const auto reply = transport.send({"GET", "/is-leader", "", ""});
    is_ours_ = !reply.header(http::qluster::node_header).empty();
  } catch (const Error&) {
    is_ours_ = false;
  }
  return *is_ours_;
}

http::CurlTransport& QlusterExchange::transport_to(const std::string& address) {
  auto place = url_;
  if (!address.empty() && !is_ours()) place = url_.substr(0, url_.find("://") + 3) + address;
  if (place != place_) {
    transport_ = std::make_unique<http::CurlTransport>(place, timeout_);
    place_ = std::move(place);
  }
  return *transport_;
}

void QlusterExchange::look_at(const http::Reply& reply, const http::Request& request,
                              const std::string& address) {
  is_ours_ = !reply.header(http::qluster::node_header).empty();
  const auto asked = request.header(http::qluster::node_header);
  // Changes are of the whole cluster, whoever makes them.
  if (!*is_ours_ && !asked.empty() && address.empty() && request.method == "GET" &&
      reply.status == 200)
    throw Error(Reason::precondition,
                fmt::format("{} answers for itself only, not for node {}",
                            http::parse_server_url(place_).shown, asked),
                "name the API of that node by --server");
}

http::Reply QlusterExchange::send(const http::Request& request, const std::string& address) {
  auto& transport = transport_to(address);
  const auto reply = over_http([&] { return transport.send(request); });
  look_at(reply, request, address);
  return reply;
}

http::CurlTransport::Streamed QlusterExchange::stream(const http::Request& request,
                                                      const std::string& address,
                                                      const http::CurlTransport::OnBytes& on_bytes,
                                                      std::chrono::milliseconds limit) {
  auto& transport = transport_to(address);
  const auto refuse_page = [&] {
    http::qluster::refuse_page(transport.reply_header("Content-Type"));
  };
  const auto take = [&](std::string_view bytes) {
    if (!bytes.empty()) refuse_page();
    return on_bytes(bytes);
  };
  auto streamed = over_http([&] { return transport.stream(request, take, limit); });
  if (streamed.reply.status == 200) refuse_page();
  if (streamed.reply.status != 0) look_at(streamed.reply, request, address);
  return streamed;
}

}  // namespace metactl::client
