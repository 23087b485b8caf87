// SPDX-License-Identifier: Apache-2.0
// Secrets of vaults on HDFS, and others, in everything that metactl prints and stores. CommandWorld
// searches all that commands print for the mark that secrets of tests bear.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "api/mask.h"
#include "tests/support/plain_secrets.h"
#include "tests/support/state_world.h"

namespace metactl::tests {
namespace {

constexpr auto add_vault =
    "-i prod vault add hdfs cold --fs-name hdfs://nn:8020 --kerberos-principal "
    "plain-s-hdfs-principal --kerberos-keytab /etc/plain-s-hdfs.keytab --conf dfs.replication=3 "
    "--conf fs.azure.account.key.acct.blob.core.windows.net=plain-s-hdfs-azure --conf "
    "fs.gs.auth.service.account.private.key=plain-s-hdfs-gs --conf "
    "fs.azure.sas.c.acct=plain-s-hdfs-sas --conf my.own=plain-s-hdfs-own";

constexpr auto body =
    R"({"cloud_unique_id":"1:prod:x","vault":{"name":"warm","hdfs_info":{"build_conf":{"fs_name":)"
    R"("hdfs://nn:8020","hdfs_confs":[{"key":"dfs.keystore.password","value":"plain-s-hdfs-body"}]}}}})";

CommandWorld::Result run(CommandWorld& world, const std::string& line,
                         const std::string& input = {}) {
  INFO(line);
  const auto result = world.run_line(line, input);  // Throws for a plain secret.
  INFO(result.err);
  CHECK(result.status == 0);
  return result;
}

}  // namespace

TEST_CASE("no output shows a secret of a vault on HDFS", "[cli][secrets]") {
  const auto mode = GENERATE(Mode::memory, Mode::sqlite, Mode::served);
  CommandWorld world(mode);
  run(world, "instance create prod --user-id ops");
  run(world, std::string(add_vault) + " --dry-run -v");
  run(world, std::string(add_vault) + " --show-curl -v");
  CommandWorld::write_file("body.json", body);
  run(world, "vault add hdfs --body body.json --show-curl -v");
  run(world,
      "instance create other --user-id ops --hdfs "
      "fs_name=hdfs://nn,fs.azure.account.key.a=plain-s-hdfs-words -v --show-curl");
  for (const auto* format : {"table", "wide", "json", "yaml", "csv", "ndjson", "name", "raw"})
    for (const auto* command :
         {"vault get cold -i prod", "vault list -i prod", "export -i prod", "key scan -i prod",
          "key get StorageVaultKey instance_id=prod vault_id=1", "instance get prod",
          "history list", "history show 2", "undo 4 --dry-run", "diff a b"})
      world.run_line(fmt::format("{} -o {} -v", command, format));  // Throws for a plain secret.
  for (const auto* command : {"vault get cold -i prod", "export -i prod", "key scan -i prod",
                              "key get StorageVaultKey instance_id=prod vault_id=1 -o json",
                              "history list -o json", "history show 2 -o json"})
    run(world, command);
  run(world, "key grep --all", std::string("body ") + body + "\n--conf my.own=plain-s-hdfs-own\n");
}

TEST_CASE("the manifests of a vault on HDFS refer to its secrets or leave them as they are",
          "[cli][secrets]") {
  StateWorld world;
  world.ok("instance create prod --user-id ops");
  world.ok(add_vault);
  world.add_secret();
  const auto kept = world.ok("export -i prod");
  CHECK(kept.find("my.own: {}") != std::string::npos);
  CHECK(kept.find("dfs.replication: \"3\"") != std::string::npos);
  CHECK(kept.find("AKIDEXAMPLE99") == std::string::npos);
  CommandWorld::write_file("kept.yaml", kept);
  CHECK(world.run_line("diff -f kept.yaml").status == 0);

  const auto named = world.run_line("export -i prod --secret-env");
  CommandWorld::write_file("named.yaml", named.out);
  CHECK(world.refused("plan -f named.yaml") ==
        "2 error: not all secrets of the manifests can be read");
  world.environment.insert(
      {{"METACTL_AK_PROD_V", "AKIDEXAMPLE99"},
       {"METACTL_SK_PROD_V", "plain-s-one"},
       {"METACTL_HDFS_PROD_COLD_PRINCIPAL", "plain-s-hdfs-principal"},
       {"METACTL_HDFS_PROD_COLD_KEYTAB", "/etc/plain-s-hdfs.keytab"},
       {"METACTL_HDFS_PROD_COLD_FS_AZURE_ACCOUNT_KEY_ACCT_BLOB_CORE_WINDOWS_NET",
        "plain-s-hdfs-azure"},
       {"METACTL_HDFS_PROD_COLD_FS_GS_AUTH_SERVICE_ACCOUNT_PRIVATE_KEY", "plain-s-hdfs-gs"},
       {"METACTL_HDFS_PROD_COLD_FS_AZURE_SAS_C_ACCT", "plain-s-hdfs-sas"},
       {"METACTL_HDFS_PROD_COLD_MY_OWN", "plain-s-hdfs-own"}});
  CHECK(world.run_line("diff -f named.yaml").status == 0);
  world.environment["METACTL_HDFS_PROD_COLD_MY_OWN"] = "plain-s-hdfs-another";
  const auto another = world.run_line("plan -f named.yaml");
  CHECK(another.status == 7);
  CHECK(another.err.find("setting 'my.own' cannot be changed") != std::string::npos);
  world.environment["METACTL_HDFS_PROD_COLD_MY_OWN"] = "plain-s-hdfs-own";

  SECTION("elsewhere they create the same vault") {
    world.environment["METACTL_STATE"] = "b.db";
    world.ok("apply -f named.yaml --yes");
    CHECK(world.run_line("diff -f named.yaml").status == 0);
  }
  SECTION("without its secrets it is not created, and the error names them") {
    world.environment["METACTL_STATE"] = "b.db";
    const auto refused = world.run_line("apply -f kept.yaml --yes");
    CHECK(refused.status == 7);
    for (const auto* text :
         {"it needs env or file in hdfs.settingsFrom.my.own",
          "it needs env or file in hdfs.kerberosPrincipalFrom", "it needs skFrom or roleArn"})
      CHECK(refused.err.find(text) != std::string::npos);
  }
  SECTION("on request they are shown") {
    const auto plain = world.run_line("export -i prod --show-secrets");
    CHECK(plain.out.find("my.own: plain-s-hdfs-own") != std::string::npos);
    CHECK(plain.out.find("ak: AKIDEXAMPLE99") != std::string::npos);
  }
}

TEST_CASE("two contexts differ in secrets by fingerprints", "[cli][secrets]") {
  StateWorld world;
  world.ok("instance create prod --user-id ops");
  world.ok(add_vault);
  world.ok("context add a --state a.db -i prod");
  world.ok("context add b --state b.db -i prod");
  world.environment.erase("METACTL_STATE");
  world.ok("-C b instance create prod --user-id ops");
  world.ok("-C b vault add hdfs cold --fs-name hdfs://nn:8020 --conf my.own=plain-s-hdfs-other");
  const auto found = world.run_line("diff a b");
  CHECK(found.status == 1);
  CHECK(found.out.find(fmt::format("~ hdfs.settings.my.own {} -> {}",
                                   api::fingerprint("plain-s-hdfs-own"),
                                   api::fingerprint("plain-s-hdfs-other"))) != std::string::npos);
}

TEST_CASE("neither the state nor a backup has a secret in the clear", "[cli][secrets]") {
  StateWorld world;
  world.ok("instance create prod --user-id ops");
  world.ok(add_vault);
  world.add_secret();
  world.ok("-i prod vault drop cold --yes");
  world.ok("undo 4 --yes");
  world.ok("state backup save.backup");
  world.run_line("doctor --bundle report.tar");
  CHECK(fs::exists("report.tar"));
  for (const auto& entry : fs::recursive_directory_iterator(fs::current_path())) {
    if (!entry.is_regular_file() || entry.path().filename() == "key.txt") continue;
    INFO(entry.path());
    CHECK(bytes_of(entry.path()).find(secret_mark) == std::string::npos);
  }
}

TEST_CASE("a restored record shows the settings of HDFS as encrypted", "[cli][secrets]") {
  StateWorld world;
  world.ok("instance create prod --user-id ops");
  world.ok(add_vault);
  world.ok("state backup save.backup");
  world.environment["METACTL_STATE"] = "restored.db";
  world.ok("state restore save.backup");
  const auto row = world.ok("key get StorageVaultKey instance_id=prod vault_id=1 -o json");
  CHECK(row.find(R"("value": "encrypted")") != std::string::npos);
}

TEST_CASE("the password in the URL of a context is masked", "[cli][secrets][context]") {
  CommandWorld world;
  run(world, "context add c --server http://ops:plain-s-url@h:5000/p --use");
  for (const auto* command : {"context list", "context show", "context show c -o json",
                              "context list -o yaml", "config view --effective", "config view"}) {
    const auto result = run(world, command);
    CAPTURE(command);
    if (std::string(command) != "config view")
      CHECK(result.out.find("http://ops:******@h:5000/p") != std::string::npos);
  }
  CHECK(world.run_line("context show --show-secrets").out.find("plain-s-url") != std::string::npos);
  CHECK((fs::status("home/.config/metactl/config.yaml").permissions() & fs::perms::others_all) ==
        fs::perms::none);
}

TEST_CASE("a password in the command of a node_mgr is masked", "[cli][secrets][nodemgr]") {
  const auto mode = GENERATE(Mode::memory, Mode::served);
  CommandWorld world(mode);
  world.use_services({api::Service::nodemgr});
  const auto result = world.run(
      {"nodemgr", "cmd", "mysql",
       "mysql -uroot -pplain-s-cmd; PGPASSWORD=plain-s-pg psql; dump --password=plain-s-long; "
       "curl http://u:plain-s-url@h/ -u u:plain-s-curl; redis-cli -a plain-s-redis",
       "--allow-shell", "--yes", "-v", "--show-curl"});
  CHECK(result.err.find("mysql -uroot -p******; PGPASSWORD=sha256:") != std::string::npos);
  CHECK(result.err.find("curl http://u:******@h/ -u u:******; redis-cli -a ******") !=
        std::string::npos);
}

TEST_CASE("a password in the address of a broker's replica is masked", "[cli][secrets][broker]") {
  const auto mode = GENERATE(Mode::memory, Mode::sqlite, Mode::served);
  CommandWorld world(mode);
  world.use_services({api::Service::broker});
  run(world, "api broker_set_settings --body - -v --show-curl",
      R"({"replica_addresses":["u:plain-s-replica@h:7799"]})");
  for (const auto* command : {"broker config get -o json -v", "broker config get",
                              "broker config get -o raw", "history -o json", "history show 1"})
    run(world, command);
  CHECK(run(world, "broker config get").out.find("u:******@h:7799") != std::string::npos);
  CHECK(world.run_line("broker config set --replica u:plain-s-replica@h:7799").status == 2);
}

TEST_CASE("a token that the server refuses is masked by the client", "[cli][secrets]") {
  CommandWorld world(Mode::served);
  CommandWorld::write_file("server.token", "plain-s-typo\n");
  for (const auto* command : {"instance list", "instance get x -o json", "instance get x -o raw -v",
                              "api list_instances", "key scan -o json"}) {
    CAPTURE(command);
    CHECK(world.run_line(command).status == 5);
  }
  const auto raw = world.run_line("api list_instances").out;
  CHECK(raw.find("token=" + api::fingerprint("plain-s-typo")) != std::string::npos);
}

}  // namespace metactl::tests
