// SPDX-License-Identifier: Apache-2.0
// What was observed, in the place of the server that showed it.
#pragma once

#include "client/client.h"
#include "manifest/observe.h"

namespace metactl::manifest {

/// Answers the reads of which `observed` is made, and refuses changes. Of services other than the
/// Meta Service `server` is asked for the rest, such as settings. Both must outlive the client.
class ObservedClient : public client::Client {
 public:
  ObservedClient(const Observed& observed, client::Client& server)
      : observed_(observed), server_(server) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return false; }

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;
  const ObservedInstance* find_instance(const std::string& id) const;
  const google::protobuf::Message* find_answer(const api::OperationInfo& operation) const;

  const Observed& observed_;
  client::Client& server_;
};

}  // namespace metactl::manifest
