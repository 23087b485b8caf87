// SPDX-License-Identifier: Apache-2.0
#include "core/meta/storage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "core/meta/instances.h"

namespace metactl::core::meta {
namespace {

constexpr std::size_t nonce_size = 12;

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
void seal_secret(const Context& context, Holder& holder) {
  holder.set_sk(context.secrets().seal(holder.sk(), context.random_bytes(nonce_size)));
  *holder.mutable_encryption_info() = Secrets::info();
}

template <class Holder>
void open_secret(const Context& context, Holder& holder) {
  if (holder.has_encryption_info()) holder.set_sk(context.secrets().open(holder.sk()));
}

void require_complete_role(const pb::ObjectStoreInfoPB& store) {
  const bool provider_fits = store.provider() == pb::ObjectStoreInfoPB::S3 ||
                             store.provider() == pb::ObjectStoreInfoPB::OSS;
  if (store.cred_provider_type() != pb::INSTANCE_PROFILE || !store.has_provider() ||
      !provider_fits || store.bucket().empty() || store.endpoint().empty() ||
      store.region().empty())
    throw invalid_argument(
        "s3 conf info with role_arn is incomplete: it needs cred_provider_type INSTANCE_PROFILE, "
        "provider S3 or OSS, bucket, endpoint and region");
  if (!store.ak().empty() || !store.sk().empty())
    throw invalid_argument("s3 conf info has role_arn and ak or sk, only one form is possible");
}

}  // namespace

void require_complete(const pb::ObjectStoreInfoPB& store) {
  if (!store.role_arn().empty()) return require_complete_role(store);
  if (store.ak().empty() || store.sk().empty() || store.bucket().empty() ||
      store.endpoint().empty() || store.external_endpoint().empty() || store.region().empty() ||
      !store.has_provider())
    throw invalid_argument("s3 conf info err, please check it");
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

pb::ObjectStoreInfoPB stored_form(const Context& context, const pb::ObjectStoreInfoPB& wanted,
                                  const std::string& id) {
  pb::ObjectStoreInfoPB store = wanted;
  store.set_id(id);
  store.set_ctime(context.now());
  store.set_mtime(context.now());
  store.set_prefix(trimmed(wanted.prefix()));
  store.clear_encryption_info();
  if (wanted.role_arn().empty()) {
    seal_secret(context, store);
  } else {
    store.clear_ak();
    store.clear_sk();
  }
  return store;
}

pb::HdfsVaultInfo stored_form(const Context& context, const pb::HdfsVaultInfo& wanted) {
  pb::HdfsVaultInfo hdfs = wanted;
  hdfs.mutable_build_conf()->set_fs_name(trimmed(wanted.build_conf().fs_name()));
  hdfs.set_prefix(fmt::format("{}_{}", trimmed(wanted.prefix()), new_guid(context)));
  return hdfs;
}

pb::RamUserPB stored_form(const Context& context, const pb::RamUserPB& wanted) {
  pb::RamUserPB user = wanted;
  seal_secret(context, user);
  return user;
}

void open_secrets(const Context& context, pb::InstanceInfoPB& instance) {
  for (auto& store : *instance.mutable_obj_info()) open_secret(context, store);
  for (auto& stage : *instance.mutable_stages())
    if (stage.has_obj_info()) open_secret(context, *stage.mutable_obj_info());
  if (instance.has_ram_user()) open_secret(context, *instance.mutable_ram_user());
  if (instance.has_iam_user()) open_secret(context, *instance.mutable_iam_user());
}

}  // namespace metactl::core::meta
