// SPDX-License-Identifier: Apache-2.0
// Steps for storage vaults.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "api/clusters.h"
#include "api/mask.h"
#include "base/text.h"
#include "manifest/compare.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const pb::StorageVaultPB* find(const Planning& planning, const Object& object) {
  const auto& vaults = planning.observed().vaults;
  const auto& id = object.as<pb::StorageVaultSpec>().id();
  const auto found = std::find_if(vaults.begin(), vaults.end(), [&](const auto& vault) {
    return id.empty() ? vault.name() == object.name : vault.id() == id;
  });
  return found == vaults.end() ? nullptr : &*found;
}

pb::AlterObjStoreInfoRequest request_of(const Planning& planning, const std::string& name) {
  pb::AlterObjStoreInfoRequest request;
  request.set_cloud_unique_id(api::instance_reference(planning.instance_id()));
  request.mutable_vault()->set_name(name);
  return request;
}

/// Copies the fields that both messages have by name, if they are set and no messages.
void copy_fields(const Message& from, Message& to) {
  std::vector<const FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const auto* field : fields) {
    const auto* target = to.GetDescriptor()->FindFieldByName(field->name());
    if (!target || target->cpp_type() != field->cpp_type()) continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        to.GetReflection()->SetString(&to, target, from.GetReflection()->GetString(from, field));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        to.GetReflection()->SetBool(&to, target, from.GetReflection()->GetBool(from, field));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        to.GetReflection()->SetEnumValue(&to, target,
                                         from.GetReflection()->GetEnumValue(from, field));
        break;
      default:
        break;
    }
  }
}

pb::ObjectStoreInfoPB store_of(Planning& planning, const Object& object) {
  const auto& spec = object.as<pb::StorageVaultSpec>().s3();
  pb::ObjectStoreInfoPB store;
  copy_fields(spec, store);
  if (spec.has_ak_from())
    store.set_ak(planning.secret(spec.ak_from(), object.place_of("s3.akFrom")));
  if (spec.has_sk_from())
    store.set_sk(planning.secret(spec.sk_from(), object.place_of("s3.skFrom")));
  if (spec.has_role_arn()) store.set_cred_provider_type(pb::INSTANCE_PROFILE);
  return store;
}

/// The vault of a manifest. A secret of which it says only that there is one is handed to `unsaid`,
/// with its path.
pb::HdfsVaultInfo hdfs_of(Planning& planning, const Object& object,
                          const std::function<void(const std::string&)>& unsaid) {
  const auto& spec = object.as<pb::StorageVaultSpec>().hdfs();
  pb::HdfsVaultInfo vault;
  auto& conf = *vault.mutable_build_conf();
  const auto read = [&](const pb::SecretSource& source, const std::string& path,
                        const std::function<void(const std::string&)>& set) {
    if (!source.has_env() && !source.has_file()) return unsaid(path);
    set(planning.secret(source, object.place_of(path)));
  };
  const auto add_setting = [&](const std::string& name, const std::string& value) {
    auto& setting = *conf.add_hdfs_confs();
    setting.set_key(name);
    setting.set_value(value);
  };
  copy_fields(spec, conf);
  if (spec.has_prefix()) vault.set_prefix(spec.prefix());
  if (spec.has_kerberos_principal()) conf.set_hdfs_kerberos_principal(spec.kerberos_principal());
  if (spec.has_kerberos_keytab()) conf.set_hdfs_kerberos_keytab(spec.kerberos_keytab());
  if (spec.has_kerberos_principal_from())
    read(spec.kerberos_principal_from(), "hdfs.kerberosPrincipalFrom",
         [&](const auto& value) { conf.set_hdfs_kerberos_principal(value); });
  if (spec.has_kerberos_keytab_from())
    read(spec.kerberos_keytab_from(), "hdfs.kerberosKeytabFrom",
         [&](const auto& value) { conf.set_hdfs_kerberos_keytab(value); });
  for (const auto& [name, value] : std::map(spec.settings().begin(), spec.settings().end()))
    add_setting(name, value);
  for (const auto& [name, source] :
       std::map(spec.settings_from().begin(), spec.settings_from().end()))
    read(source, "hdfs.settingsFrom." + name,
         [&, setting = name](const auto& value) { add_setting(setting, value); });
  return vault;
}

void add(Planning& planning, const Object& object) {
  const auto& spec = object.as<pb::StorageVaultSpec>();
  if (spec.has_s3() && !spec.s3().has_role_arn() && !spec.s3().has_sk_from())
    return planning.problem(object, "to create it, it needs skFrom or roleArn");
  if (spec.has_s3() && !spec.s3().has_role_arn() && !spec.s3().has_ak() && !spec.s3().has_ak_from())
    return planning.problem(object, "to create it, it needs ak or akFrom");
  auto request = request_of(planning, object.name);
  if (spec.is_default()) request.set_set_as_default_storage_vault(true);
  std::vector<std::string> changes = {
      fmt::format("+ vault {} on {}", object.name, spec.has_s3() ? "an object store" : "HDFS")};
  if (spec.is_default()) changes.emplace_back("+ default vault");
  if (spec.has_s3()) {
    const auto store = store_of(planning, object);
    if (store.has_sk()) changes.push_back("+ sk " + api::fingerprint(store.sk()));
    *request.mutable_vault()->mutable_obj_info() = store;
    return planning.step(Action::create, object.title(), api::add_s3_vault, request, changes);
  }
  *request.mutable_vault()->mutable_hdfs_info() =
      hdfs_of(planning, object, [&](const std::string& path) {
        planning.problem(object, fmt::format("to create it, it needs env or file in {}", path),
                         path);
      });
  planning.step(Action::create, object.title(), api::add_hdfs_vault, request, changes);
}

/// The values of two fields of one name, as they are shown.
struct FieldPair {
  std::string name;
  std::string wanted;
  std::string stored;
};

std::string shown(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, &field)->name();
    default:
      return reflection->GetString(message, &field);
  }
}

/// As the service stores paths.
std::string trimmed(std::string_view text) {
  text = text::trim(text);
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

/// The fields of a manifest that differ from those that are stored; secrets aside.
std::vector<FieldPair> differing(const Message& spec, const Message& stored) {
  std::vector<FieldPair> pairs;
  std::vector<const FieldDescriptor*> fields;
  spec.GetReflection()->ListFields(spec, &fields);
  for (const auto* field : fields) {
    const auto* other = stored.GetDescriptor()->FindFieldByName(field->name());
    if (!other || field->is_repeated() || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      continue;
    const auto wanted = trimmed(shown(spec, *field));
    const auto is = trimmed(shown(stored, *other));
    if (!are_same(field->json_name(), wanted, is))
      pairs.push_back({field->json_name(), wanted, is});
  }
  return pairs;
}

/// What alter_s3_vault can change of an object store.
bool is_credential(const FieldPair& pair) {
  return pair.name == "ak" || pair.name == "roleArn" || pair.name == "externalId";
}

void alter_store(Planning& planning, const Object& object, const pb::StorageVaultPB& vault) {
  const auto& spec = object.as<pb::StorageVaultSpec>();
  const auto store = store_of(planning, object);
  auto request = request_of(planning, vault.name());
  auto& wanted = *request.mutable_vault();
  std::vector<std::string> changes;
  auto given = spec.s3();
  if (store.has_ak()) given.set_ak(store.ak());
  for (const auto& pair : differing(given, vault.obj_info())) {
    if (is_credential(pair)) {
      const bool is_key = pair.name == "ak";
      changes.push_back(changed(pair.name, is_key ? api::mask_access_key(pair.stored) : pair.stored,
                                is_key ? api::mask_access_key(pair.wanted) : pair.wanted));
    } else {
      planning.problem(object,
                       fmt::format("{} is '{}' and cannot be changed", pair.name, pair.stored),
                       "s3." + pair.name);
    }
  }
  if (store.has_sk() && store.sk() != vault.obj_info().sk())
    changes.push_back(
        changed("sk", api::fingerprint(vault.obj_info().sk()), api::fingerprint(store.sk())));
  if (!changes.empty()) {
    auto& keys = *wanted.mutable_obj_info();
    if (store.has_role_arn()) {
      keys.set_role_arn(store.role_arn());
      if (store.has_external_id()) keys.set_external_id(store.external_id());
      keys.set_cred_provider_type(store.cred_provider_type());
    } else {
      if (!store.has_sk()) planning.problem(object, "to change its keys it needs skFrom", "s3.ak");
      keys.set_ak(store.has_ak() ? store.ak() : vault.obj_info().ak());
      keys.set_sk(store.sk());
    }
  }
  if (vault.name() != object.name) {
    wanted.set_alter_name(object.name);
    changes.push_back(changed("name", vault.name(), object.name));
  }
  if (!changes.empty())
    planning.step(Action::change, object.title(), api::alter_s3_vault, request, changes);
}

/// The value of a setting; nothing when there is no such one.
std::optional<std::string> setting_in(const pb::HdfsBuildConf& conf, const std::string& name) {
  for (const auto& pair : conf.hdfs_confs())
    if (pair.key() == name) return pair.value();
  return std::nullopt;
}

void compare_hdfs(Planning& planning, const Object& object, const pb::StorageVaultPB& vault) {
  const auto wanted = hdfs_of(planning, object, [](const std::string&) {}).build_conf();
  const auto& stored = vault.hdfs_info().build_conf();
  for (const auto& pair : differing(wanted, stored))
    planning.problem(object, pair.name + " cannot be changed", "hdfs." + pair.name);
  for (const auto& pair : wanted.hdfs_confs())
    if (setting_in(stored, pair.key()) != pair.value())
      planning.problem(object, fmt::format("setting '{}' cannot be changed", pair.key()),
                       "hdfs.settings." + pair.key());
  if (vault.name() != object.name) planning.problem(object, "a vault on HDFS cannot be renamed");
}

void compare(Planning& planning, const Object& object, const pb::StorageVaultPB& vault) {
  const auto& spec = object.as<pb::StorageVaultSpec>();
  if (spec.has_s3() != vault.has_obj_info())
    return planning.problem(object, "it is on another kind of storage, which cannot be changed");
  if (api::has_unopened_secret(vault))
    return planning.problem(object, "its secrets cannot be read, so nothing can be compared");
  const bool is_default = planning.model().default_storage_vault_id() == vault.id();
  if (spec.has_is_default() && spec.is_default() != is_default)
    planning.problem(object, "which vault is the default cannot be changed by these calls",
                     "isDefault");
  if (spec.has_s3()) return alter_store(planning, object, vault);
  compare_hdfs(planning, object, vault);
}

}  // namespace

void plan_vaults(Planning& planning) {
  for (const auto* object : planning.wanted("StorageVault")) {
    const auto* vault = find(planning, *object);
    if (vault) {
      compare(planning, *object, *vault);
    } else if (!object->as<pb::StorageVaultSpec>().id().empty()) {
      planning.problem(*object, "there is no vault with this id; the service chooses ids", "id");
    } else {
      add(planning, *object);
    }
  }
}

}  // namespace metactl::manifest
