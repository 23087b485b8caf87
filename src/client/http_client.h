// SPDX-License-Identifier: Apache-2.0
// A client of services somewhere else.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/broker_exchange.h"
#include "client/client.h"
#include "client/nodemgr_exchange.h"
#include "client/qluster_exchange.h"
#include "http/transport.h"

namespace metactl::client {

class HttpClient : public Client {
 public:
  /// `url` is http://HOST[:PORT] or https://...; `token` is sent with every call. `broker_api` is
  /// the version of a memory broker's API: auto, v2 or v3. A timeout that nobody chose gives way to
  /// the times that a node_mgr usually needs.
  HttpClient(const std::string& url, const std::string& token, std::chrono::milliseconds timeout,
             const std::string& broker_api = "auto", bool is_timeout_chosen = true)
      : transport_(url, timeout),
        token_(token),
        broker_({url, token, broker_api, timeout}),
        nodemgr_({url, is_timeout_chosen ? std::optional(timeout) : std::nullopt}),
        qluster_(url, timeout) {}

  StreamEnd stream(const api::AnyOperation& operation, const google::protobuf::Message& request,
                   const OnBytes& on_bytes, std::chrono::milliseconds limit) override;
  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return true; }

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;
  http::Reply send(const api::OperationInfo& operation, http::Request request,
                   const std::string& address = {});

  http::CurlTransport transport_;
  std::string token_;
  BrokerExchange broker_;
  NodemgrExchange nodemgr_;
  QlusterExchange qluster_;
};

}  // namespace metactl::client
