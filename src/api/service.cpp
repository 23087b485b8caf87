// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include "api/broker_errors.h"
#include "api/meta_errors.h"

namespace metactl::api {

Error incomplete(Service service, const std::string& message) {
  return service == Service::broker ? broker_malformed(message)
                                    : meta_failure(pb::PROTOBUF_PARSE_ERR, message);
}

Error answered(Service service, const Error& error) {
  return service == Service::broker ? broker_answered(error) : meta_answered(error);
}

}  // namespace metactl::api
