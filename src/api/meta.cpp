// SPDX-License-Identifier: Apache-2.0
#include "api/meta.h"

#include <algorithm>

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

const AnyOperation* find_operation(std::string_view name) {
  const auto* found =
      std::find_if(meta_operations.begin(), meta_operations.end(),
                   [&](const AnyOperation& operation) { return operation.info->name == name; });
  return found == meta_operations.end() ? nullptr : found;
}

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  names.reserve(meta_operations.size());
  for (const auto& operation : meta_operations) names.emplace_back(operation.info->name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace metactl::api
