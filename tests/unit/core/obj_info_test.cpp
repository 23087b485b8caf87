// SPDX-License-Identifier: Apache-2.0
// Object stores of an instance: showing, adding, other keys. Source: meta-service-api.md, sections
// 4 to 6 and 8.5.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

using StoreOperation = api::Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>;
using ShowOperation = api::Operation<pb::GetObjStoreInfoRequest, pb::GetObjStoreInfoResponse>;

constexpr auto s3_error = "s3 conf info err, please check it";
constexpr auto addable =
    "ak: 'ak-5678', sk: 'plain-sk-2', bucket: 'b2', prefix: 'p2', endpoint: 'e2', region: 'r2', "
    "provider: 'COS'";
constexpr auto role =
    "role_arn: 'arn', external_id: 'ext', bucket: 'b2', prefix: 'p2', endpoint: 'e2', region: "
    "'r2', provider: 'S3'";

/// A request about an object store with these members.
std::string on_store(std::string_view members, std::string_view cloud_unique_id = "1:i:x") {
  return fmt::format("{{cloud_unique_id: '{}', obj: {{{}}}}}", cloud_unique_id, members);
}

pb::ObjectStoreInfoPB object_store(std::string_view members) {
  return from<pb::ObjectStoreInfoPB>(fmt::format("{{{}}}", members));
}

/// A request with an object store of that many serialized bytes.
pb::AlterObjStoreInfoRequest of_size(std::size_t bytes, const std::string& members) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_store(members));
  auto& store = *request.mutable_obj();
  store.set_bucket(std::string(500, 'b'));
  store.set_bucket(std::string(500 + bytes - store.ByteSizeLong(), 'b'));
  REQUIRE(store.ByteSizeLong() == bytes);
  return request;
}

/// `base` with the members of `other` in place of its own.
pb::AlterObjStoreInfoRequest with(std::string_view base, std::string_view other) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_store(base));
  request.mutable_obj()->MergeFrom(object_store(other));
  return request;
}

/// `base` without a member.
pb::AlterObjStoreInfoRequest without(std::string_view base, const std::string& name) {
  auto request = from<pb::AlterObjStoreInfoRequest>(on_store(base));
  const auto* field = pb::ObjectStoreInfoPB::descriptor()->FindFieldByName(name);
  request.mutable_obj()->GetReflection()->ClearField(request.mutable_obj(), field);
  return request;
}

/// "i" has one object store with the id 1, "v" has vaults, "gone" is deleted.
class ObjInfoFixture : public CoreFixture {
 public:
  ObjInfoFixture() {
    set_now(start);
    create_legacy("i");
    create("v");
    create_deleted("gone");
  }

  void create_legacy(std::string_view instance_id) {
    call(api::create_instance,
         fmt::format("{{instance_id: '{}', obj_info: {{{}}}}}", instance_id, complete_store));
  }

  void accept_unknown_instances() {
    call(api::update_config, "{configs: 'enable_check_instance_id=false'}");
  }

  /// As an operator sees it, with plain secrets.
  pb::ObjectStoreInfoPB shown_store(int place, std::string_view instance_id = "i") {
    return call(api::get_obj_store_info, fmt::format("{{cloud_unique_id: '1:{}:x'}}", instance_id))
        .obj_info(place);
  }

  static constexpr std::int64_t start = 1662695469;
};

}  // namespace

TEST_CASE_METHOD(ObjInfoFixture, "writes of object stores check the request before the instance",
                 "[core][obj_info]") {
  const auto* operation =
      GENERATE(&api::add_obj_info, &api::legacy_update_ak_sk, &api::alter_obj_info);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{}", "INVALID_ARGUMENT", 400, "not given");
  CHECK_REFUSED(*operation, "{vault: {name: 'n'}}", "INVALID_ARGUMENT", 400, "not given");
  auto large = of_size(1025, "ak: 'a'");
  large.clear_cloud_unique_id();
  CHECK_REFUSED(*operation, large, "INVALID_ARGUMENT", 400, "1024");
  CHECK_REFUSED(*operation, on_store("", ""), "INVALID_ARGUMENT", 400, "ak");
  CHECK_REFUSED(*operation, on_store("ak: 'a'", ""), "INVALID_ARGUMENT", 400, "sk");
  CHECK_REFUSED(*operation, on_store("sk: 'plain-sk'", ""), "INVALID_ARGUMENT", 400, "ak");
  CHECK_REFUSED(*operation, on_store("role_arn: 'arn', ak: 'a'", ""), "INVALID_ARGUMENT", 400,
                "role_arn");
  CHECK_REFUSED(*operation, on_store("role_arn: 'arn', sk: 'plain-sk'", ""), "INVALID_ARGUMENT",
                400, "role_arn");
  const auto* keys = "id: '9', ak: 'a', sk: 'plain-sk'";
  CHECK_REFUSED(*operation, on_store(keys, ""), "INVALID_ARGUMENT", 400,
                "cloud_unique_id must be given");
  CHECK_REFUSED(*operation, on_store(keys, "nonsense"), "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(*operation, on_store(keys, "1:nobody:x"), "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(*operation, fmt::format("{{instance_id: 'i', obj: {{{}}}}}", keys),
                "INVALID_ARGUMENT", 400, "cloud_unique_id must be given");
  accept_unknown_instances();
  CHECK_REFUSED(*operation, on_store(keys, "1:nobody:x"), "KV_TXN_GET_ERR", 500, "nobody");
  CHECK_REFUSED(*operation, on_store(keys, "1:gone:x"), "CLUSTER_NOT_FOUND", 404, "gone");
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info refuses the first broken rule of an instance",
                 "[core][obj_info]") {
  auto full = stored("i");
  full.set_enable_storage_vault(true);
  while (full.obj_info_size() < 10) *full.add_obj_info() = full.obj_info(0);
  store(full);
  const auto* bare = "ak: '', sk: 'plain-sk', prefix: ''";
  CHECK_REFUSED(api::add_obj_info, on_store(bare), "INVALID_ARGUMENT", 400, "storage vault");
  full.set_enable_storage_vault(false);
  store(full);
  CHECK_REFUSED(api::add_obj_info, on_store(bare), "INVALID_ARGUMENT", 400, "provider");
  CHECK_REFUSED(api::add_obj_info, on_store(std::string(bare) + ", provider: 'S3'"),
                "UNDEFINED_ERR", 500, "10");
  CHECK_REFUSED(api::add_obj_info, on_store(std::string("prefix: '', ") + complete_store),
                "UNDEFINED_ERR", 500, "10");
  full.mutable_obj_info()->RemoveLast();
  store(full);
  CHECK_REFUSED(api::add_obj_info, on_store(std::string("prefix: '', ") + complete_store),
                "INVALID_ARGUMENT", 400, s3_error);
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info is for instances without vaults",
                 "[core][obj_info]") {
  CHECK_REFUSED(api::add_obj_info, on_store(addable, "1:v:x"), "INVALID_ARGUMENT", 400,
                "storage vault");
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info needs every part of an object store",
                 "[core][obj_info]") {
  const auto* name = GENERATE("bucket", "prefix", "endpoint", "region");
  CAPTURE(name);
  const auto empty = fmt::format("{}: ''", name);
  CHECK_REFUSED(api::add_obj_info, without(addable, name), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_obj_info, with(addable, empty), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_obj_info, without(role, name), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_obj_info, with(role, empty), "INVALID_ARGUMENT", 400, s3_error);
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info needs credentials that are not empty",
                 "[core][obj_info]") {
  CHECK_REFUSED(api::add_obj_info, with(addable, "ak: ''"), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_obj_info, with(addable, "sk: ''"), "INVALID_ARGUMENT", 400, s3_error);
  CHECK_REFUSED(api::add_obj_info, with(role, "role_arn: ''"), "INVALID_ARGUMENT", 400, s3_error);
}

TEST_CASE_METHOD(ObjInfoFixture, "a role is for providers S3 and OSS only", "[core][obj_info]") {
  const auto [provider, outcome] = GENERATE(table<const char*, const char*>({
      {"S3", "accepted"},
      {"OSS", "accepted"},
      {"COS", "INVALID_ARGUMENT 400"},
      {"AZURE", "INVALID_ARGUMENT 400"},
      {"GCP", "INVALID_ARGUMENT 400"},
  }));
  CAPTURE(provider);
  const auto request = with(role, fmt::format("provider: '{}'", provider));
  CHECK(refusal(api::add_obj_info, request, {}) == outcome);
}

TEST_CASE_METHOD(ObjInfoFixture, "an unknown provider is none", "[core][obj_info]") {
  CHECK_REFUSED(api::add_obj_info,
                on_store("ak: 'a', sk: 'plain-sk', bucket: 'b', prefix: 'p', endpoint: 'e', "
                         "region: 'r', provider: 'MINIO'"),
                "INVALID_ARGUMENT", 400, "provider");
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info takes no store of more than 1024 bytes",
                 "[core][obj_info]") {
  CHECK_REFUSED(api::add_obj_info, of_size(1025, addable), "INVALID_ARGUMENT", 400, "1024");
  CHECK(refusal(api::add_obj_info, of_size(1024, addable), {}) == "accepted");
}

TEST_CASE_METHOD(ObjInfoFixture, "an object store cannot be added twice", "[core][obj_info]") {
  const auto complete = std::string(addable) + ", external_endpoint: 'x2'";
  call(api::add_obj_info, on_store(complete));
  CHECK_REFUSED(api::add_obj_info, on_store(complete), "INVALID_ARGUMENT", 400, "already exists");
  SECTION("but one with another member can") {
    const auto* other =
        GENERATE("bucket: 'o'", "prefix: 'o'", "endpoint: 'o'", "region: 'o'", "ak: 'o'",
                 "sk: 'plain-sk-o'", "provider: 'S3'", "external_endpoint: 'o'");
    CAPTURE(other);
    CHECK(refusal(api::add_obj_info, with(complete, other), {}) == "accepted");
  }
  SECTION("and one with another prefix before trimming can") {
    CHECK(refusal(api::add_obj_info, with(complete, "prefix: '/p2'"), {}) == "accepted");
    CHECK(stored().obj_info(1).prefix() == stored().obj_info(2).prefix());
  }
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info stores what the request says and no more",
                 "[core][obj_info]") {
  set_now(start + 5);
  CHECK(shown(api::add_obj_info,
              on_store("id: '77', ctime: 1, mtime: 2, ak: 'ak-5678', sk: 'plain-sk-2', bucket: "
                       "'b2', prefix: '/ \\tp2/q/ ', endpoint: 'e2', region: 'r2', provider: "
                       "'COS', sse_enabled: true, encryption_info: {key_id: 9}")) == "{}");
  CHECK(
      api::to_json(shown_store(1)) ==
      R"({"ctime":"1662695474","mtime":"1662695474","id":"2","ak":"ak-5678","sk":"plain-sk-2",)"
      R"("bucket":"b2","prefix":"p2/q","endpoint":"e2","region":"r2","provider":"COS",)"
      R"("external_endpoint":"","encryption_info":{"encryption_method":"AES_256_GCM","key_id":"1"},)"
      R"("sse_enabled":false,"use_path_style":false})");
  CHECK(stored().obj_info(1).sk() != "plain-sk-2");
  CHECK_FALSE(stored().has_mtime());
  CHECK(stored().obj_info(0).mtime() == start);
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info keeps the optional members", "[core][obj_info]") {
  call(api::add_obj_info,
       with(addable, "external_endpoint: 'x2', user_id: 'u2', use_path_style: true"));
  const auto added = stored().obj_info(1);
  CHECK(added.external_endpoint() == "x2");
  CHECK(added.user_id() == "u2");
  CHECK(added.use_path_style());
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info copies sse_enabled from the instance",
                 "[core][obj_info]") {
  call(api::enable_instance_sse, "{instance_id: 'i'}");
  call(api::add_obj_info, on_store(std::string(addable) + ", sse_enabled: false"));
  CHECK(stored().obj_info(1).sse_enabled());
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info keeps a role without keys", "[core][obj_info]") {
  call(api::add_obj_info, on_store(std::string(role) + ", encryption_info: {key_id: 9}"));
  CHECK(api::to_json(shown_store(1)) ==
        R"({"ctime":"1662695469","mtime":"1662695469","id":"2","bucket":"b2","prefix":"p2",)"
        R"("endpoint":"e2","region":"r2","provider":"S3","external_endpoint":"",)"
        R"("sse_enabled":false,"use_path_style":false,"cred_provider_type":"INSTANCE_PROFILE",)"
        R"("role_arn":"arn","external_id":"ext"})");
}

TEST_CASE_METHOD(ObjInfoFixture, "a role without external_id is stored with an empty one",
                 "[core][obj_info]") {
  call(api::add_obj_info, without(role, "external_id"));
  CHECK(stored().obj_info(1).has_external_id());
  CHECK(stored().obj_info(1).external_id().empty());
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info keeps the cred_provider_type beside a role",
                 "[core][obj_info]") {
  call(api::add_obj_info, with(role, "cred_provider_type: 'ENV'"));
  CHECK(stored().obj_info(1).cred_provider_type() == pb::ENV);
}

TEST_CASE_METHOD(ObjInfoFixture, "what belongs to a role is left out beside keys",
                 "[core][obj_info]") {
  call(api::add_obj_info, with(addable, "external_id: 'ext', cred_provider_type: 'ENV'"));
  CHECK(stored().obj_info(1).has_ak());
  CHECK_FALSE(stored().obj_info(1).has_external_id());
  CHECK_FALSE(stored().obj_info(1).has_cred_provider_type());
}

TEST_CASE_METHOD(ObjInfoFixture, "add_obj_info finds the store in vault too", "[core][obj_info]") {
  call(
      api::add_obj_info,
      fmt::format("{{cloud_unique_id: '1:i:x', op: 'DROP_HDFS_INFO', vault: {{obj_info: {{{}}}}}}}",
                  addable));
  CHECK(stored().obj_info(1).bucket() == "b2");
  CHECK(stored().resource_ids().empty());
}

TEST_CASE_METHOD(ObjInfoFixture, "an instance takes 10 object stores", "[core][obj_info]") {
  for (int i = 2; i <= 10; ++i)
    call(api::add_obj_info, with(addable, fmt::format("bucket: 'b{}'", i)));
  CHECK(stored().obj_info_size() == 10);
  CHECK(stored().obj_info(9).id() == "10");
  CHECK_REFUSED(api::add_obj_info, with(addable, "bucket: 'b11'"), "UNDEFINED_ERR", 500, "10");
}

TEST_CASE_METHOD(ObjInfoFixture, "object stores and vaults share their numbers",
                 "[core][obj_info]") {
  call(api::add_hdfs_vault,
       "{cloud_unique_id: '1:i:x', vault: {name: 'h', hdfs_info: {build_conf: {fs_name: 'f'}}}}");
  call(api::add_obj_info, on_store(addable));
  CHECK(stored().obj_info(0).id() == "1");
  CHECK(stored().resource_ids(0) == "2");
  CHECK(stored().obj_info(1).id() == "3");
}

TEST_CASE_METHOD(ObjInfoFixture, "new keys need the number of an object store",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  const auto* id = GENERATE("", "id: '', ", "id: '0', ", "id: '-1', ", "id: '2', ", "id: 'x', ",
                            "id: '1x', ", "id: '99999999999999999999', ");
  CAPTURE(operation->info.name, id);
  // The provider could not take a role either; the id comes first.
  auto instance = stored();
  instance.mutable_obj_info(0)->set_provider(pb::ObjectStoreInfoPB::COS);
  store(instance);
  CHECK_REFUSED(*operation, on_store(std::string(id) + "ak: 'a', sk: 'plain-sk'"),
                "INVALID_ARGUMENT", 400, "no such object store");
  CHECK_REFUSED(*operation, on_store(std::string(id) + "role_arn: 'arn'"), "INVALID_ARGUMENT", 400,
                "no such object store");
}

TEST_CASE_METHOD(ObjInfoFixture, "new keys for an instance without object stores are refused",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  CHECK_REFUSED(*operation, on_store("id: '1', ak: 'a', sk: 'plain-sk'", "1:v:x"),
                "INVALID_ARGUMENT", 400, "no such object store");
}

TEST_CASE_METHOD(ObjInfoFixture,
                 "the number is the id of a store, and at most as large as there are stores",
                 "[core][obj_info]") {
  call(api::add_hdfs_vault,
       "{cloud_unique_id: '1:i:x', vault: {name: 'h', hdfs_info: {build_conf: {fs_name: 'f'}}}}");
  call(api::add_obj_info, on_store(addable));
  REQUIRE(stored().obj_info(1).id() == "3");
  const auto* id = GENERATE("2", "3");
  CHECK_REFUSED(api::alter_obj_info,
                on_store(fmt::format("id: '{}', ak: 'ak-new', sk: 'plain-sk-new'", id)),
                "INVALID_ARGUMENT", 400, "no such object store");
  call(api::alter_obj_info, on_store("id: '1', ak: 'ak-new', sk: 'plain-sk-new'"));
  CHECK(stored().obj_info(0).ak() == "ak-new");
}

TEST_CASE_METHOD(ObjInfoFixture, "keys that are there already are no error and no change",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  set_now(start + 5);
  const auto before = content();
  const auto response = call(*operation, on_store("id: '1', ak: 'ak-1234', sk: 'plain-sk'"));
  CHECK(response.status().code() == pb::OK);
  CHECK_THAT(response.status().msg(), Catch::Contains("ak sk eq original"));
  CHECK(content() == before);
}

TEST_CASE_METHOD(ObjInfoFixture, "new keys change the keys and the time of one store",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  const auto [ak, sk] = GENERATE(table<const char*, const char*>({
      {"ak-1234", "plain-sk-new"},  // One of both is enough.
      {"ak-new", "plain-sk"},
      {"ak-new", "plain-sk-new"},
  }));
  call(api::add_obj_info, on_store(addable));
  auto wanted = shown_store(0);
  const auto before = stored();
  set_now(start + 5);
  CHECK(shown(*operation, on_store(fmt::format("id: '1', ak: '{}', sk: '{}', bucket: 'other'", ak,
                                               sk))) == "{}");
  wanted.set_ak(ak);
  wanted.set_sk(sk);
  wanted.set_mtime(start + 5);
  CHECK(api::to_json(shown_store(0)) == api::to_json(wanted));
  CHECK(stored().obj_info(0).sk() != sk);
  CHECK(stored().obj_info(0).sk() != before.obj_info(0).sk());
  CHECK(api::to_json(stored().obj_info(1)) == api::to_json(before.obj_info(1)));
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(ObjInfoFixture, "a role takes the place of keys, and keys that of a role",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  set_now(start + 5);
  call(*operation, on_store("id: '1', role_arn: 'arn', external_id: 'ext'"));
  CHECK(api::to_json(stored().obj_info(0)) ==
        R"({"ctime":"1662695469","mtime":"1662695474","id":"1","bucket":"b","prefix":"",)"
        R"("endpoint":"e","region":"r","provider":"S3","external_endpoint":"x",)"
        R"("sse_enabled":false,"cred_provider_type":"INSTANCE_PROFILE","role_arn":"arn",)"
        R"("external_id":"ext"})");
  set_now(start + 6);
  call(*operation, on_store("id: '1', role_arn: 'arn-2'"));
  CHECK(stored().obj_info(0).role_arn() == "arn-2");
  CHECK_FALSE(stored().obj_info(0).has_external_id());
  CHECK(stored().obj_info(0).mtime() == start + 6);
  set_now(start + 7);
  call(*operation, on_store("id: '1', ak: 'ak-new', sk: 'plain-sk-new'"));
  CHECK(api::to_json(shown_store(0)) ==
        R"({"ctime":"1662695469","mtime":"1662695476","id":"1","ak":"ak-new",)"
        R"("sk":"plain-sk-new","bucket":"b","prefix":"","endpoint":"e","region":"r",)"
        R"("provider":"S3","external_endpoint":"x","encryption_info":{"encryption_method":)"
        R"("AES_256_GCM","key_id":"1"},"sse_enabled":false})");
}

TEST_CASE_METHOD(ObjInfoFixture, "a role cannot replace the keys of other providers",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  call(api::add_obj_info, on_store(addable));
  CHECK_REFUSED(*operation, on_store("id: '2', role_arn: 'arn'"), "INVALID_ARGUMENT", 400, "S3");
  // Its own provider counts, not that of the request.
  CHECK_REFUSED(*operation, on_store("id: '2', role_arn: 'arn', provider: 'S3'"),
                "INVALID_ARGUMENT", 400, "S3");
}

TEST_CASE_METHOD(ObjInfoFixture, "the number of an object store is looked for in obj alone",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::legacy_update_ak_sk, &api::alter_obj_info);
  CHECK_REFUSED(
      *operation,
      "{cloud_unique_id: '1:i:x', vault: {obj_info: {id: '1', ak: 'ak-new', sk: 'plain-sk-2'}}}",
      "INVALID_ARGUMENT", 400, "no such object store");
}

TEST_CASE_METHOD(ObjInfoFixture, "showing object stores needs an instance", "[core][obj_info]") {
  const auto* operation = GENERATE(&api::get_obj_store_info, &api::show_storage_vaults);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(*operation, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(*operation, "{cloud_unique_id: 'i'}", "INVALID_ARGUMENT", 400, "empty instance_id");
  CHECK_REFUSED(*operation, "{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  accept_unknown_instances();
  CHECK_REFUSED(*operation, "{cloud_unique_id: '1:nobody:x'}", "KV_TXN_GET_ERR", 500, "nobody");
}

TEST_CASE_METHOD(ObjInfoFixture, "object stores are shown with plain secrets", "[core][obj_info]") {
  const auto* operation = GENERATE(&api::get_obj_store_info, &api::show_storage_vaults);
  CHECK(shown(*operation, "{cloud_unique_id: '1:i:x'}") ==
        R"({"obj_info":[{"ctime":"1662695469","mtime":"1662695469","id":"1","ak":"ak-1234",)"
        R"("sk":"plain-sk","bucket":"b","prefix":"","endpoint":"e","region":"r","provider":"S3",)"
        R"("external_endpoint":"x","encryption_info":{"encryption_method":"AES_256_GCM",)"
        R"("key_id":"1"},"sse_enabled":false}],"enable_storage_vault":false})");
  CHECK(shown(*operation, "{cloud_unique_id: '1:v:x'}") == R"({"enable_storage_vault":true})");
}

TEST_CASE_METHOD(ObjInfoFixture, "the stores of a deleted instance are shown too",
                 "[core][obj_info]") {
  const auto* operation = GENERATE(&api::get_obj_store_info, &api::show_storage_vaults);
  call(api::drop_instance, "{instance_id: 'i'}");
  CHECK(call(*operation, "{cloud_unique_id: '1:i:x'}").obj_info(0).sk() == "plain-sk");
}
