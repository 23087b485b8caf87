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

http::CurlTransport& QlusterExchange::transport_to(const pb::QlusterAskedPB& asked) {
  auto place = url_;
  if (asked.has_address() && !is_ours_)
    place = url_.substr(0, url_.find("://") + 3) + asked.address();
  if (place != place_) {
    transport_ = std::make_unique<http::CurlTransport>(place, timeout_);
    place_ = std::move(place);
  }
  return *transport_;
}

void QlusterExchange::look_at(http::Reply& reply, const pb::QlusterAskedPB& asked) {
  auto node = transport_->reply_header(http::qluster::node_header);
  is_ours_ = !node.empty();
  if (is_ours_) reply.headers.emplace(http::qluster::node_header, std::move(node));
  if (!is_ours_ && asked.has_node() && !asked.has_address())
    throw Error(Reason::precondition,
                fmt::format("{} answers for itself only, not for node {}",
                            http::parse_server_url(place_).shown, asked.node()),
                "name the API of that node by --server");
}

http::Reply QlusterExchange::send(const http::Request& request, const pb::QlusterAskedPB& asked) {
  auto& transport = transport_to(asked);
  auto reply = over_http([&] { return transport.send(request); });
  look_at(reply, asked);
  return reply;
}

http::CurlTransport::Streamed QlusterExchange::stream(const http::Request& request,
                                                      const pb::QlusterAskedPB& asked,
                                                      const http::CurlTransport::OnBytes& on_bytes,
                                                      std::chrono::milliseconds limit) {
  auto& transport = transport_to(asked);
  auto streamed = over_http([&] { return transport.stream(request, on_bytes, limit); });
  look_at(streamed.reply, asked);
  return streamed;
}

}  // namespace metactl::client
