// SPDX-License-Identifier: Apache-2.0
// convert curl: every call becomes a command that makes the same request.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/mask.h"
#include "base/text.h"
#include "cli/tree.h"
#include "commands/commands.h"
#include "commands/conversion.h"
#include "http/meta_http.h"
#include "tests/conformance/example.h"
#include "tests/support/places.h"
#include "tests/support/recording_client.h"
#include "tests/support/shell_command.h"

namespace metactl::tests {
namespace {

using nlohmann::ordered_json;

/// Members that a command replaces by others with the same meaning, or leaves out because the
/// service does not look at them.
bool is_replaced(const std::string& operation, const std::string& path) {
  if (path == "/cloud_unique_id" || path == "/request_ip" || path == "/vault/name") return true;
  if (operation == "get_cluster") return true;
  if (operation == "set_cluster_status" || operation == "update_cluster_mysql_user_name" ||
      operation == "drop_cluster")
    return path == "/cluster/cluster_name";
  return operation == "get_tablet_stats" && path.starts_with("/tablet_idx/");
}

/// Members of `wanted` that `made` has not: "/cluster/type".
std::string lacking(const std::string& operation, const std::string& wanted,
                    const std::string& made) {
  const auto there = ordered_json::parse(made).flatten();
  std::string paths;
  const auto flat = ordered_json::parse(wanted).flatten();
  for (const auto& [path, value] : flat.items())
    if (!is_replaced(operation, path) && (!there.contains(path) || there[path] != value))
      paths += " " + path;
  return paths;
}

/// The operation that a command really calls.
std::string called(const std::string& operation) {
  if (operation == "show_storage_vaults") return "get_obj_store_info";  // The same call.
  return operation;
}

ordered_json converted(CommandWorld& world, const std::string& text) {
  const auto result = world.run({"convert", "curl", "-o", "json"}, text);
  INFO(result.err);
  return ordered_json::parse(result.out).at("items");
}

std::map<std::string, std::string> secrets_of(const google::protobuf::Message& request) {
  std::map<std::string, std::string> values;
  commands::SecretNames names;
  const std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  api::replace_secrets(*copy, [&](const std::string& field, const std::string& value) {
    values[names.variable(field, value)] = value;
    return value;
  });
  return values;
}

bool has_mistake(const ordered_json& item, std::string_view id) {
  const auto& mistakes = item.at("mistakes");
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [&](const auto& each) { return each.at("id") == id; });
}

/// Runs the command for a call, and compares what it asks for.
void check_same_request(RecordedWorld& world, const http::Request& request, bool succeeds) {
  const auto text =
      fmt::format("curl -X {} {} -d {}\n", request.method,
                  text::shell_quote(fmt::format("10.0.0.1:5000{}?{}", request.path, request.query)),
                  text::shell_quote(request.body));
  INFO(text);
  const auto items = converted(world, text);
  REQUIRE(items.size() == 1);
  if (items[0]["command"].is_null()) {
    CHECK_FALSE(succeeds);
    CHECK(has_mistake(items[0], "malformed-json"));
    return;
  }
  const auto command = items[0]["command"].get<std::string>();
  INFO(command);
  CHECK(command.find(" --server http://10.0.0.1:5000") != std::string::npos);
  const auto& operation = *http::find_route(request.path).operation;
  const auto message = http::decode_request(operation, request);
  const std::string name(operation.info->name);

  world.recording.calls.clear();
  const auto result = run_as_shell(world, command, secrets_of(*message));
  INFO(result.err);
  // Where all is as wanted already a command succeeds; it gives what the service misses; and it may
  // find out by a look, without the call, that there is nothing to change.
  const bool is_unchanged = result.out.find("unchanged") != std::string::npos;
  const bool may_succeed = is_unchanged || has_mistake(items[0], "missing-member");
  CHECK((succeeds ? result.status == 0 : result.status != 0 || may_succeed));
  if (!succeeds || is_unchanged) return;
  std::string lacks = " no such call";
  for (const auto& [made, body] : world.recording.calls)
    if (made == called(name)) lacks = lacking(name, api::to_json(*message), body);
  CHECK(lacks == "");
}

}  // namespace

TEST_CASE("every example of the documents becomes a command with the same outcome",
          "[convert][conformance]") {
  const std::filesystem::path folder = metactl::tests::source_dir() + "/tests/conformance";
  std::vector<std::filesystem::path> files;
  for (const auto* document : {"doc-0", "doc-1"})
    for (const auto& entry : std::filesystem::directory_iterator(folder / document))
      files.push_back(entry.path());
  REQUIRE(files.size() > 60);
  for (const auto& file : files) {
    INFO(file);
    RecordedWorld world;
    const auto steps = read_example(file);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].kind == "prepare")
        world.run({"api", steps[i].argument, "--body", "-", "--yes"}, steps[i].text);
      if (steps[i].kind != "request") continue;
      auto request = parse_request(steps[i].text, "TOKEN");
      check_same_request(world, request, steps.at(i + 1).argument.starts_with("200"));
    }
  }
}

TEST_CASE("every conversion is a command that there is, with flags that it has",
          "[convert][contract]") {
  cli::Tree tree;
  commands::add_all_commands(tree);
  for (const auto& conversion : commands::conversions()) {
    INFO(conversion.operation);
    CHECK(api::find_operation(conversion.operation) != nullptr);
    const CLI::App* app = &tree.root();
    for (const auto& word : text::split(conversion.words, ' ')) {
      INFO(word);
      if (word.starts_with("--")) {
        CHECK(app->get_option_no_throw(word) != nullptr);
        continue;
      }
      app = cli::find_subcommand(*app, word);
      REQUIRE(app != nullptr);
    }
    CHECK(tree.info(*app) != nullptr);
    CHECK((app->get_option_no_throw("--body") != nullptr) == conversion.has_body);
    for (const auto& part : conversion.parts) {
      INFO(part.flag);
      const bool is_flag = part.flag.starts_with("--");
      CHECK((!is_flag || app->get_option_no_throw(std::string(part.flag)) != nullptr));
    }
  }
}

TEST_CASE_METHOD(CommandWorld, "what --show-curl prints converts to a command that prints it too",
                 "[convert][curl]") {
  write_file("key.txt", "plain-secret\n");
  write_file("new.txt", "plain-secret-2\n");
  const std::map<std::string, std::string> secrets = {{"AK", "AKIDEXAMPLE"}, {"SK", "plain-s"}};
  for (const auto* line : {
           "instance create prod --user-id ops --name production",
           "instance create old --user-id ops --sse --s3 "
           "bucket=b,endpoint=e,region=r,provider=S3,ak=AKIDEXAMPLE,sk-file=key.txt",
           "instance create far --user-id ops --hdfs fs_name=hdfs://h:8020,user=doris",
           "instance list",
           "instance get prod",
           "instance rename prod north",
           "instance set-status prod overdue",
           "instance set-status prod normal",
           "instance sse enable prod",
           "instance sse disable prod",
           "cluster add etl --id c1 --node 10.0.0.5:9050@n5 --node [::1]:9050 --user jack",
           "cluster add spare --desc x --private-endpoint p:1 --public-endpoint q:1",
           "cluster add sql --type sql --node fe.example:9010/FE_MASTER@f1",
           "cluster add both --type virtual --active etl --standby spare",
           "cluster list",
           "cluster get etl",
           "cluster rename etl nightly",
           "cluster users set nightly a b",
           "cluster users set nightly --none",
           "cluster endpoint set nightly --private 10.0.0.5:8030",
           "cluster status --status NORMAL",
           "cluster suspend nightly",
           "cluster resume nightly",
           "cluster vcluster both --active spare --standby nightly --failover-threshold 5",
           "node add --cluster spare 10.0.0.7:9050 be-8.example:9050@8",
           "node decommission 10.0.0.7:9050",
           "node decommission 10.0.0.7:9050 --done",
           "node drop 10.0.0.7:9050 --yes",
           "node list",
           "vault add s3 hot --bucket b --prefix p --endpoint e --region r --provider S3 --ak "
           "AKIDEXAMPLE --sk-file key.txt --default",
           "vault alter hot --rename warm",
           "vault alter warm --ak AKIDEXAMPLE --sk-file new.txt",
           "vault add hdfs cold --fs-name hdfs://h:8020 --user doris --conf dfs.x=1",
           "vault drop cold --force --yes",
           "vault list",
           "obj list",
           "stage list",
           "ram-user set u1 --ak AKIDEXAMPLE --sk-file key.txt",
           "ak rotate --ram-user --ak AKIDEXAMPLE --sk-file new.txt",
           "iam set 123 --ak AKIDEXAMPLE --sk-file key.txt",
           "rate-limit set 100 --rpc get_cluster --per-instance prod",
           "rate-limit list",
           "server-config show",
           "server-config set enable_cluster_name_check=false --reason test",
           "snapshot property get",
           "txn begin l1 --db 1 --table 2",
           "txn get --db 1 --label l1",
           "txn abort --db 1 --label l1 --reason why --yes",
           "txn list",
           "tablet create 10 --table 1 --index 2 --partition 3",
           "tablet stats 10",
           "key get InstanceKey instance_id=prod",
           "key put TableVersionKey instance_id=prod db_id=1 tbl_id=2 --value 7 --yes",
           "key delete TableVersionKey instance_id=prod db_id=1 tbl_id=2 --yes",
           "api get_cluster_status -f instance_ids=prod -f instance_ids=old",
           "api injection_point -f op=x",
           "cluster drop sql --yes",
           "instance drop old --yes",
       }) {
    INFO(line);
    const auto words = std::string(line) + " -i prod";
    const auto told = run_line(words + " --dry-run --show-curl");
    CHECK(told.err.find("curl ") != std::string::npos);
    for (const auto& curl : text::split(told.err, '\n')) {
      if (!curl.starts_with("curl ")) continue;
      INFO(curl);
      const auto items = converted(*this, curl);
      REQUIRE(items.size() == 1);
      REQUIRE(items[0]["command"].is_string());
      const auto command = items[0]["command"].get<std::string>();
      const auto end = std::min(command.find(" <<"), command.size());
      auto again = run_as_shell(
          *this, command.substr(0, end) + " --dry-run --show-curl" + command.substr(end), secrets);
      // A here-document ends with a line end.
      if (const auto at = again.err.find("\n'\n"); at != std::string::npos) again.err.erase(at, 1);
      INFO(command);
      INFO(again.err);
      CHECK(again.err.find(curl + "\n") != std::string::npos);
    }
    run_line(words);
  }
}

}  // namespace metactl::tests
