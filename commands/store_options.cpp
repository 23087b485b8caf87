// SPDX-License-Identifier: Apache-2.0
#include "commands/store_options.h"

#include <fmt/format.h>

#include "base/text.h"
#include "commands/lookup.h"

namespace metactl::commands {

void set_credentials(cli::Session& session, const CredentialOptions& options,
                     pb::ObjectStoreInfoPB& store) {
  if (!options.role_arn.empty()) {
    if (options.KeyOptions::any())
      throw Error(Reason::usage, "only one of keys and --role-arn is possible");
    store.set_role_arn(options.role_arn);
    store.set_cred_provider_type(pb::INSTANCE_PROFILE);
    if (!options.external_id.empty()) store.set_external_id(options.external_id);
    return;
  }
  if (!options.external_id.empty())
    throw Error(Reason::usage, "--external-id belongs to --role-arn");
  cli::require(options.ak, "--ak", "--ak AK --sk-file FILE, or --role-arn ARN");
  store.set_ak(options.ak);
  store.set_sk(read_secret_key(session, options));
}

pb::ObjectStoreInfoPB read_store(cli::Session& session, const StoreOptions& options) {
  for (const auto& word : {options.bucket, options.prefix, options.endpoint,
                           options.external_endpoint, options.region, options.user_id})
    if (text::printable(word) != word)
      throw Error(Reason::usage, fmt::format("control characters in '{}'", text::printable(word)));
  pb::ObjectStoreInfoPB store;
  store.set_bucket(options.bucket);
  store.set_prefix(options.prefix);
  store.set_endpoint(options.endpoint);
  store.set_external_endpoint(options.external_endpoint.empty() ? options.endpoint
                                                                : options.external_endpoint);
  store.set_region(options.region);
  set_field(store, "provider", options.provider);
  if (!options.user_id.empty()) store.set_user_id(options.user_id);
  if (options.path_style) store.set_use_path_style(true);
  set_credentials(session, options, store);
  return store;
}

pb::GetObjStoreInfoResponse stores_of(cli::Session& session) {
  pb::GetObjStoreInfoRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  try {
    return session.client().call(api::get_obj_store_info, request);
  } catch (const Error& error) {
    if (!error.answer() || error.answer()->http != 400) throw;
    throw cli::no_instance(session.instance(), error);
  }
}

std::optional<pb::StorageVaultPB> find_vault(cli::Session& session, const std::string& name) {
  const auto stores = stores_of(session);
  for (const auto& vault : stores.storage_vault())
    if (vault.name() == name) return vault;
  return std::nullopt;
}

pb::StorageVaultPB get_vault(cli::Session& session, const std::string& name) {
  std::vector<std::string> names;
  const auto stores = stores_of(session);
  for (const auto& vault : stores.storage_vault()) {
    if (vault.name() == name) return vault;
    names.push_back(vault.name());
  }
  Error error(Reason::not_found,
              fmt::format("no vault '{}'{}", name, text::did_you_mean(name, names)),
              "metactl vault list");
  error.set_object("vault/" + name);
  throw error;
}

PlacedStore get_store(cli::Session& session, const std::string& id) {
  const auto stores = stores_of(session);
  for (int i = 0; i < stores.obj_info_size(); ++i)
    if (stores.obj_info(i).id() == id) return {stores.obj_info(i), std::to_string(i + 1)};
  Error error(Reason::not_found, fmt::format("no object store '{}'", id),
              stores.enable_storage_vault() ? "the instance has vaults: metactl vault list"
                                            : "metactl obj list");
  error.set_object("obj/" + id);
  throw error;
}

std::string credential_difference(const pb::ObjectStoreInfoPB& now,
                                  const pb::ObjectStoreInfoPB& wanted) {
  if (!wanted.role_arn().empty())
    return now.role_arn() == wanted.role_arn() && now.external_id() == wanted.external_id()
               ? ""
               : "it has another role";
  return now.ak() == wanted.ak() && now.sk() == wanted.sk() ? "" : "it has other keys";
}

}  // namespace metactl::commands
