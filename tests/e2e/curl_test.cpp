// SPDX-License-Identifier: Apache-2.0
// The lines of --show-curl, run by a shell with the real curl; and a script that is converted.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

/// The lines of curl that a command would make calls with; it makes no change.
std::vector<std::string> curl_lines(const MetactlFixture& fixture, std::vector<std::string> words,
                                    const std::string& url) {
  for (const auto* word : {"-i", "i", "--dry-run", "--show-curl", "--server"})
    words.emplace_back(word);
  words.push_back(url);
  auto launch = fixture.metactl(std::move(words));
  launch.environment["METACTL_TOKEN"] = "secret";
  const auto outcome = run(launch);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  std::vector<std::string> lines;
  for (const auto& line : text::split(outcome.err, '\n'))
    if (line.starts_with("curl ")) lines.push_back(line);
  return lines;
}

bool has_curl(const MetactlFixture& fixture) {
  if (run(fixture.shell("command -v curl")).status == 0) return true;
  WARN("skipped: there is no curl");
  return false;
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "what --show-curl prints is what curl does", "[e2e][curl]") {
  if (!has_curl(*this)) return;
  Serving serving(*this);
  const std::string key_file = folder / "key.txt";
  REQUIRE(run(shell("printf 'plain-secret' >" + key_file)).status == 0);
  const std::vector<std::vector<std::string>> commands = {
      {"instance", "create", "i", "--user-id", "o'ps \"$HOME\" \\ `x`"},
      {"cluster", "add", "c", "--node", "10.0.0.5:9050"},
      {"node", "add", "--cluster", "c", "10.0.0.6:9050"},
      {"cluster", "rename", "c", "etl"},
      {"vault", "add", "s3", "hot", "--bucket", "b", "--prefix", "p", "--endpoint", "e", "--region",
       "r", "--provider", "S3", "--ak", "AKIDEXAMPLE", "--sk-file", key_file},
      {"rate-limit", "set", "1000", "--rpc", "get_cluster"},
      {"txn", "begin", "label 1", "--db", "1", "--table", "2"},
      {"cluster", "list"},
      {"instance", "get", "i"},
      {"node", "drop", "10.0.0.6:9050", "--yes"},
  };
  for (const auto& words : commands) {
    INFO(text::join(words, " "));
    const auto lines = curl_lines(*this, words, serving.url());
    REQUIRE_FALSE(lines.empty());
    auto launch = shell(lines.back());
    launch.environment["METACTL_TOKEN"] = "secret";
    launch.environment["AK"] = "AKIDEXAMPLE";
    launch.environment["SK"] = "plain-secret";
    const auto outcome = run(launch);
    INFO(lines.back());
    INFO(outcome.out << outcome.err);
    CHECK(outcome.status == 0);
    CHECK((contains(outcome.out, "\"code\": \"OK\"") || contains(outcome.out, "\"code\":\"OK\"")));
  }
  serving.stop();
  CHECK(nodes() == std::set<std::string>{"10.0.0.5:9050"});
  CHECK(contains(out({"vault", "get", "hot"}), "AKID") == false);
  CHECK(contains(out({"instance", "get", "i", "-o", "json"}), R"(o'ps \"$HOME\" \\ `x`)"));
}

TEST_CASE_METHOD(MetactlFixture, "a script becomes one that a shell runs", "[e2e][curl]") {
  Serving serving(*this);
  const auto script = R"(MS=')" + serving.url() + R"('
curl "$MS/MetaService/http/create_instance?token=$TOKEN" -d '{"instance_id": "i", "user_id": "u"}'
curl "$MS/MetaService/http/add_cluster?token=$TOKEN" -d @- <<END
{"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c", "type": "COMPUTE",
 "properties": {"who": "$WHO"}, "nodes": [
 {"cloud_unique_id": "1:i:n", "ip": "$ADDRESS", "heartbeat_port": $PORT}]}}
END
curl "$MS/MetaService/http/drop_cluster?token=$TOKEN" -d '{"instance_id": "i", "cluster": {"cluster_id": "'"$NAME"'"}}'
)";
  auto convert = metactl({"convert", "curl"});
  convert.input = script;
  const auto converted = run(convert);
  INFO(converted.out << converted.err);
  CHECK(converted.status == 0);
  auto launch = shell("metactl() { \"$METACTL\" \"$@\"; }\nset -e\n" + converted.out);
  for (const auto& [name, value] : std::map<std::string, std::string>{{"METACTL_TOKEN", "secret"},
                                                                      {"WHO", "o'ps"},
                                                                      {"ADDRESS", "10.0.0.9"},
                                                                      {"PORT", "9050"},
                                                                      {"NAME", "c"}})
    launch.environment[name] = value;
  const auto outcome = run(launch);
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.out, "instance/i created\ncluster/c created\ncluster/c dropped\n"));
}

}  // namespace metactl::tests
