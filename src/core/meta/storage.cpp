// SPDX-License-Identifier: Apache-2.0
#include "core/meta/storage.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "api/secret_holder.h"
#include "base/text.h"
#include "core/meta/instances.h"
#include "core/meta/service_config.h"

namespace metactl::core::meta {
namespace {

constexpr std::size_t max_store_size = 1024;
constexpr int max_stores = 10;
constexpr auto incomplete = "s3 conf info err, please check it";

/// Without `/`, blanks and tabs at both ends.
std::string trimmed(const std::string& path) {
  constexpr auto surplus = "/ \t";
  const auto first = path.find_first_not_of(surplus);
  if (first == std::string::npos) return "";
  return path.substr(first, path.find_last_not_of(surplus) - first + 1);
}

/// A random UUID, version 4, in its usual form.
std::string new_guid(const Context& context) {
  auto bytes = context.random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const auto digits = text::hex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
}

template <class Holder>
std::string plain_secret(const Context& context, store::View& view, const Holder& holder) {
  if (!holder.has_encryption_info()) return holder.sk();
  return context.secrets().open(view, holder.sk(), holder.encryption_info());
}

void require_complete_role(const pb::ObjectStoreInfoPB& store) {
  if (store.role_arn().empty() || !takes_roles(store) || store.bucket().empty() ||
      store.endpoint().empty() || store.region().empty())
    throw invalid_argument(
        "s3 conf info err with role_arn, please check it: it needs role_arn, provider S3 or OSS, "
        "bucket, endpoint and region");
  if (!store.ak().empty() || !store.sk().empty())
    throw invalid_argument("s3 conf info has role_arn and ak or sk, only one form is possible");
}

bool has_keys(const pb::ObjectStoreInfoPB& store) {
  return !store.ak().empty() || !store.sk().empty();
}

/// True when AWS tells by a role or a provider of credentials who asks.
bool uses_aws(const pb::ObjectStoreInfoPB& store) {
  return !store.role_arn().empty() || store.has_cred_provider_type();
}

/// The role of `wanted` in place of what was there, and the time of the change.
void set_role(const Context& context, pb::ObjectStoreInfoPB& store,
              const pb::ObjectStoreInfoPB& wanted) {
  store.clear_ak();
  store.clear_sk();
  store.clear_encryption_info();
  store.set_role_arn(wanted.role_arn());
  store.clear_external_id();
  if (wanted.has_external_id()) store.set_external_id(wanted.external_id());
  store.set_cred_provider_type(pb::INSTANCE_PROFILE);
  store.set_mtime(context.now());
}

}  // namespace

void require_complete(const Context& context, const pb::ObjectStoreInfoPB& store) {
  if (store.has_role_arn()) return require_complete_role(store);
  const bool has_rest = context.has(api::Difference::bare_stores) ||
                        (!store.external_endpoint().empty() && store.has_provider());
  if (store.ak().empty() || store.sk().empty() || store.bucket().empty() ||
      store.endpoint().empty() || store.region().empty() || !has_rest)
    throw invalid_argument(incomplete);
}

const pb::ObjectStoreInfoPB& given_store(const pb::AlterObjStoreInfoRequest& request,
                                         CredProvider provider) {
  if (!request.has_obj() && !request.vault().has_obj_info())
    throw invalid_argument("s3 conf info not given, request has neither obj nor vault.obj_info");
  const auto& store = request.has_obj() ? request.obj() : request.vault().obj_info();
  if (store.ByteSizeLong() > max_store_size)
    throw invalid_argument(fmt::format("s3 conf info is larger than {} bytes", max_store_size));
  const bool is_keyless =
      store.has_role_arn() || (provider == CredProvider::alone && store.has_cred_provider_type());
  if (is_keyless && (store.has_ak() || store.has_sk()))
    throw invalid_argument(
        "s3 conf info has ak or sk and role_arn or cred_provider_type, only one form is possible");
  if (!is_keyless && (!store.has_ak() || !store.has_sk()))
    throw invalid_argument("s3 conf info needs ak and sk, or role_arn");
  return store;
}

void require_room(const pb::InstanceInfoPB& instance) {
  if (instance.obj_info_size() >= max_stores)
    throw api::meta_failure(pb::UNDEFINED_ERR,
                            fmt::format("instance already has {} object stores, instance_id={}",
                                        max_stores, instance.instance_id()));
}

void require_addable(const pb::ObjectStoreInfoPB& store, CredProvider provider) {
  const bool is_vault = provider == CredProvider::alone;
  const bool has_credentials = !store.role_arn().empty() || (is_vault && uses_aws(store)) ||
                               (!store.ak().empty() && !store.sk().empty());
  if (!has_credentials || store.bucket().empty() || store.endpoint().empty() ||
      store.region().empty() || (!is_vault && store.prefix().empty()))
    throw invalid_argument(incomplete);
  if (has_keys(store)) return;
  if (!takes_roles(store))
    throw invalid_argument(
        "s3 conf info with role_arn or cred_provider_type needs provider S3 or OSS");
}

void require_one_authentication(const pb::ObjectStoreInfoPB& store) {
  const bool is_aws = uses_aws(store) || !store.external_id().empty();
  if (!is_aws) return;
  if (has_keys(store))
    throw invalid_argument(
        "access keys cannot stand beside role_arn, external_id or "
        "cred_provider_type");
  if (!takes_roles(store))
    throw invalid_argument("role_arn and cred_provider_type need provider S3 or OSS");
  if (!store.external_id().empty() && store.role_arn().empty())
    throw invalid_argument("external_id needs role_arn");
}

void require_new(const Context& context, store::View& view, const pb::InstanceInfoPB& instance,
                 const pb::ObjectStoreInfoPB& wanted) {
  for (const auto& store : instance.obj_info()) {
    const bool is_alike = store.bucket() == wanted.bucket() && store.prefix() == wanted.prefix() &&
                          store.endpoint() == wanted.endpoint() &&
                          store.region() == wanted.region() && store.ak() == wanted.ak() &&
                          store.provider() == wanted.provider() &&
                          store.external_endpoint() == wanted.external_endpoint();
    if (is_alike && open_secret(context, view, store) == wanted.sk())
      throw invalid_argument(
          fmt::format("s3 conf info already exists as object store, id={}", store.id()));
  }
}

void require_complete(const pb::HdfsVaultInfo& hdfs) {
  if (hdfs.prefix().find("://") != std::string::npos)
    throw invalid_argument(
        fmt::format("hdfs prefix must not contain '://', prefix={}", hdfs.prefix()));
  if (trimmed(hdfs.build_conf().fs_name()).empty()) throw invalid_argument("empty hdfs fs_name");
}

void require_complete(const pb::RamUserPB& user) {
  if (user.user_id().empty() || user.ak().empty() || user.sk().empty())
    throw invalid_argument("ram user needs user_id, ak and sk");
}

std::string next_store_id(const pb::InstanceInfoPB& instance) {
  std::int64_t largest = 0;
  for (const auto& store : instance.obj_info())
    largest = std::max(largest, text::to_int(store.id()).value_or(0));
  for (const auto& id : instance.resource_ids())
    largest = std::max(largest, text::to_int(id).value_or(0));
  return std::to_string(largest + 1);
}

void seal_secrets(const Context& context, store::Txn& txn, google::protobuf::Message& message) {
  for (auto& holder : api::secret_holders(message)) {
    if (!holder.info().encryption_method().empty() || !holder.has_secret()) continue;
    holder.replace([&](const std::string&, const std::string& plain) {
      return context.secrets().seal(txn, plain, context.random_bytes(Secrets::nonce_size));
    });
    holder.set_info(Secrets::info());
  }
}

std::string open_secret(const Context& context, store::View& view,
                        const pb::ObjectStoreInfoPB& store) {
  return plain_secret(context, view, store);
}

std::string open_secret(const Context& context, store::View& view, const pb::RamUserPB& user) {
  return plain_secret(context, view, user);
}

bool takes_roles(const pb::ObjectStoreInfoPB& store) {
  return store.has_provider() && (store.provider() == pb::ObjectStoreInfoPB::S3 ||
                                  store.provider() == pb::ObjectStoreInfoPB::OSS);
}

void set_credentials(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
                     const pb::ObjectStoreInfoPB& wanted) {
  if (wanted.has_role_arn() ? wanted.role_arn().empty()
                            : wanted.ak().empty() || wanted.sk().empty())
    throw invalid_argument("s3 conf info has an empty ak, sk or role_arn");
  if (!wanted.has_role_arn()) return set_keys(context, txn, store, wanted.ak(), wanted.sk());
  if (!takes_roles(store)) throw invalid_argument("role_arn needs provider S3 or OSS");
  set_role(context, store, wanted);
}

void set_keys(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
              const std::string& ak, const std::string& sk) {
  store.set_ak(ak);
  store.set_sk(sk);
  store.clear_encryption_info();
  seal_secrets(context, txn, store);
  store.clear_role_arn();
  store.clear_external_id();
  store.clear_cred_provider_type();
  store.set_mtime(context.now());
}

pb::ObjectStoreInfoPB stored_form(const Context& context, store::Txn& txn,
                                  const pb::ObjectStoreInfoPB& wanted, const std::string& id) {
  pb::ObjectStoreInfoPB store = wanted;
  store.set_id(id);
  store.set_ctime(context.now());
  store.set_mtime(context.now());
  store.set_prefix(trimmed(wanted.prefix()));
  store.clear_encryption_info();
  if (!context.has(api::Difference::bare_stores) || wanted.has_external_endpoint())
    store.set_external_endpoint(wanted.external_endpoint());
  if (wanted.role_arn().empty()) {
    seal_secrets(context, txn, store);
  } else {
    store.clear_ak();
    store.clear_sk();
    if (!store.has_cred_provider_type()) store.set_cred_provider_type(pb::INSTANCE_PROFILE);
  }
  return store;
}

pb::ObjectStoreInfoPB added_form(const Context& context, store::Txn& txn,
                                 const pb::InstanceInfoPB& instance,
                                 const pb::ObjectStoreInfoPB& wanted) {
  auto store = wanted;
  store.clear_role_arn();
  store.clear_external_id();
  if (has_keys(wanted)) store.clear_cred_provider_type();
  if (!wanted.role_arn().empty()) {
    store.set_role_arn(wanted.role_arn());
    store.set_external_id(wanted.external_id());
  }
  store.set_sse_enabled(instance.sse_enabled());
  store.set_use_path_style(wanted.use_path_style());
  return stored_form(context, txn, store, next_store_id(instance));
}

pb::HdfsVaultInfo stored_form(const Context& context, store::Txn& txn,
                              const pb::HdfsVaultInfo& wanted) {
  pb::HdfsVaultInfo hdfs = wanted;
  hdfs.mutable_build_conf()->set_fs_name(trimmed(wanted.build_conf().fs_name()));
  hdfs.set_prefix(trimmed(wanted.prefix()));
  if (config_flag(txn, "enable_distinguish_hdfs_path"))
    hdfs.set_prefix(fmt::format("{}_{}", hdfs.prefix(), new_guid(context)));
  hdfs.mutable_build_conf()->clear_encryption_info();
  seal_secrets(context, txn, hdfs);
  return hdfs;
}

pb::RamUserPB stored_form(const Context& context, store::Txn& txn, const pb::RamUserPB& wanted) {
  pb::RamUserPB user = wanted;
  user.clear_encryption_info();
  seal_secrets(context, txn, user);
  return user;
}

void show_secrets(const Context& context, store::View& view, google::protobuf::Message& message) {
  for (auto& holder : api::secret_holders(message)) {
    if (!holder.is_sealed()) continue;
    try {
      const auto info = holder.info();
      holder.replace([&](const std::string&, const std::string& sealed) {
        return context.secrets().open(view, sealed, info);
      });
      if (!holder.shows_info()) holder.clear_info();
    } catch (const Error& error) {
      if (error.reason() != Reason::integrity) throw;
      holder.withhold();
    }
  }
}

}  // namespace metactl::core::meta
