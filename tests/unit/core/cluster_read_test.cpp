// SPDX-License-Identifier: Apache-2.0
// get_cluster and get_cluster_status. Source: meta-service-api.md, section 8.4.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

/// Instance "i" with c1 (users u, w), c2 (users w, x) and the SQL cluster f; "j" with a SUSPENDED
/// cj; "empty" without clusters; the deleted instance "d".
class ReadFixture : public CoreFixture {
 public:
  ReadFixture() {
    create("i");
    create("j");
    create("empty");
    create_deleted("d");
    add(compute("c1", be("n1", "10.0.0.1")) + ", mysql_user_name: ['u', 'w']");
    add(compute("c2") + ", mysql_user_name: ['w', 'x']");
    add(sql("f", fe("m1", "10.0.0.9", "FE_MASTER")));
    add(compute("cj", be("nj", "10.0.1.1")), "j");
    call(api::set_cluster_status, on_cluster("cluster_id: 'cj', cluster_status: 'SUSPENDED'", "j"));
  }
  /// The ids of the clusters found: "c1 c2".
  std::string found(std::string_view request) {
    const auto response = call(api::get_cluster, request);
    std::string ids;
    for (const auto& cluster : response.cluster())
      ids += (ids.empty() ? "" : " ") + cluster.cluster_id();
    return ids;
  }
};

}  // namespace

TEST_CASE_METHOD(ReadFixture, "get_cluster needs a cloud_unique_id that resolves",
                 "[core][cluster]") {
  CHECK_REFUSED(api::get_cluster, "{}", "INVALID_ARGUMENT", 400, "cloud_unique_id must be given");
  CHECK_REFUSED(api::get_cluster, "{instance_id: 'i', cloud_unique_id: ''}", "INVALID_ARGUMENT",
                400, "cloud_unique_id");
  CHECK_REFUSED(api::get_cluster, "{cloud_unique_id: 'nope'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(api::get_cluster, "{cloud_unique_id: '1:nope:x', instance_id: ''}",
                "INVALID_ARGUMENT", 400, "empty instance_id");
  CHECK_REFUSED(api::get_cluster, "{cloud_unique_id: 'x', instance_id: 'nope', cluster_id: 'c1'}",
                "KV_TXN_GET_ERR", 500, "nope");
}

TEST_CASE_METHOD(ReadFixture, "in get_cluster the cloud_unique_id wins", "[core][cluster]") {
  CHECK(found("{cloud_unique_id: 'n1', instance_id: 'j'}") == "c1 c2 f");
  CHECK(found("{cloud_unique_id: '1:j:x', instance_id: 'i'}") == "cj");
  CHECK(found("{cloud_unique_id: 'any', instance_id: 'j'}") == "cj");
  CHECK(found("{cloud_unique_id: 'n1', instance_id: 'nope'}") == "c1 c2 f");
}

TEST_CASE_METHOD(ReadFixture, "get_cluster selects by id, then name, then user",
                 "[core][cluster]") {
  const auto [selector, ids] = GENERATE(table<std::string, std::string>({
      {"cluster_id: 'c2'", "c2"},
      {"cluster_name: 'name-c2'", "c2"},
      {"mysql_user_name: 'x'", "c2"},
      {"mysql_user_name: 'w'", "c1"},
      {"cluster_id: 'c1', cluster_name: 'name-c2', mysql_user_name: 'x'", "c1"},
      {"cluster_name: 'name-c2', mysql_user_name: 'u'", "c2"},
  }));
  CHECK(found(fmt::format("{{cloud_unique_id: 'n1', {}}}", selector)) == ids);
}

TEST_CASE_METHOD(ReadFixture, "get_cluster names the request that found nothing",
                 "[core][cluster]") {
  CHECK_REFUSED(
      api::get_cluster, "{instance_id: 'i', cloud_unique_id: 'n1', cluster_name: 'nope'}",
      "CLUSTER_NOT_FOUND", 404,
      R"(fail to get cluster with instance_id: "i" cloud_unique_id: "n1" cluster_name: "nope")");
  CHECK_REFUSED(api::get_cluster,
                "{cloud_unique_id: 'n1', cluster_id: 'nope', cluster_name: 'name-c1'}",
                "CLUSTER_NOT_FOUND", 404, "nope");
  CHECK_REFUSED(api::get_cluster, "{cloud_unique_id: 'n1', mysql_user_name: 'nope'}",
                "CLUSTER_NOT_FOUND", 404, R"(mysql_user_name: "nope")");
  CHECK_REFUSED(api::get_cluster, "{cloud_unique_id: '1:empty:x'}", "CLUSTER_NOT_FOUND", 404,
                R"(fail to get cluster with cloud_unique_id: "1:empty:x")");
}

TEST_CASE_METHOD(ReadFixture, "get_cluster gives the stored clusters and the vault mode",
                 "[core][cluster]") {
  const auto response = call(api::get_cluster, "{cloud_unique_id: 'n1'}");
  REQUIRE(response.cluster_size() == 3);
  CHECK(api::to_json(response.cluster(0)) == api::to_json(stored_cluster("c1")));
  CHECK(response.has_enable_storage_vault());
  CHECK(response.enable_storage_vault());
}

TEST_CASE_METHOD(ReadFixture, "get_cluster works on deleted instances", "[core][cluster]") {
  auto instance = stored();
  instance.set_status(pb::InstanceInfoPB::DELETED);
  store(instance);
  CHECK(found("{cloud_unique_id: 'n1', cluster_id: 'c2'}") == "c2");
}

TEST_CASE_METHOD(ReadFixture, "get_cluster_status needs ids", "[core][cluster]") {
  const auto* request = GENERATE("{}", "{status: 'NORMAL'}", "{instance_ids: []}");
  CHECK_REFUSED(api::get_cluster_status, request, "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(ReadFixture, "get_cluster_status shows COMPUTE clusters in the order asked for",
                 "[core][cluster]") {
  CHECK(shown(api::get_cluster_status, "{instance_ids: ['j', 'nope', 'empty', 'i', 'd']}") ==
        R"({"details":[{"instance_id":"j","clusters":[{"cluster_id":"cj","cluster_name":"name-cj",)"
        R"("cluster_status":"SUSPENDED","mtime":"1700000000"}]},{"instance_id":"i","clusters":[)"
        R"({"cluster_id":"c1","cluster_name":"name-c1","cluster_status":"NORMAL",)"
        R"("mtime":"1700000000"},{"cluster_id":"c2","cluster_name":"name-c2",)"
        R"("cluster_status":"NORMAL","mtime":"1700000000"}]}]})");
}

TEST_CASE_METHOD(ReadFixture, "get_cluster_status prefers instance_ids", "[core][cluster]") {
  const auto instances = [this](std::string_view request) {
    const auto response = call(api::get_cluster_status, request);
    std::string ids;
    for (const auto& detail : response.details()) ids += detail.instance_id();
    return ids;
  };
  CHECK(instances("{instance_ids: ['j'], cloud_unique_ids: ['n1']}") == "j");
  CHECK(instances("{instance_ids: ['nope'], cloud_unique_ids: ['n1']}").empty());
  CHECK(instances("{cloud_unique_ids: ['nope', '1:nope:x', 'nj', '', '1:i:x']}") == "ji");
}

TEST_CASE_METHOD(ReadFixture, "get_cluster_status filters by status", "[core][cluster]") {
  const auto clusters = [this](std::string_view status) {
    std::string ids;
    const auto response = call(api::get_cluster_status,
                               fmt::format("{{instance_ids: ['i', 'j'], status: {}}}", status));
    for (const auto& detail : response.details())
      for (const auto& cluster : detail.clusters()) ids += cluster.cluster_id() + " ";
    return ids;
  };
  CHECK(clusters("'NORMAL'") == "c1 c2 ");
  CHECK(clusters("2") == "cj ");
  CHECK(clusters("'TO_RESUME'").empty());
  CHECK(clusters("'UNKNOWN'").empty());
  CHECK(clusters("null") == "c1 c2 cj ");
  CHECK(clusters("'STOPPED'") == "c1 c2 cj ");
}

TEST_CASE_METHOD(ReadFixture, "a cluster without a status shows NORMAL and is found as UNKNOWN",
                 "[core][cluster]") {
  auto instance = stored();
  instance.mutable_clusters(1)->clear_cluster_status();
  store(instance);
  const auto shown_for = [this](std::string_view status) {
    return shown(api::get_cluster_status,
                 fmt::format("{{instance_ids: ['i'], status: '{}'}}", status));
  };
  CHECK(shown_for("UNKNOWN") ==
        R"({"details":[{"instance_id":"i","clusters":[{"cluster_id":"c2","cluster_name":"name-c2",)"
        R"("cluster_status":"NORMAL","mtime":"1700000000"}]}]})");
  CHECK_THAT(shown_for("NORMAL"), !Catch::Contains("c2"));
}

TEST_CASE_METHOD(ReadFixture, "get_cluster_status with nothing to show succeeds",
                 "[core][cluster]") {
  const auto* request =
      GENERATE("{instance_ids: ['nope']}", "{instance_ids: ['empty']}",
               "{cloud_unique_ids: ['nope']}", "{instance_ids: ['i'], status: 'TO_RESUME'}");
  CHECK(shown(api::get_cluster_status, request) == "{}");
}
