// SPDX-License-Identifier: Apache-2.0
// Storage vaults: what all writes need, adding, listing, the default. Source: meta-service-api.md,
// sections 4 to 6 and 8.7.

#include <catch2/catch.hpp>

#include "tests/support/vault_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::from;
using metactl::tests::VaultFixture;

namespace {

using VaultOperation = api::Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>;

constexpr auto s3_error = "s3 conf info err, please check it";
constexpr auto guid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/// A request about a vault whose object store is that large.
pb::AlterObjStoreInfoRequest of_size(std::size_t bytes, std::string_view members) {
  auto request = VaultFixture::with(members, "");
  auto& store = *request.mutable_vault()->mutable_obj_info();
  store.set_bucket(std::string(500, 'b'));
  store.set_bucket(std::string(500 + bytes - store.ByteSizeLong(), 'b'));
  REQUIRE(store.ByteSizeLong() == bytes);
  return request;
}

/// A request about vault "new" with one member less than `base`.
pb::AlterObjStoreInfoRequest without(std::string_view base, const std::string& name) {
  auto request = VaultFixture::with(base, "");
  auto& store = *request.mutable_vault()->mutable_obj_info();
  store.GetReflection()->ClearField(&store,
                                    pb::ObjectStoreInfoPB::descriptor()->FindFieldByName(name));
  return request;
}

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
                "cloud_unique_id must be given");
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
  auto empty_role = without(role, "cred_provider_type");
  empty_role.mutable_vault()->mutable_obj_info()->set_role_arn("");
  CHECK_REFUSED(api::add_s3_vault, empty_role, "INVALID_ARGUMENT", 400, s3_error);
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
  SECTION("with any cred_provider_type, INSTANCE_PROFILE if there is none") {
    call(api::add_s3_vault, with(role, "cred_provider_type: 'ENV'"));
    CHECK(stored_vault("1").obj_info().cred_provider_type() == pb::ENV);
    auto request = without(role, "cred_provider_type");
    request.mutable_vault()->set_name("other");
    call(api::add_s3_vault, request);
    CHECK(stored_vault("2").obj_info().cred_provider_type() == pb::INSTANCE_PROFILE);
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
        R"("prefix":"p/q","endpoint":"e","region":"r","provider":"COS","external_endpoint":"",)"
        R"("encryption_info":{"encryption_method":"AES_256_GCM","key_id":"1"},"sse_enabled":false,)"
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
        R"("endpoint":"e","region":"r","provider":"S3","external_endpoint":"",)"
        R"("sse_enabled":false,"use_path_style":true,"cred_provider_type":"INSTANCE_PROFILE",)"
        R"("role_arn":"arn","external_id":"ext"})");
}

TEST_CASE_METHOD(VaultFixture, "a vault with a role and no external_id stores an empty one",
                 "[core][vault]") {
  call(api::add_s3_vault, without(role, "external_id"));
  CHECK(stored_vault("1").obj_info().has_external_id());
  CHECK(stored_vault("1").obj_info().external_id().empty());
}

TEST_CASE_METHOD(VaultFixture, "an external_id beside the keys of a vault is left out",
                 "[core][vault]") {
  call(api::add_s3_vault, with(addable, "external_id: 'ext'"));
  CHECK(stored_vault("1").obj_info().has_ak());
  CHECK_FALSE(stored_vault("1").obj_info().has_external_id());
}

TEST_CASE_METHOD(VaultFixture, "cred_provider_type can stand alone in a new vault on S3",
                 "[core][vault]") {
  constexpr auto* keyless =
      "cred_provider_type: 'ENV', bucket: 'b', endpoint: 'e', region: 'r', provider: 'S3'";
  SECTION("without keys") {
    call(api::add_s3_vault, with(keyless, "role_arn: '', external_id: 'lost'"));
    CHECK(api::to_json(stored_vault("1").obj_info()) ==
          R"({"ctime":"1662695469","mtime":"1662695469","id":"1","bucket":"b","prefix":"",)"
          R"("endpoint":"e","region":"r","provider":"S3","external_endpoint":"",)"
          R"("sse_enabled":false,"use_path_style":false,"cred_provider_type":"ENV"})");
  }
  SECTION("not beside them") {
    const auto* key = GENERATE("ak: 'a'", "sk: 'plain-sk'", "ak: 'a', sk: 'plain-sk'");
    CHECK_REFUSED(api::add_s3_vault, with(keyless, key), "INVALID_ARGUMENT", 400, "one form");
  }
  SECTION("not for other providers") {
    CHECK_REFUSED(api::add_s3_vault, with(keyless, "provider: 'COS'"), "INVALID_ARGUMENT", 400,
                  "S3");
  }
  SECTION("nor in a request to drop one") {
    CHECK_REFUSED(api::drop_s3_vault, with(keyless, ""), "INVALID_ARGUMENT", 400, "ak and sk");
  }
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
