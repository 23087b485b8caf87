// SPDX-License-Identifier: Apache-2.0
// Storage vaults: changing, renaming, dropping. Source: meta-service-api.md, sections 4 to 6 and
// 8.7.

#include <catch2/catch.hpp>

#include "tests/support/vault_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::VaultFixture;

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

TEST_CASE_METHOD(VaultFixture, "the default follows its vault to a new name", "[core][vault]") {
  call(api::add_s3_vault, as_default(on_vault(s3("old"))));
  add_s3("other");
  call(api::alter_s3_vault, on_vault("name: 'old', alter_name: 'fresh', obj_info: {}"));
  CHECK(vaults() == "1=fresh 2=other");
  CHECK(default_vault() == "1 fresh");
  call(api::alter_s3_vault, on_vault("name: 'other', alter_name: 'third', obj_info: {}"));
  CHECK(default_vault() == "1 fresh");
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
        R"("endpoint":"e","region":"r","provider":"S3","external_endpoint":"",)"
        R"("sse_enabled":false,"use_path_style":false,"cred_provider_type":"INSTANCE_PROFILE",)"
        R"("role_arn":"arn","external_id":"ext"})");
  CHECK_FALSE(shown_vault("new").obj_info().has_sk());
  set_now(start + 6);
  call(api::alter_s3_vault, on_vault(s3("new", "ak: 'ak-new', sk: 'plain-sk-new'")));
  CHECK(api::to_json(shown_vault("new").obj_info()) ==
        R"({"ctime":"1662695469","mtime":"1662695475","id":"1","ak":"ak-new",)"
        R"("sk":"plain-sk-new","bucket":"b","prefix":"","endpoint":"e","region":"r",)"
        R"("provider":"S3","external_endpoint":"","encryption_info":{"encryption_method":)"
        R"("AES_256_GCM","key_id":"1"},"sse_enabled":false,"use_path_style":false})");
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault puts a cred_provider_type alone in place of keys",
                 "[core][vault]") {
  call(api::add_s3_vault, with(addable, "provider: 'S3'"));
  call(api::alter_s3_vault, on_vault(s3("new", "cred_provider_type: 'ENV'")));
  const auto changed = stored_vault("1").obj_info();
  CHECK(changed.cred_provider_type() == pb::ENV);
  CHECK_FALSE(changed.has_ak());
  CHECK_FALSE(changed.has_sk());
  CHECK_FALSE(changed.has_encryption_info());
  CHECK_REFUSED(api::alter_s3_vault,
                on_vault(s3("new", "cred_provider_type: 'ENV', ak: 'a', sk: 'plain-sk'")),
                "INVALID_ARGUMENT", 400, "one form");
}

TEST_CASE_METHOD(VaultFixture,
                 "an empty role_arn takes the role of a vault away and keeps its keys",
                 "[core][vault]") {
  SECTION("of a vault with a role") {
    call(api::add_s3_vault, with(role, ""));
    call(api::alter_s3_vault, on_vault(s3("new", "role_arn: ''")));
    CHECK_FALSE(stored_vault("1").obj_info().has_role_arn());
    CHECK_FALSE(stored_vault("1").obj_info().has_external_id());
    CHECK(stored_vault("1").obj_info().cred_provider_type() == pb::INSTANCE_PROFILE);
  }
  SECTION("of a vault with keys") {
    add_s3("keys");
    call(api::alter_s3_vault, on_vault(s3("keys", "role_arn: ''")));
    CHECK(shown_vault("keys").obj_info().sk() == "plain-sk");
    CHECK_FALSE(stored_vault("1").obj_info().has_role_arn());
  }
}

TEST_CASE_METHOD(VaultFixture, "the external_id of a vault with a role can be changed alone",
                 "[core][vault]") {
  call(api::add_s3_vault, with(role, ""));
  call(api::alter_s3_vault, on_vault(s3("new", "external_id: 'other'")));
  CHECK(stored_vault("1").obj_info().external_id() == "other");
  call(api::alter_s3_vault, on_vault(s3("new", "role_arn: 'arn-2'")));
  CHECK(stored_vault("1").obj_info().external_id() == "other");
  call(api::alter_s3_vault, on_vault(s3("new", "external_id: ''")));
  CHECK_FALSE(stored_vault("1").obj_info().has_external_id());
}

TEST_CASE_METHOD(VaultFixture, "alter_s3_vault refuses what would leave two ways to authenticate",
                 "[core][vault]") {
  add_s3("keys");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("keys", "external_id: 'ext'")), "INVALID_ARGUMENT",
                400, "access keys");
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("keys", "cred_provider_type: 'ENV'")),
                "INVALID_ARGUMENT", 400, "S3");  // It is on COS.
  call(api::add_s3_vault, with(role, ""));
  CHECK_REFUSED(api::alter_s3_vault, on_vault(s3("new", "role_arn: '', external_id: 'ext'")),
                "INVALID_ARGUMENT", 400, "external_id needs role_arn");
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
