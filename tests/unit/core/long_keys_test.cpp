// SPDX-License-Identifier: Apache-2.0
// Names so long that the key of a row would pass 10,000 bytes, and names with control characters:
// both are refused before anything is stored, by each service in its own form.
#include <catch2/catch.hpp>

#include "api/nodemgr.h"
#include "core/state/verify.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/nodemgr_fixture.h"
#include "tests/support/qluster_fixture.h"
#include "tests/support/vault_fixture.h"

namespace metactl::tests {
namespace {

const std::string too_long(10'001, 'A');
constexpr auto control = "17\\u0012\\n;rm -rf";

}  // namespace

TEST_CASE_METHOD(VaultFixture, "no operation of the Meta Service stores a key over 10,000 bytes",
                 "[core][keys]") {
  add("cluster_id: 'c', cluster_name: 'c', type: 'COMPUTE'");
  CHECK_REFUSED(api::create_instance, fmt::format("{{instance_id: '{}'}}", too_long),
                "INVALID_ARGUMENT", 400, "too long", "10000");
  CHECK_REFUSED(
      api::add_node,
      on_cluster("cluster_id: 'c', type: 'COMPUTE', nodes: [" + be(too_long, "10.0.0.1") + "]"),
      "INVALID_ARGUMENT", 400, "too long");
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("d", be(too_long, "10.0.0.1"))),
                "INVALID_ARGUMENT", 400, "too long");
  CHECK_REFUSED(api::begin_txn,
                fmt::format("{{cloud_unique_id: '1:i:x', txn_info: {{db_id: 7, table_ids: [71], "
                            "label: '{}', timeout_ms: 1000}}}}",
                            too_long),
                "INVALID_ARGUMENT", 400, "too long");
  CHECK_REFUSED(api::create_instance,
                fmt::format("{{instance_id: '{}', vault: {{obj_info: {{{}}}}}}}",
                            std::string(9'985, 'A'), complete_store),
                "INVALID_ARGUMENT", 400, "too long");
}

TEST_CASE_METHOD(VaultFixture, "the longest id that is stored can be verified and undone",
                 "[core][keys]") {
  const auto overhead = keys::instance_key("").size();
  const std::string longest(10'000 - overhead, 'A');
  create(longest);
  CHECK_REFUSED(api::create_instance, fmt::format("{{instance_id: 'A{}'}}", longest),
                "INVALID_ARGUMENT", 400, "key_bytes=10001");
  api::Verification result;
  memory.read([&](store::View& view) { core::verify_rows(view, environment().secrets, result); });
  CHECK(result.findings.empty());
}

TEST_CASE_METHOD(VaultFixture, "a row under a long key of an older release can be changed",
                 "[core][keys]") {
  pb::InstanceInfoPB instance;
  instance.set_instance_id(too_long);
  store(instance);
  call(api::drop_instance, fmt::format("{{instance_id: '{}'}}", too_long));
  CHECK(stored(too_long).status() == pb::InstanceInfoPB::DELETED);
}

TEST_CASE_METHOD(VaultFixture, "the Meta Service stores no names with control characters",
                 "[core][rules]") {
  add("cluster_id: 'c', cluster_name: 'c', type: 'COMPUTE'");
  CHECK_REFUSED(api::create_instance, R"({instance_id: "a\u0000b"})", "INVALID_ARGUMENT", 400,
                "'instance_id' has control characters");
  CHECK_REFUSED(api::create_instance, R"({instance_id: 'n', user_id: "u\n"})", "INVALID_ARGUMENT",
                400, "'user_id' has control characters");
  CHECK_REFUSED(api::add_node,
                on_cluster(fmt::format("cluster_id: 'c', type: 'COMPUTE', nodes: [{{ip: \"{}\", "
                                       "heartbeat_port: 1}}]",
                                       control)),
                "INVALID_ARGUMENT", 400, "'cluster.nodes[0].ip' has control characters");
  CHECK_REFUSED(api::rename_cluster, on_cluster(R"(cluster_id: 'c', cluster_name: "\u001b[2J")"),
                "INVALID_ARGUMENT", 400, "cluster_name");
  CHECK_REFUSED(api::add_s3_vault, on_vault(s3("v\\u009b")), "INVALID_ARGUMENT", 400, "name");
  call(api::rename_cluster, on_cluster("cluster_id: 'c', cluster_name: 'кластер, 集群'"));
}

TEST_CASE_METHOD(VaultFixture, "what an older release stored can be dropped", "[core][rules]") {
  add("cluster_id: 'c', cluster_name: 'c', type: 'COMPUTE'");
  auto instance = stored();
  auto& node = *instance.mutable_clusters(0)->add_nodes();
  node.set_cloud_unique_id("odd");
  node.set_ip("17\x12\n;rm -rf");
  node.set_heartbeat_port(9050);
  store(instance);
  put(keys::node_index_key("odd"), "i");
  call(api::drop_node,
       on_cluster(fmt::format("cluster_id: 'c', type: 'COMPUTE', nodes: [{{cloud_unique_id: 'odd', "
                              "ip: \"{}\", heartbeat_port: 9050}}]",
                              control)));
  CHECK(nodes_of("c") == "");
}

TEST_CASE_METHOD(BrokerFixture, "a broker refuses names too long and control characters as 400",
                 "[broker][keys]") {
  const auto refused = [&](const auto& operation, const auto& request) {
    const auto before = content();
    try {
      call(operation, request);
      return std::string("accepted");
    } catch (const Error& error) {
      return fmt::format("{} {}{}", error.answer().value().http, error.what(),
                         content() == before ? "" : ", but the store changed");
    }
  };
  pb::BrokerAddProxyRequest proxy;
  proxy.add_nodes("a");
  proxy.add_nodes("b");
  proxy.set_proxy_address(too_long + ":1");
  CHECK(refused(api::broker_add_proxy, proxy).starts_with("400 a name or id is too long"));
  proxy.set_proxy_address("h:1");
  proxy.set_host("h\n");
  CHECK(refused(api::broker_add_proxy, proxy) == "400 'host' has control characters");
  proxy.set_host("h");
  proxy.set_nodes(1, "b\x1b");
  CHECK(refused(api::broker_add_proxy, proxy) == "400 'nodes[1]' has control characters");
  pb::BrokerFailureRequest failure;
  failure.set_address(too_long);
  failure.set_reporter("r");
  CHECK(refused(api::broker_report_failure, failure).starts_with("400 a name or id is too long"));
  failure.set_address("a");
  failure.set_reporter(std::string("r\0", 2));
  CHECK(refused(api::broker_report_failure, failure) == "400 'reporter' has control characters");
  auto document = metadata();
  document.add_failed_proxies("x\n");
  CHECK(refused(api::broker_restore_metadata, document) ==
        "400 'failed_proxies[0]' has control characters");
  document.set_failed_proxies(0, too_long);
  CHECK(refused(api::broker_restore_metadata, document).starts_with("400 a name or id is too"));
}

TEST_CASE_METHOD(QlusterFixture, "a qluster refuses control characters as 400",
                 "[qluster][rules]") {
  CHECK(add("10.0.0.2\n").starts_with("400 "));
  CHECK(add("10.0.0.2", "proper\n").starts_with("400 "));
  pb::QlusterSetDbConfigRequest request;
  request.add_set()->set_name("a\x01");
  CHECK(outcome(api::qluster_set_db_config, request).starts_with("400 "));
  CHECK(content() == first);
}

TEST_CASE_METHOD(NodemgrFixture, "a node_mgr refuses names too long and control characters",
                 "[nodemgr][rules]") {
  const auto import = [&](const std::string& name, const std::string& value) {
    pb::NodemgrImportRequest request;
    auto& node = *request.add_nodes();
    node.set_type("storage_node");
    node.set_ip("10.0.0.1");
    node.set_port(6001);
    node.GetReflection()->SetString(&node, node.GetDescriptor()->FindFieldByName(name), value);
    const auto handlers = core::nodemgr::handlers();
    const core::Dispatcher dispatcher(memory, environment(), handlers);
    pb::NodemgrNodesResponse response;
    const auto error = dispatcher.call(api::nodemgr_import.info, request, response, "t");
    return error ? std::string(error->what()) : "";
  };
  CHECK(import("user", "a\nb") == "'nodes[0].user' has control characters");
  CHECK(import("shard", std::string(256, 's')).starts_with("'cluster' and 'shard'"));
  CHECK(content() == first);
  CHECK(refused(with(backup(), {{"job_id", "a\nb"}}).dump()) == "'job_id' has control characters");
  CHECK(refused(with(delete_table(), {{"job_id", "a\nb"}}).dump()) ==
        "'job_id' has control characters");
  CHECK(import("shard", std::string(255, 's')) == "");
}

}  // namespace metactl::tests
