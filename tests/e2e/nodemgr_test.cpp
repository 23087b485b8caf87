// SPDX-License-Identifier: Apache-2.0
// metactl serve as a node_mgr: alone, beside the others, and killed in the middle of jobs.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

using nlohmann::json;

constexpr auto form = "Content-Type: application/x-www-form-urlencoded\r\n";

json post(std::uint16_t port, const json& job) {
  return json::parse(tests::exchange(port, raw_request("POST", "/", job.dump(), form)).body);
}

json backup(const std::string& id) {
  return {{"job_id", id},   {"job_type", "coldbackup"}, {"s_ip", "127.0.0.1"},
          {"s_port", 6004}, {"s_user", "pgx"},          {"s_pwd", "pgx_pwd"}};
}

std::string status(std::uint16_t port, const std::string& id) {
  return post(port, {{"job_type", "get_status"}, {"job_id", id}}).at("job_status");
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "a node_mgr that is killed leaves no job at work",
                 "[e2e][nodemgr]") {
  int interrupted = 0;
  for (int round = 0; round < 6; ++round) {
    Serving server(*this, {"--service", "nodemgr"});
    const auto port = server.port();
    std::atomic<bool> is_over = false;
    std::thread client([&] {
      try {
        for (int i = 0; i < 1000 && !is_over; ++i) post(port, backup(fmt::format("job{}", i % 8)));
      } catch (const std::exception&) {  // The server is gone.
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + 37 * round));
    server.process().signal(SIGKILL);
    server.process().wait();
    is_over = true;
    client.join();
    const Serving again(*this, {"--service", "nodemgr"});
    for (int i = 0; i < 8; ++i) {
      const auto found = status(again.port(), fmt::format("job{}", i));
      CAPTURE(round, i, found);
      CHECK((found == "coldbackup succeed" || found == "coldbackup interrupted error" ||
             found == "none"));
      interrupted += found == "coldbackup interrupted error" ? 1 : 0;
    }
  }
  CAPTURE(interrupted);
  CHECK(out({"state", "verify", "-q"}).find("error") == std::string::npos);
}

TEST_CASE_METHOD(MetactlFixture, "a node_mgr logs no password", "[e2e][nodemgr]") {
  Serving server(*this, {"--service", "nodemgr", "--verbose"});
  auto job = backup("a");
  job["s_pwd"] = "plain-s-nodemgr";
  post(server.port(), job);
  CHECK(status(server.port(), "a") == "get_cnf_path error");
  const auto outcome = server.stop();
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.err, "\"s_pwd\":\"******\""));
  CHECK_FALSE(contains(outcome.err, "plain-s"));
  CHECK_FALSE(contains(out({"history", "-o", "json"}), "plain-s"));
}

TEST_CASE_METHOD(MetactlFixture, "a node_mgr shares a port with the other services",
                 "[e2e][nodemgr]") {
  const Serving server(*this);
  CHECK(post(server.port(), {{"job_type", "update_node"}}).at("result") == "succeed");
  CHECK(tests::exchange(server.port(), raw_request("GET", "/", "")).status == 200);
  CHECK(tests::exchange(server.port(), raw_request("GET", "/api/v2/epoch", "")).status == 200);
  CHECK(
      tests::exchange(server.port(),
                      raw_request("POST", "/MetaService/http/get_cluster?token=wrong", "{}", form))
          .status == 403);
}

TEST_CASE_METHOD(MetactlFixture, "a node_mgr is not opened to a network by a slip",
                 "[e2e][nodemgr]") {
  const auto outcome = run(metactl({"serve", "--service", "nodemgr", "--listen", "0.0.0.0:0"}));
  CHECK(outcome.status == 2);
  CHECK(contains(outcome.err, "--open-to-network"));
}

TEST_CASE_METHOD(MetactlFixture, "uploads end at the quota of serve, with status 6",
                 "[e2e][nodemgr]") {
  const auto send = [this](const Serving& server, const std::string& size) {
    return run(shell("cd \"$HOME\"; head -c " + size +
                     " /dev/zero > f; exec \"$METACTL\" --server " + server.url() +
                     " nodemgr file send f --area upload --yes"));
  };
  const Serving server(*this, {"--upload-quota", "1K"});
  CHECK(send(server, "1000").status == 0);
  const auto refused = send(server, "1025");
  CHECK(refused.status == 6);
  CHECK(contains(refused.err, "no space for files: 1025 bytes would be more than the 1024"));
  CHECK(std::filesystem::file_size(state + ".files/upload/f") == 1000);
}

TEST_CASE_METHOD(MetactlFixture, "serve has the names that --allow-host gives it", "[e2e][serve]") {
  const auto ask = [](const Serving& server, const std::string& host) {
    return tests::exchange(server.port(), "GET /map HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  const Serving server(*this, {"--allow-host", "Meta.example", "--allow-host", "b.example"});
  CHECK(ask(server, "meta.example:80") == 200);
  CHECK(ask(server, "B.example") == 200);
  CHECK(ask(server, "c.example") == 403);
}

}  // namespace metactl::tests
