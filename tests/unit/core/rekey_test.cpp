// SPDX-License-Identifier: Apache-2.0
// The key that secrets are sealed with: changing it, and being without it. Source:
// meta-service-api.md, section 4.

#include "core/meta/rekey.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>

#include "core/journal.h"
#include "keys/keys.h"
#include "proto/stage.pb.h"
#include "tests/support/conflicting_store.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::Reason;
using metactl::tests::complete_store;
using metactl::tests::ConflictingStore;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

using Texts = std::vector<std::string>;

const std::string old_key(32, 'k');  // The key of CoreFixture.
const std::string new_key(32, 'n');

/// A state with a secret in every place where one can be: object store, stage, ram user and iam
/// user in the record of "i", the vault of "v", and the iam user of the service.
class KeyFixture : public CoreFixture {
 public:
  KeyFixture() {
    call(api::create_instance,
         fmt::format("{{instance_id: 'i', ram_user: {{user_id: 'ru', ak: 'ak-ram', sk: "
                     "'plain-sk-ram'}}, obj_info: {{user_id: 'u', {}}}}}",
                     complete_store));
    call(api::create_instance,
         fmt::format("{{instance_id: 'v', vault: {{obj_info: {{{}}}}}}}", complete_store));
    call(api::add_hdfs_vault,
         "{cloud_unique_id: '1:v:x', vault: {name: 'h', hdfs_info: {build_conf: {fs_name: 'f', "
         "hdfs_confs: [{key: 'my.own', value: 'plain-s-hdfs'}]}}}}");
    call(api::alter_iam, "{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}");
    create("bare");
    auto instance = stored("i");
    // No handler makes these.
    *instance.mutable_iam_user() = from<pb::RamUserPB>("{user_id: 'own', ak: 'ak-own'}");
    seal_into(*instance.mutable_iam_user(), "plain-sk-own");
    for (const auto* access : {"AKSK", "BUCKET_ACL", "IAM"}) {
      auto& stage = *instance.add_stages();
      stage = from<pb::StagePB>(fmt::format(
          "{{type: 'EXTERNAL', name: '{0}', access_type: '{0}', obj_info: {{bucket: 'b'}}}}",
          access));
    }
    instance.mutable_stages(0)->mutable_obj_info()->set_ak("ak-stage");
    seal_into(*instance.mutable_stages(0)->mutable_obj_info(), "plain-sk-stage");
    *instance.add_stages() = from<pb::StagePB>(
        "{type: 'INTERNAL', mysql_user_name: ['root'], mysql_user_id: ['7'], obj_info: {id: '1'}}");
    store(instance);
  }

  template <class Holder>
  void seal_into(Holder& holder, const std::string& plain) {
    holder.set_sk(memory.transact([&](metactl::store::Txn& txn) {
      return environment().secrets.seal(txn, plain, std::string(12, 'n'));
    }));
    *holder.mutable_encryption_info() = core::Secrets::info();
  }

  /// Surroundings with this key, whatever the state needs.
  core::Environment with_key(const std::string& key) {
    auto result = environment();
    result.secrets = core::Secrets([key](const auto&) { return key; });
    return result;
  }

  /// Surroundings without any key; counts how often a first one was asked for.
  core::Environment without_key() {
    auto result = environment();
    result.secrets = core::Secrets([this](const std::optional<std::string>& fingerprint) {
      if (fingerprint) throw Error(Reason::integrity, "the key file is missing");
      ++first_keys;
      return std::string(32, 's');
    });
    return result;
  }

  /// Calls in those surroundings; throws as `call`.
  template <class Request, class Response>
  Response call_in(const core::Environment& surroundings,
                   const api::Operation<Request, Response>& operation, std::string_view json) {
    const core::Dispatcher dispatcher(*target, surroundings, core::meta::handlers());
    Response response;
    const auto error = dispatcher.call(operation.info, from<Request>(json), response, actor);
    if (error) throw Error(*error);
    return response;
  }

  std::size_t rekey(const core::Environment& surroundings, const std::string& key = new_key) {
    core::Context context(*target, surroundings, now_ms,
                          {core::Origin(actor), "rekey", [] { return R"({"why":"leak"})"; }});
    return core::meta::rekey(context, key);
  }

  /// Every plain secret that the service shows with this key, in a fixed order.
  Texts secrets(const std::string& key) {
    const auto surroundings = with_key(key);
    const auto instance = call_in(surroundings, api::get_instance, "{instance_id: 'i'}").instance();
    const auto vaults =
        call_in(surroundings, api::get_obj_store_info, "{cloud_unique_id: '1:v:x'}");
    return {instance.obj_info(0).sk(),
            instance.stages(0).obj_info().sk(),
            instance.ram_user().sk(),
            own_iam_secret(key),
            instance.iam_user().sk(),
            vaults.storage_vault(0).obj_info().sk(),
            vaults.storage_vault(1).hdfs_info().build_conf().hdfs_confs(0).value()};
  }

  static Texts all_secrets() {
    return {"plain-sk",     "plain-sk-stage", "plain-sk-ram", "plain-sk-own",
            "plain-sk-iam", "plain-sk",       "plain-s-hdfs"};
  }

  /// "" when it was done, else the reason; always "..., changed" when the state is another one.
  template <class Body>
  std::string outcome(Body&& body) {
    const auto before = content();
    std::string result;
    try {
      body();
    } catch (const Error& error) {
      result = info(error.reason()).name;
    }
    return result + (content() == before ? "" : ", changed");
  }

  template <class Change>
  void change_instance(Change&& change) {
    auto instance = stored("i");
    change(instance);
    store(instance);
  }

  int first_keys = 0;

 private:
  /// The one in the record of "i", which get_instance covers with that of the service.
  std::string own_iam_secret(const std::string& key) {
    const auto user = stored("i").iam_user();
    return memory.read([&](metactl::store::View& view) {
      return with_key(key).secrets.open(view, user.sk(), user.encryption_info());
    });
  }
};

}  // namespace

TEST_CASE_METHOD(KeyFixture, "rekey seals every secret with the new key", "[core][rekey]") {
  REQUIRE(secrets(old_key) == all_secrets());
  const auto before = stored("i");
  CHECK(rekey(environment()) == 7);
  CHECK(secrets(new_key) == all_secrets());
  CHECK(value(keys::secret_key_key()) == core::Secrets::fingerprint(new_key));
  const auto after = stored("i");
  CHECK(after.obj_info(0).sk() != before.obj_info(0).sk());
  CHECK(after.obj_info(0).mtime() == before.obj_info(0).mtime());
  CHECK(after.obj_info(0).ak() == "ak-1234");
}

TEST_CASE_METHOD(KeyFixture, "after a rekey the old key opens nothing", "[core][rekey]") {
  rekey(environment());
  const auto instance =
      call_in(with_key(old_key), api::get_instance, "{instance_id: 'i'}").instance();
  CHECK_FALSE(instance.obj_info(0).has_sk());
  CHECK_FALSE(instance.ram_user().has_sk());
  CHECK_FALSE(instance.iam_user().has_sk());
  CHECK(instance.obj_info(0).ak() == "ak-1234");
}

TEST_CASE_METHOD(KeyFixture, "rekey changes the records with secrets and no others",
                 "[core][rekey]") {
  const auto before = content();
  rekey(environment());
  Texts changed;
  for (const auto& [key, old] : before)
    if (value(key) != old) changed.push_back(key);
  Texts wanted = {keys::instance_key("i"),
                  keys::storage_vault_key("v", "1"),
                  keys::storage_vault_key("v", "2"),
                  keys::arn_info_key(),
                  keys::secret_key_key(),
                  keys::journal_head_key()};
  std::sort(wanted.begin(), wanted.end());
  CHECK(changed == wanted);
  CHECK(content().size() == before.size() + 1);  // The journal record.
}

TEST_CASE_METHOD(KeyFixture, "rekey leaves one journal record with all that it changed",
                 "[core][rekey]") {
  const auto before = content();
  const auto records = journal().size();
  rekey(environment());
  REQUIRE(journal().size() == records + 1);
  const auto record = journal().back();
  CHECK(record.operation() == "rekey");
  CHECK(record.actor() == "tester@host");
  CHECK(record.time_ms() == now_ms);
  CHECK(record.request() == R"({"why":"leak"})");
  CHECK(record.outcome() == "OK");
  CHECK(record.changes_size() == 5);
  for (const auto& change : record.changes()) {
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const auto& pair) { return pair.key == change.key(); });
    REQUIRE(old != before.end());
    CHECK(core::value_before(change, value(change.key())) == old->value);
  }
  CHECK(record.DebugString().find("plain-sk") == std::string::npos);
}

TEST_CASE_METHOD(KeyFixture, "rekey can be repeated", "[core][rekey]") {
  rekey(environment());
  CHECK(rekey(with_key(new_key), std::string(32, 'm')) == 7);
  CHECK(secrets(std::string(32, 'm')) == all_secrets());
}

TEST_CASE_METHOD(KeyFixture, "rekey counts once when its transaction runs again", "[core][rekey]") {
  ConflictingStore conflicting(memory, 2);
  target = &conflicting;
  CHECK(rekey(environment()) == 7);
  CHECK(secrets(new_key) == all_secrets());
}

TEST_CASE_METHOD(KeyFixture, "one secret that cannot be opened keeps rekey from changing anything",
                 "[core][rekey]") {
  const auto [damage, place] = GENERATE(table<std::function<void(KeyFixture&)>, const char*>({
      {[](KeyFixture& state) {
         state.change_instance([](auto& i) { i.mutable_obj_info(0)->set_sk("AAAA"); });
       },
       "object store"},
      {[](KeyFixture& state) {
         state.change_instance(
             [](auto& i) { i.mutable_stages(0)->mutable_obj_info()->set_sk("no base64!"); });
       },
       "stage"},
      {[](KeyFixture& state) {
         state.change_instance([](auto& i) { i.mutable_ram_user()->set_sk(""); });
       },
       "ram user"},
      {[](KeyFixture& state) {
         state.change_instance([](auto& i) {
           i.mutable_iam_user()->mutable_encryption_info()->set_encryption_method("ROT13");
         });
       },
       "iam user of the instance"},
      {[](KeyFixture& state) {
         auto vault = state.stored_vault("1", "v");
         vault.mutable_obj_info()->set_sk(state.stored("i").obj_info(0).sk().substr(4));
         state.put(keys::storage_vault_key("v", "1"), vault.SerializeAsString());
       },
       "vault"},
      {[](KeyFixture& state) {
         auto vault = state.stored_vault("2", "v");
         auto& conf = *vault.mutable_hdfs_info()->mutable_build_conf();
         conf.mutable_hdfs_confs(0)->set_value("AAAA");
         state.put(keys::storage_vault_key("v", "2"), vault.SerializeAsString());
       },
       "vault on HDFS"},
      {[](KeyFixture& state) {
         pb::RamUserPB user;
         user.ParseFromString(state.value(keys::arn_info_key()).value());
         user.set_sk("AAAA");
         state.put(keys::arn_info_key(), user.SerializeAsString());
       },
       "iam user of the service"},
      {[](KeyFixture& state) { state.put(keys::instance_key("x"), "\xff"); }, "instance"},
      {[](KeyFixture& state) { state.put(keys::storage_vault_key("x", "1"), "\xff"); },
       "record of a vault"},
      {[](KeyFixture& state) { state.put(keys::arn_info_key(), "\xff"); }, "record of a user"},
  }));
  CAPTURE(place);
  damage(*this);
  CHECK(outcome([&] { rekey(environment()); }) == "integrity");
}

TEST_CASE_METHOD(KeyFixture, "rekey needs the old key", "[core][rekey]") {
  CHECK(outcome([&] { rekey(without_key()); }) == "integrity");
  CHECK(outcome([&] { rekey(with_key(std::string(32, 'x'))); }) == "integrity");
  CHECK(first_keys == 0);
}

TEST_CASE_METHOD(CoreFixture, "rekey of a state without secrets sets the key for the first one",
                 "[core][rekey]") {
  create("i");
  auto surroundings = environment();
  core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "rekey"});
  CHECK(core::meta::rekey(context, new_key) == 0);
  CHECK(value(keys::secret_key_key()) == core::Secrets::fingerprint(new_key));
}

TEST_CASE_METHOD(KeyFixture, "rekey takes over what the service encrypted by its own method",
                 "[core][rekey]") {
  change_instance([](pb::InstanceInfoPB& instance) {
    auto& store = *instance.mutable_obj_info(0);
    store.set_sk("YFzWYcU4md4JDax3dj6q7+hXj+OShrIvLwmd7gm914I=");
    store.mutable_encryption_info()->set_encryption_method("AES_256_ECB");
  });
  CHECK(rekey(environment()) == 7);
  CHECK(secrets(new_key)[0] == "plain-sk-of-service");
  CHECK(stored("i").obj_info(0).encryption_info().encryption_method() == "AES_256_GCM");
}

TEST_CASE_METHOD(KeyFixture, "a role is no secret", "[core][rekey]") {
  call(api::alter_obj_info, "{cloud_unique_id: '1:i:x', obj: {id: '1', role_arn: 'arn'}}");
  CHECK(rekey(environment()) == 6);
  CHECK_FALSE(stored("i").obj_info(0).has_sk());
  CHECK_FALSE(stored("i").obj_info(0).has_encryption_info());
}

TEST_CASE_METHOD(KeyFixture, "without the key reads show all but the secrets", "[core][lost_key]") {
  const auto check = [&](const auto& operation, std::string_view json) {
    CAPTURE(operation.info.name, json);
    const std::regex secret(R"("sk":"plain-sk[^"]*",?)");
    // What was withheld is marked, also where replies show no encryption_info beside a secret.
    const std::regex mark(R"(,"(encryption_info":\{[^}]*\}|hdfs_confs":\[[^\]]*\]))");
    const auto with = shown(operation, json);
    REQUIRE(std::regex_search(with, secret));
    const auto without = api::to_json(call_in(without_key(), operation, json));
    CHECK(without.find("\"encryption_info\"") != std::string::npos);
    CHECK(std::regex_replace(without, mark, "") ==
          std::regex_replace(std::regex_replace(with, secret, ""), mark, ""));
  };
  const auto before = content();
  check(api::get_instance, "{instance_id: 'i'}");
  check(api::get_obj_store_info, "{cloud_unique_id: '1:i:x'}");
  check(api::get_obj_store_info, "{cloud_unique_id: '1:v:x'}");
  check(api::show_storage_vaults, "{cloud_unique_id: '1:v:x'}");
  for (const auto* stage : {"AKSK", "BUCKET_ACL", "IAM"})
    check(api::get_stage,
          fmt::format("{{cloud_unique_id: '1:i:x', type: 'EXTERNAL', stage_name: '{}'}}", stage));
  check(api::get_stage,
        "{cloud_unique_id: '1:i:x', type: 'INTERNAL', mysql_user_name: 'root', mysql_user_id: "
        "'7'}");
  CHECK(content() == before);
  CHECK(first_keys == 0);
}

TEST_CASE_METHOD(KeyFixture, "without the key the list of stages is what it always was",
                 "[core][lost_key]") {
  const auto* request = "{cloud_unique_id: '1:i:x', type: 'EXTERNAL'}";
  CHECK(api::to_json(call_in(without_key(), api::get_stage, request)) ==
        shown(api::get_stage, request));
}

TEST_CASE_METHOD(KeyFixture, "a damaged secret hides itself and no other", "[core][lost_key]") {
  change_instance([](auto& instance) { instance.mutable_obj_info(0)->set_sk("AAAA"); });
  const auto instance = call(api::get_instance, "{instance_id: 'i'}").instance();
  CHECK_FALSE(instance.obj_info(0).has_sk());
  CHECK(instance.obj_info(0).has_encryption_info());
  CHECK(instance.ram_user().sk() == "plain-sk-ram");
  CHECK(instance.stages(0).obj_info().sk() == "plain-sk-stage");
}

TEST_CASE_METHOD(KeyFixture, "without the key no secret is stored, and nothing is overwritten",
                 "[core][lost_key]") {
  const std::string store =
      "bucket: 'b', prefix: 'p', endpoint: 'e', external_endpoint: 'x', "
      "region: 'r', provider: 'S3'";
  const auto fresh = "ak: 'ak-new', sk: 'plain-sk-new', " + store;
  // Whether keys are unchanged cannot be told without the old secret; other access keys show it,
  // and then the new secret cannot be sealed.
  const std::string same = "ak: 'ak-1234', sk: 'plain-sk'";
  const std::string other = "ak: 'ak-new', sk: 'plain-sk-new'";
  const auto refused = [&](const auto& operation, const std::string& json) {
    CAPTURE(operation.info.name, json);
    CHECK(outcome([&] { call_in(without_key(), operation, json); }) == "integrity");
  };
  const auto on_store = [](const std::string& members) {
    return fmt::format("{{cloud_unique_id: '1:i:x', obj: {{id: '1', {}}}}}", members);
  };
  const auto on_vault = [](const std::string& name, const std::string& members) {
    return fmt::format("{{cloud_unique_id: '1:v:x', vault: {{name: '{}', obj_info: {{{}}}}}}}",
                       name, members);
  };
  refused(api::create_instance, fmt::format("{{instance_id: 'j', obj_info: {{{}}}}}", fresh));
  refused(api::create_instance,
          fmt::format("{{instance_id: 'j', vault: {{obj_info: {{{}}}}}}}", fresh));
  refused(api::create_instance,
          fmt::format("{{instance_id: 'j', ram_user: {{user_id: 'u', {}}}}}", other));
  refused(api::add_obj_info, on_store(fresh));
  for (const auto& keys : {same, other}) {
    refused(api::legacy_update_ak_sk, on_store(keys));
    refused(api::alter_obj_info, on_store(keys));
    refused(api::update_ak_sk, on_store(keys));
    refused(
        api::update_ak_sk,
        fmt::format("{{instance_id: 'i', internal_bucket_user: [{{user_id: 'u', {}}}]}}", keys));
    refused(api::alter_s3_vault, on_vault("built_in_storage_vault", keys));
  }
  for (const auto* ak : {"ak-ram", "ak-new"})
    for (const auto* request : {"update", "alter"}) {
      const auto json = fmt::format(
          "{{instance_id: 'i', ram_user: {{user_id: 'ru', ak: '{}', sk: 'plain-sk-ram'}}}}", ak);
      if (request == std::string("update")) {
        refused(api::update_ak_sk, json);
      } else {
        refused(api::alter_ram_user, json);
      }
    }
  for (const auto* ak : {"ak-iam", "ak-new"})
    refused(api::alter_iam, fmt::format("{{account_id: 'acc', ak: '{}', sk: 'plain-sk-iam'}}", ak));
  refused(api::add_s3_vault, on_vault("new", fresh));
  refused(api::add_hdfs_vault, on_vault("new", fresh));
  CHECK(first_keys == 0);
}

TEST_CASE_METHOD(KeyFixture, "without the key a store that may be there already is refused",
                 "[core][lost_key]") {
  // All but the secret is as object store 1, so that its secret decides.
  change_instance([](auto& instance) { instance.mutable_obj_info(0)->set_prefix("p"); });
  const auto request =
      fmt::format("{{cloud_unique_id: '1:i:x', obj: {{prefix: 'p', {}}}}}", complete_store);
  CHECK_REFUSED(api::add_obj_info, request, "INVALID_ARGUMENT", 400, "already exists");
  CHECK(outcome([&] { call_in(without_key(), api::add_obj_info, request); }) == "integrity");
}

TEST_CASE_METHOD(KeyFixture, "without the key writes without secrets go on", "[core][lost_key]") {
  const auto done = [&](const auto& operation, const std::string& json) {
    CAPTURE(operation.info.name, json);
    CHECK(outcome([&] { call_in(without_key(), operation, json); }) == ", changed");
  };
  done(api::create_instance, "{instance_id: 'j'}");
  done(api::create_instance,
       "{instance_id: 'k', vault: {hdfs_info: {build_conf: {fs_name: 'f'}}}}");
  done(api::rename_instance, "{instance_id: 'i', name: 'n'}");
  done(api::enable_instance_sse, "{instance_id: 'i'}");
  done(api::add_cluster, metactl::tests::on_cluster(metactl::tests::compute("c")));
  done(api::add_obj_info,
       "{cloud_unique_id: '1:i:x', obj: {role_arn: 'arn', bucket: 'b', prefix: 'p', endpoint: 'e', "
       "region: 'r', provider: 'S3'}}");
  done(api::add_s3_vault,
       "{cloud_unique_id: '1:v:x', vault: {name: 's', obj_info: {role_arn: 'arn', "
       "cred_provider_type: 'INSTANCE_PROFILE', bucket: 'b', endpoint: 'e', region: 'r', provider: "
       "'S3'}}}");
  done(api::add_hdfs_vault,
       "{cloud_unique_id: '1:v:x', vault: {name: 'h2', hdfs_info: {build_conf: {fs_name: 'f'}}}}");
  done(api::drop_hdfs_vault, "{cloud_unique_id: '1:v:x', vault: {name: 'h2'}}");
  done(api::alter_s3_vault,
       "{cloud_unique_id: '1:v:x', vault: {name: 'built_in_storage_vault', alter_name: 'fresh', "
       "obj_info: {use_path_style: true}}}");
  done(api::update_config, "{configs: 'snapshot_max_reserved_num=1'}");
  CHECK(first_keys == 0);
  CHECK(secrets(old_key) == all_secrets());  // The key was found again.
  CHECK(rekey(environment()) == 7);
}

TEST_CASE_METHOD(KeyFixture, "without the key a role can take the place of lost secrets",
                 "[core][lost_key]") {
  call_in(without_key(), api::alter_obj_info,
          "{cloud_unique_id: '1:i:x', obj: {id: '1', role_arn: 'arn'}}");
  call_in(without_key(), api::alter_s3_vault,
          "{cloud_unique_id: '1:v:x', vault: {name: 'built_in_storage_vault', obj_info: {role_arn: "
          "'arn'}}}");
  CHECK_FALSE(stored("i").obj_info(0).has_encryption_info());
  CHECK_FALSE(stored_vault("1", "v").obj_info().has_encryption_info());
  CHECK(rekey(environment()) == 5);
  CHECK(first_keys == 0);
}

TEST_CASE_METHOD(KeyFixture, "the secret of a dropped stage gets the new key too",
                 "[core][rekey]") {
  pb::KeyRequest request;
  request.set_key_type("RecycleStageKey");
  (*request.mutable_parameters())["instance_id"] = "i";
  (*request.mutable_parameters())["stage_id"] = "s";
  request.set_document(R"({"stage": {"obj_info": {"sk": "plain-sk-dropped"}}})");
  call(api::set_value, request);
  rekey(environment());
  pb::RecycleStagePB dropped;
  const auto key = keys::build(keys::recycle_stage_type, {std::string("i"), std::string("s")});
  REQUIRE(dropped.ParseFromString(value(key).value()));
  const auto& holder = dropped.stage().obj_info();
  CHECK(memory.read([&](metactl::store::View& view) {
    return with_key(new_key).secrets.open(view, holder.sk(), holder.encryption_info());
  }) == "plain-sk-dropped");
}
