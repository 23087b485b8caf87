// SPDX-License-Identifier: Apache-2.0
#include "api/meta.h"

namespace metactl::api {

const pb::MetaServiceResponseStatus& status_of(const google::protobuf::Message& response) {
  const auto* field = response.GetDescriptor()->FindFieldByName("status");
  return dynamic_cast<const pb::MetaServiceResponseStatus&>(
      response.GetReflection()->GetMessage(response, field));
}

pb::MetaServiceResponseStatus& status_in(google::protobuf::Message& response) {
  const auto* field = response.GetDescriptor()->FindFieldByName("status");
  return dynamic_cast<pb::MetaServiceResponseStatus&>(
      *response.GetReflection()->MutableMessage(&response, field));
}

}  // namespace metactl::api
