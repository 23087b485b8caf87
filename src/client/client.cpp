// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include "http/wire.h"

namespace metactl::client {

Client::StreamEnd Client::stream(const api::AnyOperation& operation,
                                 const google::protobuf::Message& request, const OnBytes& on_bytes,
                                 std::chrono::milliseconds) {
  if (observe_) observe_(*operation.info, request);
  auto raw = call_raw(operation, http::encode_request(*operation.info, request));
  if (raw.failure) {
    raw.failure->set_operation(operation.info->name);
    throw Error(*raw.failure);
  }
  return raw.body.empty() || on_bytes(raw.body) ? StreamEnd::ended : StreamEnd::stopped;
}

}  // namespace metactl::client
