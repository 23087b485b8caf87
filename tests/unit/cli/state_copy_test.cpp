// SPDX-License-Identifier: Apache-2.0
// metactl state copy: a server's instances in a local state.
#include "app/first_services.h"
#include "app/serve.h"
#include "base/text.h"
#include "store/memory.h"
#include "tests/support/state_world.h"

namespace metactl::tests {
namespace {

struct CopyWorld : StateWorld {
  CopyWorld() {
    environment.erase("METACTL_STATE");  // Which would win over a context.
    server::FrontOptions options;
    options.token = "golden-token";
    server = std::make_unique<app::StateServer>(
        std::make_shared<store::MemoryStore>(), core_environment(),
        app::ServedServices{.meta = options}, "127.0.0.1", 0);
    write_file("server.token", options.token + "\n");
    ok("context add there --server " + server->url() + " --token-file server.token");
    for (const std::string line :
         {"instance create prod --user-id ops", "instance create test --user-id ops",
          "-i prod cluster add etl --node 10.0.0.1:9050",
          "-i prod vault add s3 v --bucket b --prefix p --endpoint e --region r --provider S3 "
          "--ak AKIDEXAMPLE99 --sk-file key.txt",
          "-i prod tablet create 1 --db 7 --table 10 --index 11 --partition 12",
          "-i test tablet create 2 --db 7 --table 10 --index 11 --partition 12"})
      ok(line + " -C there");
  }

  /// In place of the Meta Service alone.
  void serve_all() {
    server::FrontOptions options;
    options.token = "golden-token";
    const auto store = std::make_shared<store::MemoryStore>();
    app::make_first_services(store, core_environment(), core::Origin("server"),
                             {api::Service::qluster});
    server = std::make_unique<app::StateServer>(
        store, core_environment(),
        app::ServedServices{.meta = options,
                            .broker = server::BrokerFrontOptions(),
                            .qluster = server::QlusterFrontOptions()},
        "127.0.0.1", 0);
    ok("context add all --server " + server->url() + " --token-file server.token");
  }

  std::unique_ptr<app::StateServer> server;
};

TEST_CASE_METHOD(CopyWorld, "what a server shows becomes a local state", "[cli][state]") {
  const auto result = run_line("state copy --from there");
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(result.out == "context/there copied\n");
  for (const std::string line :
       {"instance list", "-i prod node list", "-i prod vault list -o json --show-secrets",
        "-i prod tablet list", "-i test tablet list"}) {
    INFO(line);
    const auto words = text::split(line, ' ');
    if (line.find("secrets") == std::string::npos) CHECK(ok(line) == ok(line + " -C there"));
  }
  CHECK(json("state info")["revision"] == 1);
  CHECK(json("state info")["journal"]["records"] == 1);
  ok("state verify");
}

TEST_CASE_METHOD(CopyWorld, "one instance of a server is copied with its rows", "[cli][state]") {
  ok("state copy --from there -i test");
  CHECK(ok("instance list -o name") == "instance/test\n");
  CHECK_THAT(ok("-i test tablet list"), Catch::Contains("2\t10\t11\t12"));
  CHECK(refused("state copy --from there") == "4 error: instance 'test' is in this state already");
  CHECK(refused("state copy --from there -i none").starts_with("3 error: "));
  ok("state copy --from there -i prod");
  ok("state verify");
}

TEST_CASE_METHOD(CopyWorld, "what a memory broker and a qluster store is copied or told",
                 "[cli][state]") {
  const auto add = [&](const std::string& place) {
    ok("broker proxy add 10.0.0.1:7001 --node 10.0.0.1:6001 --node 10.0.0.1:6002" + place);
  };
  serve_all();
  add(" -C all");
  const auto result = run_line("state copy --from all");
  CHECK(result.status == 0);
  CHECK(result.err.find("not copied") == std::string::npos);
  const std::string copied = "broker proxy list --state home/.local/share/metactl/state.db";
  CHECK(ok(copied) == ok("broker proxy list -C all"));
  ok("qluster config set node-timeout=4s -C all");
  ok("state verify");

  environment["METACTL_STATE"] = "b.db";
  add("");
  const auto second = run_line("state copy --from all");
  CHECK(second.status == 0);
  CHECK_THAT(second.err, Catch::Contains("not copied: the memory broker: this state has") &&
                             Catch::Contains("not copied: the qluster: its nodes, settings"));
}

TEST_CASE_METHOD(CopyWorld, "a copy is of a server that a context names", "[cli][state]") {
  CHECK(refused("state copy") == "2 error: --from is missing");
  CHECK(refused("state copy --from nowhere").starts_with("3 error: "));
  ok("context add here --state b.db");
  CHECK(refused("state copy --from here") == "2 error: context 'here' names no server");
}

}  // namespace
}  // namespace metactl::tests
