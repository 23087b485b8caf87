// SPDX-License-Identifier: Apache-2.0
// Servers that know less than ours: no stored rows, and OK for calls that they do not make.
#include <catch2/catch.hpp>

#include "app/rehearsal.h"
#include "store/memory.h"
#include "tests/support/core_server.h"

namespace metactl::tests {
namespace {

/// A server that has no extensions.
class OldServer final : public HalfServer {
 public:
  using HalfServer::HalfServer;

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    if (operation.extension || operation.name == api::show_config.info.name)
      throw Error(Reason::internal, "the server has no such call: no JSON in its answer");
    HalfServer::do_call(operation, request, response);
  }
};

struct OldWorld : CommandWorld {
  OldWorld() {
    environment["METACTL_SERVER"] = "http://old.example:5000";
    services.connect = [this](const cli::Connection&) {
      return std::make_unique<OldServer>(store, makes_changes);
    };
    services.rehearse = [this](const cli::Connection&) {
      return std::make_unique<app::Rehearsal>(std::make_unique<OldServer>(store, makes_changes),
                                              core_environment(), core::Origin("tester"));
    };
    write_file("c.yaml",
               "apiVersion: metactl/v1\nkind: Cluster\nmetadata: {instance: prod, name: etl}\n"
               "spec: {type: COMPUTE, nodes: [{ip: 10.0.0.1, heartbeatPort: 9050}]}\n");
    run_line("instance create prod --user-id ops");
  }

  std::shared_ptr<store::Store> store = std::make_shared<store::MemoryStore>();
  bool makes_changes = true;
};

}  // namespace

TEST_CASE_METHOD(OldWorld, "what is about instances is rehearsed on every server",
                 "[cli][dry-run]") {
  for (const auto* line :
       {"apply -f c.yaml --dry-run", "plan -f c.yaml --dry-run", "instance get prod --dry-run",
        "instance create other --user-id ops --dry-run", "instance rename prod new --dry-run",
        "cluster add etl -i prod --node 10.0.0.1:9050 --dry-run",
        "vault add hdfs cold -i prod --fs-name hdfs://h:1 --user me --dry-run",
        "instance drop prod --yes --dry-run"}) {
    INFO(line);
    const auto result = run_line(line);
    const bool is_note = result.err.starts_with("note: metactl cannot undo on a server: ");
    CHECK((result.err.empty() || is_note));
    CHECK(result.status == 0);
  }
  CHECK(run_line("instance get prod -o json").out.find("NORMAL") != std::string::npos);
}

TEST_CASE_METHOD(OldWorld, "what needs rows that are not shown is refused", "[cli][dry-run]") {
  const auto result = run_line("txn begin load --db 1 --table 2 -i prod --dry-run");
  CHECK(result.status == 2);
  CHECK_THAT(result.err,
             Catch::Contains("cannot be rehearsed on a server that does not show its stored rows"));
}

TEST_CASE_METHOD(OldWorld, "apply looks whether a server did what it answered OK to",
                 "[cli][apply]") {
  makes_changes = false;
  const auto result = run_line("apply -f c.yaml");
  CHECK(result.status == 1);
  CHECK_THAT(result.err, Catch::Contains("the server answered OK, but not all is as the manifests "
                                         "say\ncluster/etl: + COMPUTE cluster etl"));
  CHECK(run_line("apply -f c.yaml --no-read-back").status == 0);
  makes_changes = true;
  CHECK(run_line("apply -f c.yaml").err.empty());
}

TEST_CASE_METHOD(OldWorld, "settings are changed on servers that do not show them",
                 "[cli][server-config]") {
  const auto result = run_line("server-config set enable_cluster_name_check=true");
  CHECK(result.status == 0);
  CHECK(result.err == "note: the server does not show its settings; the value before is unknown\n");
  CHECK(result.out == "setting/enable_cluster_name_check changed\n");
  CHECK(run_line("server-config set no_such_setting=1").status == 2);
  CHECK(run_line("server-config show").status == 1);
}

}  // namespace metactl::tests
