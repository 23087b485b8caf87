// SPDX-License-Identifier: Apache-2.0
// metactl doctor and health of servers.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <thread>

#include "app/local.h"
#include "tests/conformance/served_core.h"
#include "tests/support/command_world.h"
#include "tests/support/fake_server.h"
#include "tests/support/told_findings.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

/// A server that does not know some calls, and answers as old or as new ones do.
struct FakeMeta {
  explicit FakeMeta(std::set<std::string> known, int unknown_status = 404)
      : known_(std::move(known)), unknown_status_(unknown_status) {}

  http::Reply operator()(const std::string& call, const std::string&) const {
    if (known_.contains(call) && call == "get_instance")
      return {500, "application/json", R"({"code": "INTERNAL_ERROR", "msg": "KeyNotFound"})"};
    if (known_.contains(call))
      return {400, "application/json", R"({"code": "INVALID_ARGUMENT", "msg": "no"})"};
    if (unknown_status_ == 200) return {200, "application/json", R"({"code":"OK","msg":""})"};
    return {unknown_status_, "text/plain", "no such path: " + call + "\n"};
  }

 private:
  std::set<std::string> known_;
  int unknown_status_;
};

/// A server whose clock stands still, and which answers every request alike.
class DatedServer {
 public:
  explicit DatedServer(std::string date)
      : date_(std::move(date)), thread_([this] {
          for (;;) {
            const int peer = ::accept(socket_.descriptor(), nullptr, nullptr);
            if (peer < 0) return;
            answer(peer);
            ::close(peer);
          }
        }) {}
  ~DatedServer() {
    ::shutdown(socket_.descriptor(), SHUT_RDWR);
    thread_.join();
  }
  DatedServer(const DatedServer&) = delete;
  DatedServer& operator=(const DatedServer&) = delete;
  std::string url() const { return socket_.url(); }

 private:
  /// To a request without a body; the connection ends behind it.
  void answer(int peer) const {
    std::string request;
    std::array<char, 1024> buffer{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::recv(peer, buffer.data(), buffer.size(), 0);
      if (count <= 0) return;
      request.append(buffer.data(), static_cast<std::size_t>(count));
    }
    const auto date = date_.empty() ? "" : "Date: " + date_ + "\r\n";
    const auto reply =
        "HTTP/1.1 404 No\r\n" + date + "Content-Length: 0\r\nConnection: close\r\n\r\n";
    ::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
  }

  const std::string date_;
  const DeafSocket socket_{true};
  std::thread thread_;
};

std::set<std::string> all_calls() {
  std::set<std::string> calls;
  for (const auto& operation : api::meta_operations)
    if (!operation.info->extension) calls.emplace(operation.info->name);
  return calls;
}

constexpr auto default_token_line = "warning default-token server/";
constexpr auto any_token_line = "warning any-token server/";

/// Answers every call alike, even those that do not exist.
FakeServer::Answer always(int status, const std::string& body) {
  return [=](const std::string&, const std::string&) -> http::Reply {
    return {status, "text/plain", body};
  };
}

}  // namespace

TEST_CASE_METHOD(CommandWorld, "doctor finds nothing wrong with metactl serve", "[cli][doctor]") {
  const ServedCore served;
  environment["METACTL_TOKEN"] = "secret";
  const auto url = "http://127.0.0.1:" + std::to_string(served.port());
  const auto before = served.content();
  const auto result = run_line("doctor --slow 1h -o json --server " + url);
  CHECK(told(result.out) == "");
  CHECK(result.status == 0);
  CHECK(served.content() == before);
  CHECK(run_line("health --server " + url).out == "ok\n");
}

TEST_CASE_METHOD(CommandWorld, "doctor knows the token that everybody knows", "[cli][doctor]") {
  const ServedCore served("greedisgood9999", true);
  const auto url = "http://127.0.0.1:" + std::to_string(served.port());
  environment["METACTL_TOKEN"] = "greedisgood9999";
  CHECK(told(run_line("doctor --slow 1h -o json --server " + url).out) ==
        default_token_line + url + "\n");
  environment["METACTL_TOKEN"] = "another";
  const auto refused = run_line("doctor --slow 1h -o json --server " + url);
  CHECK(told(refused.out) == "error access-denied server/" + url + "\n");
  CHECK(refused.status == 5);
  CHECK(run_line("health --server " + url).status == 5);
}

TEST_CASE_METHOD(CommandWorld, "doctor finds the calls that a server does not know",
                 "[cli][doctor]") {
  auto known = all_calls();
  for (const auto* call : {"alter_obj_info", "get_txn", "update_config"}) known.erase(call);
  const FakeServer fake{FakeMeta(known, GENERATE(404, 200))};
  const auto server = "server/" + fake.url();
  const auto result = run_line("doctor --slow 1h -o json -i prod --server " + fake.url());
  CHECK(told(result.out) == "error no-instance instance/prod\n" + (any_token_line + fake.url()) +
                                "\nwarning unknown-route route/alter_obj_info\n"
                                "warning unknown-route route/update_config\n"
                                "warning unknown-route route/get_txn\n"
                                "info no-extensions " +
                                server + "\n");
  for (const auto* call : {"drop_snapshot", "fix_tablet_stats", "injection_point"}) {
    const auto calls = fake.calls();
    CHECK(std::find(calls.begin(), calls.end(), call) == calls.end());
  }
}

TEST_CASE_METHOD(CommandWorld, "doctor tells a server that is none of this kind", "[cli][doctor]") {
  const FakeServer fake{FakeMeta({}, 404)};
  const auto out = run_line("doctor --slow 1h -o json --server " + fake.url()).out;
  CHECK(contains(told(out), "error no-meta-service server/" + fake.url() + "\n"));
  CHECK_FALSE(contains(told(out), "unknown-route"));
}

TEST_CASE_METHOD(CommandWorld, "doctor finds a slow server, and asks it for less",
                 "[cli][doctor]") {
  const FakeServer fake{FakeMeta(all_calls())};
  const auto out = run_line("doctor --slow 0ms -o json --server " + fake.url()).out;
  CHECK(contains(told(out), "warning slow-server server/" + fake.url() + "\n"));
  CHECK(fake.calls().size() < 10);
}

TEST_CASE_METHOD(CommandWorld, "doctor finds a server with another clock", "[cli][doctor]") {
  const auto findings = [&](const std::string& date) {
    const DatedServer server(date);
    const auto result = run_line("doctor --slow 0ms -i prod -o json --server " + server.url());
    return std::pair(told(result.out), result.out);
  };
  const auto past = findings("Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(contains(past.first, "warning clock-skew server/http://127.0.0.1:"));
  CHECK(contains(past.second, " s behind the one of this machine"));
  CHECK(contains(findings("Fri, 01 Jan 2500 00:00:00 GMT").second, " s ahead of the one of"));
  CHECK_FALSE(contains(findings("").first, "clock-skew"));
}

TEST_CASE_METHOD(CommandWorld, "doctor finds a server that does not answer", "[cli][doctor]") {
  const DeafSocket nobody(false);
  const auto result = run_line("doctor -o json --server " + nobody.url());
  CHECK(told(result.out) == "error unreachable-server server/" + nobody.url() + "\n");
  CHECK(result.status == 6);
  CHECK(result.err == "1 error; 2 checks\n");
  const DeafSocket deaf(true);
  CHECK(run_line("doctor --timeout 50ms --server " + deaf.url()).status == 6);
  CHECK(run_line("health --timeout 50ms --server " + deaf.url()).status == 6);
  CHECK(run_line("health -q --server " + nobody.url()).status == 6);
}

TEST_CASE_METHOD(CommandWorld, "the password of a server or a proxy is not told", "[cli][doctor]") {
  const DeafSocket nobody(false);
  const auto url = "http://u:plain-s-password@" + nobody.url().substr(7);
  environment["http_proxy"] = "http://u:plain-s-password@127.0.0.1:1";
  const auto result = run_line("doctor -o json --bundle r.tar --server " + url);
  CHECK(told(result.out) == "error unreachable-server server/" + nobody.url() + "\n");
  CHECK_FALSE(contains(read("r.tar"), "plain-s"));
  CHECK(contains(read("r.tar"), "http_proxy=http://u:******@127.0.0.1:1\n"));
}

TEST_CASE_METHOD(CommandWorld, "a damaged history of servers is told", "[cli][doctor]") {
  services.connect = app::connect_server;
  const auto home = fs::current_path() / "home";
  environment["XDG_STATE_HOME"] = home;
  fs::create_directories(home / "metactl");
  write_file(home / "metactl/history.db", "garbage");
  const FakeServer fake{FakeMeta(all_calls())};
  const auto result = run_line("doctor -o json --server " + fake.url());
  CHECK(contains(told(result.out),
                 "warning damaged-history file/" + (home / "metactl/history.db").string() + "\n"));
  CHECK(result.status == 10);
}

TEST_CASE_METHOD(CommandWorld, "health of a server is one call", "[cli][doctor]") {
  const FakeServer fake{FakeMeta(all_calls())};
  const auto result = run_line("health --server " + fake.url());
  CHECK(result.out == "ok\n");
  CHECK(fake.calls() == std::vector<std::string>{"get_instance"});
}

TEST_CASE_METHOD(CommandWorld, "a server that answers every call with an error is sick",
                 "[cli][doctor]") {
  const FakeServer fake{always(500, R"({"code":"INTERNAL_ERROR","msg":"fdb down"})")};
  const auto line = "error sick-server server/" + fake.url() + "\n";
  auto result = run_line("health -o json --server " + fake.url());
  CHECK(told(result.out) == line);
  CHECK(contains(result.out, "HTTP 500"));
  CHECK(result.status == 10);
  CHECK(run_line("health -i prod --server " + fake.url()).status == 10);
  result = run_line("doctor --slow 1h -o json --server " + fake.url());
  CHECK(told(result.out) == line);
  CHECK(contains(result.out, "it answers every call with HTTP 500"));
  CHECK(result.status == 10);
}

TEST_CASE_METHOD(CommandWorld, "a server that its gateway does not reach is unreachable",
                 "[cli][doctor]") {
  const FakeServer fake{always(502, "<html>")};
  const auto health = run_line("health --retries 0 --server " + fake.url());
  CHECK(contains(health.err, "HTTP 502"));
  CHECK(health.status == 6);
  const auto doctor = run_line("doctor --retries 0 --slow 1h -o json --server " + fake.url());
  CHECK(told(doctor.out) == "error unreachable-server server/" + fake.url() + "\n");
  CHECK(doctor.status == 6);
}

TEST_CASE_METHOD(CommandWorld, "what is no meta service is not healthy, and takes no token",
                 "[cli][doctor]") {
  const auto reply = GENERATE(std::pair(200, "<html>nginx</html>"), std::pair(404, "no"),
                              std::pair(302, ""), std::pair(200, R"({"code":"OK","msg":""})"));
  const FakeServer fake{always(reply.first, reply.second)};
  CHECK(run_line("health --server " + fake.url()).status == 10);
  CHECK(run_line("health -i prod --server " + fake.url()).status == 10);
  CHECK(told(run_line("doctor --slow 1h -o json --server " + fake.url()).out) ==
        "error no-meta-service server/" + fake.url() + "\n");
}

TEST_CASE_METHOD(CommandWorld, "a server whose storage is down is sick though it knows its calls",
                 "[cli][doctor]") {
  const FakeServer fake{[](const std::string& call, const std::string& body) {
    if (call != "get_instance") return FakeMeta(all_calls())(call, body);
    return http::Reply{500, "", R"({"code":"INTERNAL_ERROR","msg":"fdb down"})"};
  }};
  CHECK(run_line("health --server " + fake.url()).status == 10);
  const auto out = run_line("doctor --slow 1h -o json -i prod --server " + fake.url()).out;
  CHECK(told(out).starts_with("error sick-server server/" + fake.url() + "\n"));
  CHECK_FALSE(contains(out, "default-token"));
  CHECK_FALSE(contains(out, "instance/prod"));
}

TEST_CASE_METHOD(CommandWorld, "mends do not speak of changes that doctor did not make",
                 "[cli][doctor]") {
  const DeafSocket deaf(true);
  const auto out = run_line("doctor -o json --timeout 50ms --server " + deaf.url()).out;
  CHECK(contains(out, "check the address"));
  CHECK_FALSE(contains(out, "look whether the change"));
  CHECK_FALSE(contains(run_line("health --timeout 50ms --server " + deaf.url()).err, "the change"));
}

}  // namespace metactl::tests
