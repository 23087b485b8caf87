// SPDX-License-Identifier: Apache-2.0
// --dry-run: changes are made in a core in this process, on top of what is there, and never sent.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/embedded_client.h"
#include "app/scanned_store.h"
#include "client/client.h"
#include "proto/resource_api.pb.h"
#include "store/memory.h"
#include "store/overlay.h"

namespace metactl::app {

class Rehearsal : public client::Client {
 public:
  /// On a local state.
  Rehearsal(std::shared_ptr<store::Store> state, core::Environment environment,
            core::Origin origin);

  /// On a server. An instance is read from it when a request names it first, and then stands here;
  /// other rows are read when they are needed, where the server shows them.
  Rehearsal(std::unique_ptr<client::Client> server, const core::Environment& environment,
            const core::Origin& origin);

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return false; }
  bool together(const std::string& name, const std::string& text, const Together& body) override;
  std::vector<client::Effect> effects() const override;
  std::unique_ptr<client::History> history() override;

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;
  bool is_passed_on(const api::OperationInfo& operation,
                    const google::protobuf::Message& request) const;
  void prepare(const api::OperationInfo& operation, const google::protobuf::Message& request);
  void fetch_all(const api::OperationInfo& operation, const google::protobuf::Message& request);
  void fetch_broker();
  void fetch_qluster(const google::protobuf::Message& request);
  void fetch_instance(const std::string& id);
  void fetch_named_in(const google::protobuf::Message& request);
  void fetch(const pb::GetInstanceRequest& which);

  std::unique_ptr<client::Client> server_;  // Null on a local state.
  std::shared_ptr<ScannedStore> rows_;      // Of the server; null likewise.
  std::shared_ptr<store::Store> below_;     // What is there.
  std::shared_ptr<store::RehearsalStore> store_;
  std::unique_ptr<EmbeddedClient> seeds_;  // Writes below the rehearsal.
  EmbeddedClient core_;
  std::set<std::string> fetched_;  // Instances.
  bool has_broker_ = false;
  bool has_qluster_ = false;
};

}  // namespace metactl::app
