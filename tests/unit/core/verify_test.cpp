// SPDX-License-Identifier: Apache-2.0
// What state verify finds in the rows: each damage is planted here.
#include "core/state/verify.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "core/journal.h"
#include "core/state/replace.h"
#include "core/state/rules.h"
#include "core/undo.h"
#include "keys/load_keys.h"
#include "tests/support/core_fixture.h"

namespace metactl {
namespace {

using tests::be;
using tests::compute;
using tests::on_cluster;

struct VerifyFixture : tests::CoreFixture {
  core::Secrets secrets{[](const auto&) { return std::string(32, 'k'); }};

  /// An instance with nodes, a vault with a secret, a load transaction and a tablet.
  VerifyFixture() {
    call(api::create_instance,
         fmt::format("{{instance_id: 'i', user_id: 'u', vault: {{obj_info: {{{}}}}}}}",
                     tests::complete_store));
    call(api::add_cluster, on_cluster(compute("c", be("1:i:a", "10.0.0.1"))));
    call(api::begin_txn,
         "{cloud_unique_id: '1:i:x', txn_info: {db_id: 7, table_ids: [71], label: 'l', "
         "timeout_ms: 1000}}");
  }

  api::Verification verify() {
    api::Verification result;
    memory.read([&](store::View& view) { core::verify_rows(view, secrets, result); });
    return result;
  }

  /// "id object" of each finding.
  std::vector<std::string> found() {
    std::vector<std::string> words;
    for (const auto& each : verify().findings) words.push_back(each.id + " " + each.object);
    return words;
  }

  bool finds(const std::string& finding) {
    const auto words = found();
    for (const auto& each : words) UNSCOPED_INFO(each);
    return std::find(words.begin(), words.end(), finding) != words.end();
  }

  void plant(const std::string& key, const std::string& bytes) {
    memory.transact([&](store::Txn& txn) { txn.put(key, bytes); });
  }
  /// As an older release stored it. Returns the revision.
  std::uint64_t plant_with_record(const std::string& key, const std::string& bytes) {
    return memory.transact([&](store::Txn& txn) {
      pb::JournalRecord record;
      record.set_operation("create_instance");
      auto& change = *record.add_changes();
      change.set_key(key);
      change.set_after_hash(core::value_hash(bytes));
      txn.put(key, bytes);
      core::put_record(txn, record);
      return txn.revision();
    });
  }
  void remove(const std::string& key) {
    memory.transact([&](store::Txn& txn) { txn.erase(key); });
  }
  void drop_journal() {
    memory.transact([](store::Txn& txn) { core::drop_records(txn, 0); });
  }

  pb::InstanceInfoPB instance() {
    pb::InstanceInfoPB record;
    REQUIRE(record.ParseFromString(value(keys::instance_key("i")).value()));
    return record;
  }
  template <class Body>
  void alter_instance(const Body& body) {
    auto record = instance();
    body(record);
    drop_journal();
    plant(keys::instance_key("i"), record.SerializeAsString());
  }
  std::int64_t txn_id() {
    const auto range = keys::below(keys::build(keys::key_type("TxnIndexKey"), {keys::Value("i")}));
    const auto rows =
        memory.read([&](store::View& view) { return view.scan(range.first, range.last); });
    REQUIRE(rows.size() == 1);
    return std::get<std::int64_t>(keys::match(keys::key_type("TxnIndexKey"), rows[0].key)->back());
  }
  std::string vault_key() { return keys::storage_vault_key("i", instance().resource_ids(0)); }
};

using Words = std::vector<std::string>;

TEST_CASE_METHOD(VerifyFixture, "rows of an instance without a record are one warning",
                 "[core][state]") {
  drop_journal();
  plant(keys::txn_info_key("lost", 7, 1), pb::TxnInfoPB().SerializeAsString());
  plant(keys::txn_info_key("lost", 7, 2), pb::TxnInfoPB().SerializeAsString());
  CHECK(finds("unknown-instance instance/lost"));
  const auto words = found();
  CHECK(std::count(words.begin(), words.end(), "unknown-instance instance/lost") == 1);
}

TEST_CASE_METHOD(VerifyFixture, "two instances must not share a cloud_unique_id", "[core][state]") {
  drop_journal();
  pb::InstanceInfoPB thief;
  thief.set_instance_id("a");
  auto& cluster = *thief.add_clusters();
  cluster.set_cluster_name("c");
  auto& node = *cluster.add_nodes();
  node.set_cloud_unique_id("1:i:a");
  node.set_ip("10.0.0.9");
  node.set_heartbeat_port(9050);
  plant(keys::instance_key("a"), thief.SerializeAsString());
  CHECK(finds("duplicate-unique-id instance/a/node/10.0.0.9:9050"));
  const auto words = found();
  CHECK(std::none_of(words.begin(), words.end(),
                     [](const auto& each) { return each.starts_with("node-index"); }));
}

TEST_CASE_METHOD(VerifyFixture, "a sound state has no findings", "[core][state]") {
  const auto result = verify();
  CHECK(found() == Words{});
  CHECK(result.instances == 1);
  CHECK(result.rows == content().size());
}

TEST_CASE_METHOD(VerifyFixture, "keys that no row may have are found", "[core][state]") {
  plant("\x01garbage", "x");
  plant(keys::instance_key("i") + "\x10", "x");
  plant(keys::build(keys::journal_type, {}), "x");
  plant("\x7f\x10" + std::string("a\0\1", 3), "x");
  CHECK(finds("unreadable-key key/0167617262616765"));
  CHECK(finds("unreadable-key key/JournalKey{...}"));
  CHECK(verify().findings.size() == 4);
}

TEST_CASE_METHOD(VerifyFixture, "a row under a key that cannot be read can be removed",
                 "[core][state]") {
  const auto mend = [&] {
    for (const auto& each : verify().findings)
      if (each.id == "unreadable-key") return each.mend;
    return std::string();
  };
  SECTION("by its digits") {
    plant("\x01garbage", "x");
    CHECK(mend() == "metactl key delete 0167617262616765");
    call(api::delete_value, "{key: '0167617262616765'}");
  }
  SECTION("with a beginning of a key") {
    plant(keys::build(keys::instance_type, {}), "x");
    CHECK(mend() == "metactl key delete 0110696e7374616e63650001");
    call(api::delete_value, "{key: '0110696e7374616e63650001'}");
  }
  SECTION("by undo, of an id that an older release stored") {
    const auto key = keys::instance_key(std::string(10'001, 'A'));
    const auto revision = plant_with_record(key, "value");
    CHECK(finds("unreadable-key key/" + text::hex(key.substr(0, 48)) + "..."));
    CHECK(mend() == fmt::format("metactl undo {}", revision));
    const auto plan = [&](store::View& view) { return core::undo_changes(view, {revision}); };
    const auto surroundings = environment();
    core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "undo"});
    core::undo(context, plan, memory.read(plan));
    CHECK_FALSE(value(key));
    CHECK_THROWS_WITH(call(api::delete_value, fmt::format("{{key: '{}'}}", text::hex(key))),
                      Catch::Contains("key not found"));
  }
  SECTION("past it") {
    const auto before = memory.read([](store::View& view) { return view.revision(); });
    plant_with_record(keys::instance_key(std::string(10'001, 'A')), "value");
    call(api::rename_instance, "{instance_id: 'i', name: 'late'}");
    const auto plan = [&](store::View& view) { return core::undo_to(view, before); };
    const auto surroundings = environment();
    core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "undo"});
    core::undo(context, plan, memory.read(plan));
  }
  CHECK(found() == Words{});
}

TEST_CASE_METHOD(VerifyFixture, "control characters that an older release stored are warnings",
                 "[core][state]") {
  alter_instance([](auto& record) {
    record.mutable_clusters(0)->mutable_nodes(0)->set_ip("17\x12\n;rm -rf");
    record.mutable_clusters(0)->set_desc("two\nlines");
  });
  plant(keys::build(keys::broker_failed_proxy_type, {std::string("a\0b", 3)}), "");
  const auto findings = verify().findings;
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].id == "control-characters");
  CHECK(findings[0].severity == api::Severity::warning);
  CHECK(findings[0].object == "key/InstanceKey{instance_id=i}");
  CHECK(findings[0].message == "'clusters[0].nodes[0].ip' has control characters");
  CHECK(findings[1].id == "control-characters");
  CHECK(findings[1].message == "'proxy_address' has control characters");
}

TEST_CASE_METHOD(VerifyFixture, "values that cannot be read are found", "[core][state]") {
  drop_journal();
  plant(keys::instance_key("other"), "\xff\xff");
  plant(keys::journal_key(9), "\xff");
  plant(keys::instance_update_key(), "four");
  plant(keys::txn_label_key("i", 7, "short"), "x");
  CHECK(found() == Words{"unreadable-value key/InstanceKey{instance_id=other}",
                         "unreadable-value key/TxnLabelKey{instance_id=i db_id=7 label=short}",
                         "unreadable-value key/MetaServiceInstanceUpdateKey{}",
                         "unreadable-value key/JournalKey{revision=9}",
                         "journal-head key/JournalHeadKey{}"});
}

TEST_CASE_METHOD(VerifyFixture, "a split value is read as a whole", "[core][state]") {
  pb::TabletSchemaCloudPB schema;
  for (int i = 0; i < 20'000; ++i) {
    auto& column = *schema.add_column();
    column.set_unique_id(i);
    column.set_type("INT");
  }
  const auto bytes = schema.SerializeAsString();
  const auto rows = keys::schema_keys("i", 5, 0, bytes.size());
  REQUIRE(rows.size() > 1);
  for (std::size_t i = 0; i < rows.size(); ++i)
    plant(rows[i], bytes.substr(i * keys::split_row_size, keys::split_row_size));
  CHECK(found() == Words{});
  plant(rows.back(), "\xff");
  REQUIRE(found().size() == 1);
  CHECK(found()[0].starts_with("unreadable-value key/MetaSchemaKey{"));
}

TEST_CASE_METHOD(VerifyFixture, "records under keys of others are found", "[core][state]") {
  auto record = instance();
  plant(keys::instance_key("thief"), record.SerializeAsString());
  CHECK(finds("key-mismatch instance/thief"));
  pb::StorageVaultPB vault;
  REQUIRE(vault.ParseFromString(value(vault_key()).value()));
  vault.set_id("77");
  drop_journal();
  plant(vault_key(), vault.SerializeAsString());
  CHECK(finds("key-mismatch instance/i/vault/1"));
}

TEST_CASE_METHOD(VerifyFixture, "an index of nodes that does not fit is found", "[core][state]") {
  drop_journal();
  SECTION("a node that it does not know") {
    remove(keys::node_index_key("1:i:a"));
    CHECK(found() == Words{"node-index instance/i/node/10.0.0.1:9050"});
  }
  SECTION("a node that is not there") {
    plant(keys::node_index_key("ghost"), "i");
    CHECK(found() == Words{"node-index key/NodeIndexKey{cloud_unique_id=ghost}"});
  }
  SECTION("another instance") {
    plant(keys::node_index_key("1:i:a"), "j");
    CHECK(found() == Words{"node-index key/NodeIndexKey{cloud_unique_id=1:i:a}",
                           "node-index instance/i/node/10.0.0.1:9050"});
  }
}

TEST_CASE_METHOD(VerifyFixture, "vaults that do not fit the lists of the instance are found",
                 "[core][state]") {
  drop_journal();
  SECTION("a record is missing") {
    remove(vault_key());
    CHECK(found() == Words{"missing-vault instance/i/vault/1"});
  }
  SECTION("a record too many") {
    pb::StorageVaultPB vault;
    vault.set_id("9");
    plant(keys::storage_vault_key("i", "9"), vault.SerializeAsString());
    CHECK(found() == Words{"surplus-vault instance/i/vault/9"});
  }
  SECTION("lists that are not parallel") {
    alter_instance([](auto& record) { record.add_storage_vault_names("more"); });
    CHECK(found() == Words{"vault-lists instance/i"});
  }
}

TEST_CASE_METHOD(VerifyFixture, "broken rules inside an instance are found", "[core][state]") {
  alter_instance([](auto& record) {
    auto& other = *record.add_clusters();
    other = record.clusters(0);
    other.set_cluster_id("d");
    other.set_cluster_name("d");
  });
  CHECK(finds("duplicate-endpoint instance/i/node/10.0.0.1:9050"));
  alter_instance([](auto& record) {
    auto& frontends = *record.add_clusters();
    frontends.set_cluster_id("fe");
    frontends.set_cluster_name("fe");
    frontends.set_type(pb::ClusterPB::SQL);
  });
  CHECK(finds("no-fe-master instance/i/cluster/fe"));
}

TEST_CASE_METHOD(VerifyFixture, "load transactions without their rows are found", "[core][state]") {
  drop_journal();
  const auto id = txn_id();
  SECTION("the transaction itself") {
    remove(keys::txn_info_key("i", 7, id));
    CHECK(
        found() ==
        Words{fmt::format("missing-row key/TxnIndexKey{{instance_id=i txn_id={}}}", id),
              fmt::format("missing-row key/TxnRunningKey{{instance_id=i db_id=7 txn_id={}}}", id)});
  }
  SECTION("its index") {
    remove(keys::txn_index_key("i", id));
    CHECK(found() ==
          Words{fmt::format("missing-row key/TxnInfoKey{{instance_id=i db_id=7 txn_id={}}}", id)});
  }
}

TEST_CASE_METHOD(VerifyFixture, "secrets that do not open are found", "[core][state]") {
  SECTION("another key") {
    secrets = core::Secrets([](const auto&) { return std::string(32, 'x'); });
    CHECK(finds("sealed-secret key/StorageVaultKey{instance_id=i vault_id=1}"));
  }
  SECTION("altered bytes") {
    pb::StorageVaultPB vault;
    REQUIRE(vault.ParseFromString(value(vault_key()).value()));
    auto sealed = vault.obj_info().sk();
    sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
    vault.mutable_obj_info()->set_sk(sealed);
    drop_journal();
    plant(vault_key(), vault.SerializeAsString());
    CHECK(finds("sealed-secret key/StorageVaultKey{instance_id=i vault_id=1}"));
    CHECK(found().size() == 1);
  }
  SECTION("no key at all is one finding") {
    secrets = core::Secrets([](const auto&) -> std::string {
      throw Error(Reason::integrity, "its key file is missing", "put it back");
    });
    CHECK(found() == Words{"missing-key key-file"});
  }
}

TEST_CASE_METHOD(VerifyFixture, "what the journal does not know is found", "[core][state]") {
  auto record = instance();
  record.set_name("by hand");
  SECTION("another value") {
    plant(keys::instance_key("i"), record.SerializeAsString());
    CHECK(found() == Words{"journal-mismatch key/InstanceKey{instance_id=i}"});
  }
  SECTION("no value") {
    remove(vault_key());
    CHECK(finds("journal-mismatch key/StorageVaultKey{instance_id=i vault_id=1}"));
  }
  SECTION("a value that was removed") {
    const auto index = keys::node_index_key("1:i:a");
    call(api::drop_cluster, on_cluster("cluster_id: 'c'"));
    plant(index, "i");
    CHECK(finds("journal-mismatch key/NodeIndexKey{cloud_unique_id=1:i:a}"));
  }
}

TEST_CASE_METHOD(VerifyFixture, "rules alone can be asked for inside a transaction",
                 "[core][state]") {
  CHECK(memory.read([](store::View& view) { return core::rule_findings(view); }).empty());
  memory.transact([key = vault_key()](store::Txn& txn) {
    txn.erase(key);
    txn.erase(keys::node_index_key("1:i:a"));
    const auto findings = core::rule_findings(txn);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].id == "missing-vault");
    CHECK(findings[1].id == "node-index");
  });
}

}  // namespace
}  // namespace metactl
