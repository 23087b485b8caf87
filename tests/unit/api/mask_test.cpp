// SPDX-License-Identifier: Apache-2.0
#include "api/mask.h"

#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "base/text.h"
#include "proto/broker.pb.h"
#include "proto/nodemgr.pb.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::from;

TEST_CASE("an access key keeps its middle", "[api][mask]") {
  const auto [key, masked] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"a", "x"},
      {"ab", "xx"},
      {"abc", "xbx"},
      {"abcd", "xbcx"},
      {"abcdefg", "xbcdefx"},
      {"abcdefgh", "xbcdefgx"},
      {"abcdefghi", "xxcdefghx"},
      {"abcdefghij", "xxcdefghxx"},
      {"AKIAIOSFODNN7EXAMPLE", "xxxxxxxFODNN7xxxxxxx"},
  }));
  CHECK(api::mask_access_key(key) == masked);
}

TEST_CASE("a fingerprint is the start of SHA-256", "[api][mask]") {
  CHECK(api::fingerprint("abc") == "sha256:ba7816bf");
  CHECK(api::fingerprint("abd") != api::fingerprint("abc"));
}

TEST_CASE("a password in an address of a store is masked", "[api][mask]") {
  auto vault = from<pb::StorageVaultPB>(
      "{hdfs_info: {build_conf: {fs_name: 'hdfs://u:hunter2@h:8020'}}, "
      "obj_info: {endpoint: 'http://u:hunter2@e'}}");
  api::mask_secrets(vault);
  CHECK(vault.hdfs_info().build_conf().fs_name() == "hdfs://u:******@h:8020");
  CHECK(vault.obj_info().endpoint() == "http://u:******@e");
}

TEST_CASE("secrets are masked at any depth, the rest stays", "[api][mask]") {
  const auto fingerprint = api::fingerprint("secret");
  const auto masked = [](auto message) {
    api::mask_secrets(message);
    return api::to_json(message);
  };
  CHECK(masked(from<pb::RamUserPB>("{user_id: 'user-12345678', ak: 'abcdefghij', sk: 'secret', "
                                   "external_id: 'external-12345'}")) ==
        fmt::format(R"({{"user_id":"user-12345678","ak":"xxcdefghxx","sk":"{}",)"
                    R"("external_id":"external-12345"}})",
                    fingerprint));
  CHECK(
      masked(from<pb::InstanceInfoPB>(
          "{instance_id: 'i', obj_info: [{ak: 'abc', sk: 'secret', bucket: 'b'}, {sk: 'secret'}], "
          "stages: [{obj_info: {sk: 'secret'}, properties: {sk: 'kept'}}], iam_user: {sk: "
          "'secret'}}")) ==
      fmt::format(R"({{"instance_id":"i","obj_info":[{{"ak":"xbx","sk":"{0}","bucket":"b"}},)"
                  R"({{"sk":"{0}"}}],"stages":[{{"obj_info":{{"sk":"{0}"}},"properties":)"
                  R"({{"sk":"kept"}}}}],"iam_user":{{"sk":"{0}"}}}})",
                  fingerprint));
}

TEST_CASE("Kerberos material and encryption keys are secrets too", "[api][mask]") {
  const auto fingerprint = api::fingerprint("secret");
  auto vault = from<pb::StorageVaultPB>(
      "{hdfs_info: {build_conf: {fs_name: 'f', user: 'u', hdfs_kerberos_principal: 'secret', "
      "hdfs_kerberos_keytab: 'secret', hdfs_confs: [{key: 'k', value: 'v'}]}}}");
  api::mask_secrets(vault);
  CHECK(api::to_json(vault.hdfs_info().build_conf()) ==
        fmt::format(R"({{"fs_name":"f","user":"u","hdfs_kerberos_principal":"{0}",)"
                    R"("hdfs_kerberos_keytab":"{0}","hdfs_confs":[{{"key":"k","value":"{1}"}}]}})",
                    fingerprint, api::fingerprint("v")));
  auto keys = from<pb::EncryptionKeyInfoPB>("{items: [{key_id: 1, key: 'secret'}]}");
  api::mask_secrets(keys);
  CHECK(keys.items(0).key() == fingerprint);
}

TEST_CASE("empty and absent secrets stay as they are", "[api][mask]") {
  auto user = from<pb::RamUserPB>("{ak: '', sk: ''}");
  api::mask_secrets(user);
  CHECK(api::to_json(user) == R"({"ak":"","sk":""})");
  user.Clear();
  api::mask_secrets(user);
  CHECK(api::to_json(user) == "{}");
}

TEST_CASE("encrypted secrets have no fingerprint", "[api][mask]") {
  const auto masked = [](const std::string& info, std::string_view opened = {}) {
    auto user = from<pb::RamUserPB>("{ak: 'abc', sk: 'secret', encryption_info: {" + info + "}}");
    api::mask_stored_secrets(user, opened);
    CHECK(user.ak() == "xbx");
    return user.sk();
  };
  CHECK(masked("encryption_method: 'AES_256_ECB'") == "encrypted");
  CHECK(masked("encryption_method: 'AES_256_GCM'", "AES_256_ECB") == "encrypted");
  CHECK(masked("encryption_method: 'AES_256_ECB'", "AES_256_ECB") == api::fingerprint("secret"));
  CHECK(masked("") == api::fingerprint("secret"));
}

TEST_CASE("what masking left of a secret is found", "[api][mask]") {
  const auto found = [](auto message) { return api::find_masked_secret(message).value_or(""); };
  CHECK(found(from<pb::StorageVaultPB>("{obj_info: {ak: 'abc', sk: 'sha256:ba7816bf'}}")) ==
        "obj_info.sk");
  CHECK(found(from<pb::StorageVaultPB>("{obj_info: {ak: 'xxcdefghxx', sk: 'abc'}}")) ==
        "obj_info.ak");
  CHECK(found(from<pb::StorageVaultPB>(
            "{hdfs_info: {build_conf: {hdfs_confs: [{key: 'k', value: 'v'}, {key: "
            "'password', value: 'sha256:ba7816bf'}]}}}")) ==
        "hdfs_info.build_conf.hdfs_confs.1.value");
  CHECK(found(from<pb::EncryptionKeyInfoPB>("{items: [{key: 'sha256:ba7816bf'}]}")) ==
        "items.0.key");
  CHECK(found(from<pb::StorageVaultPB>("{name: 'sha256:ba7816bf', obj_info: {ak: 'abc', sk: "
                                       "'sha256:ba7816bg'}}")) == "");
  CHECK(found(from<pb::StorageVaultPB>("{obj_info: {ak: '', sk: 'sha256:ba7816bf0'}}")) == "");
}

TEST_CASE("every field named sk in the requests is masked", "[api][mask]") {
  auto iam = from<pb::AlterIamRequest>("{account_id: 'a', ak: 'abc', sk: 'secret'}");
  api::mask_secrets(iam);
  CHECK(api::to_json(iam) ==
        fmt::format(R"({{"account_id":"a","ak":"xbx","sk":"{}"}})", api::fingerprint("secret")));
}

TEST_CASE("secrets can be replaced by other things", "[api][mask]") {
  auto instance = from<pb::InstanceInfoPB>(
      "{name: 'n', ram_user: {user_id: 'u', ak: 'a', sk: ''}, obj_info: [{sk: 's', bucket: 'b'}]}");
  api::replace_secrets(instance, [](const std::string& field, const std::string& value) {
    return field + "=" + value;
  });
  CHECK(api::to_json(instance) == R"({"name":"n","obj_info":[{"sk":"sk=s","bucket":"b"}],)"
                                  R"("ram_user":{"user_id":"u","ak":"ak=a","sk":""}})");
}

TEST_CASE("the value in a request of set_value is masked as a message of its type", "[api][mask]") {
  const auto masked = [](std::string_view key_type, const std::string& document) {
    pb::KeyRequest request;
    request.set_key_type(std::string(key_type));
    request.set_document(document);
    api::mask_secrets(request);
    return request.document();
  };
  const auto fingerprint = api::fingerprint("secret");
  CHECK(masked("MetaServiceEncryptionKey", R"({"items": [{"key_id": 1, "key": "secret"}]})") ==
        fmt::format(R"({{"items":[{{"key_id":"1","key":"{}"}}]}})", fingerprint));
  CHECK(masked("StorageVaultKey", R"({"obj_info": {"ak": "abc", "sk": "\u0073ecret"}})") ==
        fmt::format(R"({{"obj_info":{{"ak":"xbx","sk":"{}"}}}})", fingerprint));
  // What is no such message is searched as a text; without secrets it stays as it is.
  CHECK(masked("StorageVaultKey", R"({"obj_info": {"sk": "secret")") ==
        fmt::format(R"({{"obj_info": {{"sk": "{}")", fingerprint));
  CHECK(masked("nope", "sk=secret") == "sk=" + fingerprint);
  CHECK(masked("TableVersionKey", " 5 ") == " 5 ");
  CHECK(masked("TxnIndexKey", R"({ "tablet_index": {} })") == R"({ "tablet_index": {} })");
}

TEST_CASE("the service's own keys are masked in a text that shows them", "[api][mask]") {
  pb::TextResponse response;
  response.set_text(
      "new_value_json={\"items\":[{\"key_id\":\"1\",\"key\":\"secret\"}]}\n"
      "new_value_hex=0a0b\n{\"items\":[{\"id\":\"1\"}]}\n");
  api::mask_secrets(response);
  CHECK(response.text() ==
        fmt::format("new_value_json={{\"items\":[{{\"key_id\":\"1\",\"key\":\"{}\"}}]}}\n"
                    "new_value_hex={}\n{{\"items\":[{{\"id\":\"1\"}}]}}\n",
                    api::fingerprint("secret"), api::fingerprint("0a0b")));
}

TEST_CASE("all settings of HDFS are secrets but those that are known as harmless", "[api][mask]") {
  const auto masked = [](const std::string& name, const std::string& value) {
    pb::HdfsBuildConf conf;
    auto& pair = *conf.add_hdfs_confs();
    pair.set_key(name);
    pair.set_value(value);
    api::mask_secrets(conf);
    return conf.hdfs_confs(0).value();
  };
  for (const auto* name :
       {"dfs.keystore.password", "fs.s3a.access.key", "fs.cosn.userinfo.secretKey",
        "fs.azure.account.key.a.blob.core.windows.net", "fs.azure.sas.c.a", "anything",
        "fs.gs.auth.service.account.private.key", "dfs.webhdfs.oauth2.refresh.token",
        "dfs.client.https.keystore.resource", "dfs.namenode.keytab.file", "dfs.replication.x",
        "DFS.REPLICATION", "hadoop.security.credential.provider.path", "dfs.client.oauth2.x"}) {
    CAPTURE(name);
    CHECK(masked(name, "secret") == api::fingerprint("secret"));
    CHECK(masked(name, "").empty());
    CHECK(masked(name, api::fingerprint("secret")) == api::fingerprint("secret"));
  }
  for (const auto* name : {"dfs.nameservices", "dfs.ha.namenodes.ns1", "dfs.replication",
                           "dfs.namenode.rpc-address.ns1.nn1", "fs.defaultFS",
                           "dfs.client.failover.proxy.provider.ns1",
                           "hadoop.security.authentication", "hadoop.username"}) {
    CAPTURE(name);
    CHECK(masked(name, "shown") == "shown");
    CHECK(masked(name, "http://u:secret@h:1/") == "http://u:******@h:1/");
  }
}

TEST_CASE("of sealed settings of HDFS none is shown", "[api][mask]") {
  auto conf = from<pb::HdfsBuildConf>(
      "{fs_name: 'f', hdfs_kerberos_principal: 'a', hdfs_confs: [{key: 'dfs.replication', value: "
      "'b'}], encryption_info: {encryption_method: 'AES_256_GCM'}}");
  auto stored = conf;
  api::mask_stored_secrets(stored);
  CHECK(stored.hdfs_kerberos_principal() == "encrypted");
  CHECK(stored.hdfs_confs(0).value() == "encrypted");
  CHECK(stored.fs_name() == "f");
  api::mask_secrets(conf);
  CHECK(conf.hdfs_confs(0).value() == api::fingerprint("b"));
}

TEST_CASE("passwords in commands and in addresses of brokers are masked", "[api][mask]") {
  auto command = from<pb::NodemgrCommandRequest>("{cmd: 'mysql -uroot -psecret -e \"select 1\"'}");
  api::mask_secrets(command);
  CHECK(command.cmd() == "mysql -uroot -p****** -e \"select 1\"");
  auto settings = from<pb::BrokerSettingsPB>(
      "{replica_addresses: ['u:secret@h:7799', '10.0.0.1:7799', 'u@h:1']}");
  api::mask_secrets(settings);
  CHECK(settings.replica_addresses(0) == "u:******@h:7799");
  CHECK(settings.replica_addresses(1) == "10.0.0.1:7799");
  CHECK(settings.replica_addresses(2) == "u@h:1");
}
