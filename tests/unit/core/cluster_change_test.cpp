// SPDX-License-Identifier: Apache-2.0
// Dropping, renaming and altering clusters. Source: meta-service-api.md, sections 5, 6 and 8.2.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
using metactl::tests::be;
using metactl::tests::ClusterOperation;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

constexpr std::int64_t start = 1'700'000'000;

/// Instance "i" with the COMPUTE clusters c1 (node n1), c2 and c3 (nodes n3, n1), the SQL cluster
/// f1 (node m1), and v over c1 and c2; the deleted instance "d".
class ChangeFixture : public CoreFixture {
 public:
  ChangeFixture() {
    set_now(start);
    create("i");
    create_deleted("d");
    add("cluster_id: 'c1', cluster_name: 'one', type: 'COMPUTE', nodes: [" + be("n1", "10.0.0.1") +
        "]");
    add("cluster_id: 'c2', cluster_name: 'two', type: 'COMPUTE'");
    add(compute("c3", be("n3", "10.0.0.3") + ", " + be("n1", "10.0.0.2")));
    add(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER")));
    add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL', cluster_names: ['one', 'two'], "
        "cluster_policy: {type: 0, active_cluster_name: 'one', standby_cluster_names: ['two']}");
  }
};

}  // namespace

TEST_CASE_METHOD(ChangeFixture, "update routes find the instance, then the cluster",
                 "[core][cluster]") {
  const ClusterOperation* operation =
      GENERATE(&api::rename_cluster, &api::update_cluster_mysql_user_name,
               &api::update_cluster_endpoint, &api::set_cluster_status, &api::alter_vcluster_info);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{cloud_unique_id: '1:nope:x'}", "INVALID_ARGUMENT", 400, "1:nope:x");
  CHECK_REFUSED(*operation, "{cluster: {cluster_id: 'c1'}}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
  CHECK_REFUSED(*operation, "{instance_id: 'nope'}", "INVALID_ARGUMENT", 400, "cluster");
  CHECK_REFUSED(*operation, on_cluster("", "nope"), "INVALID_ARGUMENT", 400, "cluster_id");
  CHECK_REFUSED(*operation, on_cluster("cluster_id: '', cluster_name: 'one'", "nope"),
                "INVALID_ARGUMENT", 400, "cluster_id");
  CHECK_REFUSED(*operation, on_cluster("cluster_id: 'cx'", "nope"), "INVALID_ARGUMENT", 400,
                "nope");
  CHECK_REFUSED(*operation, on_cluster("cluster_id: 'cx'", "d"), "INVALID_ARGUMENT", 400, "d");
  CHECK_REFUSED(*operation, on_cluster("cluster_id: 'cx', cluster_name: 'one'"), "INVALID_ARGUMENT",
                400, "instance_id=i", "cx", "one");
}

TEST_CASE_METHOD(ChangeFixture, "drop_cluster refuses the first broken rule", "[core][cluster]") {
  CHECK_REFUSED(api::drop_cluster, "{cluster: {}}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
  CHECK_REFUSED(api::drop_cluster, "{instance_id: 'nope'}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_name: 'one'", "nope"), "INVALID_ARGUMENT",
                400, "cluster_id");
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'c1'", "nope"), "CLUSTER_NOT_FOUND", 404,
                "nope");
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'c1'", "d"), "CLUSTER_NOT_FOUND", 404,
                "d");
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: '11111', cluster_name: '2222'"),
                "CLUSTER_NOT_FOUND", 404,
                "failed to find cluster to drop, instance_id=i cluster_id=11111 cluster_name=2222");
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'c2'"), "ALREADY_EXISTED", 409, "v");
}

TEST_CASE_METHOD(ChangeFixture, "drop_cluster removes the cluster and its nodes",
                 "[core][cluster]") {
  call(api::drop_cluster, on_cluster("cluster_id: 'c3', cluster_name: 'anything'"));
  std::string left;
  const auto instance = stored();
  for (const auto& cluster : instance.clusters()) left += cluster.cluster_id() + " ";
  CHECK(left == "c1 c2 f1 v ");
  CHECK(indexed("n3").empty());
  CHECK(indexed("n1") == "i");  // c1 still has it.
  CHECK_FALSE(instance.has_mtime());
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'c3'"), "CLUSTER_NOT_FOUND", 404, "c3");
}

TEST_CASE_METHOD(ChangeFixture, "members can be dropped after their virtual cluster",
                 "[core][cluster]") {
  call(api::drop_cluster, on_cluster("cluster_id: 'v'"));
  call(api::drop_cluster, on_cluster("cluster_id: 'c1'"));
  CHECK(stored().clusters_size() == 3);
}

TEST_CASE_METHOD(ChangeFixture, "a young FE keeps its cluster from being dropped",
                 "[core][cluster]") {
  settings.fe_drop_protection_seconds = 300;
  const auto request = on_cluster("cluster_id: 'f1'");
  set_now(start + 299);
  CHECK_REFUSED(api::drop_cluster, request, "CLUSTER_NOT_FOUND", 404, "f1",
                "drop fe cluster not in safe time, try later");
  settings.fe_drop_protection_seconds = 0;
  CHECK(refusal(api::drop_cluster, on_cluster("cluster_id: 'c3'"), {}) == "accepted");
  settings.fe_drop_protection_seconds = 300;
  set_now(start + 300);
  CHECK(refusal(api::drop_cluster, request, {}) == "accepted");
}

TEST_CASE_METHOD(ChangeFixture, "one young FE among old ones is enough", "[core][cluster]") {
  settings.fe_drop_protection_seconds = 300;
  set_now(start + 1000);
  call(api::add_node, on_cluster(sql("f1", fe("m2", "10.0.0.8", "FE_OBSERVER"))));
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'f1'"), "CLUSTER_NOT_FOUND", 404, "f1");
  CHECK(refusal(api::drop_cluster, on_cluster("cluster_id: 'c3'"), {}) == "accepted");
}

TEST_CASE_METHOD(ChangeFixture, "without protection an FE is dropped at once", "[core][cluster]") {
  call(api::drop_cluster, on_cluster("cluster_id: 'f1'"));
  CHECK(indexed("m1").empty());
}

TEST_CASE_METHOD(ChangeFixture, "rename_cluster replaces the name only", "[core][cluster]") {
  auto expected = stored();
  call(api::rename_cluster, on_cluster("cluster_id: 'c1', cluster_name: 'uno', desc: 'ignored'"));
  expected.mutable_clusters(0)->set_cluster_name("uno");
  CHECK(api::to_json(stored()) == api::to_json(expected));  // The names inside v too are as before.
  CHECK(indexed("n1") == "i");
}

TEST_CASE_METHOD(ChangeFixture, "rename_cluster refuses names that are taken, its own too",
                 "[core][cluster]") {
  const auto* name = GENERATE("one", "two", "name-f1", "v");
  CHECK_REFUSED(api::rename_cluster,
                on_cluster(fmt::format("cluster_id: 'c1', cluster_name: '{}'", name)),
                "INVALID_ARGUMENT", 400,
                "failed to rename cluster, a cluster with the same name already exists in this "
                "instance",
                name);
}

TEST_CASE_METHOD(ChangeFixture, "the text of a refused renaming begins as documented",
                 "[core][cluster]") {
  const auto request = on_cluster("cluster_id: 'c2', cluster_name: 'two'");
  try {
    call(api::rename_cluster, request);
    FAIL("renamed");
  } catch (const metactl::Error& error) {
    CHECK_THAT(error.answer()->message, Catch::StartsWith("failed to rename cluster"));
  }
}

TEST_CASE_METHOD(ChangeFixture, "rename_cluster refuses an empty name", "[core][cluster]") {
  const auto* name = GENERATE("", ", cluster_name: ''");
  CHECK_REFUSED(api::rename_cluster, on_cluster(fmt::format("cluster_id: 'c1'{}", name)),
                "INVALID_ARGUMENT", 400, "cluster_name");
}

TEST_CASE_METHOD(ChangeFixture, "rename_cluster replaces an empty cluster when told to",
                 "[core][cluster]") {
  const auto rename_to = [this](std::string_view id, std::string_view name, bool replace) {
    return refusal(api::rename_cluster,
                   fmt::format("{{instance_id: 'i', replace_if_existing_empty_target_cluster: {}, "
                               "cluster: {{cluster_id: '{}', cluster_name: '{}'}}}}",
                               replace, id, name),
                   {"failed to rename cluster"});
  };
  CHECK(rename_to("c3", "two", false) == "INVALID_ARGUMENT 400");
  CHECK(rename_to("c3", "one", true) == "INVALID_ARGUMENT 400");  // It has a node.
  CHECK(rename_to("c2", "two", true) == "INVALID_ARGUMENT 400");  // Its own name.
  CHECK(rename_to("c3", "two", true) == "accepted");
  std::string left;
  const auto instance = stored();
  for (const auto& cluster : instance.clusters())
    left += cluster.cluster_id() + "=" + cluster.cluster_name() + " ";
  CHECK(left == "c1=one c3=two f1=name-f1 v=v ");
  CHECK(nodes_of("c3") == "n3 n1");
  CHECK(rename_to("c3", "free", true) == "accepted");
}

TEST_CASE_METHOD(ChangeFixture, "update_cluster_mysql_user_name replaces the list",
                 "[core][cluster]") {
  const auto users = [this](std::string_view list) {
    call(api::update_cluster_mysql_user_name,
         on_cluster(fmt::format("cluster_id: 'c1', mysql_user_name: [{}]", list)));
    const auto kept = stored_cluster("c1").mysql_user_name();
    return std::vector<std::string>(kept.begin(), kept.end());
  };
  CHECK(users("'a', 'b', 'a'") == std::vector<std::string>{"a", "b", "a"});
  CHECK(users("'c'") == std::vector<std::string>{"c"});
  CHECK(users("").empty());
}

TEST_CASE_METHOD(ChangeFixture, "update_cluster_endpoint needs the private one",
                 "[core][cluster]") {
  const auto* missing = GENERATE("", ", private_endpoint: ''", ", public_endpoint: 'p'");
  CHECK_REFUSED(api::update_cluster_endpoint,
                on_cluster(fmt::format("cluster_id: 'c1'{}", missing)), "CLUSTER_ENDPOINT_MISSING",
                500);
}

TEST_CASE_METHOD(ChangeFixture, "update_cluster_endpoint replaces both", "[core][cluster]") {
  auto expected = stored();
  call(api::update_cluster_endpoint,
       on_cluster("cluster_id: 'c1', public_endpoint: 'pub', private_endpoint: 'priv'"));
  expected.mutable_clusters(0)->set_public_endpoint("pub");
  expected.mutable_clusters(0)->set_private_endpoint("priv");
  CHECK(api::to_json(stored()) == api::to_json(expected));
  call(api::update_cluster_endpoint, on_cluster("cluster_id: 'c1', private_endpoint: 'priv2'"));
  CHECK(stored_cluster("c1").public_endpoint().empty());
  CHECK(stored_cluster("c1").private_endpoint() == "priv2");
}

TEST_CASE_METHOD(ChangeFixture, "a write that leaves everything as it was changes nothing",
                 "[core][cluster]") {
  std::string properties;
  for (int i = 0; i < 40; ++i) properties += fmt::format("k{}: 'v', ", i);
  add(compute("p") + ", mysql_user_name: ['u'], properties: {" + properties + "}");
  const auto before = content();
  for (int i = 0; i < 20; ++i)
    call(api::update_cluster_mysql_user_name,
         on_cluster("cluster_id: 'p', mysql_user_name: ['u']"));
  CHECK(content().size() == before.size());
  CHECK(content() == before);
}
