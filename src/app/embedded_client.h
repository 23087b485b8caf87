// SPDX-License-Identifier: Apache-2.0
// The core in this process, seen as a client sees a service.
#pragma once

#include <memory>
#include <string>

#include "client/client.h"
#include "core/dispatcher.h"
#include "store/store.h"

namespace metactl::app {

class EmbeddedClient : public client::Client {
 public:
  /// The journal has `origin` in the record of every change.
  EmbeddedClient(std::shared_ptr<store::Store> store, core::Environment environment,
                 core::Origin origin);

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return false; }
  std::unique_ptr<client::History> history() override;
  bool together(const std::string& name, const std::string& text, const Together& body) override;

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;

  std::shared_ptr<store::Store> store_;
  core::Environment environment_;
  core::Dispatcher dispatcher_;
  core::Origin origin_;
};

}  // namespace metactl::app
