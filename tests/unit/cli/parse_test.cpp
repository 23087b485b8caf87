// SPDX-License-Identifier: Apache-2.0
// From the command line to the request that reaches the service.
#include <catch2/catch.hpp>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "tests/support/command_world.h"
#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

/// An instance "prod" with the compute cluster "etl" (id c1, one node), "spare", the virtual "both"
/// and the SQL cluster "sql".
struct Prod : RecordedWorld {
  Prod() {
    run_line("instance create prod --user-id ops");
    run_line("cluster add etl --id c1 --node 10.0.0.5:9050@n5");
    run_line("cluster add spare");
    run_line("cluster add sql --type sql --node 10.0.0.1:9010/FE_MASTER@f1");
    run_line("cluster add both --type virtual --active etl --standby spare");
  }
};

struct Line {
  std::string words;  // Separated by one blank.
  std::string request;
};

}  // namespace

TEST_CASE_METHOD(RecordedWorld, "instance commands make these requests", "[cli][parse]") {
  write_file("key.txt", "plain-secret\nsecond line\n");
  run_line("instance create prod --user-id ops --name production");
  const auto line = GENERATE(
      Line{"instance create i --user-id u", R"(create_instance {"instance_id":"i","user_id":"u"})"},
      Line{"instance create i --user-id u --name n --sse",
           R"(create_instance {"instance_id":"i","user_id":"u","name":"n","sse_enabled":true})"},
      Line{"instance create i --user-id u --s3 "
           "bucket=b,endpoint=e,region=r,provider=oss,ak=a,sk-file=key.txt",
           R"(create_instance {"instance_id":"i","user_id":"u","vault":{"obj_info":{"ak":"a",)"
           R"("sk":"plain-secret","bucket":"b","endpoint":"e","region":"r","provider":"OSS",)"
           R"("external_endpoint":"e"}}})"},
      Line{"instance create i --user-id u --s3 "
           "bucket=b,prefix=p,endpoint=e,external_endpoint=x,region=r,provider=S3,role_arn=arn,"
           "external_id=y,use_path_style=true",
           R"(create_instance {"instance_id":"i","user_id":"u","vault":{"obj_info":{"bucket":"b",)"
           R"("prefix":"p","endpoint":"e","region":"r","provider":"S3","external_endpoint":"x",)"
           R"("use_path_style":true,"cred_provider_type":"INSTANCE_PROFILE","role_arn":"arn",)"
           R"("external_id":"y"}}})"},
      Line{"instance create i --user-id u --hdfs fs_name=hdfs://n,user=d,prefix=p,dfs.x=1",
           R"(create_instance {"instance_id":"i","user_id":"u","vault":{"hdfs_info":{)"
           R"("build_conf":{"fs_name":"hdfs://n","user":"d","hdfs_confs":[{"key":"dfs.x",)"
           R"("value":"1"}]},"prefix":"p"}}})"},
      Line{"instance rename prod new", R"(rename_instance {"instance_id":"prod","name":"new"})"},
      Line{"instance drop prod --yes", R"(drop_instance {"instance_id":"prod"})"},
      Line{"instance set-status prod overdue",
           R"(set_instance_status {"instance_id":"prod","op":"SET_OVERDUE"})"},
      Line{"instance set-status prod normal",
           R"(set_instance_status {"instance_id":"prod","op":"SET_NORMAL"})"},
      Line{"instance sse enable prod", R"(enable_instance_sse {"instance_id":"prod"})"},
      Line{"instance sse disable prod", R"(disable_instance_sse {"instance_id":"prod"})"});
  CHECK(change(text::split(line.words, ' ')) == line.request);
}

TEST_CASE_METHOD(Prod, "cluster commands make these requests", "[cli][parse]") {
  const auto line = GENERATE(
      Line{"cluster add a", R"(add_cluster {"instance_id":"prod","cluster":{"cluster_id":"a",)"
                            R"("cluster_name":"a","type":"COMPUTE"}})"},
      Line{"cluster add a --id x --desc d --user u --user v --public-endpoint p:1 "
           "--private-endpoint q:1 --node h.example:1@n",
           R"(add_cluster {"instance_id":"prod","cluster":{"cluster_id":"x","cluster_name":"a",)"
           R"("type":"COMPUTE","desc":"d","nodes":[{"cloud_unique_id":"n","heartbeat_port":1,)"
           R"("host":"h.example"}],"mysql_user_name":["u","v"],"public_endpoint":"p:1",)"
           R"("private_endpoint":"q:1"}})"},
      Line{"cluster add a --type sql --node 10.0.0.2:9010/fe_master",
           R"(add_cluster {"instance_id":"prod","cluster":{"cluster_id":"a","cluster_name":"a",)"
           R"("type":"SQL","nodes":[{"cloud_unique_id":"1:prod:10.0.0.2_9010","ip":"10.0.0.2",)"
           R"("edit_log_port":9010,"node_type":"FE_MASTER"}]}})"},
      Line{"cluster rename etl new",
           R"(rename_cluster {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("cluster_name":"new"}})"},
      Line{"cluster rename c1 spare --replace-empty",
           R"(rename_cluster {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("cluster_name":"spare"},"replace_if_existing_empty_target_cluster":true})"},
      Line{"cluster drop both -y",
           R"(drop_cluster {"instance_id":"prod","cluster":{"cluster_id":"both"}})"},
      Line{"cluster users set etl u v",
           R"(update_cluster_mysql_user_name {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("mysql_user_name":["u","v"]}})"},
      Line{"cluster endpoint set etl --private p:1",
           R"(update_cluster_endpoint {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("public_endpoint":"","private_endpoint":"p:1"}})"},
      Line{"cluster set-status etl manual_shutdown",
           R"(set_cluster_status {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("cluster_status":"MANUAL_SHUTDOWN"}})"},
      Line{"cluster suspend etl",
           R"(set_cluster_status {"instance_id":"prod","cluster":{"cluster_id":"c1",)"
           R"("cluster_status":"SUSPENDED"}})"},
      Line{"cluster vcluster both --active spare --standby etl --failover-threshold 2 "
           "--unhealthy-percent 50",
           R"(alter_vcluster_info {"instance_id":"prod","cluster":{"cluster_id":"both",)"
           R"("cluster_names":["spare","etl"],"cluster_policy":{"type":"ActiveStandby",)"
           R"("active_cluster_name":"spare","standby_cluster_names":["etl"],)"
           R"("failover_failure_threshold":"2","unhealthy_node_threshold_percent":"50"}}})"});
  CHECK(change(text::split(line.words, ' ')) == line.request);
}

TEST_CASE_METHOD(Prod, "node commands make these requests", "[cli][parse]") {
  const auto line = GENERATE(
      Line{"node add --cluster etl 10.0.0.6:9050 [fd00::7]:9050@n7",
           R"(add_node {"instance_id":"prod","cluster":{"cluster_id":"c1","cluster_name":"etl",)"
           R"("type":"COMPUTE","nodes":[{"cloud_unique_id":"1:prod:10.0.0.6_9050",)"
           R"("ip":"10.0.0.6","heartbeat_port":9050},{"cloud_unique_id":"n7","ip":"fd00::7",)"
           R"("heartbeat_port":9050}]}})"},
      Line{"node add --cluster sql 10.0.0.2:9010/FE_OBSERVER@f2",
           R"(add_node {"instance_id":"prod","cluster":{"cluster_id":"sql",)"
           R"("cluster_name":"sql","type":"SQL","nodes":[{"cloud_unique_id":"f2",)"
           R"("ip":"10.0.0.2","edit_log_port":9010,"node_type":"FE_OBSERVER"}]}})"},
      Line{"node ensure --cluster new 10.0.0.6:9050@n6",
           R"(add_cluster {"instance_id":"prod","cluster":{"cluster_id":"new",)"
           R"("cluster_name":"new","type":"COMPUTE","nodes":[{"cloud_unique_id":"n6",)"
           R"("ip":"10.0.0.6","heartbeat_port":9050}]}})"},
      Line{"node ensure --cluster etl 10.0.0.6:9050@n6",
           R"(add_node {"instance_id":"prod","cluster":{"cluster_id":"c1","cluster_name":"etl",)"
           R"("type":"COMPUTE","nodes":[{"cloud_unique_id":"n6","ip":"10.0.0.6",)"
           R"("heartbeat_port":9050}]}})"},
      Line{"node ensure --cluster etl 10.0.0.5:9050@n5", "node/10.0.0.5:9050 unchanged\n"});
  CHECK(change(text::split(line.words, ' ')) == line.request);
}

TEST_CASE_METHOD(Prod, "nodes that are there are sent as the service knows them", "[cli][parse]") {
  const std::string node =
      R"({"instance_id":"prod","cluster":{"cluster_id":"c1","cluster_name":"etl",)"
      R"("type":"COMPUTE","nodes":[{"cloud_unique_id":"n5","ip":"10.0.0.5",)"
      R"("ctime":"1893553445","mtime":"1893553445","heartbeat_port":9050}]}})";
  CHECK(change({"node", "decommission", "10.0.0.5:9050"}) == "decommission_node " + node);
  CHECK_THAT(change({"node", "decommission", "--done", "10.0.0.5:9050"}),
             Catch::StartsWith("notify_decommissioned "));
  CHECK_THAT(change({"node", "drop", "10.0.0.5:9050", "--yes"}), Catch::StartsWith("drop_node "));
}

TEST_CASE_METHOD(Prod, "resume walks over all steps", "[cli][parse]") {
  run_line("cluster suspend etl");
  recording.calls.clear();
  CHECK(run_line("cluster resume etl").out == "cluster/etl resumed\n");
  std::vector<std::string> steps;
  for (const auto& [operation, request] : recording.calls)
    if (operation == "set_cluster_status") steps.push_back(request);
  REQUIRE(steps.size() == 2);
  CHECK_THAT(steps[0], Catch::Contains("TO_RESUME"));
  CHECK_THAT(steps[1], Catch::Contains("NORMAL"));
}

TEST_CASE_METHOD(Prod, "api makes a request of fields or sends a body", "[cli][parse]") {
  CHECK(change({"api", "add_cluster", "-f", "instance_id=prod", "-f", "cluster.cluster_id=a",
                "--field", "cluster.mysql_user_name=u", "-f", "cluster.mysql_user_name=v", "-f",
                "cluster.desc=a=b"}) ==
        R"(add_cluster {"instance_id":"prod","cluster":{"cluster_id":"a","desc":"a=b",)"
        R"("mysql_user_name":["u","v"]}})");
  CHECK(change({"api", "rename_cluster", "--body", "-"}, "{instance_id: 'prod', unknown: 1,}") ==
        R"(rename_cluster {"instance_id":"prod"})");
}

TEST_CASE_METHOD(Prod, "a refused command line sends nothing", "[cli][parse]") {
  const std::string line = GENERATE(
      "cluster add 9lives", "cluster add a --node nonsense", "cluster add a --type none",
      "cluster drop etl", "node drop 10.0.0.5:9050", "instance drop prod", "api drop_cluster",
      "cluster add a surplus", "cluster add a --unknown", "cluster rename etl 9lives",
      "cluster vcluster both", "instance create a b --user-id u", "cluster add a -o nonsense",
      "cluster add a --color nonsense", "cluster users set etl", "node add --cluster etl");
  INFO(line);
  recording.calls.clear();
  CHECK(run_line(line).status == 2);
  CHECK(recording.last_change() == "");
}

TEST_CASE_METHOD(Prod, "a change that was answered OK but not made is an error", "[cli]") {
  recording.forgetful = true;
  const std::string line = GENERATE(
      "cluster add a", "cluster rename etl a", "cluster drop both --yes", "cluster suspend etl",
      "cluster users set etl u", "cluster endpoint set etl --private p:1",
      "cluster vcluster both --active spare --standby etl",
      "cluster vcluster both --failover-threshold 9", "node add --cluster etl 10.0.0.6:9050",
      "node drop 10.0.0.5:9050 --yes", "node decommission 10.0.0.5:9050",
      "node ensure --cluster etl 10.0.0.6:9050", "instance create a --user-id u",
      "instance rename prod a", "instance set-status prod overdue", "instance sse enable prod",
      "cluster set-status etl MANUAL_SHUTDOWN", "cluster set-status --body body.json");
  INFO(line);
  write_file("body.json", R"({"cluster": {"cluster_id": "c1", "cluster_status": "SUSPENDED"}})");
  const auto result = run_line(line);
  CHECK(result.status == 1);
  CHECK(result.out == "");
  CHECK_THAT(result.err, Catch::Contains("OK"));
}

TEST_CASE_METHOD(Prod, "the flag --no-read-back believes what a server answers", "[cli]") {
  recording.forgetful = true;
  CHECK(run_line("cluster add a --no-read-back").out == "cluster/a created\n");
}

TEST_CASE_METHOD(CommandWorld, "a timeout that was typed is told from the default", "[cli]") {
  cli::Connection seen;
  services.connect = [&](const cli::Connection& connection) -> std::unique_ptr<client::Client> {
    seen = connection;
    throw Error(Reason::unreachable, "nobody answers");
  };
  run_line("nodemgr job status j1 --server http://a:1");
  CHECK(seen.timeout == std::chrono::seconds(30));
  CHECK_FALSE(seen.is_timeout_chosen);
  run_line("nodemgr job status j1 --server http://a:1 --timeout 30s");
  CHECK(seen.timeout == std::chrono::seconds(30));
  CHECK(seen.is_timeout_chosen);
}

TEST_CASE_METHOD(CommandWorld, "an empty word is refused, as of a variable that is not set",
                 "[cli][parse]") {
  const auto [words, name] = GENERATE(table<std::vector<std::string>, std::string>(
      {{{"undo", ""}, "REVISION"},
       {{"undo", "--to", ""}, "--to"},
       {{"node", "list", "--server", ""}, "--server"},
       {{"-i", "", "node", "list"}, "--instance"},
       {{"cluster", "add", "a", "--node", ""}, "--node"}}));
  const auto result = run(words);
  CHECK(result.status == 2);
  CHECK(result.err.starts_with("error: '" + name + "' is empty\n"));
}

TEST_CASE_METHOD(CommandWorld, "numbers are decimal, and not larger than they can be",
                 "[cli][parse]") {
  const auto number = GENERATE("0x10", "1e3", "99999999999999999999", "+1", " 1", "1 ", "two");
  const auto result = run({"qluster", "events", "-n", number});
  CHECK(result.status == 2);
  CHECK(result.err.starts_with(std::string("error: not a number for '--limit': '") + number + "'"));
  use_services({api::Service::qluster});
  CHECK(run_line("qluster events -n 010").status == 0);
  CHECK(run_line("serve --broker-failure-quorum -1").status == 2);
}

}  // namespace metactl::tests
