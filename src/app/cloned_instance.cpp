// SPDX-License-Identifier: Apache-2.0
#include "app/cloned_instance.h"

#include <map>
#include <string>

#include "api/clusters.h"
#include "api/json.h"
#include "api/meta.h"
#include "api/secret_holder.h"

namespace metactl::app {
namespace {

using google::protobuf::Message;

/// A plain secret is sealed when it is stored; one that the server did not show stays away.
void forget_encryption(Message& message) {
  for (auto& holder : api::secret_holders(message)) holder.clear_info();
}

void put(client::Client& target, const std::string& key_type,
         const std::map<std::string, std::string>& fields, Message& value) {
  forget_encryption(value);
  pb::KeyRequest request;
  request.set_key_type(key_type);
  for (const auto& [name, text] : fields) (*request.mutable_parameters())[name] = text;
  request.set_document(api::to_json(value));
  target.call(api::set_value, request);
}

}  // namespace

ClonedInstance with_vaults(client::Client& server, pb::InstanceInfoPB instance) {
  ClonedInstance clone{std::move(instance), {}};
  if (clone.instance.status() == pb::InstanceInfoPB::DELETED) return clone;
  pb::GetObjStoreInfoRequest request;
  request.set_cloud_unique_id(api::instance_reference(clone.instance.instance_id()));
  const auto stores = server.call(api::get_obj_store_info, request);
  clone.vaults.assign(stores.storage_vault().begin(), stores.storage_vault().end());
  return clone;
}

void store_clone(client::Client& target, ClonedInstance clone) {
  const auto& id = clone.instance.instance_id();
  for (auto& vault : clone.vaults)
    put(target, "StorageVaultKey", {{"instance_id", id}, {"vault_id", vault.id()}}, vault);
  put(target, "InstanceKey", {{"instance_id", id}}, clone.instance);
}

}  // namespace metactl::app
