// SPDX-License-Identifier: Apache-2.0
// Storage vaults: adding, changing, dropping. Source: meta-service-api.md, sections 4 to 6 and 8.7.

#include <catch2/catch.hpp>

#include "keys/keys.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

using VaultOperation = api::Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>;

constexpr auto s3_error = "s3 conf info err, please check it";
constexpr auto addable =
    "ak: 'ak-1234', sk: 'plain-sk', bucket: 'b', endpoint: 'e', region: 'r', provider: 'COS'";
constexpr auto role =
    "role_arn: 'arn', external_id: 'ext', cred_provider_type: 'INSTANCE_PROFILE', bucket: 'b', "
    "endpoint: 'e', region: 'r', provider: 'S3'";
constexpr auto guid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/// A request about a vault with these members.
std::string on_vault(std::string_view members, std::string_view cloud_unique_id = "1:i:x") {
  return fmt::format("{{cloud_unique_id: '{}', vault: {{{}}}}}", cloud_unique_id, members);
}

std::string s3(std::string_view name, std::string_view store = addable) {
  return fmt::format("name: '{}', obj_info: {{{}}}", name, store);
}

std::string hdfs(std::string_view name, std::string_view prefix = "") {
  return fmt::format(
      "name: '{}', hdfs_info: {{prefix: '{}', build_conf: {{fs_name: 'hdfs://h:8020'}}}}", name,
      prefix);
}

/// `request` that also makes its vault the default one.
pb::AlterObjStoreInfoRequest as_default(const std::string& request) {
  auto result = from<pb::AlterObjStoreInfoRequest>(request);
  result.set_set_as_default_storage_vault(true);
  return result;
}

pb::AlterObjStoreInfoRequest of_size(std::size_t bytes, std::string_view members) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_vault(s3("large", members)));
  auto& store = *request.mutable_vault()->mutable_obj_info();
  store.set_bucket(std::string(500, 'b'));
  store.set_bucket(std::string(500 + bytes - store.ByteSizeLong(), 'b'));
  REQUIRE(store.ByteSizeLong() == bytes);
  return request;
}

/// A request about vault "new", with the members of `other` in place of those of `base`.
pb::AlterObjStoreInfoRequest with(std::string_view base, std::string_view other) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_vault(s3("new", base)));
  request.mutable_vault()->mutable_obj_info()->MergeFrom(
      from<pb::ObjectStoreInfoPB>(fmt::format("{{{}}}", other)));
  return request;
}

pb::AlterObjStoreInfoRequest without(std::string_view base, const std::string& name) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_vault(s3("new", base)));
  auto& store = *request.mutable_vault()->mutable_obj_info();
  store.GetReflection()->ClearField(&store,
                                    pb::ObjectStoreInfoPB::descriptor()->FindFieldByName(name));
  return request;
}

/// "i" has no vault yet, "legacy" has object store 1, "gone" is deleted.
class VaultFixture : public CoreFixture {
 public:
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
    const auto records = memory.read(
        [&](metactl::store::View& view) { return view.scan(range.first, range.last).size(); });
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

}  // namespace

TEST_CASE_METHOD(VaultFixture, "writes of vaults need an instance that lives", "[core][vault]") {
  const auto [operation, members] = GENERATE(table<const VaultOperation*, std::string>({
      {&api::add_s3_vault, s3("v", "ak: 'a', sk: 'plain-sk'")},
      {&api::drop_s3_vault, s3("v", "ak: 'a', sk: 'plain-sk'")},
      {&api::add_hdfs_vault, "name: 'v'"},
      {&api::alter_s3_vault, ""},
      {&api::drop_hdfs_vault, "name: 'v'"},
  }));
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, on_vault(members, ""), "INVALID_ARGUMENT", 400,
                "empty cloud_unique_id");
  CHECK_REFUSED(*operation, on_vault(members, "2:i:x"), "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(*operation, on_vault(members, "1:nobody:x"), "INVALID_ARGUMENT", 400,
                "empty instance_id");
  accept_unknown_instances();
  CHECK_REFUSED(*operation, on_vault(members, "1:nobody:x"), "KV_TXN_GET_ERR", 500, "nobody");
  CHECK_REFUSED(*operation, on_vault(members, "1:gone:x"), "CLUSTER_NOT_FOUND", 404, "gone");
}

TEST_CASE_METHOD(VaultFixture, "vaults on S3 are checked before the instance", "[core][vault]") {
  const auto* operation = GENERATE(&api::add_s3_vault, &api::drop_s3_vault);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{}", "INVALID_ARGUMENT", 400, "not given");
  CHECK_REFUSED(*operation, on_vault("name: 'v'", ""), "INVALID_ARGUMENT", 400, "not given");
  auto large = of_size(1025, "ak: 'a'");
  large.clear_cloud_unique_id();
  CHECK_REFUSED(*operation, large, "INVALID_ARGUMENT", 400, "1024");
  for (const auto* store : {"", "ak: 'a'", "sk: 'plain-sk'"})
    CHECK_REFUSED(*operation, on_vault(s3("v", store), ""), "INVALID_ARGUMENT", 400, "ak and sk");
  for (const auto* store : {"role_arn: 'r', ak: 'a'", "role_arn: 'r', sk: 'plain-sk'"})
    CHECK_REFUSED(*operation, on_vault(s3("v", store), ""), "INVALID_ARGUMENT", 400, "one form");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault refuses the first broken rule of an instance",
                 "[core][vault]") {
  add_hdfs("taken");
  const std::string bare = "ak: 'ak-1234', sk: 'plain-sk', external_endpoint: 'x'";
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", bare), "1:legacy:x"), "INVALID_ARGUMENT",
                400, "instance has object stores");
  // No handler makes such an instance.
  auto full = stored("i");
  while (full.obj_info_size() < 10)
    *full.add_obj_info() = from<pb::ObjectStoreInfoPB>(
        "{ak: 'ak-1234', sk: 'plain-sk', bucket: 'b', endpoint: 'e', external_endpoint: 'x', "
        "region: 'r', provider: 'S3'}");
  store(full);
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", bare)), "INVALID_ARGUMENT", 400,
                "provider");
  const auto with_provider = bare + ", provider: 'S3'";
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", with_provider)), "UNDEFINED_ERR", 500,
                "10");
  full.mutable_obj_info()->RemoveLast();
  store(full);
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", with_provider)), "INVALID_ARGUMENT", 400,
                s3_error);
  const auto equal = with_provider + ", bucket: 'b', endpoint: 'e', region: 'r'";
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", equal)), "INVALID_ARGUMENT", 400,
                "already exists as object store");
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("taken", equal + ", prefix: 'p'")),
                "ALREADY_EXISTED", 409, "taken");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault needs every part of an object store",
                 "[core][vault]") {
  add_hdfs("new");  // The name comes last.
  const auto* name = GENERATE("bucket", "endpoint", "region");
  CAPTURE(name);
  const auto empty = fmt::format("{}: ''", name);
  CHECK_REFUSED(api::add_s3_vault, without(addable, name), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_s3_vault, with(addable, empty), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_s3_vault, without(role, name), "INVALID_ARGUMENT", 400);
  CHECK_REFUSED(api::add_s3_vault, with(role, empty), "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault needs credentials that are not empty",
                 "[core][vault]") {
  add_hdfs("new");
  CHECK_REFUSED(api::add_s3_vault, with(addable, "ak: ''"), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_s3_vault, with(addable, "sk: ''"), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_s3_vault, with(role, "role_arn: ''"), "INVALID_ARGUMENT", 400);
  CHECK_REFUSED(api::add_s3_vault, without(addable, "provider"), "INVALID_ARGUMENT", 400,
                "provider");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault checks a role as create_instance does",
                 "[core][vault]") {
  SECTION("providers S3 and OSS only") {
    const auto* provider = GENERATE("COS", "OBS", "BOS", "GCP", "AZURE", "TOS");
    CAPTURE(provider);
    add_hdfs("new");
    CHECK_REFUSED(api::add_s3_vault, with(role, fmt::format("provider: '{}'", provider)),
                  "INVALID_ARGUMENT", 400, "S3 or OSS");
  }
  SECTION("INSTANCE_PROFILE only") {
    CHECK_REFUSED(api::add_s3_vault, with(role, "cred_provider_type: 'SIMPLE'"), "INVALID_ARGUMENT",
                  400);
    CHECK_REFUSED(api::add_s3_vault, without(role, "cred_provider_type"), "INVALID_ARGUMENT", 400);
  }
  SECTION("a complete one is taken") {
    CHECK(refusal(api::add_s3_vault, with(role, ""), {}) == "accepted");
    CHECK(refusal(api::add_s3_vault, with(role, "provider: 'OSS'"), {}) == "ALREADY_EXISTED 409");
  }
}

TEST_CASE_METHOD(VaultFixture, "the name of a vault must be new, whatever its kind",
                 "[core][vault]") {
  add_s3("s");
  add_hdfs("h");
  const auto* taken = GENERATE("s", "h");
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3(taken)), "ALREADY_EXISTED", 409, taken);
  CHECK_REFUSED(api::add_hdfs_vault, on_vault(hdfs(taken)), "ALREADY_EXISTED", 409, taken);
  CHECK(vaults() == "1=s 2=h");
}

TEST_CASE_METHOD(VaultFixture, "a vault needs a name, of any characters", "[core][vault]") {
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("")), "INVALID_ARGUMENT", 400, "name");
  add_s3("1 - \xc3\xa4");
  CHECK(vaults() == "1=1 - \xc3\xa4");
}

TEST_CASE_METHOD(VaultFixture, "two vaults may have the same place and keys", "[core][vault]") {
  add_s3("a");
  add_s3("b");
  CHECK(vaults() == "1=a 2=b");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault takes no store of more than 1024 bytes",
                 "[core][vault]") {
  CHECK_REFUSED(api::add_s3_vault, of_size(1025, addable), "INVALID_ARGUMENT", 400, "1024");
  CHECK(refusal(api::add_s3_vault, of_size(1024, addable), {}) == "accepted");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault stores what the request says and no more",
                 "[core][vault]") {
  CHECK(shown(api::add_s3_vault,
              on_vault("id: '77', name: 'v', path_format: {path_version: 1, shard_num: 64}, "
                       "obj_info: {id: '78', ctime: 1, mtime: 2, ak: 'ak-1234', sk: 'plain-sk', "
                       "bucket: 'b', prefix: ' /p/q/\\t', endpoint: 'e', region: 'r', provider: "
                       "'COS', encryption_info: {key_id: 9}, sse_enabled: true}")) == "{}");
  CHECK(shown(api::show_storage_vaults, "{cloud_unique_id: '1:i:x'}") ==
        R"({"storage_vault":[{"id":"1","name":"v","obj_info":{"ctime":"1662695469",)"
        R"("mtime":"1662695469","id":"1","ak":"ak-1234","sk":"plain-sk","bucket":"b",)"
        R"("prefix":"p/q","endpoint":"e","region":"r","provider":"COS","encryption_info":)"
        R"({"encryption_method":"AES_256_GCM","key_id":"1"},"sse_enabled":false,)"
        R"("use_path_style":false},"path_format":{"path_version":"1","shard_num":"64"}}],)"
        R"("enable_storage_vault":true})");
  CHECK(stored_vault("1").obj_info().sk() != "plain-sk");
  CHECK(stored().obj_info().empty());
  CHECK_FALSE(stored().has_mtime());
  CHECK(default_vault() == " ");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault keeps a role without keys", "[core][vault]") {
  call(api::add_s3_vault, with(role, "use_path_style: true, encryption_info: {key_id: 9}"));
  CHECK(api::to_json(stored_vault("1").obj_info()) ==
        R"({"ctime":"1662695469","mtime":"1662695469","id":"1","bucket":"b","prefix":"",)"
        R"("endpoint":"e","region":"r","provider":"S3","sse_enabled":false,)"
        R"("use_path_style":true,"cred_provider_type":"INSTANCE_PROFILE","role_arn":"arn",)"
        R"("external_id":"ext"})");
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault copies sse_enabled from the instance",
                 "[core][vault]") {
  call(api::enable_instance_sse, "{instance_id: 'i'}");
  add_s3("v");
  CHECK(stored_vault("1").obj_info().sse_enabled());
}

TEST_CASE_METHOD(VaultFixture, "add_s3_vault finds the store in obj too", "[core][vault]") {
  call(api::add_s3_vault,
       fmt::format("{{cloud_unique_id: '1:i:x', obj: {{{}}}, vault: {{name: 'v'}}}}", addable));
  CHECK(vaults() == "1=v");
  CHECK(stored_vault("1").obj_info().bucket() == "b");
}

TEST_CASE_METHOD(VaultFixture, "add_hdfs_vault refuses the first broken rule", "[core][vault]") {
  add_s3("taken");
  CHECK_REFUSED(api::add_hdfs_vault, "{}", "INVALID_ARGUMENT", 400, "name");
  CHECK_REFUSED(api::add_hdfs_vault, on_vault("name: ''", ""), "INVALID_ARGUMENT", 400, "name");
  CHECK_REFUSED(api::add_hdfs_vault, on_vault("name: 'taken'"), "ALREADY_EXISTED", 409, "taken");
  CHECK_REFUSED(api::add_hdfs_vault, on_vault("name: 'taken', hdfs_info: {prefix: 'x://y'}"),
                "ALREADY_EXISTED", 409);
  CHECK_REFUSED(api::add_hdfs_vault, on_vault("name: 'v'"), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_hdfs_vault, on_vault("name: 'v', hdfs_info: {prefix: 'x://y'}"),
                "INVALID_ARGUMENT", 400, "x://y");
  CHECK_REFUSED(api::add_hdfs_vault,
                on_vault("name: 'v', hdfs_info: {build_conf: {fs_name: ' / '}}"),
                "INVALID_ARGUMENT", 400, "fs_name");
}

TEST_CASE_METHOD(VaultFixture, "add_hdfs_vault without hdfs_info judges an object store",
                 "[core][vault]") {
  SECTION("that is complete") {
    call(api::add_hdfs_vault, on_vault(s3("v", complete_store)));
    CHECK(stored_vault("1").obj_info().bucket() == "b");
    CHECK(stored_vault("1").obj_info().id() == "1");
    CHECK(stored_vault("1").obj_info().sk() != "plain-sk");
    CHECK(shown_vault("v").obj_info().sk() == "plain-sk");
  }
  SECTION("that lacks a part") {
    CHECK_REFUSED(api::add_hdfs_vault, on_vault(s3("v")), "INVALID_ARGUMENT", 400, s3_error);
  }
}

TEST_CASE_METHOD(VaultFixture, "add_hdfs_vault trims, and gives each prefix a GUID of its own",
                 "[core][vault]") {
  const auto [prefix, trimmed] = GENERATE(table<const char*, std::string>({
      {"/ a/b/\\t", "a/b"},
      {"", ""},
      {" / ", ""},
  }));
  for (const auto* name : {"a", "b"})
    call(api::add_hdfs_vault,
         on_vault(fmt::format("id: '77', name: '{}', hdfs_info: {{prefix: '{}', build_conf: "
                              "{{fs_name: ' hdfs://h:8020/ ', user: 'hu'}}}}",
                              name, prefix)));
  CHECK_THAT(stored_vault("1").hdfs_info().prefix(), Catch::Matches(trimmed + "_" + guid));
  CHECK_THAT(stored_vault("2").hdfs_info().prefix(), Catch::Matches(trimmed + "_" + guid));
  CHECK(stored_vault("1").hdfs_info().prefix() != stored_vault("2").hdfs_info().prefix());
  auto rest = stored_vault("1");
  rest.mutable_hdfs_info()->clear_prefix();
  CHECK(api::to_json(rest) ==
        R"({"id":"1","name":"a","hdfs_info":{"build_conf":{"fs_name":"hdfs://h:8020",)"
        R"("user":"hu"}}})");
  CHECK(vaults() == "1=a 2=b");
}

TEST_CASE_METHOD(VaultFixture, "instances with object stores take vaults on HDFS",
                 "[core][vault]") {
  add_hdfs("h", "legacy");
  CHECK(vaults("legacy") == "2=h");
  CHECK_FALSE(stored("legacy").enable_storage_vault());
}

TEST_CASE_METHOD(VaultFixture, "the next id is one more than the largest that is in use",
                 "[core][vault]") {
  SECTION("a gap is not filled") {
    for (const auto* name : {"two", "three", "four"}) add_hdfs(name, "legacy");
    drop("three", "legacy");
    add_hdfs("five", "legacy");
    CHECK(vaults("legacy") == "2=two 4=four 5=five");
  }
  SECTION("the largest one comes again when it was dropped") {
    add_hdfs("h", "legacy");
    drop("h", "legacy");
    add_hdfs("again", "legacy");
    CHECK(vaults("legacy") == "2=again");
  }
  SECTION("and starts with 1") {
    add_s3("a");
    drop("a");
    add_hdfs("b");
    CHECK(vaults() == "1=b");
  }
}

TEST_CASE_METHOD(VaultFixture, "vaults are listed in text order of their ids", "[core][vault]") {
  std::string names;
  for (int i = 1; i <= 25; ++i) {
    if (i % 2 == 0) {
      add_s3(fmt::format("v{}", i));
    } else {
      add_hdfs(fmt::format("v{}", i));
    }
    names += fmt::format("{}{}=v{}", i == 1 ? "" : " ", i, i);
  }
  CHECK(vaults() == names);
  const auto* operation = GENERATE(&api::get_obj_store_info, &api::show_storage_vaults);
  const auto response = call(*operation, "{cloud_unique_id: '1:i:x'}");
  std::string shown_ids;
  for (const auto& vault : response.storage_vault()) shown_ids += vault.id() + " ";
  CHECK(shown_ids == "1 10 11 12 13 14 15 16 17 18 19 2 20 21 22 23 24 25 3 4 5 6 7 8 9 ");
}

TEST_CASE_METHOD(VaultFixture, "the vaults of other instances are not listed", "[core][vault]") {
  create("i2");
  add_hdfs("mine", "i");
  add_hdfs("yours", "i2");
  const auto response = call(api::show_storage_vaults, "{cloud_unique_id: '1:i:x'}");
  REQUIRE(response.storage_vault_size() == 1);
  CHECK(response.storage_vault(0).name() == "mine");
}

TEST_CASE_METHOD(VaultFixture, "the default vault is set by adding with the flag only",
                 "[core][vault]") {
  const bool on_s3 = GENERATE(false, true);
  const auto add_default = [&](std::string_view name) {
    if (on_s3) {
      call(api::add_s3_vault, as_default(on_vault(s3(name))));
    } else {
      call(api::add_hdfs_vault, as_default(on_vault(hdfs(name))));
    }
  };
  add_s3("a");
  CHECK(default_vault() == " ");
  add_default("b");
  CHECK(default_vault() == "2 b");
  add_s3("c");
  add_hdfs("d");
  CHECK(default_vault() == "2 b");
  add_default("e");
  CHECK(default_vault() == "5 e");
  const auto response = call(api::show_storage_vaults, "{cloud_unique_id: '1:i:x'}");
  CHECK(response.default_storage_vault_id() == "5");
  CHECK(response.default_storage_vault_name() == "e");
}

TEST_CASE_METHOD(VaultFixture, "dropping the default vault does not clear the default",
                 "[core][vault]") {
  call(api::add_hdfs_vault, as_default(on_vault(hdfs("h"))));
  drop("h");
  CHECK(vaults().empty());
  CHECK(default_vault() == "1 h");
  CHECK(shown(api::show_storage_vaults, "{cloud_unique_id: '1:i:x'}") ==
        R"({"default_storage_vault_id":"1","default_storage_vault_name":"h",)"
        R"("enable_storage_vault":true})");
}

TEST_CASE_METHOD(VaultFixture, "renaming the default vault leaves the name of the default",
                 "[core][vault]") {
  call(api::add_s3_vault, as_default(on_vault(s3("old"))));
  call(api::alter_s3_vault, on_vault("name: 'old', alter_name: 'fresh', obj_info: {}"));
  CHECK(vaults() == "1=fresh");
  CHECK(default_vault() == "1 old");
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault refuses the first broken rule", "[core][vault]") {
  add_s3("s");
  add_hdfs("h");
  const std::string both = "role_arn: 'arn', ak: 'a'";
  CHECK_REFUSED(api::alter_s3_vault, "{cloud_unique_id: '1:i:x'}", "INVALID_ARGUMENT", 400,
                "not found");
  CHECK_REFUSED(api::alter_s3_vault, on_vault("name: 'nope'"), "INVALID_ARGUMENT", 400, "nope");
  CHECK_REFUSED(api::alter_s3_vault, on_vault("name: 'h', alter_name: '-'"), "INVALID_ARGUMENT",
                400, "obj_info");
  for (const auto* fixed : {"bucket: 'b'", "endpoint: 'e'", "prefix: 'p'", "provider: 'S3'",
                            "bucket: ''", "endpoint: ''", "prefix: ''"})
    CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("h", fixed) + ", alter_name: '-'"),
                  "INVALID_ARGUMENT", 400, "cannot be changed");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("h", both) + ", alter_name: '-'"),
                "INVALID_ARGUMENT", 400, "not on S3", "h");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", both) + ", alter_name: 'a-b'"),
                "INVALID_ARGUMENT", 400, "a-b");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", both) + ", alter_name: 'h'"),
                "ALREADY_EXISTED", 409, "h");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", both) + ", alter_name: 'fresh'"),
                "INVALID_ARGUMENT", 400, "one form");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", "role_arn: 'arn', sk: 'plain-sk'")),
                "INVALID_ARGUMENT", 400, "one form");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", "ak: 'a'") + ", alter_name: 'fresh'"),
                "INVALID_ARGUMENT", 400, "together");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("s", "sk: 'plain-sk'")), "INVALID_ARGUMENT", 400,
                "together");
}

TEST_CASE_METHOD(VaultFixture, "the new name of a vault is a letter and letters, digits, _",
                 "[core][vault]") {
  add_s3("s");
  const auto [name, outcome] = GENERATE(table<const char*, const char*>({
      {"a", "accepted"},
      {"Z_9", "accepted"},
      {"", "INVALID_ARGUMENT 400"},
      {"1a", "INVALID_ARGUMENT 400"},
      {"_a", "INVALID_ARGUMENT 400"},
      {"a-b", "INVALID_ARGUMENT 400"},
      {"a b", "INVALID_ARGUMENT 400"},
      {"a\\n", "INVALID_ARGUMENT 400"},
      {"\xc3\xa4", "INVALID_ARGUMENT 400"},
      {"s", "ALREADY_EXISTED 409"},
  }));
  CAPTURE(name);
  CHECK(refusal(api::alter_s3_vault,
                on_vault(fmt::format("name: 's', alter_name: '{}', obj_info: {{}}", name)),
                {}) == outcome);
}

TEST_CASE_METHOD(VaultFixture, "a rename changes the name in the record and in the list",
                 "[core][vault]") {
  for (const auto* name : {"a", "b", "c"}) add_s3(name);
  auto wanted = stored_vault("2");
  set_now(start + 5);
  CHECK(shown(api::alter_s3_vault, on_vault("name: 'b', alter_name: 'fresh', obj_info: {}")) ==
        "{}");
  wanted.set_name("fresh");
  wanted.mutable_obj_info()->set_mtime(start + 5);
  CHECK(api::to_json(stored_vault("2")) == api::to_json(wanted));
  CHECK(vaults() == "1=a 2=fresh 3=c");
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault changes keys and time", "[core][vault]") {
  add_s3("a");
  add_s3("b");
  auto wanted = shown_vault("b");
  const auto other = stored_vault("1");
  set_now(start + 5);
  call(api::alter_s3_vault, on_vault(s3("b",
                                        "ak: 'ak-new', sk: 'plain-sk-new', region: 'no', "
                                        "external_endpoint: 'no', sse_enabled: true")));
  wanted.mutable_obj_info()->set_ak("ak-new");
  wanted.mutable_obj_info()->set_sk("plain-sk-new");
  wanted.mutable_obj_info()->set_mtime(start + 5);
  CHECK(api::to_json(shown_vault("b")) == api::to_json(wanted));
  CHECK(stored_vault("2").obj_info().sk() != "plain-sk-new");
  CHECK(api::to_json(stored_vault("1")) == api::to_json(other));
  CHECK(default_vault() == " ");
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault changes the path style alone", "[core][vault]") {
  add_s3("v");
  auto wanted = stored_vault("1");
  set_now(start + 5);
  call(api::alter_s3_vault, on_vault(s3("v", "use_path_style: true")));
  wanted.mutable_obj_info()->set_use_path_style(true);
  wanted.mutable_obj_info()->set_mtime(start + 5);
  CHECK(api::to_json(stored_vault("1")) == api::to_json(wanted));
  call(api::alter_s3_vault, on_vault(s3("v", "use_path_style: false")));
  CHECK_FALSE(stored_vault("1").obj_info().use_path_style());
}

TEST_CASE_METHOD(VaultFixture, "a vault goes from keys to a role and back", "[core][vault]") {
  call(api::add_s3_vault, with(addable, "provider: 'S3'"));
  set_now(start + 5);
  call(api::alter_s3_vault, on_vault(s3("new", "role_arn: 'arn', external_id: 'ext'")));
  CHECK(api::to_json(stored_vault("1").obj_info()) ==
        R"({"ctime":"1662695469","mtime":"1662695474","id":"1","bucket":"b","prefix":"",)"
        R"("endpoint":"e","region":"r","provider":"S3","sse_enabled":false,)"
        R"("use_path_style":false,"cred_provider_type":"INSTANCE_PROFILE","role_arn":"arn",)"
        R"("external_id":"ext"})");
  CHECK_FALSE(shown_vault("new").obj_info().has_sk());
  set_now(start + 6);
  call(api::alter_s3_vault, on_vault(s3("new", "ak: 'ak-new', sk: 'plain-sk-new'")));
  CHECK(api::to_json(shown_vault("new").obj_info()) ==
        R"({"ctime":"1662695469","mtime":"1662695475","id":"1","ak":"ak-new",)"
        R"("sk":"plain-sk-new","bucket":"b","prefix":"","endpoint":"e","region":"r",)"
        R"("provider":"S3","encryption_info":{"encryption_method":"AES_256_GCM",)"
        R"("key_id":"1"},"sse_enabled":false,"use_path_style":false})");
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault changes the vault of create_instance",
                 "[core][vault]") {
  call(api::create_instance,
       fmt::format("{{instance_id: 'j', vault: {{obj_info: {{{}}}}}}}", complete_store));
  call(api::alter_s3_vault,
       on_vault("name: 'built_in_storage_vault', alter_name: 'mine', obj_info: {ak: 'ak-new', sk: "
                "'plain-sk-new'}",
                "1:j:x"));
  CHECK(vaults("j") == "1=mine");
  CHECK(stored_vault("1", "j").obj_info().ak() == "ak-new");
}

TEST_CASE_METHOD(VaultFixture, "drop_hdfs_vault refuses the first broken rule", "[core][vault]") {
  add_hdfs("h");
  CHECK_REFUSED(api::drop_hdfs_vault, "{}", "INVALID_ARGUMENT", 400, "name");
  CHECK_REFUSED(api::drop_hdfs_vault, on_vault("name: ''", ""), "INVALID_ARGUMENT", 400, "name");
  CHECK_REFUSED(api::drop_hdfs_vault, on_vault("name: 'nope'"), "STORAGE_VAULT_NOT_FOUND", 500,
                "nope");
}

TEST_CASE_METHOD(VaultFixture, "drop_hdfs_vault drops a vault of any kind, and nothing else",
                 "[core][vault]") {
  add_hdfs("h1");
  add_s3("s");
  add_hdfs("h2");
  const auto [name, rest] = GENERATE(table<const char*, const char*>({
      {"h1", "2=s 3=h2"},
      {"s", "1=h1 3=h2"},
      {"h2", "1=h1 2=s"},
  }));
  CAPTURE(name);
  CHECK(shown(api::drop_hdfs_vault, on_vault(fmt::format("name: '{}'", name))) == "{}");
  CHECK(vaults() == rest);
  CHECK_FALSE(stored().has_mtime());
  CHECK_REFUSED(api::drop_hdfs_vault, on_vault(fmt::format("name: '{}'", name)),
                "STORAGE_VAULT_NOT_FOUND", 500, name);
}

TEST_CASE_METHOD(VaultFixture, "drop_s3_vault is never possible", "[core][vault]") {
  add_s3("s");
  const auto* name = GENERATE("s", "nope");
  CHECK_REFUSED(api::drop_s3_vault, on_vault(s3(name)), "INVALID_ARGUMENT", 400, "not supported");
  CHECK_REFUSED(api::drop_s3_vault, on_vault(s3(name), "1:legacy:x"), "INVALID_ARGUMENT", 400,
                "not supported");
}
