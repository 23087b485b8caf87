// SPDX-License-Identifier: Apache-2.0
// Bodies of transactions that run several times do what they do when they run once.

#include <catch2/catch.hpp>

#include "tests/support/conflicting_store.h"
#include "tests/support/load_fixture.h"

namespace api = metactl::api;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::ConflictingStore;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::LoadFixture;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

/// Every write of the service, one after the other; then what the reads show.
std::string run_all(CoreFixture& core) {
  const auto call = [&](const auto& operation, const std::string& json) {
    core.now_ms += 1000;
    return core.shown(operation, json);
  };
  core.create("i");
  call(api::rename_instance, "{instance_id: 'i', name: 'n'}");
  call(api::enable_instance_sse, "{instance_id: 'i'}");
  call(api::disable_instance_sse, "{instance_id: 'i'}");
  call(api::set_instance_status, "{instance_id: 'i', op: 'SET_OVERDUE'}");
  for (const auto* id : {"a", "b", "empty"})
    call(api::add_cluster,
         on_cluster(fmt::format("cluster_id: '{0}', cluster_name: '{0}', type: 1", id)));
  call(api::add_cluster, on_cluster(compute("c", be("n1", "10.0.0.1"))));
  call(api::add_cluster, on_cluster(sql("f", fe("m1", "10.0.0.9", "FE_MASTER"))));
  call(api::add_cluster, on_cluster("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL'"));
  call(api::alter_vcluster_info,
       on_cluster("cluster_id: 'v', cluster_names: ['a', 'b'], cluster_policy: {type: 0, "
                  "active_cluster_name: 'a', standby_cluster_names: ['b'], cache_warmup_jobids: "
                  "['j']}"));
  call(api::rename_cluster,
       "{instance_id: 'i', replace_if_existing_empty_target_cluster: true, cluster: {cluster_id: "
       "'c', cluster_name: 'empty'}}");
  call(api::update_cluster_mysql_user_name, on_cluster("cluster_id: 'c', mysql_user_name: ['u']"));
  call(api::update_cluster_endpoint, on_cluster("cluster_id: 'c', private_endpoint: 'p'"));
  call(api::set_cluster_status, on_cluster("cluster_id: 'c', cluster_status: 'SUSPENDED'"));
  call(api::add_node, on_cluster(compute("c", be("n2", "10.0.0.2") + ", " + be("n3", "10.0.0.3"))));
  call(api::decommission_node, on_cluster(compute("c", be("n1", "10.0.0.1"))));
  call(api::notify_decommissioned, on_cluster(compute("c", be("n2", "10.0.0.2"))));
  call(api::drop_node, on_cluster(compute("c", be("n3", "10.0.0.3"))));
  call(api::drop_cluster, on_cluster("cluster_id: 'f'"));
  call(api::create_instance, "{instance_id: 'j'}");
  call(api::drop_instance, "{instance_id: 'j'}");
  return call(api::get_instance, "{instance_id: 'i'}") + call(api::list_instances, "{}") +
         call(api::get_cluster, "{cloud_unique_id: 'n1'}") +
         call(api::get_cluster_status, "{instance_ids: ['i']}");
}

/// Every write about transactions, tablets, jobs and single values; then all stored rows.
std::string run_loads(LoadFixture& core) {
  const auto ask = [&](const auto& operation, const std::string& members) {
    core.now_ms += 1000;
    core.ask(operation, members);
  };
  const auto finish = [&](std::string_view action, std::string_view id) {
    ask(api::finish_tablet_job,
        fmt::format("action: '{}', {}", action,
                    LoadFixture::on_tablet(
                        1, fmt::format("compaction: [{{id: '{}', lease: 2000000000}}]", id))));
  };
  const auto visible = core.begin("visible");
  ask(api::precommit_txn, LoadFixture::by_id(visible));
  ask(api::commit_txn, LoadFixture::by_id(visible));
  ask(api::abort_txn, LoadFixture::by_id(core.begin("aborted")));
  core.begin("aborted");
  core.create_tablet(1);
  core.create_tablet(
      2, "schema: {schema_version: 1, column: [{unique_id: 1, name: 'k', type: 'INT'}]}");
  ask(api::fix_tablet_stats, "table_id: '10'");
  core.call(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: '1', db_id: '8'}");
  ask(api::start_tablet_job, core.to_compact("base", "type: 'BASE'"));
  ask(api::start_tablet_job, core.to_compact("cumulative", "type: 'CUMULATIVE'"));
  finish("LEASE", "base");
  finish("ABORT", "base");
  ask(api::abort_tablet_job, LoadFixture::on_tablet(1, "compaction: [{id: 'cumulative'}]"));
  const auto on_value = [&](const auto& operation, const std::string& members) {
    core.call(operation, fmt::format("{{parameters: {{instance_id: 'i', txn_id: '5', index_id: "
                                     "'11', schema_version: '1'}}, {}}}",
                                     members));
  };
  on_value(api::set_value, "key_type: 'TxnIndexKey', document: '{}'");
  on_value(api::set_value, "key_type: 'MetaSchemaKey', document: '{\"schema_version\": 2}'");
  on_value(api::set_value,
           "key_type: 'InstanceKey', document: '{\"instance_id\": \"i\", \"clusters\": "
           "[{\"nodes\": [{\"cloud_unique_id\": \"n\"}]}]}'");
  on_value(api::delete_value, "key_type: 'TxnIndexKey'");
  return core.shown(api::scan_keys, "{}");
}

constexpr auto with_secrets =
    "{instance_id: 's', ram_user: {user_id: 'u', ak: 'a', sk: 'ram-sk'}, obj_info: {ak: 'a', sk: "
    "'sk', bucket: 'b', endpoint: 'e', external_endpoint: 'x', region: 'r', provider: 'S3'}, "
    "vault: "
    "{hdfs_info: {prefix: 'p', build_conf: {fs_name: 'f'}}}}";

}  // namespace

TEST_CASE("conflicts change no result", "[core][repeat]") {
  CoreFixture once;
  CoreFixture often;
  ConflictingStore store(often.memory, 3);
  often.target = &store;
  CHECK(run_all(often) == run_all(once));
  CHECK(often.content() == once.content());
  CHECK(often.journal().size() == 23);
}

TEST_CASE("conflicts change no result of loads, tablets, jobs and single values",
          "[core][repeat]") {
  LoadFixture once;
  LoadFixture often;
  ConflictingStore store(often.memory, 3);
  often.target = &store;
  CHECK(run_loads(often) == run_loads(once));
  CHECK(often.content() == once.content());
  CHECK(often.journal().size() == once.journal().size());
}

TEST_CASE("conflicts store one set of secrets and one vault", "[core][repeat]") {
  CoreFixture often;
  ConflictingStore store(often.memory, 3);
  often.target = &store;
  often.call(api::create_instance, with_secrets);
  CoreFixture once;
  once.call(api::create_instance, with_secrets);
  CHECK(often.shown(api::get_instance, "{instance_id: 's'}") ==
        once.shown(api::get_instance, "{instance_id: 's'}"));
  CHECK(often.content().size() == once.content().size());
  CHECK(often.stored("s").resource_ids_size() == 1);
  CHECK(often.stored_vault("2", "s").hdfs_info().build_conf().fs_name() == "f");
}

TEST_CASE("a refusal under conflicts stores nothing", "[core][repeat]") {
  CoreFixture core;
  core.create("i");
  ConflictingStore store(core.memory, 3);
  core.target = &store;
  CHECK(core.refusal(api::create_instance, "{instance_id: 'i'}", {"i"}) == "ALREADY_EXISTED 409");
}
