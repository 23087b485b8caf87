// SPDX-License-Identifier: Apache-2.0
// get_stage. Source: meta-service-api.md, sections 4 and 8.8.

#include <catch2/catch.hpp>

#include "core/secrets.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

std::string external(std::string_view members) {
  return fmt::format("{{cloud_unique_id: '1:i:x', type: 'EXTERNAL', {}}}", members);
}

std::string internal(std::string_view user, std::string_view id) {
  return fmt::format(
      "{{cloud_unique_id: '1:i:x', type: 'INTERNAL', mysql_user_name: '{}', mysql_user_id: '{}'}}",
      user, id);
}

/// "i" has object store 1, "gone" is deleted. No route makes stages, so the tests do.
class StageFixture : public CoreFixture {
 public:
  StageFixture() {
    set_now(1662695469);
    call(api::create_instance,
         fmt::format("{{instance_id: 'i', obj_info: {{{}}}}}", complete_store));
    create("bare");
  }

  std::string sealed(const std::string& plain) {
    return memory.transact([&](metactl::store::Txn& txn) {
      return environment().secrets.seal(txn, plain, std::string(12, 'n'));
    });
  }

  /// Adds a stage; a secret in it is sealed.
  void add_stage(std::string_view members) {
    auto instance = stored();
    auto& stage = *instance.add_stages();
    stage = from<pb::StagePB>(fmt::format("{{{}}}", members));
    if (stage.obj_info().has_sk()) {
      stage.mutable_obj_info()->set_sk(sealed(stage.obj_info().sk()));
      *stage.mutable_obj_info()->mutable_encryption_info() = core::Secrets::info();
    }
    store(instance);
  }

  void add_external(std::string_view name, std::string_view members = "") {
    add_stage(
        fmt::format("type: 'EXTERNAL', name: '{0}', stage_id: 'id-{0}', obj_info: {{ak: "
                    "'ak-{0}', sk: 'plain-sk-{0}', bucket: 'b-{0}'}}{1}",
                    name, members));
  }

  void add_internal(std::string_view user, std::string_view id) {
    add_stage(
        fmt::format("type: 'INTERNAL', mysql_user_name: ['{0}'], mysql_user_id: ['{1}'], "
                    "stage_id: 'id-{0}', obj_info: {{id: '1', prefix: 'stage/{0}'}}",
                    user, id));
  }
};

constexpr auto shown_internal =
    R"({"stage":[{"type":"INTERNAL","obj_info":{"ak":"ak-1234","sk":"plain-sk","bucket":"b",)"
    R"("prefix":"stage/root","endpoint":"e","region":"r","provider":"S3",)"
    R"("external_endpoint":"x"},"stage_id":"id-root"}]})";
constexpr auto stored_internal =
    R"({"stage":[{"type":"INTERNAL","mysql_user_name":["root"],"obj_info":{"id":"1",)"
    R"("prefix":"stage/root"},"stage_id":"id-root","mysql_user_id":["7"]}]})";

}  // namespace

TEST_CASE_METHOD(StageFixture, "get_stage refuses the first broken rule", "[core][stage]") {
  CHECK_REFUSED(api::get_stage, "{}", "INVALID_ARGUMENT", 400, "cloud_unique_id");
  CHECK_REFUSED(api::get_stage, "{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(api::get_stage, "{cloud_unique_id: 'i'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  call(api::update_config, "{configs: 'enable_check_instance_id=false'}");
  CHECK_REFUSED(api::get_stage, "{cloud_unique_id: '1:nobody:x'}", "INVALID_ARGUMENT", 400, "type");
  CHECK_REFUSED(api::get_stage, "{cloud_unique_id: '1:nobody:x', type: 'INTERNAL'}",
                "KV_TXN_GET_ERR", 500, "nobody");
  CHECK_REFUSED(api::get_stage, "{cloud_unique_id: '1:nobody:x', type: 'EXTERNAL'}",
                "KV_TXN_GET_ERR", 500, "nobody");
}

TEST_CASE_METHOD(StageFixture, "an internal stage needs name and id of its user, then a store",
                 "[core][stage]") {
  const auto* user = GENERATE("", "mysql_user_name: 'root'", "mysql_user_id: '7'",
                              "mysql_user_name: '', mysql_user_id: '7'",
                              "mysql_user_name: 'root', mysql_user_id: ''");
  CHECK_REFUSED(api::get_stage,
                fmt::format("{{cloud_unique_id: '1:bare:x', type: 'INTERNAL', {}}}", user),
                "INVALID_ARGUMENT", 400, "mysql user");
  CHECK_REFUSED(api::get_stage,
                "{cloud_unique_id: '1:bare:x', type: 'INTERNAL', mysql_user_name: 'root', "
                "mysql_user_id: '7'}",
                "UNDEFINED_ERR", 500, "no object store");
  CHECK_REFUSED(api::get_stage, internal("root", "7"), "STAGE_NOT_FOUND", 500, "root");
}

TEST_CASE_METHOD(StageFixture,
                 "an internal stage shows its id, its type and its place in an object store alone",
                 "[core][stage]") {
  add_internal("other", "8");
  add_external("root");
  add_internal("root", "7");
  CHECK(shown(api::get_stage, internal("root", "7")) == shown_internal);
  CHECK_REFUSED(api::get_stage, internal("roo", "7"), "STAGE_NOT_FOUND", 500, "roo");
}

TEST_CASE_METHOD(StageFixture, "an internal stage needs the object store that it names",
                 "[core][stage]") {
  add_stage(
      "type: 'INTERNAL', mysql_user_name: ['root'], mysql_user_id: ['7'], stage_id: 'id-root', "
      "obj_info: {id: '2', prefix: 'stage/root'}");
  CHECK_REFUSED(api::get_stage, internal("root", "7"), "UNDEFINED_ERR", 500, "object store",
                "id-root");
}

TEST_CASE_METHOD(StageFixture,
                 "the stage of another id of the user is refused and shown as stored, without keys",
                 "[core][stage]") {
  add_internal("root", "7");
  CHECK_REFUSED(api::get_stage, internal("root", "9"), "STATE_ALREADY_EXISTED_FOR_USER", 500,
                "root");
  const core::Dispatcher dispatcher(memory, environment(), core::meta::handlers());
  pb::GetStageResponse response;
  const auto request = from<pb::GetStageRequest>(internal("root", "9"));
  CHECK(dispatcher.call(api::get_stage.info, request, response, "me"));
  response.clear_status();
  CHECK(api::to_json(response) == stored_internal);
}

TEST_CASE_METHOD(StageFixture, "an empty stage_name is a name that no stage has", "[core][stage]") {
  add_external("a");
  CHECK_REFUSED(api::get_stage, external("stage_name: ''"), "STAGE_NOT_FOUND", 500);
}

TEST_CASE_METHOD(StageFixture, "all external stages are listed with sealed secrets",
                 "[core][stage]") {
  const auto* name = "";
  CHECK(shown(api::get_stage, external(name)) == "{}");
  add_external("a");
  add_internal("root", "7");
  add_external("b", ", access_type: 'BUCKET_ACL'");
  const auto response = call(api::get_stage, external(name));
  REQUIRE(response.stage_size() == 2);
  CHECK(api::to_json(response.stage(0)) == api::to_json(stored().stages(0)));
  CHECK(api::to_json(response.stage(1)) == api::to_json(stored().stages(2)));
  CHECK(response.stage(0).obj_info().sk() != "plain-sk-a");
  CHECK(call(api::get_stage, "{cloud_unique_id: '1:bare:x', type: 'EXTERNAL'}").stage().empty());
}

TEST_CASE_METHOD(StageFixture, "a named stage shows its own keys in plain, and its access type",
                 "[core][stage]") {
  const auto* access = GENERATE("", ", access_type: 'AKSK'");
  add_external("other");
  add_external("a", access);
  const auto response = call(api::get_stage, external("stage_name: 'a'"));
  REQUIRE(response.stage_size() == 1);
  CHECK(api::to_json(response.stage(0).obj_info()) ==
        R"({"ak":"ak-a","sk":"plain-sk-a","bucket":"b-a","encryption_info":)"
        R"({"encryption_method":"AES_256_GCM","key_id":"1"}})");
  CHECK(response.stage(0).name() == "a");
  CHECK(response.stage(0).stage_id() == "id-a");
  CHECK(response.stage(0).has_access_type());
  CHECK(response.stage(0).access_type() == pb::StagePB::AKSK);
  CHECK_FALSE(response.stage(0).has_external_id());
}

TEST_CASE_METHOD(StageFixture, "a named stage that does not exist", "[core][stage]") {
  add_external("a");
  add_stage("type: 'INTERNAL', name: 'in', mysql_user_name: ['root'], mysql_user_id: ['7']");
  CHECK_REFUSED(api::get_stage, external("stage_name: 'nope'"), "STAGE_NOT_FOUND", 500, "nope");
  CHECK_REFUSED(api::get_stage, external("stage_name: 'in'"), "STAGE_NOT_FOUND", 500, "in");
}

TEST_CASE_METHOD(StageFixture, "a stage by BUCKET_ACL shows the keys of the ram user",
                 "[core][stage]") {
  add_external("a", ", access_type: 'BUCKET_ACL'");
  CHECK_REFUSED(api::get_stage, external("stage_name: 'a'"), "INVALID_ARGUMENT", 400, "ram user");
  call(api::alter_ram_user,
       "{instance_id: 'i', ram_user: {user_id: 'u', ak: 'ak-ram', sk: 'plain-sk-ram'}}");
  const auto stage = call(api::get_stage, external("stage_name: 'a'")).stage(0);
  CHECK(stage.obj_info().ak() == "ak-ram");
  CHECK(stage.obj_info().sk() == "plain-sk-ram");
  CHECK_FALSE(stage.obj_info().has_encryption_info());
  CHECK(stage.obj_info().bucket() == "b-a");
  CHECK_FALSE(stage.has_external_id());
}

TEST_CASE_METHOD(StageFixture, "a stage by IAM shows the keys of the iam user", "[core][stage]") {
  add_external("a", ", access_type: 'IAM', arn: 'arn', external_id: 'stale'");
  SECTION("that was set") {
    call(api::alter_iam, "{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}");
    const auto stage = call(api::get_stage, external("stage_name: 'a'")).stage(0);
    CHECK(stage.obj_info().ak() == "ak-iam");
    CHECK(stage.obj_info().sk() == "plain-sk-iam");
    CHECK_FALSE(stage.obj_info().has_encryption_info());
    CHECK(stage.external_id() == "i");
    CHECK(stage.arn() == "arn");
  }
  SECTION("that is empty unless it was set") {
    const auto stage = call(api::get_stage, external("stage_name: 'a'")).stage(0);
    CHECK(stage.obj_info().ak().empty());
    CHECK(stage.obj_info().sk().empty());
    CHECK(stage.external_id() == "i");
  }
}

TEST_CASE_METHOD(StageFixture, "the stages of a deleted instance are shown too", "[core][stage]") {
  add_external("a");
  call(api::drop_instance, "{instance_id: 'i'}");
  CHECK(call(api::get_stage, external("stage_name: 'a'")).stage(0).obj_info().sk() == "plain-sk-a");
}

TEST_CASE_METHOD(StageFixture, "get_instance shows the secrets of stages in plain",
                 "[core][stage]") {
  add_external("a");
  const auto instance = call(api::get_instance, "{instance_id: 'i'}").instance();
  CHECK(instance.stages(0).obj_info().sk() == "plain-sk-a");
}
