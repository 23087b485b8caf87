// SPDX-License-Identifier: Apache-2.0
// The journal: one record a change, from which the old value comes back.

#include "core/journal.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::store::Txn;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::on_cluster;

namespace {

class JournalFixture : public CoreFixture {
 public:
  /// Runs `body` as a journaled operation, without the core.
  template <class Body>
  void change(Body&& body) {
    memory.transact([&](Txn& txn) {
      core::RecordingTxn recording(txn);
      body(recording);
      core::write_journal(txn, recording, {core::Origin("me"), "test"}, 42);
    });
  }
  std::uint64_t revision() {
    return memory.read([](metactl::store::View& view) { return view.revision(); });
  }
  pb::JournalChange last_change() { return journal().back().changes(0); }
};

using Value = std::optional<std::string>;

/// A value that does not get smaller.
std::string noise(std::size_t size) {
  std::string bytes;
  std::uint32_t state = 1;
  while (bytes.size() < size) {
    state = state * 1664525 + 1013904223;
    bytes += static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_CASE_METHOD(JournalFixture, "every write leaves one record that tells what it did",
                 "[core][journal]") {
  create("i");
  now_ms = 1'800'000'000'456;
  actor = "ops@bastion";
  const auto before = journal().size();
  call(api::rename_instance, "{instance_id: 'i', name: 'n', request_ip: '10.1.1.1'}");
  REQUIRE(journal().size() == before + 1);
  const auto record = journal().back();
  CHECK(record.time_ms() == 1'800'000'000'456);
  CHECK(record.actor() == "ops@bastion");
  CHECK(record.request_ip() == "10.1.1.1");
  CHECK(record.operation() == "rename_instance");
  CHECK(record.request() == R"({"instance_id":"i","name":"n","request_ip":"10.1.1.1"})");
  CHECK(record.outcome() == "OK");
  REQUIRE(record.changes_size() == 1);
  CHECK(record.changes(0).key() == keys::instance_key("i"));
  CHECK(value(keys::journal_key(revision())) == record.SerializeAsString());
}

TEST_CASE_METHOD(JournalFixture, "a request without an origin leaves request_ip absent",
                 "[core][journal]") {
  create("i");
  CHECK_FALSE(journal().back().has_request_ip());
}

TEST_CASE_METHOD(JournalFixture, "a record tells every key, in order", "[core][journal]") {
  create("i");
  add(compute("c", be("n2", "10.0.0.2") + ", " + be("n1", "10.0.0.1")));
  const auto record = journal().back();
  REQUIRE(record.changes_size() == 3);
  CHECK(record.changes(0).key() == keys::instance_key("i"));
  CHECK(record.changes(1).key() == keys::node_index_key("n1"));
  CHECK(record.changes(2).key() == keys::node_index_key("n2"));
  CHECK_FALSE(record.changes(1).has_before());
}

TEST_CASE_METHOD(JournalFixture, "refused, unchanged and reading calls leave none",
                 "[core][journal]") {
  create("i");
  add(compute("c", be("n1", "10.0.0.1")));
  call(api::rename_instance, "{instance_id: 'i', name: 'n'}");
  const auto before = journal().size();
  const auto commits = revision();
  CHECK_THROWS_AS(create("i"), Error);
  CHECK_THROWS_AS(add(compute("c")), Error);
  call(api::rename_instance, "{instance_id: 'i', name: 'n'}");
  call(api::update_cluster_mysql_user_name, on_cluster("cluster_id: 'c'"));
  call(api::get_instance, "{instance_id: 'i'}");
  call(api::get_cluster, "{cloud_unique_id: 'n1'}");
  call(api::get_cluster_status, "{instance_ids: ['i']}");
  call(api::list_instances, "{}");
  CHECK(journal().size() == before);
  CHECK(revision() == commits);
}

TEST_CASE_METHOD(JournalFixture, "no secret is in the journal", "[core][journal]") {
  call(api::create_instance,
       "{instance_id: 'i', ram_user: {user_id: 'u', ak: 'AK-123456789', sk: 'ram-secret'}, "
       "obj_info: {ak: 'AK-987654321', sk: 'obj-secret', bucket: 'b', endpoint: 'e', "
       "external_endpoint: 'x', region: 'r', provider: 'S3'}, vault: {hdfs_info: {build_conf: "
       "{fs_name: 'f', hdfs_kerberos_principal: 'principal-x', hdfs_kerberos_keytab: "
       "'keytab-x'}}}}");
  const auto record = journal().back();
  const auto bytes = record.SerializeAsString();
  for (const auto* secret : {"ram-secret", "obj-secret", "principal-x", "keytab-x"})
    CHECK_THAT(bytes, !Catch::Contains(secret));
  CHECK_THAT(record.request(), Catch::Contains(R"("ak":"xxx123456xxx")"));
  CHECK_THAT(record.request(), Catch::Contains(R"("sk":"sha256:)"));
}

TEST_CASE_METHOD(JournalFixture, "the value before comes back", "[core][journal]") {
  const auto old_value = GENERATE(as<Value>(), std::nullopt, "", "old", noise(3000),
                                  std::string(100'000, 'o'), noise(300'000));
  const auto new_value = GENERATE(as<Value>(), std::nullopt, "", "new", noise(3001),
                                  std::string(100'001, 'o'), "x" + noise(300'000));
  if (old_value == new_value) return;
  if (old_value) put("k", *old_value);
  change([&](Txn& txn) { new_value ? txn.put("k", *new_value) : txn.erase("k"); });
  REQUIRE(journal().size() == 1);
  const auto change = last_change();
  CHECK(change.key() == "k");
  CHECK(change.has_before() == old_value.has_value());
  CHECK(change.has_after_hash() == new_value.has_value());
  CHECK(value("k") == new_value);
  CHECK((core::value_before(change, new_value) == old_value));
}

TEST_CASE_METHOD(JournalFixture, "several changes of one key are one change", "[core][journal]") {
  put("k", "old");
  change([](Txn& txn) {
    txn.put("k", "middle");
    txn.erase("k");
    txn.put("k", "new");
    txn.erase("absent");
  });
  REQUIRE(journal().back().changes_size() == 1);
  CHECK(core::value_before(last_change(), "new") == "old");
}

TEST_CASE_METHOD(JournalFixture, "value_before refuses a value that was changed since",
                 "[core][journal]") {
  put("k", "old");
  const bool erase = GENERATE(false, true);
  change([&](Txn& txn) { erase ? txn.erase("k") : txn.put("k", "new"); });
  for (const auto& after : {Value("other"), Value("newer"), erase ? Value("new") : Value()}) {
    try {
      core::value_before(last_change(), after);
      FAIL("no refusal");
    } catch (const Error& error) {
      CHECK(error.reason() == metactl::Reason::integrity);
    }
  }
}

TEST_CASE_METHOD(JournalFixture, "a damaged record is an integrity failure", "[core][journal]") {
  put("k", noise(1000));
  change([](Txn& txn) { txn.put("k", "new"); });
  auto damaged = last_change();
  SECTION("other size") {
    damaged.set_before_size(999);
  }
  SECTION("larger size") {
    damaged.set_before_size(GENERATE(std::uint64_t{1001}, std::uint64_t{1} << 60));
  }
  SECTION("cut short") {
    damaged.mutable_before()->resize(damaged.before().size() / 2);
  }
  SECTION("no frame") {
    damaged.set_before("rubbish");
  }
  try {
    core::value_before(damaged, "new");
    FAIL("no refusal");
  } catch (const Error& error) {
    CHECK(error.reason() == metactl::Reason::integrity);
  }
}

TEST_CASE_METHOD(JournalFixture, "a node more in a large instance costs a small record",
                 "[core][journal]") {
  create("i");
  auto instance = stored();
  auto& cluster = *instance.add_clusters();
  cluster = metactl::tests::from<pb::ClusterPB>("{" + compute("c") + "}");
  for (int i = 0; i < 10'000; ++i)
    *cluster.add_nodes() = metactl::tests::from<pb::NodeInfoPB>(
        be(fmt::format("node-{}", i), fmt::format("10.0.{}.{}", i / 200, i % 200)));
  store(instance);
  const auto before = value(keys::instance_key("i"));
  call(api::add_node, on_cluster(compute("c", be("new", "10.1.0.1"))));
  CHECK(journal().back().ByteSizeLong() < 1000);
  CHECK((core::value_before(last_change(), value(keys::instance_key("i"))) == before));
}

TEST_CASE_METHOD(JournalFixture, "the newest 10,000 records stay", "[core][journal]") {
  for (int i = 1; i <= 10'005; ++i) change([&](Txn& txn) { txn.put("k", std::to_string(i)); });
  CHECK(revision() == 10'005);
  const auto range = keys::journal();
  const auto kept =
      memory.read([&](metactl::store::View& view) { return view.scan(range.first, range.last); });
  REQUIRE(kept.size() == 10'000);
  CHECK(keys::parse_journal_key(kept.front().key) == 6);
  CHECK(keys::parse_journal_key(kept.back().key) == 10'005);
}

TEST_CASE_METHOD(JournalFixture, "a recording passes reads on", "[core][journal]") {
  put("a", "1");
  put("b", "2");
  memory.transact([](Txn& txn) {
    core::RecordingTxn recording(txn);
    recording.put("a", "1");
    recording.erase("absent");
    CHECK(recording.before().empty());
    recording.put("c", "3");
    CHECK(recording.get("c") == "3");
    CHECK(recording.scan("b", "", 5).size() == 2);
    CHECK(recording.scan("a", "", 1).size() == 1);
    CHECK(recording.revision() == txn.revision());
    CHECK(recording.before().size() == 1);
  });
}
