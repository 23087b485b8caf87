// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/mask.h"
#include "api/secret_text.h"
#include "base/text.h"
#include "commands/lookup.h"
#include "commands/present.h"

namespace metactl::commands {
namespace {

std::string provider_of(const pb::ObjectStoreInfoPB& store) {
  return store.has_provider() ? pb::ObjectStoreInfoPB::Provider_Name(store.provider()) : "";
}

std::string shown_secret(const cli::Session& session, const pb::ObjectStoreInfoPB& store) {
  return store.has_encryption_info() && !store.has_sk() ? "unreadable" : session.secret(store.sk());
}

bool is_default(const pb::StorageVaultPB& vault, const pb::GetObjStoreInfoResponse& stores) {
  return !vault.id().empty() && vault.id() == stores.default_storage_vault_id();
}

}  // namespace

std::string address_text(const cli::Session& session, const std::string& address) {
  return session.globals().show_secrets ? address : api::mask_url(address);
}

render::List vault_list(const cli::Session& session, const pb::GetObjStoreInfoResponse& stores) {
  render::List list{"Vault",
                    {{"NAME"},
                     {"ID"},
                     {"KIND"},
                     {"DEFAULT"},
                     {"PLACE"},
                     {"ENDPOINT"},
                     {"PREFIX"},
                     {"REGION"},
                     {"PROVIDER"},
                     {"CHANGED"}},
                    {}};
  for (const auto& vault : stores.storage_vault()) {
    const bool on_hdfs = vault.has_hdfs_info();
    const auto& store = vault.obj_info();
    list.rows.push_back({vault.name(),
                         {vault.name(), vault.id(), on_hdfs ? "HDFS" : "S3",
                          is_default(vault, stores) ? "yes" : "no",
                          on_hdfs ? address_text(session, vault.hdfs_info().build_conf().fs_name())
                                  : store.bucket(),
                          address_text(session, store.endpoint()),
                          on_hdfs ? vault.hdfs_info().prefix() : store.prefix(), store.region(),
                          provider_of(store), time_text(store.mtime())},
                         [&session, vault, is_default = is_default(vault, stores)] {
                           auto value = session.value_of(vault);
                           value["default"] = is_default;
                           return value;
                         }});
  }
  std::sort(list.rows.begin(), list.rows.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return list;
}

render::Object vault_object(const cli::Session& session, const pb::StorageVaultPB& vault,
                            const pb::GetObjStoreInfoResponse& stores) {
  render::Object object{"Vault", vault.name(), {}, session.value_of(vault), {}};
  object.value["default"] = is_default(vault, stores);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) object.fields.emplace_back(name, value);
  };
  add("name", vault.name());
  add("id", vault.id());
  add("kind", vault.has_hdfs_info() ? "HDFS" : "S3");
  add("default", is_default(vault, stores) ? "yes" : "no");
  const auto& hdfs = vault.hdfs_info();
  add("fs_name", address_text(session, hdfs.build_conf().fs_name()));
  add("user", hdfs.build_conf().user());
  add("kerberos_principal", session.secret(hdfs.build_conf().hdfs_kerberos_principal()));
  add("kerberos_keytab", session.secret(hdfs.build_conf().hdfs_kerberos_keytab()));
  add("prefix", hdfs.prefix());
  if (api::has_unopened_secret(hdfs)) add("settings", "unreadable");
  const auto shown = session.value_of(hdfs.build_conf());
  for (const auto& pair : shown.value("hdfs_confs", nlohmann::ordered_json::array()))
    object.fields.emplace_back(pair.at("key").get<std::string>(),
                               pair.at("value").get<std::string>());
  if (!vault.has_obj_info()) return object;
  const auto& store = vault.obj_info();
  add("bucket", store.bucket());
  add("prefix", store.prefix());
  add("endpoint", address_text(session, store.endpoint()));
  add("external_endpoint", address_text(session, store.external_endpoint()));
  add("region", store.region());
  add("provider", provider_of(store));
  add("ak", session.access_key(store.ak()));
  add("sk", shown_secret(session, store));
  add("user", store.user_id());
  add("role_arn", store.role_arn());
  add("external_id", store.external_id());
  add("path_style", store.use_path_style() ? "yes" : "no");
  add("sse", store.sse_enabled() ? "on" : "off");
  add("created", time_text(store.ctime()));
  add("changed", time_text(store.mtime()));
  return object;
}

render::List store_list(const cli::Session& session, const pb::GetObjStoreInfoResponse& stores) {
  render::List list{"ObjectStore",
                    {{"ID"},
                     {"BUCKET"},
                     {"ENDPOINT"},
                     {"PREFIX"},
                     {"REGION"},
                     {"PROVIDER"},
                     {"AK"},
                     {"SK"},
                     {"USER", true},
                     {"ROLE", true},
                     {"CHANGED", true}},
                    {}};
  for (const auto& store : stores.obj_info())
    list.rows.push_back({store.id(),
                         {store.id(), store.bucket(), address_text(session, store.endpoint()),
                          store.prefix(), store.region(), provider_of(store),
                          session.access_key(store.ak()), shown_secret(session, store),
                          store.user_id(), store.role_arn(), time_text(store.mtime())},
                         [&session, store] { return session.value_of(store); }});
  return list;
}

render::List stage_list(const cli::Session& session, const pb::GetStageResponse& response) {
  render::List list{"Stage",
                    {{"NAME"},
                     {"ID"},
                     {"TYPE"},
                     {"ACCESS"},
                     {"BUCKET"},
                     {"ENDPOINT"},
                     {"PREFIX"},
                     {"USERS", true},
                     {"COMMENT", true}},
                    {}};
  for (const auto& stage : response.stage()) {
    const std::vector<std::string> users(stage.mysql_user_name().begin(),
                                         stage.mysql_user_name().end());
    list.rows.push_back(
        {stage.name().empty() ? stage.stage_id() : stage.name(),
         {stage.name(), stage.stage_id(), pb::StagePB::StageType_Name(stage.type()),
          pb::StagePB::StageAccessType_Name(stage.access_type()), stage.obj_info().bucket(),
          address_text(session, stage.obj_info().endpoint()), stage.obj_info().prefix(),
          text::join(users, ","), stage.comment()},
         [&session, stage] { return session.value_of(stage); }});
  }
  return list;
}

}  // namespace metactl::commands
