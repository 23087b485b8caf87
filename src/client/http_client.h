// SPDX-License-Identifier: Apache-2.0
// A client of services somewhere else.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "client/broker_exchange.h"
#include "client/client.h"
#include "client/nodemgr_exchange.h"
#include "client/qluster_exchange.h"
#include "client/retry.h"
#include "http/transport.h"

namespace metactl::client {

class HttpClient : public Client {
 public:
  /// `url` is http://HOST[:PORT] or https://...; `token` is sent with every call. `broker_api` is
  /// the version of a memory broker's API: auto, v2 or v3. A timeout that nobody chose gives way to
  /// the times that a node_mgr usually needs. Without `retries` no call is repeated.
  HttpClient(const std::string& url, const std::string& token, std::chrono::milliseconds timeout,
             const std::string& broker_api = "auto", bool is_timeout_chosen = true,
             RetrySettings retries = {})
      : url_(url),
        transport_(url, timeout),
        token_(token),
        broker_({url, token, broker_api, timeout}),
        nodemgr_({url, is_timeout_chosen ? std::optional(timeout) : std::nullopt}),
        qluster_(url, timeout),
        retry_(std::move(retries), timeout) {}

  /// Changes are sent with the id of the command that makes them: see http::command_header. A
  /// node_mgr does not get it, because it reads a request of limited size and is sent one job.
  void set_command(std::string id) { command_ = std::move(id); }

  StreamEnd stream(const api::AnyOperation& operation, const google::protobuf::Message& request,
                   const OnBytes& on_bytes, std::chrono::milliseconds limit) override;
  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return true; }
  std::optional<std::string> state_id(bool asks) override;

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;
  http::Reply send(const api::OperationInfo& operation, const http::Request& request,
                   const std::string& address = {});
  http::Reply exchange(const api::OperationInfo& operation, http::Request request,
                       const std::string& address);

  std::string url_;
  http::CurlTransport transport_;
  std::string token_;
  BrokerExchange broker_;
  NodemgrExchange nodemgr_;
  QlusterExchange qluster_;
  Retry retry_;
  std::string command_ = {};                  // "": none is sent.
  std::optional<std::string> state_id_ = {};  // As the last reply said.
};

}  // namespace metactl::client
