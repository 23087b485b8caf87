// SPDX-License-Identifier: Apache-2.0
// The upgrade of what older releases stored in the clear.
#include "core/state/seal.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "api/mask.h"
#include "base/text.h"
#include "core/history.h"
#include "core/state/chain.h"
#include "core/state/verify.h"
#include "core/undo.h"
#include "tests/support/core_fixture.h"
#include "tests/support/old_journal.h"
#include "tests/support/plain_secrets.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
using metactl::Error;
using metactl::Reason;
using metactl::tests::CoreFixture;
using metactl::tests::from;
using metactl::tests::secret_mark;

namespace {

/// A state as the releases before schema 3 wrote it: vaults of "i" on HDFS with secrets in the
/// clear, which were added, changed and dropped.
class OldState : public CoreFixture {
 public:
  OldState() {
    create("i");
    add("1", "plain-s-first");
    change([&](store::Txn& txn) {
      auto vault = this->vault("1", "plain-s-first");
      vault.set_name("renamed");
      put_vault(txn, vault);
    });
    add("1", "plain-s-second");
    add("2", "plain-s-dropped");
    change([](store::Txn& txn) { txn.erase(keys::storage_vault_key("i", "2")); });
    create("other");
  }

  static pb::StorageVaultPB vault(const std::string& id, const std::string& secret) {
    auto vault = from<pb::StorageVaultPB>(
        "{name: 'v', hdfs_info: {prefix: 'p', build_conf: {fs_name: 'hdfs://h', user: 'u', "
        "hdfs_kerberos_principal: 'plain-s-principal', hdfs_kerberos_keytab: 'plain-s-keytab', "
        "hdfs_confs: [{key: 'dfs.replication', value: '3'}, {key: 'fs.azure.account.key.a', value: "
        "''}]}}}");
    vault.set_id(id);
    vault.mutable_hdfs_info()->mutable_build_conf()->mutable_hdfs_confs(1)->set_value(secret);
    return vault;
  }

  static void put_vault(store::Txn& txn, const pb::StorageVaultPB& vault) {
    txn.put(keys::storage_vault_key("i", vault.id()), vault.SerializeAsString());
  }

  void add(const std::string& id, const std::string& secret) {
    change([&](store::Txn& txn) { put_vault(txn, vault(id, secret)); });
  }

  /// A change whose request was masked by the old list of names.
  void change(const std::function<void(store::Txn&)>& body) {
    const auto surroundings = environment();
    core::Context context(
        memory, surroundings, now_ms,
        {core::Origin(actor), "add_hdfs_vault", [] {
           return R"({"cloud_unique_id":"1:i:x","vault":{"name":"v","hdfs_info":{"build_conf":)"
                  R"({"hdfs_kerberos_keytab":"sha256:01234567","hdfs_confs":[{"key":)"
                  R"("fs.azure.account.key.a","value":"plain-s-request"}]}}}})";
         }});
    context.transact(body);
  }

  /// As the upgrade does it, the first time on an old journal.
  void seal() { seal(environment()); }
  void seal(const core::Environment& surroundings) {
    memory.transact([&](store::Txn& txn) {
      if (std::exchange(is_old_, false)) metactl::tests::unchain_journal(txn);
      core::seal_stored_secrets(txn, surroundings);
      core::chain_records(txn);
    });
  }

  /// True when a row, or a value that the journal holds, has a secret in the clear.
  bool shows_secrets() {
    const auto has_mark = [](const std::string& text) {
      return text.find(secret_mark) != std::string::npos;
    };
    bool found = false;
    for (const auto& row : content()) found = found || has_mark(row.value);
    for (std::uint64_t revision = 1; revision <= this->revision(); ++revision)
      for (const auto& each : changes(revision))
        found = found || has_mark(each.before.value_or("")) || has_mark(each.after.value_or(""));
    return found;
  }

  std::uint64_t revision() {
    return memory.read([](store::View& view) { return view.revision(); });
  }

  std::vector<core::KeyChange> changes(std::uint64_t revision) {
    return memory.read([&](store::View& view) {
      const auto record = view.get(keys::journal_key(revision));
      return record ? core::changes_at(view, revision) : std::vector<core::KeyChange>();
    });
  }

  /// The changes of a revision with all secrets open, as JSON.
  std::vector<std::string> opened_changes(std::uint64_t revision) {
    std::vector<std::string> texts;
    for (const auto& each : changes(revision))
      if (each.key != keys::secret_key_key())
        texts.push_back(opened(each.key, each.before) + " -> " + opened(each.key, each.after));
    return texts;
  }

  std::vector<std::vector<std::string>> history() {
    std::vector<std::vector<std::string>> all;
    for (std::uint64_t each = 1; each <= last; ++each) all.push_back(opened_changes(each));
    return all;
  }

  std::vector<std::string> findings() {
    api::Verification result;
    const auto surroundings = environment();
    memory.read([&](store::View& view) { core::verify_rows(view, surroundings.secrets, result); });
    std::vector<std::string> texts;
    for (const auto& finding : result.findings)
      texts.push_back(finding.id + " " + finding.object + ": " + finding.message);
    return texts;
  }

  static constexpr std::uint64_t last = 7;  // The newest revision of the old state.

 private:
  bool is_old_ = true;

  std::string opened(const std::string& key, const std::optional<std::string>& value) {
    if (!value) return "none";
    if (!keys::parse_storage_vault_key(key)) return metactl::text::hex(*value);
    pb::StorageVaultPB vault;
    REQUIRE(vault.ParseFromString(*value));
    auto& conf = *vault.mutable_hdfs_info()->mutable_build_conf();
    if (!conf.has_encryption_info()) return vault.ShortDebugString();
    const auto open = [&](const std::string& sealed) {
      return memory.read([&](store::View& view) {
        return environment().secrets.open(view, sealed, conf.encryption_info());
      });
    };
    conf.set_hdfs_kerberos_principal(open(conf.hdfs_kerberos_principal()));
    conf.set_hdfs_kerberos_keytab(open(conf.hdfs_kerberos_keytab()));
    for (auto& pair : *conf.mutable_hdfs_confs()) pair.set_value(open(pair.value()));
    conf.clear_encryption_info();
    return vault.ShortDebugString();
  }
};

}  // namespace

TEST_CASE_METHOD(OldState, "the upgrade seals the settings of HDFS, in the journal too",
                 "[core][seal]") {
  REQUIRE(revision() == last);
  REQUIRE(shows_secrets());
  const auto before = history();
  const auto known = findings();
  seal();
  CHECK_FALSE(shows_secrets());
  CHECK(history() == before);
  CHECK(findings() == known);
}

TEST_CASE_METHOD(OldState, "after the upgrade what a change left alone is unchanged",
                 "[core][seal]") {
  seal();
  const auto renamed = changes(3);
  REQUIRE(renamed.size() == 1);
  pb::StorageVaultPB before;
  pb::StorageVaultPB after;
  REQUIRE(before.ParseFromString(renamed[0].before.value()));
  REQUIRE(after.ParseFromString(renamed[0].after.value()));
  CHECK(after.name() == "renamed");
  CHECK(before.hdfs_info().SerializeAsString() == after.hdfs_info().SerializeAsString());
}

TEST_CASE_METHOD(OldState, "the upgrade is done once", "[core][seal]") {
  seal();
  const auto once = content();
  const auto revision = this->revision();
  seal();
  CHECK((content() == once));
  CHECK(this->revision() == revision);
}

TEST_CASE_METHOD(OldState, "after the upgrade a change can still be reverted", "[core][seal]") {
  seal();
  auto surroundings = environment();
  core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "undo"});
  const auto plan = [](store::View& view) { return core::undo_changes(view, {4}); };
  core::undo(context, plan, memory.read(plan));
  CHECK(stored_vault("1").name() == "renamed");
  CHECK(stored_vault("1").hdfs_info().build_conf().has_encryption_info());
  CHECK(opened_changes(revision()).at(0).find("plain-s-first") != std::string::npos);
  CHECK_FALSE(shows_secrets());
}

TEST_CASE_METHOD(OldState, "the upgrade masks what the old list of names left in requests",
                 "[core][seal]") {
  pb::RemoteChange note;
  note.set_operation("add_hdfs_vault");
  note.set_request(journal().at(1).request());
  note.set_after(R"({"hdfs_confs":[{"key":"fs.s3a.secret","value":"plain-s-after"}]})");
  put(keys::remote_change_key("http://h", 1), note.SerializeAsString());
  const auto masked = R"({"key":"fs.azure.account.key.a","value":")" +
                      api::fingerprint("plain-s-request") + R"("})";
  seal();
  CHECK_FALSE(shows_secrets());
  CHECK(journal().at(1).request().find(masked) != std::string::npos);
  CHECK(journal().at(1).request().find("sha256:01234567") != std::string::npos);
  REQUIRE(note.ParseFromString(value(keys::remote_change_key("http://h", 1)).value()));
  CHECK(note.request() == journal().at(1).request());
  CHECK(note.after() == R"({"hdfs_confs":[{"key":"fs.s3a.secret","value":")" +
                            api::fingerprint("plain-s-after") + R"("}]})");
}

TEST_CASE_METHOD(OldState, "the upgrade needs the key of the state", "[core][seal]") {
  call(api::alter_iam, "{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}");
  const auto before = content();
  auto surroundings = environment();
  surroundings.secrets = core::Secrets([](const std::optional<std::string>&) -> std::string {
    throw Error(Reason::integrity, "the key file is missing");
  });
  CHECK_THROWS_AS(seal(surroundings), Error);
  CHECK((content() == before));
}

TEST_CASE_METHOD(OldState, "a state without settings of HDFS needs no key", "[core][seal]") {
  memory.transact([](store::Txn& txn) {
    for (const auto& row : txn.scan("", "")) txn.erase(row.key);
  });
  create("alone");
  const auto before = content();
  seal();
  CHECK((content() == before));
}

TEST_CASE_METHOD(OldState, "what cannot be read back any more is not left in the clear",
                 "[core][seal]") {
  const bool is_damaged = GENERATE(false, true);
  if (is_damaged)
    put(keys::journal_key(last), "\xff");
  else
    put(keys::storage_vault_key("i", "1"), vault("1", "plain-s-by-others").SerializeAsString());
  seal();
  for (const auto& row : content()) {
    INFO(metactl::text::hex(row.key));
    CHECK(row.value.find(secret_mark) == std::string::npos);
  }
}
