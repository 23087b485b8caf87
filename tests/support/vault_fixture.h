// SPDX-License-Identifier: Apache-2.0
// A core for tests of storage vaults, and requests about them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "keys/keys.h"
#include "tests/support/core_fixture.h"

namespace metactl::tests {

/// "i" has no vault yet, "legacy" has object store 1, "gone" is deleted.
class VaultFixture : public CoreFixture {
 public:
  static constexpr auto addable =
      "ak: 'ak-1234', sk: 'plain-sk', bucket: 'b', endpoint: 'e', region: 'r', provider: 'COS'";
  static constexpr auto role =
      "role_arn: 'arn', external_id: 'ext', cred_provider_type: 'INSTANCE_PROFILE', bucket: 'b', "
      "endpoint: 'e', region: 'r', provider: 'S3'";

  /// A request about a vault with these members.
  static std::string on_vault(std::string_view members,
                              std::string_view cloud_unique_id = "1:i:x") {
    return fmt::format("{{cloud_unique_id: '{}', vault: {{{}}}}}", cloud_unique_id, members);
  }

  static std::string s3(std::string_view name, std::string_view store = addable) {
    return fmt::format("name: '{}', obj_info: {{{}}}", name, store);
  }

  static std::string hdfs(std::string_view name, std::string_view prefix = "") {
    return fmt::format(
        "name: '{}', hdfs_info: {{prefix: '{}', build_conf: {{fs_name: 'hdfs://h:8020'}}}}", name,
        prefix);
  }

  /// `request` that also makes its vault the default one.
  static pb::AlterObjStoreInfoRequest as_default(const std::string& request) {
    auto result = from<pb::AlterObjStoreInfoRequest>(request);
    result.set_set_as_default_storage_vault(true);
    return result;
  }

  /// A request about vault "new", with the members of `other` in place of those of `base`.
  static pb::AlterObjStoreInfoRequest with(std::string_view base, std::string_view other) {
    auto request = from<pb::AlterObjStoreInfoRequest>(on_vault(s3("new", base)));
    request.mutable_vault()->mutable_obj_info()->MergeFrom(
        from<pb::ObjectStoreInfoPB>(fmt::format("{{{}}}", other)));
    return request;
  }

  VaultFixture() {
    set_now(start);
    create("i");
    call(api::create_instance,
         fmt::format("{{instance_id: 'legacy', obj_info: {{{}}}}}", complete_store));
    create_deleted("gone");
  }

  void accept_unknown_instances() {
    call(api::update_config, "{configs: 'enable_check_instance_id=false'}");
  }

  void add_s3(std::string_view name) { call(api::add_s3_vault, on_vault(s3(name))); }
  void add_hdfs(std::string_view name, std::string_view instance_id = "i") {
    call(api::add_hdfs_vault, on_vault(hdfs(name), fmt::format("1:{}:x", instance_id)));
  }
  void drop(std::string_view name, std::string_view instance_id = "i") {
    call(api::drop_hdfs_vault,
         on_vault(fmt::format("name: '{}'", name), fmt::format("1:{}:x", instance_id)));
  }

  /// "1=a 2=b" from the parallel lists, each with a record of the same id and name.
  std::string vaults(std::string_view instance_id = "i") {
    const auto instance = stored(instance_id);
    REQUIRE(instance.resource_ids_size() == instance.storage_vault_names_size());
    std::string result;
    for (int i = 0; i < instance.resource_ids_size(); ++i) {
      const auto& id = instance.resource_ids(i);
      const auto& name = instance.storage_vault_names(i);
      CHECK(stored_vault(id, instance_id).id() == id);
      CHECK(stored_vault(id, instance_id).name() == name);
      result += fmt::format("{}{}={}", result.empty() ? "" : " ", id, name);
    }
    const auto range = keys::all_vaults(instance_id);
    const auto records =
        memory.read([&](store::View& view) { return view.scan(range.first, range.last).size(); });
    CHECK(records == static_cast<std::size_t>(instance.resource_ids_size()));
    return result;
  }

  /// "id name" of the default vault.
  std::string default_vault() {
    const auto instance = stored();
    CHECK(instance.has_default_storage_vault_id() == instance.has_default_storage_vault_name());
    return instance.default_storage_vault_id() + " " + instance.default_storage_vault_name();
  }

  /// As an operator sees it, with plain secrets.
  pb::StorageVaultPB shown_vault(std::string_view name) {
    const auto response = call(api::show_storage_vaults, "{cloud_unique_id: '1:i:x'}");
    for (const auto& vault : response.storage_vault())
      if (vault.name() == name) return vault;
    throw std::out_of_range(fmt::format("no vault '{}'", name));
  }

  static constexpr std::int64_t start = 1662695469;
};

}  // namespace metactl::tests
