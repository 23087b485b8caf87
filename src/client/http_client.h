// SPDX-License-Identifier: Apache-2.0
// A client of a Meta Service somewhere else.
#pragma once

#include <chrono>
#include <string>

#include "client/client.h"
#include "http/transport.h"

namespace metactl::client {

class HttpClient : public Client {
 public:
  /// `url` is http://HOST[:PORT] or https://...; `token` is sent with every call.
  HttpClient(const std::string& url, std::string token, std::chrono::milliseconds timeout)
      : transport_(url, timeout), token_(std::move(token)) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return true; }

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;
  http::Reply send(http::Request request);

  http::CurlTransport transport_;
  std::string token_;
};

}  // namespace metactl::client
