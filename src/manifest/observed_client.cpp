// SPDX-License-Identifier: Apache-2.0
#include "manifest/observed_client.h"

#include <fmt/format.h>

#include <tuple>

#include "api/broker.h"
#include "api/clusters.h"
#include "api/meta.h"
#include "api/qluster.h"

namespace metactl::manifest {
namespace {

using google::protobuf::Message;

[[noreturn]] void refuse(const api::OperationInfo& operation) {
  throw client::NotRehearsed(
      Error(Reason::internal, fmt::format("{} was not observed", operation.name)));
}

}  // namespace

const ObservedInstance* ObservedClient::find_instance(const std::string& id) const {
  const auto found = observed_.find(id);
  if (id.empty() || found == observed_.end() || !found->second.record) return nullptr;
  return &found->second;
}

/// What answers a call whatever its request says; nullptr when nothing does.
const Message* ObservedClient::find_answer(const api::OperationInfo& operation) const {
  const auto others = observed_.find("");
  if (others == observed_.end()) return nullptr;
  const auto& [broker, qluster] = std::tie(others->second.broker, others->second.qluster);
  if (operation.name == api::broker_get_metadata.info.name && broker) return &*broker;
  if (operation.name == api::qluster_get_map.info.name && qluster) return &qluster->map;
  return nullptr;
}

void ObservedClient::do_call(const api::OperationInfo& operation, const Message& request,
                             Message& response) {
  if (const auto* which = dynamic_cast<const pb::GetInstanceRequest*>(&request)) {
    const auto* instance = find_instance(which->instance_id());
    if (!instance) throw Error(Reason::not_found, "there was no such instance");
    *dynamic_cast<pb::GetInstanceResponse&>(response).mutable_instance() = *instance->record;
    return;
  }
  if (const auto* which = dynamic_cast<const pb::GetObjStoreInfoRequest*>(&request)) {
    const auto* instance = find_instance(api::encoded_instance(which->cloud_unique_id()));
    if (!instance) refuse(operation);
    for (const auto& vault : instance->vaults)
      *dynamic_cast<pb::GetObjStoreInfoResponse&>(response).add_storage_vault() = vault;
    return;
  }
  if (const auto* answer = find_answer(operation)) return response.CopyFrom(*answer);
  if (operation.service == api::Service::meta || operation.effect != api::Effect::read)
    refuse(operation);
  response.CopyFrom(*server_.call_any(*api::find_operation(operation.name), request));
}

client::Client::Raw ObservedClient::call_raw(const api::AnyOperation& operation,
                                             const http::Request&) {
  refuse(*operation.info);
}

}  // namespace metactl::manifest
