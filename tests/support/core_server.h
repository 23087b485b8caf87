// SPDX-License-Identifier: Apache-2.0
// A core in this process that is taken for a server's. Derived classes say what goes wrong.
#pragma once

#include <memory>
#include <utility>

#include "api/operations.h"
#include "app/embedded_client.h"
#include "store/store.h"
#include "tests/support/command_world.h"

namespace metactl::tests {

class CoreServer : public client::Client {
 public:
  explicit CoreServer(std::shared_ptr<store::Store> store)
      : core_(std::move(store), CommandWorld::core_environment(), core::Origin("server")) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override {
    return core_.call_raw(operation, request);
  }
  bool wants_read_back() const override { return true; }

 protected:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    response.CopyFrom(*core_.call_any(*api::find_operation(operation.name), request));
  }

 private:
  app::EmbeddedClient core_;
};

/// One that may answer OK to changes without making them.
class HalfServer : public CoreServer {
 public:
  HalfServer(std::shared_ptr<store::Store> store, const bool& makes_changes)
      : CoreServer(std::move(store)), makes_changes_(makes_changes) {}

 protected:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    if (operation.effect == api::Effect::read || makes_changes_)
      CoreServer::do_call(operation, request, response);
  }

 private:
  const bool& makes_changes_;
};

}  // namespace metactl::tests
