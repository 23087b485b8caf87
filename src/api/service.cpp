// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include "api/broker_errors.h"
#include "api/meta_errors.h"
#include "api/nodemgr_errors.h"

namespace metactl::api {

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
