// SPDX-License-Identifier: Apache-2.0
// metactl serve as a process: its first line, its end, its token, its files.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

constexpr auto create = R"({"instance_id": "i", "user_id": "u"})";

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Starts without a token, and gives the one that it made.
std::string made_token(const MetactlFixture& fixture, const std::string& prefix = "") {
  auto launch = fixture.shell(prefix + "exec \"$METACTL\" serve --listen 127.0.0.1:0");
  Process process(launch);
  const auto line = process.line();
  REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
  const auto url = line.substr(line.rfind(' ') + 1);
  auto token = content_of(fixture.state + ".token");
  token.resize(token.find_last_not_of('\n') + 1);
  CHECK(token.size() >= 16);
  CHECK(call(url, "create_instance", create, token).status != 403);
  CHECK(call(url, "create_instance", create, "").status == 403);
  CHECK(call(url, "create_instance", create, "greedisgood9999").status == 403);
  process.signal(SIGTERM);
  const auto outcome = process.wait();
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.err, fixture.state + ".token"));
  CHECK_FALSE(contains(outcome.err, token));
  return token;
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "serve answers as the release that it is told", "[e2e][serve]") {
  // The first example of the older API document.
  constexpr auto* older =
      R"({"instance_id": "123456", "name": "name", "user_id": "abcdef", "obj_info": {"ak": "a", )"
      R"("sk": "plain-s", "bucket": "b", "prefix": "p", "endpoint": "e", "region": "r"}})";
  constexpr auto* missing = R"({"instance_id": "123456", "cluster": {"cluster_id": "none"}})";
  const Serving newest(*this);
  CHECK(call(newest.url(), "create_instance", older).status == 400);
  const Serving second(*this, {"--compat", "2"});
  CHECK(call(second.url(), "create_instance", older).status == 200);
  CHECK(contains(call(second.url(), "drop_cluster", missing).body, "\"INTERANAL_ERROR\""));
  CHECK(contains(call(newest.url(), "drop_cluster", missing).body, "\"NOT_FOUND\""));
  auto by_variable = shell("METACTL_COMPAT=3 exec \"$METACTL\" serve --listen 127.0.0.1:0");
  const auto refused = run(by_variable);
  CHECK(refused.status == 2);
  CHECK(contains(refused.err, "latest, 2"));
}

TEST_CASE_METHOD(MetactlFixture, "a file beyond the size limit is an error, not the end",
                 "[e2e][state]") {
  const auto outcome = run(shell("ulimit -f 1; exec \"$METACTL\" instance create i --user-id u"));
  CHECK(outcome.status == 6);
  CHECK(contains(outcome.err, "no space left"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.path().string() == state + ".key");
}

TEST_CASE_METHOD(MetactlFixture, "serve outlives the size limit and tells of it once",
                 "[e2e][serve]") {
  auto launch = shell("ulimit -f 200; exec \"$METACTL\" serve --listen 127.0.0.1:0");
  launch.environment["METACTL_TOKEN"] = "secret";
  Process process(launch);
  const auto line = process.line();
  const auto url = line.substr(line.rfind(' ') + 1);
  int failed = 0;
  for (int i = 1000; i < 2000 && failed < 3; ++i) {
    const auto body = fmt::format(R"({{"instance_id": "i{}", "user_id": "u"}})", i);
    failed += call(url, "create_instance", body).status == 507 ? 1 : 0;
  }
  CHECK(failed == 3);
  process.signal(SIGTERM);
  const auto outcome = process.wait();
  CHECK(outcome.status == 0);
  CHECK(outcome.err.starts_with("error: create_instance: "));
  CHECK(contains(outcome.err, "no space left"));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
}

TEST_CASE_METHOD(MetactlFixture, "serve says where it listens and ends well on a signal",
                 "[e2e][serve]") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  Serving serving(*this);
  CHECK(serving.url().starts_with("http://127.0.0.1:"));
  CHECK(serving.port() != 0);
  CHECK(call(serving.url(), "create_instance", create).status == 200);
  const auto outcome = serving.stop(signal);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
  CHECK_THROWS(Connection(serving.port()));
  CHECK(contains(out({"instance", "list", "-o", "name"}), "i"));
}

TEST_CASE_METHOD(MetactlFixture, "serve finishes the requests that run when it is told to stop",
                 "[e2e][serve]") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  Serving serving(*this);
  Connection client(serving.port());
  const auto request = raw_request("PUT", "/MetaService/http/create_instance?token=secret", create,
                                   "Expect: 100-continue\r\n");
  const auto header_end = request.find("\r\n\r\n") + 4;
  client.send(std::string_view(request).substr(0, header_end));
  REQUIRE(client.receive().status == 100);  // The header was read: the request runs.
  Connection idle(serving.port());

  serving.process().signal(signal);
  for (bool refused = false; !refused;) {
    try {
      const Connection another(serving.port());
    } catch (const std::runtime_error&) {
      refused = true;
    }
  }
  client.send(std::string_view(request).substr(header_end));
  CHECK(client.receive().status == 200);
  CHECK(serving.process().wait().status == 0);
  CHECK(contains(out({"instance", "list", "-o", "name"}), "i"));
}

TEST_CASE_METHOD(MetactlFixture, "without a token serve makes one, keeps it and uses it again",
                 "[e2e][serve]") {
  const auto token = made_token(*this, "umask 000; ");
  CHECK(mode_of(state + ".token") == 0600);
  CHECK(mode_of(state) == 0600);
  CHECK(made_token(*this) == token);

  const MetactlFixture other;
  CHECK(made_token(other) != token);
}

TEST_CASE_METHOD(MetactlFixture, "the token file of serve is the token file of a client",
                 "[e2e][serve]") {
  Process process(metactl({"serve", "--listen", "127.0.0.1:0"}));
  const auto line = process.line();
  const auto url = line.substr(line.rfind(' ') + 1);
  out({"--server", url, "--token-file", state + ".token", "instance", "create", "i", "--user-id",
       "u"});
  CHECK(contains(out({"instance", "list", "-o", "name"}), "i"));
}

TEST_CASE_METHOD(MetactlFixture, "all files that serve and its requests make are private",
                 "[e2e][serve]") {
  Process process(shell("umask 000; exec \"$METACTL\" serve --listen 127.0.0.1:0"));
  const auto line = process.line();
  auto token = content_of(state + ".token");
  token.resize(token.find_last_not_of('\n') + 1);
  const auto made = call(line.substr(line.rfind(' ') + 1), "create_instance",
                         R"({"instance_id": "i", "vault": {"obj_info": {"ak": "a", "sk": "plain-sk",
      "bucket": "b", "endpoint": "e", "external_endpoint": "e", "region": "r", "provider": "S3"}}})",
                         token);
  CHECK(made.status == 200);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    INFO(entry.path().string());
    CHECK(mode_of(entry.path()) == 0600);
  }
}

TEST_CASE_METHOD(MetactlFixture, "a port that is taken is a conflict", "[e2e][serve]") {
  const Serving first(*this);
  auto second = Serving::launch(*this, {"--listen", fmt::format("127.0.0.1:{}", first.port())});
  second.arguments.erase(second.arguments.begin() + 2, second.arguments.begin() + 4);
  const auto outcome = run(second);
  CHECK(outcome.status == 4);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, "in use"));
  CHECK(contains(outcome.err, std::to_string(first.port())));
  CHECK(call(first.url(), "create_instance", create).status == 200);
}

TEST_CASE_METHOD(MetactlFixture, "serve refuses a file that is no state and leaves it as it is",
                 "[e2e][serve]") {
  std::ofstream(state) << "precious notes of somebody\n";
  const auto outcome = run(metactl({"serve", "--listen", "127.0.0.1:0"}));
  CHECK(outcome.status == 9);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, state));
  CHECK(content_of(state) == "precious notes of somebody\n");
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.path() == state);  // Nothing was made beside it.
}

TEST_CASE_METHOD(MetactlFixture, "serve of a Meta Service makes no state before the first write",
                 "[e2e][serve]") {
  Serving serving(*this, {"--service", "meta"});
  CHECK(call(serving.url(), "list_instances", "{}").status == 200);
  CHECK_FALSE(std::filesystem::exists(state));
  CHECK(call(serving.url(), "create_instance", create).status == 200);
  CHECK(mode_of(state) == 0600);
}

TEST_CASE_METHOD(MetactlFixture, "the request log of serve holds no secrets", "[e2e][serve]") {
  Serving serving(*this, {"-v"});
  call(serving.url(), "create_instance", R"({"instance_id": "i", "vault": {"obj_info":
      {"ak": "access", "sk": "plain-secret-key", "bucket": "b", "endpoint": "e",
       "external_endpoint": "e", "region": "r", "provider": "S3"}}})");
  call(serving.url(), "create_instance", R"({"instance_id": "i", "sk": "plain-secret-key"} x)");
  call(serving.url(), "no_such_call", "plain-secret-key");
  call(serving.url(), "get_instance", "{}", "wrong-but-close");
  const auto outcome = serving.stop();
  CHECK(contains(outcome.err, "create_instance"));
  CHECK(contains(outcome.err, "127.0.0.1"));
  CHECK_FALSE(contains(outcome.err, "plain-secret-key"));
  CHECK_FALSE(contains(outcome.err, "token=secret"));
}

TEST_CASE_METHOD(MetactlFixture,
                 "without standard input and error serve works, and talks to clients only",
                 "[e2e][serve]") {
  // A file or socket that gets the number of a closed stream must not receive what is meant for it.
  auto launch = shell("exec \"$METACTL\" serve -v --listen 127.0.0.1:0 2>&-");
  launch.environment["METACTL_TOKEN"] = "secret";
  launch.input_closed = true;
  Process process(launch);
  const auto line = process.line();
  const auto url = line.substr(line.rfind(' ') + 1);
  for (int i = 0; i < 10; ++i) {
    const auto reply = exchange(
        port_of(url), raw_request("PUT", "/MetaService/http/list_instances?token=secret", "{}"));
    CHECK(reply.status == 200);
    CHECK(reply.body.starts_with("{\n"));
  }
  CHECK(call(url, "create_instance", create).status == 200);
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
  CHECK(contains(out({"instance", "list", "-o", "name"}), "i"));
}

TEST_CASE_METHOD(MetactlFixture, "a client that disappears and a reset connection do not end serve",
                 "[e2e][serve]") {
  Serving serving(*this);
  for (int i = 0; i < 20; ++i) {
    Connection client(serving.port());
    client.send(raw_request("PUT", "/MetaService/http/list_instances?token=secret", "{}"));
  }
  CHECK(call(serving.url(), "create_instance", create).status == 200);
  CHECK(serving.stop().status == 0);
}

TEST_CASE_METHOD(MetactlFixture, "serve tells a bad address before it listens", "[e2e][serve]") {
  const std::string listen = GENERATE("127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                                      ":0", "no host:0", "192.0.2.1:0", "[::1:0");
  CAPTURE(listen);
  const auto outcome = run(metactl({"serve", "--listen", listen}));
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, "error: "));
}

}  // namespace metactl::tests
