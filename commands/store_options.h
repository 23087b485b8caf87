// SPDX-License-Identifier: Apache-2.0
// Object stores as they are typed, and what a session knows of the stores of its instance.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/secret_options.h"

namespace metactl::commands {

/// Keys, or a role in their place.
struct CredentialOptions : KeyOptions {
  std::string role_arn;
  std::string external_id;

  bool any() const { return !role_arn.empty() || !external_id.empty() || KeyOptions::any(); }
};

struct StoreOptions : CredentialOptions {
  std::string bucket;
  std::string prefix;
  std::string endpoint;
  std::string external_endpoint;
  std::string region;
  std::string provider;
  std::string user_id;
  bool path_style = false;

  bool any() const {
    return !bucket.empty() || !prefix.empty() || !endpoint.empty() || !external_endpoint.empty() ||
           !region.empty() || !provider.empty() || !user_id.empty() || path_style ||
           CredentialOptions::any();
  }
};

template <class Options>
void add_credential_options(cli::Command<Options>& command) {
  add_key_options(command);
  command
      .option("--role-arn", &CredentialOptions::role_arn, "Role to take over instead of keys",
              "ARN")
      .option("--external-id", &CredentialOptions::external_id, "External id of that role");
}

template <class Options>
void add_store_options(cli::Command<Options>& command) {
  command.option("--bucket", &StoreOptions::bucket, "Bucket", "NAME")
      .option("--prefix", &StoreOptions::prefix, "Folder inside the bucket", "PATH")
      .option("--endpoint", &StoreOptions::endpoint, "Address for the nodes", "HOST")
      .option("--external-endpoint", &StoreOptions::external_endpoint,
              "Address for clients outside; that of the nodes when not given", "HOST")
      .option("--region", &StoreOptions::region, "Region of the bucket")
      .option("--provider", &StoreOptions::provider, "S3, OSS, COS, OBS, BOS, GCP, AZURE or TOS")
      .option("--user-id", &StoreOptions::user_id, "Cloud user who owns the keys", "ID")
      .flag("--path-style", &StoreOptions::path_style, "Addresses have the bucket in their path");
  add_credential_options(command);
}

/// What add commands cannot do without, unless one of `unless` is typed.
template <class Options>
void need_store_options(cli::Command<Options>& command, const std::vector<std::string>& unless) {
  command.needs({"--bucket", "--endpoint", "--region", "--provider"}, unless);
  auto or_role = unless;
  or_role.insert(or_role.end(), {"--role-arn", "--external-id"});
  command.needs({"--ak"}, or_role);
  need_secret_key(command, or_role);
}

/// Keys or role, put into `store`. Throws Error, usage, unless there is exactly one of both.
void set_credentials(cli::Session& session, const CredentialOptions& options,
                     pb::ObjectStoreInfoPB& store);

/// Throws Error, usage, for what is missing.
pb::ObjectStoreInfoPB read_store(cli::Session& session, const StoreOptions& options);

/// All object stores and vaults of the instance. Throws Error, not_found, without that instance.
pb::GetObjStoreInfoResponse stores_of(cli::Session& session);

/// The vault of that name; nothing when there is none.
std::optional<pb::StorageVaultPB> find_vault(cli::Session& session, const std::string& name);
/// The same. Throws Error, not_found, with the nearest name.
pb::StorageVaultPB get_vault(cli::Session& session, const std::string& name);

/// The object store with that id, and its place, which is what the service calls it by.
struct PlacedStore {
  pb::ObjectStoreInfoPB store;
  std::string place;  // From "1".
};
/// Throws Error, not_found.
PlacedStore get_store(cli::Session& session, const std::string& id);

/// "" when `now` has the credentials of `wanted`, else what is wrong.
std::string credential_difference(const pb::ObjectStoreInfoPB& now,
                                  const pb::ObjectStoreInfoPB& wanted);

}  // namespace metactl::commands
