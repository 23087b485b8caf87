// SPDX-License-Identifier: Apache-2.0
// create_instance. Source: meta-service-api.md, sections 4 to 6 and 8.1.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

constexpr auto s3_error = "s3 conf info err, please check it";
constexpr auto complete_role =
    "role_arn: 'arn', external_id: 'ext', cred_provider_type: 'INSTANCE_PROFILE', provider: 'S3', "
    "bucket: 'b', endpoint: 'e', region: 'r'";

/// A request for instance "i" with this object store, in the older form or as a vault.
pb::CreateInstanceRequest with_store(bool as_vault, const pb::ObjectStoreInfoPB& store) {
  auto request = from<pb::CreateInstanceRequest>("{instance_id: 'i'}");
  *(as_vault ? request.mutable_vault()->mutable_obj_info() : request.mutable_obj_info()) = store;
  return request;
}

pb::ObjectStoreInfoPB object_store(const std::string& members) {
  return from<pb::ObjectStoreInfoPB>("{" + members + "}");
}

/// `store` without the field, and for texts also with an empty one.
std::vector<pb::ObjectStoreInfoPB> lacking(const pb::ObjectStoreInfoPB& store,
                                           const std::string& name) {
  const auto* field = pb::ObjectStoreInfoPB::descriptor()->FindFieldByName(name);
  std::vector<pb::ObjectStoreInfoPB> variants{store};
  variants[0].GetReflection()->ClearField(&variants[0], field);
  if (field->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
    variants.push_back(store);
    variants[1].GetReflection()->SetString(&variants[1], field, "");
  }
  return variants;
}

}  // namespace

TEST_CASE_METHOD(CoreFixture, "create_instance refuses the first broken rule", "[core][instance]") {
  create("taken");
  CHECK_REFUSED(api::create_instance, "{ram_user: {}, obj_info: {}}", "INVALID_ARGUMENT", 400,
                "ram");
  CHECK_REFUSED(api::create_instance, "{obj_info: {}}", "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::create_instance, "{vault: {}}", "INVALID_ARGUMENT", 400, "instance");
  CHECK_REFUSED(api::create_instance, "{instance_id: ''}", "INVALID_ARGUMENT", 400, "instance");
  CHECK_REFUSED(api::create_instance, "{instance_id: 'taken', vault: {}}", "INVALID_ARGUMENT", 400,
                s3_error);
  CHECK_REFUSED(api::create_instance, "{instance_id: 'taken'}", "ALREADY_EXISTED", 409,
                "instance already existed, instance_id=taken");
}

TEST_CASE_METHOD(CoreFixture, "create_instance needs every part of a ram_user",
                 "[core][instance]") {
  const auto* user = GENERATE("ak: 'a', sk: 's'", "user_id: 'u', sk: 's'", "user_id: 'u', ak: 'a'",
                              "user_id: '', ak: 'a', sk: 's'", "user_id: 'u', ak: '', sk: 's'",
                              "user_id: 'u', ak: 'a', sk: ''");
  CHECK_REFUSED(api::create_instance, fmt::format("{{instance_id: 'i', ram_user: {{{}}}}}", user),
                "INVALID_ARGUMENT", 400, "ram");
}

TEST_CASE_METHOD(CoreFixture, "create_instance needs every part of an object store",
                 "[core][instance]") {
  const bool as_vault = GENERATE(false, true);
  const auto* name =
      GENERATE("ak", "sk", "bucket", "endpoint", "external_endpoint", "region", "provider");
  CAPTURE(as_vault, name);
  for (const auto& store : lacking(object_store(complete_store), name))
    CHECK_REFUSED(api::create_instance, with_store(as_vault, store), "INVALID_ARGUMENT", 400,
                  s3_error);
}

TEST_CASE_METHOD(CoreFixture, "create_instance takes an unknown provider for none",
                 "[core][instance]") {
  CHECK_REFUSED(api::create_instance,
                "{instance_id: 'i', obj_info: {ak: 'a', sk: 's', bucket: 'b', endpoint: 'e', "
                "external_endpoint: 'x', region: 'r', provider: 'MINIO'}}",
                "INVALID_ARGUMENT", 400, s3_error);
}

TEST_CASE_METHOD(CoreFixture, "create_instance needs every part of the role form",
                 "[core][instance]") {
  const bool as_vault = GENERATE(false, true);
  const auto complete = object_store(complete_role);
  SECTION("absent or empty") {
    const auto* name = GENERATE("bucket", "endpoint", "region", "provider");
    CAPTURE(name);
    for (const auto& store : lacking(complete, name))
      CHECK_REFUSED(api::create_instance, with_store(as_vault, store), "INVALID_ARGUMENT", 400,
                    "role");
  }
  SECTION("not fitting") {
    const auto* other =
        GENERATE("{provider: 'COS'}", "{provider: 'AZURE'}", "{ak: 'a'}", "{sk: 's'}");
    auto store = complete;
    store.MergeFrom(from<pb::ObjectStoreInfoPB>(other));
    CHECK_REFUSED(api::create_instance, with_store(as_vault, store), "INVALID_ARGUMENT", 400,
                  "role");
  }
}

TEST_CASE_METHOD(CoreFixture, "create_instance refuses an empty role_arn beside complete keys",
                 "[core][instance]") {
  const bool as_vault = GENERATE(false, true);
  const auto store = object_store(std::string(complete_store) + ", role_arn: ''");
  CHECK_REFUSED(api::create_instance, with_store(as_vault, store), "INVALID_ARGUMENT", 400,
                "s3 conf info err with role_arn");
}

TEST_CASE_METHOD(CoreFixture,
                 "create_instance fills in INSTANCE_PROFILE and an empty external_endpoint beside "
                 "a role",
                 "[core][instance]") {
  auto store = object_store(complete_role);
  store.clear_cred_provider_type();
  store.clear_external_id();
  call(api::create_instance, with_store(false, store));
  CHECK(stored().obj_info(0).cred_provider_type() == pb::INSTANCE_PROFILE);
  CHECK(stored().obj_info(0).has_external_endpoint());
  CHECK(stored().obj_info(0).external_endpoint().empty());
  CHECK_FALSE(stored().obj_info(0).has_external_id());
}

TEST_CASE_METHOD(CoreFixture, "create_instance keeps the cred_provider_type beside a role",
                 "[core][instance]") {
  auto store = object_store(complete_role);
  store.set_cred_provider_type(pb::WEB_IDENTITY);
  call(api::create_instance, with_store(false, store));
  CHECK(stored().obj_info(0).cred_provider_type() == pb::WEB_IDENTITY);
}

TEST_CASE_METHOD(CoreFixture, "create_instance keeps a role without keys", "[core][instance]") {
  auto store = object_store(complete_role);
  store.set_provider(GENERATE(pb::ObjectStoreInfoPB::S3, pb::ObjectStoreInfoPB::OSS));
  store.mutable_encryption_info()->set_key_id(7);
  call(api::create_instance, with_store(false, store));
  const auto kept = stored().obj_info(0);
  CHECK(kept.role_arn() == "arn");
  CHECK(kept.external_id() == "ext");
  CHECK(kept.cred_provider_type() == pb::INSTANCE_PROFILE);
  CHECK_FALSE(kept.has_ak());
  CHECK_FALSE(kept.has_sk());
  CHECK_FALSE(kept.has_encryption_info());
}

TEST_CASE_METHOD(CoreFixture, "create_instance checks an HDFS vault", "[core][instance]") {
  create("i");  // The id comes last.
  const auto* hdfs = GENERATE("prefix: '/x://y', build_conf: {fs_name: ''}",
                              "prefix: 'x://y', build_conf: {fs_name: 'hdfs://h'}");
  CHECK_REFUSED(api::create_instance,
                fmt::format("{{instance_id: 'i', vault: {{hdfs_info: {{{}}}}}}}", hdfs),
                "INVALID_ARGUMENT", 400, "x://y");
}

TEST_CASE_METHOD(CoreFixture, "create_instance needs an fs_name", "[core][instance]") {
  const auto* hdfs = GENERATE("", "prefix: 'p'", "build_conf: {}", "build_conf: {fs_name: ''}",
                              "build_conf: {fs_name: ' /\\t/ '}");
  CHECK_REFUSED(api::create_instance,
                fmt::format("{{instance_id: 'i', vault: {{hdfs_info: {{{}}}}}}}", hdfs),
                "INVALID_ARGUMENT", 400, "fs_name");
}

TEST_CASE_METHOD(CoreFixture, "an instance id is never free again", "[core][instance]") {
  create_deleted("i");
  CHECK_REFUSED(api::create_instance, "{instance_id: 'i'}", "ALREADY_EXISTED", 409,
                "instance already existed, instance_id=i");
}

TEST_CASE_METHOD(CoreFixture, "create_instance without a store makes a bare record in vault mode",
                 "[core][instance]") {
  CHECK(shown(api::create_instance, "{instance_id: 'i'}") == "{}");
  CHECK(api::to_json(stored()) ==
        R"({"user_id":"","instance_id":"i","name":"","status":"NORMAL","sse_enabled":false,)"
        R"("enable_storage_vault":true})");
}

TEST_CASE_METHOD(CoreFixture, "create_instance with obj_info makes store 1", "[core][instance]") {
  set_now(1662695469);
  auto request = with_store(
      false,
      object_store(std::string(complete_store) +
                   ", prefix: ' \t/p/q// ', id: '9', ctime: 1, mtime: 2, sse_enabled: false, "
                   "encryption_info: {key_id: 9}, user_id: 'owner', use_path_style: true"));
  request.MergeFrom(from<pb::CreateInstanceRequest>(
      "{user_id: 'u', name: 'n', sse_enabled: true, ram_user: {user_id: 'ru', ak: 'rak', sk: "
      "'ram-sk', external_id: 'rext'}}"));
  call(api::create_instance, request);
  CHECK(
      shown(api::get_instance, "{instance_id: 'i'}") ==
      R"({"instance":{"user_id":"u","instance_id":"i","name":"n","obj_info":[{"ctime":"1662695469",)"
      R"("mtime":"1662695469","id":"1","ak":"ak-1234","sk":"plain-sk","bucket":"b","prefix":"p/q",)"
      R"("endpoint":"e","region":"r","provider":"S3","external_endpoint":"x","user_id":"owner",)"
      R"("encryption_info":{"encryption_method":"AES_256_GCM","key_id":"1"},"sse_enabled":true,)"
      R"("use_path_style":true}],"status":"NORMAL","ram_user":{"user_id":"ru","ak":"rak",)"
      R"("sk":"ram-sk","external_id":"rext","encryption_info":{"encryption_method":"AES_256_GCM",)"
      R"("key_id":"1"}},"iam_user":{"user_id":"","ak":"","sk":"","external_id":"i"},)"
      R"("sse_enabled":true,"enable_storage_vault":false}})");
}

TEST_CASE_METHOD(CoreFixture, "create_instance with a vault names it itself", "[core][instance]") {
  set_now(1662695469);
  auto request =
      with_store(true, object_store(std::string(complete_store) + ", sse_enabled: false"));
  request.mutable_vault()->set_name("mine");
  request.mutable_vault()->set_id("77");
  call(api::create_instance, request);
  CHECK(api::to_json(stored()) ==
        R"({"user_id":"","instance_id":"i","name":"","status":"NORMAL","sse_enabled":false,)"
        R"("resource_ids":["1"],"storage_vault_names":["built_in_storage_vault"],)"
        R"("enable_storage_vault":true})");
  const auto vault = stored_vault("1");
  CHECK(vault.id() == "1");
  CHECK(vault.name() == "built_in_storage_vault");
  CHECK(vault.obj_info().id() == "1");
  CHECK(vault.obj_info().ctime() == 1662695469);
  CHECK(vault.obj_info().mtime() == 1662695469);
  CHECK(vault.obj_info().sse_enabled());
  CHECK(vault.obj_info().encryption_info().key_id() == 1);
  CHECK(vault.obj_info().sk() != "plain-sk");
}

TEST_CASE_METHOD(CoreFixture, "both forms at once make legacy mode plus vault 2",
                 "[core][instance]") {
  auto request = with_store(true, object_store(complete_store));
  *request.mutable_obj_info() = request.vault().obj_info();
  call(api::create_instance, request);
  CHECK(stored().obj_info(0).id() == "1");
  CHECK(stored().resource_ids(0) == "2");
  CHECK(stored_vault("2").obj_info().id() == "2");
  CHECK_FALSE(stored().enable_storage_vault());
}

TEST_CASE_METHOD(CoreFixture, "an HDFS prefix gets a GUID of its own", "[core][instance]") {
  const auto* given = GENERATE("/ a/b/\\t", "", "/");
  const std::string trimmed = std::string_view(given).size() > 1 ? "a/b" : "";
  for (const auto* id : {"i", "j"})
    call(api::create_instance,
         fmt::format("{{instance_id: '{}', vault: {{hdfs_info: {{prefix: '{}', build_conf: "
                     "{{fs_name: ' hdfs://h:8020/ ', user: 'hu', hdfs_confs: [{{key: 'k', value: "
                     "'v'}}]}}}}}}}}",
                     id, given));
  const auto vault = stored_vault("1", "i");
  CHECK_THAT(vault.hdfs_info().prefix(),
             Catch::Matches(
                 trimmed + "_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  CHECK(vault.hdfs_info().prefix() != stored_vault("1", "j").hdfs_info().prefix());
  CHECK(vault.name() == "built_in_storage_vault");
  CHECK_FALSE(vault.has_obj_info());
  const auto shown = call(api::get_obj_store_info, "{cloud_unique_id: '1:i:x'}").storage_vault(0);
  CHECK(api::to_json(shown.hdfs_info().build_conf()) ==
        R"({"fs_name":"hdfs://h:8020","user":"hu","hdfs_confs":[{"key":"k","value":"v"}]})");
}
