// SPDX-License-Identifier: Apache-2.0
// Where commands work: on a target that is there, or nowhere.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

class TargetFixture : public MetactlFixture {
 public:
  /// A command whose environment has `variables` and nothing else of ours.
  Outcome run_with(const std::map<std::string, std::string>& variables,
                   std::vector<std::string> arguments) const {
    auto launch = metactl(std::move(arguments));
    launch.environment.erase("METACTL_STATE");
    launch.environment.erase("HOME");
    for (const auto& [name, value] : variables) launch.environment[name] = value;
    const std::vector<std::string> in_folder = {"/bin/sh", "-c", "cd \"$0\" && exec \"$@\"",
                                                folder.path()};
    launch.arguments.insert(launch.arguments.begin(), in_folder.begin(), in_folder.end());
    return run(launch);
  }
  Outcome run_at_home(std::vector<std::string> arguments) const {
    return run_with({{"HOME", folder.path()}}, std::move(arguments));
  }
  bool is_empty() const { return std::filesystem::is_empty(folder.path()); }
  std::string history() const { return out({"history", "-o", "csv", "--columns", "OPERATION"}); }
};

}  // namespace

TEST_CASE_METHOD(TargetFixture, "without a target nothing is answered and nothing made",
                 "[e2e][target]") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"health", "-q"},
        {"qluster", "is-leader", "-q"},
        {"qluster", "init", "10.0.0.1", "--db-port", "5432", "--api-port", "8080"},
        {"nodemgr", "node", "list"},
        {"nodemgr", "node", "import", "--sample"},
        {"broker", "cluster", "list"}}) {
    const auto outcome = run_at_home(words);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    for (const auto* part : {"--server", "--state", "context"}) CHECK(contains(outcome.err, part));
  }
  CHECK(is_empty());
}

TEST_CASE_METHOD(TargetFixture, "a state that is named but missing is told, and not made by reads",
                 "[e2e][target]") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"health", "-q"},
                                                {"qluster", "is-leader", "-q"},
                                                {"qluster", "map", "-o", "raw"},
                                                {"qluster", "node", "add", "10.0.0.2"},
                                                {"qluster", "simulate", "show"},
                                                {"nodemgr", "info"},
                                                {"nodemgr", "node", "refresh"},
                                                {"broker", "cluster", "list"},
                                                {"api", "broker_list_clusters"}}) {
    INFO(words[0] << ' ' << words[1]);
    const auto outcome = run(metactl(words));
    CHECK(outcome.status == 3);
    CHECK(outcome.out.empty());
  }
  CHECK(is_empty());
  out({"broker", "proxy", "add", "10.0.0.1:6001", "--node", "10.0.0.1:7001", "--node",
       "10.0.0.1:7002"});
  CHECK(std::filesystem::exists(state));
}

TEST_CASE_METHOD(TargetFixture, "health is good only of a state that can be read",
                 "[e2e][target]") {
  std::ofstream(state) << "this is no state";
  CHECK(run(metactl({"health", "-q"})).status == 9);
  std::filesystem::remove(state);
  out({"qluster", "init", "10.0.0.1", "--db-port", "5432", "--api-port", "8080"});
  CHECK(run(metactl({"health", "-q"})).status == 0);
  {
    store::SqliteStore store(state);
    store.transact([](store::Txn& txn) { txn.erase(keys::build(keys::qluster_state_type, {})); });
  }
  CHECK(run(metactl({"health", "-q"})).status == 10);
}

TEST_CASE_METHOD(TargetFixture, "a silent server is unreachable", "[e2e][target]") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"health", "-q"}, {"qluster", "is-leader", "-q"}}) {
    auto arguments = words;
    arguments.insert(arguments.end(), {"--timeout", "1s"});
    CHECK(run_with({{"METACTL_SERVER", "http://127.0.0.1:1"}}, arguments).status == 6);
  }
}

TEST_CASE_METHOD(TargetFixture, "the first start of serve makes what it serves, once",
                 "[e2e][target]") {
  {
    const Serving server(*this, {"--service", "qluster"});
    CHECK(run_with({{"METACTL_SERVER", server.url()}}, {"qluster", "is-leader", "-q"}).status == 0);
  }
  CHECK(history() == "OPERATION\nqluster_init\n");
  CHECK(run(metactl({"nodemgr", "node", "list"})).status == 3);
  { const Serving server(*this); }
  CHECK(history() == "OPERATION\nnodemgr_import\nqluster_init\n");
  out({"nodemgr", "node", "import", "--empty", "--yes"});
  { const Serving server(*this); }
  CHECK(history() == "OPERATION\nnodemgr_import\nnodemgr_import\nqluster_init\n");
  CHECK(out({"nodemgr", "node", "list", "-o", "name"}).empty());
}

TEST_CASE_METHOD(TargetFixture, "serve of Doris alone makes no other service", "[e2e][target]") {
  { const Serving server(*this, {"--service", "meta"}); }
  CHECK_FALSE(std::filesystem::exists(state));
}

TEST_CASE_METHOD(TargetFixture, "a named state needs no HOME, and without one it must be named",
                 "[e2e][target]") {
  CHECK(run_with({}, {"instance", "create", "a", "--user-id", "o", "--state", state}).status == 0);
  CHECK(run_with({{"METACTL_STATE", state}}, {"instance", "list", "-o", "name"}).out ==
        "instance/a\n");
  const auto unnamed = run_with({}, {"instance", "list"});
  CHECK(unnamed.status == 2);
  CHECK(contains(unnamed.err, "--state FILE"));
}

TEST_CASE_METHOD(TargetFixture, "relative XDG folders are ignored", "[e2e][target]") {
  const std::map<std::string, std::string> relative = {{"HOME", folder / "home"},
                                                       {"XDG_DATA_HOME", "rel"},
                                                       {"XDG_CONFIG_HOME", "rel"},
                                                       {"XDG_STATE_HOME", "rel"}};
  CHECK(run_with(relative, {"instance", "create", "b", "--user-id", "o"}).status == 0);
  CHECK(run_with(relative, {"context", "add", "c", "--state", "c.db"}).status == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "rel"));
  CHECK(std::filesystem::exists(folder / "home/.local/share/metactl/state.db"));
  CHECK(std::filesystem::exists(folder / "home/.config/metactl/config.yaml"));
}

TEST_CASE_METHOD(TargetFixture, "a variable that nothing reads is told once, and not to programs",
                 "[e2e][target]") {
  const auto outcome = run_with({{"METACTL_SEVER", "http://127.0.0.1:1"}, {"METACTL_STATE", state}},
                                {"instance", "list", "-o", "json"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("{"));
  CHECK(contains(outcome.err,
                 "warning: no setting is named METACTL_SEVER; did you mean 'METACTL_SERVER'?"));
  CHECK(outcome.err.find("METACTL_SEVER") == outcome.err.rfind("METACTL_SEVER"));
  const std::map<std::string, std::string> known = {
      {"METACTL_STATE", state},   {"METACTL_SK_HOT", "x"},   {"METACTL_AK_HOT", "x"},
      {"METACTL_HDFS_COLD", "x"}, {"METACTL_USER", "u:p"},   {"METACTL_CONFIG", ""},
      {"METACTL_COMPAT", ""},     {"METACTL_NO_UPGRADE", ""}};
  CHECK_FALSE(contains(run_with(known, {"instance", "list"}).err, "warning"));
}

}  // namespace metactl::tests
