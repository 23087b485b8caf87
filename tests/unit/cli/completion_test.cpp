// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

struct Completed : RecordedWorld {
  Completed() {
    run_line("instance create prod --user-id ops --name production");
    run_line("cluster add etl --node 10.0.0.5:9050");
    run_line("cluster add sql --type sql --node 10.0.0.1:9010/FE_MASTER");
    run_line("context add work --state work.db");
    recording.calls.clear();
  }

  /// The words that may follow, without their meanings; the last word is the one that is typed.
  std::string words(std::vector<std::string> typed) {
    typed.insert(typed.begin(), "__complete");
    const auto result = run(typed);
    CHECK(result.status == 0);
    CHECK(result.err == "");
    std::vector<std::string> found;
    for (const auto& line : text::split(result.out, '\n'))
      if (!line.empty()) found.push_back(line.substr(0, line.find('\t')));
    return text::join(found, " ");
  }
};

}  // namespace

TEST_CASE_METHOD(Completed, "commands are completed", "[cli][completion]") {
  CHECK(words({""}) ==
        "instance cluster node vault obj ak iam ram-user stage snapshot txn tablet job "
        "rate-limit server-config broker qluster nodemgr key value history undo state schema "
        "explain doctor health "
        "serve "
        "plan apply diff export edit wait batch convert api context config help version completion "
        "man");
  CHECK(words({"c"}) == "cluster convert context config completion");
  CHECK(words({"cluster", "s"}) == "status set-status suspend");
  CHECK(words({"cluster", "users", ""}) == "set");
  CHECK(words({"-i", "prod", "cluster", "re"}) == "rename resume");
  CHECK(words({"nonsense"}) == "");
  CHECK(words({"nonsense", ""}) == "");
  CHECK(words({"help", "clu"}) == "cluster");
  CHECK(words({"man", "n"}) == "node nodemgr");
}

TEST_CASE_METHOD(Completed, "a candidate has its meaning behind a tab", "[cli][completion]") {
  CHECK(run({"__complete", "vers"}).out == "version\tShow the version\n");
  CHECK(run({"__complete", "cluster", "get", "e"}).out == "etl\tCOMPUTE\n");
  CHECK(run({"__complete", "instance", "get", ""}).out == "prod\tproduction\n");
}

TEST_CASE_METHOD(Completed, "flags are completed, those of all commands too", "[cli][completion]") {
  CHECK_THAT(words({"cluster", "drop", "--"}),
             Catch::StartsWith("--help --if-exists --body --server --state"));
  CHECK(words({"cluster", "add", "--ty"}) == "--type");
  CHECK(words({"cluster", "add", "--if"}) == "--if-not-exists");
  CHECK(words({"cluster", "list", "--show"}) == "--show-secrets --show-curl");
  CHECK(words({"--tok"}) == "--token-file --token");
}

TEST_CASE_METHOD(Completed, "values of flags are completed", "[cli][completion]") {
  CHECK(words({"-o", ""}) == "table wide json yaml ndjson csv name raw");
  CHECK(words({"cluster", "list", "--output", "n"}) == "ndjson name");
  CHECK(words({"cluster", "list", "-i", ""}) == "prod");
  CHECK(words({"-C", ""}) == "work");
  CHECK(words({"node", "list", "--cluster", ""}) == "etl sql");
  CHECK(words({"cluster", "add", "both", "--active", "e"}) == "etl");
  CHECK(words({"cluster", "add", "both", "--desc", ""}) == "");
}

TEST_CASE_METHOD(Completed, "names of live objects are completed", "[cli][completion]") {
  CHECK(words({"cluster", "get", ""}) == "etl sql");
  CHECK(words({"cluster", "get", "s"}) == "sql");
  CHECK(words({"cluster", "get", "-i", "prod", "e"}) == "etl");
  CHECK(words({"cluster", "get", "etl", ""}) == "");
  CHECK(words({"cluster", "rename", "etl", ""}) == "");
  CHECK(words({"instance", "drop", "--if-exists", "p"}) == "prod");
  CHECK(words({"context", "use", ""}) == "work");
  CHECK(words({"api", "drop"}) ==
        "drop_instance drop_cluster drop_node drop_s3_vault drop_hdfs_vault drop_snapshot");
  for (const auto& [operation, request] : recording.calls)
    CHECK(api::find_operation(operation)->info->effect == api::Effect::read);
}

TEST_CASE_METHOD(Completed, "kinds and fields of manifests are completed", "[cli][completion]") {
  CHECK(words({"explain", "c"}) == "cluster cluster-users");
  CHECK(words({"explain", "cluster.n"}) == "cluster.nodes");
  CHECK(words({"explain", "cluster.nodes.h"}) == "cluster.nodes.host cluster.nodes.heartbeatPort");
  CHECK(words({"explain", "cluster.nodes.host.x"}) == "");
  CHECK(words({"explain", "clster.n"}) == "");
  CHECK(words({"schema", "v"}) == "vault");
  CHECK(words({"edit", "v"}) == "vault");
  CHECK(words({"wait", "c"}) == "cluster/");
  CHECK(words({"diff", ""}) == "work");
}

TEST_CASE_METHOD(Completed, "types of keys and their fields are completed", "[cli][completion]") {
  const auto* call = GENERATE("encode", "get", "put", "delete");
  CHECK(words({"key", call, "TxnI"}) == "TxnInfoKey TxnIndexKey");
  CHECK(words({"key", call, "TxnIndexKey", ""}) == "instance_id= txn_id=");
  CHECK(words({"key", call, "TxnIndexKey", "t"}) == "txn_id=");
  CHECK(words({"key", call, "-o", "json", "TxnIndexKey", "txn_id=5", ""}) == "instance_id=");
  CHECK(words({"key", call, "TxnIndexKey", "txn_id=5", "txn"}) == "");
  CHECK(words({"key", call, "TxnIndexKey", "txn_id="}) == "");
  CHECK(words({"key", call, "MetaServiceRegistryKey", ""}) == "");
  CHECK(words({"key", call, "TxnInxKey", ""}) == "");
  CHECK(run({"__complete", "key", call, "TxnIndexKey", "t"}).out == "txn_id=\tinteger\n");
}

TEST_CASE_METHOD(Completed, "types of keys are completed behind --type", "[cli][completion]") {
  CHECK(words({"key", "scan", "--type", "TxnI"}) == "TxnInfoKey TxnIndexKey");
  CHECK(words({"key", "grep", "--type", "TxnI"}) == "TxnInfoKey TxnIndexKey");
  CHECK(words({"key", "grep", "--type=", ""}) == "");
  CHECK(words({"value", "decode", "--type", "TxnI"}) == "TxnInfoKey TxnIndexKey");
}

TEST_CASE_METHOD(Completed, "what cannot be asked is completed with nothing", "[cli][completion]") {
  services.connect = [](const cli::Connection&) -> std::unique_ptr<client::Client> {
    throw Error(Reason::unreachable, "nobody answers");
  };
  CHECK(words({"cluster", "get", ""}) == "");
  CHECK(words({"cluster", "get", "-C", "nowhere", ""}) == "");
  environment["METACTL_CONFIG"] = "bad.yaml";
  write_file("bad.yaml", "nonsense: 1\n");
  CHECK(words({"cluster", "get", ""}) == "");
  CHECK(words({"cluster", "s"}) == "status set-status suspend");
}

TEST_CASE_METHOD(Completed, "completion asks where the flags point", "[cli][completion]") {
  cli::Connection seen;
  services.connect = [&](const cli::Connection& connection) -> std::unique_ptr<client::Client> {
    seen = connection;
    throw Error(Reason::unreachable, "nobody answers");
  };
  words({"--server", "http://a:1", "-i", "prod", "cluster", "get", ""});
  CHECK(seen.server == "http://a:1");
  CHECK(seen.timeout == std::chrono::seconds(2));
  words({"cluster", "--state=other.db", "get", "-i=prod", ""});
  CHECK(seen.state == "other.db");
}

}  // namespace metactl::tests
