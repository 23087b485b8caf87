// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include "api/broker_errors.h"
#include "api/meta.h"
#include "api/meta_errors.h"
#include "api/nodemgr_errors.h"

namespace metactl::api {

std::optional<Error> failure_in(Service service, const google::protobuf::Message& response) {
  if (service != Service::meta) return std::nullopt;
  const auto& status = status_of(response);
  if (status.code() == pb::OK) return std::nullopt;
  return meta_failure(status.code(), status.msg());
}

Error incomplete(Service service, const std::string& message) {
  if (service == Service::broker) return broker_malformed(message);
  if (service == Service::nodemgr) return nodemgr_refused(message);
  return meta_failure(pb::PROTOBUF_PARSE_ERR, message);
}

Error answered(Service service, const Error& error) {
  if (service == Service::broker) return broker_answered(error);
  if (service == Service::nodemgr) return nodemgr_answered(error);
  return meta_answered(error);
}

}  // namespace metactl::api
