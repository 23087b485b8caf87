// SPDX-License-Identifier: Apache-2.0
// set_cluster_status: every edge of the table in meta-service-api.md, section 6.

#include <array>
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

constexpr std::array statuses = {pb::UNKNOWN, pb::NORMAL, pb::SUSPENDED, pb::TO_RESUME,
                                 pb::MANUAL_SHUTDOWN};

/// Rows: from; columns: to; both in the order of `statuses`. y: allowed, n: no, s: the same.
constexpr std::array edges = {"synnn", "nsyny", "nysyn", "nynsn", "nynns"};

class StatusFixture : public CoreFixture {
 public:
  StatusFixture() {
    create("i");
    add(compute("c", be("n", "10.0.0.1")));
    add(sql("f", fe("m", "10.0.0.9", "FE_MASTER")));
    add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL'");
  }
  /// Nothing: the cluster has no status.
  void put_status(std::optional<pb::ClusterStatus> status) {
    auto instance = stored();
    auto& cluster = *instance.mutable_clusters(0);
    cluster.clear_cluster_status();
    if (status) cluster.set_cluster_status(*status);
    store(instance);
  }
};

std::string set(std::string_view id, std::string_view status) {
  return on_cluster(fmt::format("cluster_id: '{}', cluster_status: '{}'", id, status));
}

}  // namespace

TEST_CASE_METHOD(StatusFixture, "set_cluster_status follows the table", "[core][cluster]") {
  const auto from = GENERATE(range(std::size_t{0}, statuses.size()));
  const auto to = GENERATE(range(std::size_t{0}, statuses.size()));
  const auto& from_name = pb::ClusterStatus_Name(statuses.at(from));
  const auto& to_name = pb::ClusterStatus_Name(statuses.at(to));
  CAPTURE(from_name, to_name);
  put_status(statuses.at(from));
  switch (edges.at(from)[to]) {
    case 'y': {
      auto expected = stored();
      call(api::set_cluster_status, set("c", to_name));
      expected.mutable_clusters(0)->set_cluster_status(statuses.at(to));
      CHECK(api::to_json(stored()) == api::to_json(expected));
      break;
    }
    case 's':
      CHECK_REFUSED(api::set_cluster_status, set("c", to_name), "INVALID_ARGUMENT", 400, to_name);
      break;
    default:
      CHECK_REFUSED(api::set_cluster_status, set("c", to_name), "INVALID_ARGUMENT", 400,
                    fmt::format("failed to set cluster status, original cluster is {} and want "
                                "set {}",
                                from_name, to_name));
  }
}

TEST_CASE_METHOD(StatusFixture, "a cluster without a status counts as UNKNOWN", "[core][cluster]") {
  put_status(std::nullopt);
  for (const auto* status : {"UNKNOWN", "SUSPENDED", "TO_RESUME", "MANUAL_SHUTDOWN"})
    CHECK_REFUSED(api::set_cluster_status, set("c", status), "INVALID_ARGUMENT", 400);
  call(api::set_cluster_status, set("c", "NORMAL"));
  CHECK(stored_cluster("c").cluster_status() == pb::NORMAL);
}

TEST_CASE_METHOD(StatusFixture, "a missing or unknown status leads nowhere", "[core][cluster]") {
  const auto from = GENERATE(pb::UNKNOWN, pb::NORMAL, pb::SUSPENDED);
  put_status(from);
  for (const auto* wanted : {"", ", cluster_status: null", ", cluster_status: 'STOPPED'",
                             ", cluster_status: 99", ", cluster_status: 'normal'"})
    CHECK_REFUSED(api::set_cluster_status, on_cluster(fmt::format("cluster_id: 'c'{}", wanted)),
                  "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(StatusFixture, "only COMPUTE clusters have a status to set", "[core][cluster]") {
  const auto* id = GENERATE("f", "v");
  CHECK_REFUSED(api::set_cluster_status, set(id, "NORMAL"), "INVALID_ARGUMENT", 400, "COMPUTE");
  CHECK_REFUSED(api::set_cluster_status, set(id, "UNKNOWN"), "INVALID_ARGUMENT", 400, "COMPUTE");
}

TEST_CASE_METHOD(StatusFixture, "the modification time of a cluster follows its status",
                 "[core][cluster]") {
  const auto created = stored_cluster("c").mtime();
  set_now(created + 60);
  call(api::set_cluster_status, set("c", "SUSPENDED"));
  CHECK(stored_cluster("c").ctime() == created);
  CHECK(stored_cluster("c").mtime() == created + 60);
  set_now(created + 90);
  CHECK_REFUSED(api::set_cluster_status, set("c", "SUSPENDED"), "INVALID_ARGUMENT", 400,
                "original cluster is SUSPENDED");
  CHECK(stored_cluster("c").mtime() == created + 60);
  const auto shown = call(api::get_cluster_status, "{instance_ids: ['i']}");
  CHECK(shown.details(0).clusters(0).mtime() == created + 60);
}
