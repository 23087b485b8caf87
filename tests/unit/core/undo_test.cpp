// SPDX-License-Identifier: Apache-2.0
// Taking changes back.

#include "core/undo.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "core/meta/rekey.h"
#include "store/sqlite.h"
#include "tests/support/core_fixture.h"
#include "tests/support/temp_dir.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
using metactl::Error;
using metactl::Reason;
using metactl::tests::complete_store;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

struct Write {
  std::string operation;
  std::string request;
};

std::string on_tablet(std::string_view job, std::string_view more = "") {
  return fmt::format(
      "{{cloud_unique_id: '1:i:x', {}job: {{idx: {{table_id: 1, index_id: 2, partition_id: 3, "
      "tablet_id: 4}}, {}}}}}",
      more, job);
}

std::string to_begin(std::string_view label) {
  return fmt::format(
      "{{cloud_unique_id: '1:i:x', txn_info: {{db_id: 1, table_ids: [1], label: "
      "'{}', timeout_ms: 1000}}}}",
      label);
}

/// Each operation that writes, in an order in which each finds what it needs.
std::vector<Write> writes() {
  const auto node = [](std::string_view nodes) {
    return on_cluster(fmt::format("cluster_id: 'c1', type: 'COMPUTE', nodes: [{}]", nodes));
  };
  const std::string n9 = metactl::tests::be("1:i:n9", "10.0.0.9");
  const std::string obj = fmt::format("obj: {{{}}}", complete_store);
  const std::string job =
      "compaction: [{id: 'j', initiator: 'b', type: 'EMPTY_CUMULATIVE', base_compaction_cnt: 0, "
      "cumulative_compaction_cnt: 0, expiration: 1800000000, lease: 1800000000}]";
  return {
      {"update_config", "{configs: 'enable_cluster_snapshot=true'}"},
      {"create_instance", fmt::format("{{instance_id: 'i', user_id: 'u', name: 'a', vault: "
                                      "{{obj_info: {{{}}}}}}}",
                                      complete_store)},
      {"create_instance",
       fmt::format("{{instance_id: 'o', user_id: 'u', obj_info: {{{}}}}}", complete_store)},
      {"rename_instance", "{instance_id: 'i', name: 'b'}"},
      {"set_instance_status", "{instance_id: 'i', op: 'SET_OVERDUE'}"},
      {"set_instance_status", "{instance_id: 'i', op: 'SET_NORMAL'}"},
      {"enable_instance_sse", "{instance_id: 'o'}"},
      {"disable_instance_sse", "{instance_id: 'o'}"},
      {"add_cluster",
       on_cluster(fmt::format("cluster_id: 'c1', cluster_name: 'one', type: 'COMPUTE', nodes: [{}]",
                              metactl::tests::be("1:i:n1", "10.0.0.1")))},
      {"add_cluster", on_cluster("cluster_id: 'c2', cluster_name: 'two', type: 'COMPUTE'")},
      {"add_cluster", on_cluster(sql("f", metactl::tests::fe("1:i:f", "10.0.1.1", "FE_MASTER")))},
      {"add_cluster", on_cluster("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL', "
                                 "cluster_names: ['one', 'two'], cluster_policy: {type: "
                                 "'ActiveStandby', active_cluster_name: 'one', "
                                 "standby_cluster_names: ['two']}")},
      {"alter_vcluster_info", on_cluster("cluster_id: 'v', cluster_policy: {type: "
                                         "'ActiveStandby', active_cluster_name: 'two', "
                                         "standby_cluster_names: ['one']}")},
      {"drop_cluster", on_cluster("cluster_id: 'v'")},
      {"add_node", node(n9)},
      {"decommission_node", node(n9)},
      {"notify_decommissioned", node(n9)},
      {"drop_node", node(n9)},
      {"rename_cluster", on_cluster("cluster_id: 'c1', cluster_name: 'late'")},
      {"update_cluster_mysql_user_name", on_cluster("cluster_id: 'c1', mysql_user_name: ['jack']")},
      {"update_cluster_endpoint",
       on_cluster("cluster_id: 'c1', public_endpoint: 'p:1', private_endpoint: 'q:1'")},
      {"set_cluster_status", on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'")},
      {"add_obj_info",
       fmt::format("{{cloud_unique_id: '1:o:x', obj: {{{}}}}}",
                   "ak: 'ak-2', sk: 'plain-sk-2', bucket: 'b2', prefix: 'p2', endpoint: 'e', "
                   "external_endpoint: 'x', region: 'r', provider: 'S3'")},
      {"legacy_update_ak_sk",
       "{cloud_unique_id: '1:o:x', obj: {id: '2', ak: 'ak-3', sk: "
       "'plain-sk-3'}}"},
      {"alter_obj_info",
       "{cloud_unique_id: '1:o:x', obj: {id: '2', ak: 'ak-4', sk: 'plain-sk-4'}}"},
      {"update_ak_sk", fmt::format("{{instance_id: 'o', internal_bucket_user: [{{user_id: 'u', "
                                   "ak: 'ak-5', sk: 'plain-sk-5'}}]}}")},
      {"add_s3_vault", fmt::format("{{cloud_unique_id: '1:i:x', vault: {{name: 's', obj_info: "
                                   "{{{}}}}}}}",
                                   complete_store)},
      {"alter_s3_vault",
       "{cloud_unique_id: '1:i:x', vault: {name: 's', alter_name: 's2', obj_info: {}}}"},
      {"add_hdfs_vault",
       "{cloud_unique_id: '1:i:x', vault: {name: 'h', hdfs_info: {build_conf: "
       "{fs_name: 'f'}}}}"},
      {"drop_hdfs_vault", "{cloud_unique_id: '1:i:x', vault: {name: 'h'}}"},
      {"alter_ram_user",
       "{instance_id: 'i', ram_user: {user_id: 'ru', ak: 'ak-r', sk: "
       "'plain-sk-r'}}"},
      {"alter_iam", "{account_id: 'a', ak: 'ak-i', sk: 'plain-sk-i'}"},
      {"adjust_rate_limit", "{qps_limit: '100'}"},
      {"update_config", "{configs: 'enable_cluster_name_check=true'}"},
      {"set_snapshot_property", "{instance_id: 'i', properties: {max_reserved_snapshots: '2'}}"},
      {"create_tablets",
       "{cloud_unique_id: '1:i:x', tablet_metas: [{table_id: 1, index_id: 2, partition_id: 3, "
       "tablet_id: 4, schema_version: 0}]}"},
      {"start_tablet_job", on_tablet(job)},
      {"finish_tablet_job", on_tablet(job, "action: 'ABORT', ")},
      {"start_tablet_job", on_tablet(job)},
      {"abort_tablet_job", on_tablet(job)},
      {"begin_txn", to_begin("l")},
      {"precommit_txn",
       "{cloud_unique_id: '1:i:x', db_id: 1, txn_id: TXN, "
       "precommit_timeout_ms: 1000}"},
      {"abort_txn", "{cloud_unique_id: '1:i:x', db_id: 1, txn_id: TXN}"},
      {"begin_txn", to_begin("m")},
      {"commit_txn", "{cloud_unique_id: '1:i:x', db_id: 1, txn_id: TXN}"},
      {"set_value",
       "{key_type: 'TxnIndexKey', parameters: {instance_id: 'i', txn_id: '9'}, "
       "document: '{\"tablet_index\": {\"db_id\": 7}}'}"},
      {"delete_value", "{key_type: 'TxnIndexKey', parameters: {instance_id: 'i', txn_id: '9'}}"},
      {"drop_instance", "{instance_id: 'o'}"},
  };
}

/// Operations that change nothing here, or nothing that others would not.
const std::set<std::string> others = {
    "set_multi_version_status", "drop_snapshot",    "compact_snapshot", "decouple_instance",
    "show_meta_ranges",         "fix_tablet_stats", "fix_tablet_db_id", "txn_lazy_commit",
    "injection_point",          "drop_s3_vault"};

class UndoFixture : public CoreFixture {
 public:
  /// All but the journal.
  std::vector<store::Pair> rows() {
    auto rows = content();
    std::erase_if(rows, [](const store::Pair& row) {
      return keys::parse_journal_key(row.key) || row.key == keys::journal_head_key() ||
             row.key == keys::secret_key_key();
    });
    return rows;
  }
  std::uint64_t revision() {
    return memory.read([](store::View& view) { return view.revision(); });
  }

  void write(const std::string& name, const std::string& json) {
    const auto& operation = *api::find_operation(name);
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    api::from_json(json, *request);
    const core::Dispatcher dispatcher(*target, environment(), core::meta::handlers());
    if (const auto error = dispatcher.call(*operation.info, *request, *response, actor))
      throw Error(*error);
    if (const auto* begun = dynamic_cast<const pb::BeginTxnResponse*>(response.get()))
      txn = std::to_string(begun->txn_id());
  }

  void undo(std::uint64_t number) { undo(std::vector{number}); }
  void undo(const std::vector<std::uint64_t>& numbers) {
    run([&](store::View& view) { return core::undo_changes(view, numbers); });
  }
  void undo_to(std::uint64_t number) {
    run([number](store::View& view) { return core::undo_to(view, number); });
  }
  /// By the record of one revision, or of all after `before` when an operation made several.
  void take_back(std::uint64_t before) {
    if (revision() == before + 1) {
      undo(before + 1);
    } else {
      undo_to(before);
    }
  }

  std::string txn;

 private:
  void run(const std::function<core::Undo(store::View&)>& plan) {
    const auto surroundings = environment();
    core::Context context(*target, surroundings, now_ms, {core::Origin(actor), "undo"});
    core::undo(context, plan, target->read(plan));
  }
};

bool has_line(const Error& error, std::string_view text) {
  return std::any_of(error.details().begin(), error.details().end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE_METHOD(UndoFixture, "each kind of write is taken back, and back again", "[core][undo]") {
  std::set<std::string> seen;
  for (auto& [operation, request] : writes()) {
    INFO(operation << " " << request);
    if (const auto place = request.find("TXN"); place != std::string::npos)
      request.replace(place, 3, txn);
    const auto before = rows();
    const auto first = revision();
    write(operation, request);
    const auto after = rows();
    REQUIRE(before != after);
    take_back(first);
    CHECK(rows() == before);
    undo(revision());
    CHECK(rows() == after);
    seen.insert(operation);
  }
  for (const auto& name : api::operation_names()) {
    const auto& info = *api::find_operation(name)->info;
    if (info.service != api::Service::meta || info.effect == api::Effect::read) continue;
    INFO(name);
    CHECK(seen.contains(name) != others.contains(name));
  }
}

TEST_CASE_METHOD(UndoFixture, "a range is taken back as one change", "[core][undo]") {
  create("i");
  const auto start = rows();
  const auto first = revision();
  for (const auto* id : {"c1", "c2", "c3"}) add(compute(id));
  call(api::drop_cluster, on_cluster("cluster_id: 'c2'"));
  call(api::rename_cluster, on_cluster("cluster_id: 'c1', cluster_name: 'late'"));
  const auto end = rows();
  undo_to(first);
  CHECK(rows() == start);
  CHECK(revision() == first + 6);
  undo(revision());
  CHECK(rows() == end);
  undo_to(0);
  CHECK(rows().empty());
}

TEST_CASE_METHOD(UndoFixture, "what was changed again is refused with what is in the way",
                 "[core][undo]") {
  create("i");
  add(compute("c1"));
  create("other");
  add(compute("c2"));
  actor = "late@host";
  call(api::rename_cluster, on_cluster("cluster_id: 'c1', cluster_name: 'x'"));
  const auto all = content();
  try {
    undo(2);
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    CHECK(error.details().size() == 2);
    CHECK(has_line(error, "InstanceKey{instance_id=i}, revision 5: rename_cluster by late@host"));
    CHECK(has_line(error, "revision 4: add_cluster by tester@host"));
    CHECK(error.hint().find("metactl undo --to 1") != std::string::npos);
  }
  CHECK(content() == all);
  undo(3);  // Something else.
  undo(5);
  undo(4);
  undo(2);  // What stands there is what it left again.
  CHECK(stored("i").clusters().empty());
}

TEST_CASE_METHOD(UndoFixture, "several changes are taken back as one", "[core][undo]") {
  create("i");
  add(compute("c1"));
  const auto start = rows();
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'"));
  const auto suspended = rows();
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'TO_RESUME'"));
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'NORMAL'"));
  undo({5, 4});
  CHECK(rows() == suspended);
  CHECK(revision() == 6);
  undo(6);
  undo({5, 4});
  undo(3);
  CHECK(rows() == start);
}

TEST_CASE_METHOD(UndoFixture, "a change between those that are taken back is in the way",
                 "[core][undo]") {
  create("i");
  create("o");
  add(compute("c1"));
  write("rename_instance", "{instance_id: 'o', name: 'other'}");
  actor = "late@host";
  add(compute("c2"));
  actor = "tester@host";
  add(compute("c3"));
  const auto all = content();
  try {
    undo({6, 4, 3});
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    CHECK(std::string(error.what()) ==
          "cannot take back revision 3 (add_cluster): what it changed was changed again");
    CHECK(error.details().size() == 1);
    CHECK(has_line(error, "InstanceKey{instance_id=i}, revision 5: add_cluster by late@host"));
    CHECK(error.hint().find("metactl undo --to 2") != std::string::npos);
  }
  CHECK(content() == all);
  undo({6, 4});  // Nothing is in between of what these changed.
  CHECK(stored("i").clusters_size() == 2);
  CHECK(stored("o").name().empty());
}

TEST_CASE_METHOD(UndoFixture, "revisions that are not there are told", "[core][undo]") {
  CHECK_THROWS_AS(undo(1), Error);
  create("i");
  for (const std::uint64_t number : {0U, 2U, 99U}) try {
      undo(number);
      FAIL("taken back");
    } catch (const Error& error) {
      CHECK(error.reason() == Reason::not_found);
    }
  const auto all = content();
  undo_to(1);
  CHECK_THROWS_AS(undo_to(99), Error);
  CHECK(content() == all);
}

TEST_CASE_METHOD(UndoFixture, "a range that was taken back already is nothing to do",
                 "[core][undo]") {
  create("i");
  add(compute("c1"));
  undo_to(1);
  const auto again = memory.read([](store::View& view) { return core::undo_to(view, 1); });
  CHECK(again == core::Undo{});
}

TEST_CASE_METHOD(UndoFixture, "where a state is already, no journal is needed", "[core][undo]") {
  create("i");
  memory.transact([](store::Txn& inside) { inside.erase(keys::journal_key(1)); });
  const auto here = [this](store::View& view) { return core::undo_to(view, revision()); };
  CHECK(memory.read(here).revisions.empty());
}

TEST_CASE_METHOD(UndoFixture, "values that something else changed are told", "[core][undo]") {
  create("i");
  add(compute("c1"));
  auto instance = stored("i");
  instance.set_name("by hand");
  store(instance);
  try {
    undo(2);
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    CHECK(has_line(error, "InstanceKey{instance_id=i}, by something else than metactl"));
  }
  CHECK_THROWS_AS(undo_to(0), Error);
  CHECK_THROWS_AS(memory.read([](store::View& view) { return core::changes_at(view, 1); }), Error);
}

TEST_CASE_METHOD(UndoFixture, "a secret whose key is gone is not brought back", "[core][undo]") {
  call(api::create_instance,
       fmt::format("{{instance_id: 'i', vault: {{obj_info: {{{}}}}}}}", complete_store));
  add(compute("c1"));
  call(api::alter_s3_vault,
       "{cloud_unique_id: '1:i:x', vault: {name: 'built_in_storage_vault', obj_info: {ak: 'ak-2', "
       "sk: 'plain-sk-2'}}}");
  const std::string new_key(32, 'n');
  auto surroundings = environment();
  core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "rekey"});
  core::meta::rekey(context, new_key);
  const auto rekeyed = revision();
  surroundings.secrets = core::Secrets([&](const auto&) { return new_key; });
  const auto all = content();
  const auto try_to = [&](const std::function<core::Undo(store::View&)>& plan) {
    core::Context late(memory, surroundings, now_ms, {core::Origin(actor), "undo"});
    core::undo(late, plan, memory.read(plan));
  };
  for (const std::uint64_t number : {std::uint64_t{3}, rekeyed}) try {
      try_to([&](store::View& view) { return core::undo_changes(view, {number}); });
      FAIL("taken back");
    } catch (const Error& error) {
      CHECK(error.reason() == Reason::precondition);
    }
  CHECK_THROWS_AS(try_to([](store::View& view) { return core::undo_to(view, 2); }), Error);
  CHECK(content() == all);
  try_to([](store::View& view) { return core::undo_changes(view, {2}); });  // Has no secrets.
  CHECK(stored("i").clusters().empty());
}

TEST_CASE_METHOD(UndoFixture, "an undo that was shown otherwise is not made", "[core][undo]") {
  create("i");
  add(compute("c1"));
  const auto surroundings = environment();
  const auto plan = [](store::View& view) { return core::undo_to(view, 1); };
  const auto shown = memory.read(plan);
  add(compute("c2"));
  core::Context context(memory, surroundings, now_ms, {core::Origin(actor), "undo"});
  CHECK_THROWS_AS(core::undo(context, plan, shown), Error);
  CHECK(stored("i").clusters_size() == 2);
}

TEST_CASE_METHOD(UndoFixture, "undo beside concurrent writers leaves a journal without gaps",
                 "[core][undo]") {
  const metactl::tests::TempDir folder;
  store::SqliteStore file(folder.path() / "state.db");
  target = &file;
  for (const auto* id : {"a", "b", "c"}) create(id);
  const auto surroundings = environment();
  const core::Dispatcher dispatcher(file, surroundings, core::meta::handlers());
  const auto write_some = [&](const std::string& instance) {
    for (int i = 0; i < 30; ++i) {
      pb::AlterClusterRequest request;
      api::from_json(on_cluster(compute(fmt::format("{}{}", instance, i)), instance), request);
      pb::AlterClusterResponse response;
      dispatcher.call(api::add_cluster.info, request, response, "writer");
    }
  };
  std::atomic<int> done = 0;
  std::atomic<int> failed = 0;
  const auto undo_some = [&] {
    for (int i = 0; i < 60; ++i) {
      const auto newest = file.read([](store::View& view) { return view.revision(); });
      const auto plan = [newest](store::View& view) { return core::undo_changes(view, {newest}); };
      try {
        core::Context context(file, surroundings, now_ms, {core::Origin("undoer"), "undo"});
        core::undo(context, plan, file.read(plan));
        ++done;
      } catch (const Error& error) {
        if (error.reason() != Reason::precondition) ++failed;
      }
    }
  };
  std::vector<std::thread> threads;
  for (const auto* id : {"a", "b", "c"}) threads.emplace_back(write_some, id);
  for (int i = 0; i < 2; ++i) threads.emplace_back(undo_some);
  for (auto& thread : threads) thread.join();
  CHECK(done > 0);
  CHECK(failed == 0);
  const auto all = file.read([](store::View& view) { return core::undo_to(view, 0); });
  CHECK(std::all_of(all.changes.begin(), all.changes.end(),
                    [](const core::KeyChange& change) { return !change.after; }));
  const auto newest = file.read([](store::View& view) { return view.revision(); });
  CHECK(all.revisions.size() == newest);
}
