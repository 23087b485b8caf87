// SPDX-License-Identifier: Apache-2.0
// get_instance and list_instances. Source: meta-service-api.md, sections 4 and 8.1.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::be;
using metactl::tests::complete_store;
using metactl::tests::compute;
using metactl::tests::CoreFixture;

namespace {

class ReadFixture : public CoreFixture {
 public:
  ReadFixture() {
    create("i");
    create("j");
    add(compute("c", be("n1", "10.0.0.1")));
  }

  std::string seal(const std::string& plain) {
    return memory.transact([&](metactl::store::Txn& txn) {
      return environment().secrets.seal(txn, plain, std::string(12, 'n'));
    });
  }
};

}  // namespace

TEST_CASE_METHOD(ReadFixture, "get_instance refuses the first broken rule", "[core][instance]") {
  CHECK_REFUSED(api::get_instance, "{}", "INVALID_ARGUMENT", 400, "instance_id");
  CHECK_REFUSED(api::get_instance, "{cloud_unique_id: 'nope'}", "INVALID_ARGUMENT", 400, "nope");
  CHECK_REFUSED(api::get_instance, "{cloud_unique_id: '1:nope:x'}", "INVALID_ARGUMENT", 400,
                "1:nope:x");
  CHECK_REFUSED(api::get_instance, "{instance_id: 'nope'}", "KV_TXN_GET_ERR", 500, "nope");
  CHECK_REFUSED(api::get_instance, "{instance_id: 'nope', cloud_unique_id: 'n1'}", "KV_TXN_GET_ERR",
                500, "nope");
}

TEST_CASE_METHOD(ReadFixture, "get_instance prefers instance_id", "[core][instance]") {
  const auto found = [this](std::string_view json) {
    return call(api::get_instance, json).instance().instance_id();
  };
  CHECK(found("{instance_id: 'j'}") == "j");
  CHECK(found("{cloud_unique_id: 'n1'}") == "i");
  CHECK(found("{cloud_unique_id: '1:j:any'}") == "j");
  CHECK(found("{instance_id: 'j', cloud_unique_id: 'n1'}") == "j");
  CHECK(found("{instance_id: '', cloud_unique_id: 'n1'}") == "i");
}

TEST_CASE_METHOD(ReadFixture, "get_instance shows a deleted instance", "[core][instance]") {
  create_deleted("d");
  CHECK(call(api::get_instance, "{instance_id: 'd'}").instance().status() ==
        pb::InstanceInfoPB::DELETED);
}

TEST_CASE_METHOD(ReadFixture, "get_instance always shows an iam_user", "[core][instance]") {
  SECTION("never set") {
    CHECK(api::to_json(call(api::get_instance, "{instance_id: 'i'}").instance().iam_user()) ==
          R"({"user_id":"","ak":"","sk":"","external_id":"i"})");
  }
  SECTION("set") {
    pb::RamUserPB user;
    user.set_user_id("account");
    user.set_ak("iam-ak");
    user.set_sk(seal("iam-sk"));
    *user.mutable_encryption_info() = metactl::core::Secrets::info();
    put(keys::arn_info_key(), user.SerializeAsString());
    CHECK(api::to_json(call(api::get_instance, "{instance_id: 'i'}").instance().iam_user()) ==
          R"({"user_id":"account","ak":"iam-ak","sk":"iam-sk","encryption_info":)"
          R"({"encryption_method":"AES_256_GCM","key_id":"1"}})");
  }
}

TEST_CASE_METHOD(ReadFixture, "get_instance opens the secrets of stages", "[core][instance]") {
  auto instance = stored();
  auto& store_of_stage = *instance.add_stages()->mutable_obj_info();
  store_of_stage.set_sk(seal("stage-sk"));
  *store_of_stage.mutable_encryption_info() = metactl::core::Secrets::info();
  store(instance);
  CHECK(call(api::get_instance, "{instance_id: 'i'}").instance().stages(0).obj_info().sk() ==
        "stage-sk");
}

TEST_CASE_METHOD(ReadFixture, "secret keys are sealed at rest and shown plain",
                 "[core][instance]") {
  call(api::create_instance,
       fmt::format("{{instance_id: 's', obj_info: {{{0}}}, vault: {{obj_info: {{{0}}}}}, ram_user: "
                   "{{user_id: 'u', ak: 'rak', sk: 'ram-plain-sk'}}}}",
                   complete_store));
  for (const auto& pair : content()) {
    CHECK(pair.value.find("plain-sk") == std::string::npos);
    CHECK(pair.key.find("plain-sk") == std::string::npos);
  }
  CHECK(stored("s").obj_info(0).ak() == "ak-1234");
  CHECK(stored("s").obj_info(0).sk() != stored_vault("2", "s").obj_info().sk());
  const auto shown = call(api::get_instance, "{instance_id: 's'}").instance();
  CHECK(shown.obj_info(0).sk() == "plain-sk");
  CHECK(shown.ram_user().sk() == "ram-plain-sk");
}

TEST_CASE_METHOD(ReadFixture, "secrets that cannot be opened are left out", "[core][instance]") {
  auto instance = stored();
  for (const auto* sealed_text : {"not base64", "AAAA"}) {
    auto& user = *instance.mutable_ram_user();
    user.set_user_id("u");
    user.set_sk(sealed_text);
    *user.mutable_encryption_info() = metactl::core::Secrets::info();
    store(instance);
    const auto shown = call(api::get_instance, "{instance_id: 'i'}").instance();
    CHECK_FALSE(shown.ram_user().has_sk());
    CHECK(shown.ram_user().has_encryption_info());
    CHECK(shown.ram_user().user_id() == "u");
  }
}

TEST_CASE_METHOD(ReadFixture, "get_instance leaves the stored record alone", "[core][instance]") {
  const auto before = content();
  call(api::get_instance, "{instance_id: 'i'}");
  call(api::list_instances, "{}");
  CHECK(content() == before);
}

TEST_CASE_METHOD(ReadFixture, "list_instances shows all, in order of ids, without what is inside",
                 "[core][instance]") {
  create_deleted("a");
  call(api::create_instance,
       fmt::format(
           "{{instance_id: 'i2', name: 'n', obj_info: {{{0}}}, ram_user: {{user_id: 'u', ak: "
           "'ak-ram', sk: 'sk'}}}}",
           complete_store));
  const auto response = call(api::list_instances, "{}");
  std::string ids;
  for (const auto& instance : response.instances()) ids += instance.instance_id() + " ";
  CHECK(ids == "a i i2 j ");
  CHECK(response.instances(0).status() == pb::InstanceInfoPB::DELETED);
  CHECK(response.instances(1).clusters().empty());
  CHECK(api::to_json(response.instances(2)) ==
        R"({"user_id":"","instance_id":"i2","name":"n","status":"NORMAL","sse_enabled":false,)"
        R"("enable_storage_vault":false})");
}

TEST_CASE_METHOD(CoreFixture, "list_instances of an empty service is empty", "[core][instance]") {
  CHECK(shown(api::list_instances, "{}") == "{}");
}
