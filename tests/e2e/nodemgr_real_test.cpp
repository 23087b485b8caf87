// SPDX-License-Identifier: Apache-2.0
// The built metactl and a node_mgr that frames HTTP as the real one does.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/e2e/metactl.h"
#include "tests/support/nodemgr_double.h"

namespace metactl::tests {
namespace {

struct RealNodemgr : MetactlFixture {
  RealNodemgr() { std::ofstream(folder / "pgx.pwd") << "plain-s-pgx\n"; }

  Launch nodemgr(const std::string& url, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--server", url, "nodemgr"});
    return metactl(std::move(arguments));
  }

  Outcome backup(const std::string& url, std::vector<std::string> more) const {
    std::vector<std::string> words = {"job", "backup",          "127.0.0.1:6004",   "--user",
                                      "pgx", "--password-file", folder / "pgx.pwd", "--job-id",
                                      "id1"};
    words.insert(words.end(), more.begin(), more.end());
    return run(nodemgr(url, std::move(words)));
  }
};

}  // namespace

TEST_CASE_METHOD(RealNodemgr, "metactl talks to a node_mgr", "[e2e][nodemgr]") {
  const NodemgrDouble server;
  const auto nodes = run(nodemgr(server.url(), {"node", "list", "-o", "wide"}));
  CHECK(nodes.status == 0);
  CHECK_THAT(nodes.out, Catch::Contains("storage_node1\t127.0.0.1:6007\tpgx\tclust1\tshard2\t20K\t"
                                        "76G\t/data/6007\t******\n"));
  const auto saved = backup(server.url(), {"--wait"});
  CHECK(saved.status == 0);
  CHECK(saved.out == "nodemgr-job/id1 succeeded\n");
  CHECK(run(nodemgr(server.url(), {"job", "wait", "id1"})).out == "nodemgr-job/id1 succeeded\n");

  const std::string content = "[mysqld]\r\n\r\n--metactl--\r\n" + std::string(200'000, '\0');
  std::ofstream(folder / "my.cnf", std::ios::binary) << content;
  const auto sent =
      run(nodemgr(server.url(), {"file", "send", folder / "my.cnf", "--area", "mysql", "--yes"}));
  CHECK(sent.out == "nodemgr-file/mysql/my.cnf saved\n");
  std::ifstream kept(server.folder() / "mysql" / "my.cnf", std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(kept), {}) == content);
  CHECK_FALSE(server.has_crashed());
}

TEST_CASE_METHOD(RealNodemgr, "a node_mgr that was cut off leaves a note", "[e2e][nodemgr]") {
  NodemgrDouble::Manners manners;
  manners.spoil = [](const std::string& reply) { return reply.substr(0, reply.size() - 5); };
  const NodemgrDouble server(manners);
  const auto outcome = backup(server.url(), {});
  CHECK(outcome.status == 6);
  CHECK_THAT(outcome.err,
             Catch::Contains("the answer is torn: 17 of 22 bytes came: the request was "
                             "sent, its outcome is unknown"));
  const auto history = run(metactl({"--server", server.url(), "history", "list"}));
  CHECK_THAT(history.out, Catch::Contains("UNKNOWN"));
}

}  // namespace metactl::tests
