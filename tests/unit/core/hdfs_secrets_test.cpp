// SPDX-License-Identifier: Apache-2.0
// Settings of HDFS at rest: sealed as secret keys are. Source: docs/decisions/secrets.md.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/state/verify.h"
#include "tests/support/plain_secrets.h"
#include "tests/support/vault_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
using metactl::tests::from;
using metactl::tests::secret_mark;
using metactl::tests::VaultFixture;

namespace {

constexpr auto conf =
    R"({"fs_name":"hdfs://h:8020","user":"u","hdfs_kerberos_principal":"plain-s-p",)"
    R"("hdfs_kerberos_keytab":"plain-s-k","hdfs_confs":[{"key":"dfs.replication","value":"3"},)"
    R"({"key":"my.own","value":"plain-s-v"},{"key":"empty","value":""}]})";

class HdfsFixture : public VaultFixture {
 public:
  void add(const std::string& build_conf = conf) {
    call(api::add_hdfs_vault,
         on_vault("name: 'h', hdfs_info: {prefix: 'p', build_conf: " + build_conf + "}"));
  }

  pb::HdfsBuildConf stored_conf() { return stored_vault("1").hdfs_info().build_conf(); }

  bool stores_mark() {
    bool found = false;
    for (const auto& row : content())
      found = found || row.value.find(secret_mark) != std::string::npos;
    return found;
  }

  std::vector<std::string> findings() {
    api::Verification result;
    const auto surroundings = environment();
    memory.read([&](store::View& view) { core::verify_rows(view, surroundings.secrets, result); });
    std::vector<std::string> ids;
    for (const auto& finding : result.findings)
      ids.push_back(finding.id + ": " + finding.message.substr(0, finding.message.find(": ")));
    return ids;
  }
};

}  // namespace

TEST_CASE_METHOD(HdfsFixture, "settings of HDFS are stored sealed and shown in the clear",
                 "[core][secrets]") {
  add();
  CHECK_FALSE(stores_mark());
  const auto stored = stored_conf();
  CHECK(stored.fs_name() == "hdfs://h:8020");
  CHECK(stored.user() == "u");
  CHECK(stored.hdfs_confs(0).key() == "dfs.replication");
  CHECK(stored.hdfs_confs(0).value() != "3");
  CHECK(stored.has_encryption_info());
  CHECK(api::to_json(shown_vault("h").hdfs_info().build_conf()) == conf);
  CHECK(findings().empty());
}

TEST_CASE_METHOD(HdfsFixture, "a vault on HDFS without settings needs no key", "[core][secrets]") {
  const auto key_before = value(keys::secret_key_key());
  add("{fs_name: 'hdfs://h'}");
  CHECK_FALSE(stored_conf().has_encryption_info());
  CHECK(value(keys::secret_key_key()) == key_before);
}

TEST_CASE_METHOD(HdfsFixture, "settings that an older release stored in the clear are read too",
                 "[core][secrets]") {
  add();
  auto vault = stored_vault("1");
  *vault.mutable_hdfs_info()->mutable_build_conf() = from<pb::HdfsBuildConf>(conf);
  put(keys::storage_vault_key("i", "1"), vault.SerializeAsString());
  CHECK(api::to_json(shown_vault("h").hdfs_info().build_conf()) == conf);
}

TEST_CASE_METHOD(HdfsFixture, "a request does not say how its settings are sealed",
                 "[core][secrets]") {
  add("{fs_name: 'f', hdfs_confs: [{key: 'k', value: 'plain-s-v'}], encryption_info: "
      "{encryption_method: 'AES_256_GCM', key_id: 1}}");
  CHECK_FALSE(stores_mark());
  CHECK(shown_vault("h").hdfs_info().build_conf().hdfs_confs(0).value() == "plain-s-v");
}

TEST_CASE_METHOD(HdfsFixture, "set_value seals settings of HDFS", "[core][secrets]") {
  add();
  pb::KeyRequest request;
  request.set_key_type("StorageVaultKey");
  (*request.mutable_parameters())["instance_id"] = "i";
  (*request.mutable_parameters())["vault_id"] = "1";
  request.set_document(
      R"({"id":"1","name":"h","hdfs_info":{"build_conf":{"fs_name":"f","hdfs_confs":)"
      R"([{"key":"my.own","value":"plain-s-other"}]}}})");
  const auto reply = call(api::set_value, request).text();
  CHECK(reply.find(secret_mark) == std::string::npos);
  CHECK_FALSE(stores_mark());
  CHECK(shown_vault("h").hdfs_info().build_conf().hdfs_confs(0).value() == "plain-s-other");

  SECTION("a sealed record may be written back as it is") {
    request.set_document(api::to_json(stored_vault("1")));
    call(api::set_value, request);
    CHECK(shown_vault("h").hdfs_info().build_conf().hdfs_confs(0).value() == "plain-s-other");
  }
}

TEST_CASE_METHOD(HdfsFixture, "verify finds a sealed setting that does not open",
                 "[core][secrets]") {
  add();
  auto vault = stored_vault("1");
  vault.mutable_hdfs_info()->mutable_build_conf()->mutable_hdfs_confs(1)->set_value("AAAA");
  put(keys::storage_vault_key("i", "1"), vault.SerializeAsString());
  const auto found = findings();
  CHECK(std::count(found.begin(), found.end(),
                   "sealed-secret: the secret of HDFS 'hdfs://h:8020'") == 1);
}
