// SPDX-License-Identifier: Apache-2.0
// Commands whose standard streams, environment or state file are not as they should be.
#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "base/text.h"
#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_error(const Outcome& outcome, int status, std::string_view part) {
  INFO(outcome.err);
  CHECK(outcome.status == status);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.starts_with("error: "));
  CHECK(contains(outcome.err, part));
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "commands do not need standard input", "[e2e][streams]") {
  create_cluster();
  auto list = metactl({"cluster", "list", "-o", "name"});
  list.input_closed = GENERATE(false, true);
  const auto listed = run(list);
  CHECK(listed.status == 0);
  CHECK(listed.err.empty());

  auto drop = metactl({"cluster", "drop", "c"});
  drop.input_closed = list.input_closed;
  drop.input = list.input_closed ? "" : "y\n";
  check_error(run(drop), 2, "--yes");  // Nobody was asked.
  CHECK(contains(out({"cluster", "list"}), "c"));
}

TEST_CASE_METHOD(MetactlFixture, "a request that standard input does not hold is told",
                 "[e2e][streams]") {
  create_cluster();
  auto add = metactl({"cluster", "add", "--body", "-"});
  check_error(run(add), 2, "cannot read the request in '-'");
  add.input_closed = true;
  const auto outcome = run(add);
  INFO(outcome.err);
  CHECK(outcome.status != 0);
  CHECK(contains(outcome.err, "cannot read"));
  CHECK_FALSE(contains(outcome.err, "unexpected failure"));
}

TEST_CASE_METHOD(MetactlFixture, "a request can come from standard input", "[e2e][streams]") {
  create_cluster();
  auto add = metactl({"node", "add", "--body", "-"});
  add.input = node_body("10.0.0.1", 9050);
  CHECK(run(add).status == 0);
  CHECK(nodes() == std::set<std::string>{"10.0.0.1:9050"});
}

TEST_CASE_METHOD(MetactlFixture, "a result that cannot be written is a failure", "[e2e][streams]") {
  create_cluster();
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  const std::vector<std::string> arguments =
      GENERATE(std::vector<std::string>{"cluster", "list"},
               std::vector<std::string>{"cluster", "get", "c", "-o", "yaml"},
               std::vector<std::string>{"api", "list_instances"},
               std::vector<std::string>{"cluster", "add", "d"}, std::vector<std::string>{"version"},
               std::vector<std::string>{"--help"});
  CAPTURE(arguments);
  for (const int output : {Launch::closed, full}) {
    auto command = metactl(arguments);
    command.output = output;
    if (command.arguments.back() == "d" && output == full) command.arguments.back() = "e";
    check_error(run(command), 1, "standard output");
  }
  close(full);
  out({"cluster", "list"});  // The state is in order.
}

TEST_CASE_METHOD(MetactlFixture,
                 "a remote result that cannot be written is a failure, and goes nowhere else",
                 "[e2e][streams]") {
  create_cluster();
  const Serving serving(*this);
  // A socket that gets the number of the closed stream would swallow the result.
  auto list = metactl({"--server", serving.url(), "-i", "i", "cluster", "list"});
  list.environment["METACTL_TOKEN"] = "secret";
  REQUIRE(run(list).status == 0);
  list.output = Launch::closed;
  list.input_closed = GENERATE(false, true);
  check_error(run(list), 1, "standard output");
}

TEST_CASE_METHOD(MetactlFixture, "a pipe that is closed early ends a command quietly",
                 "[e2e][streams]") {
  create_cluster();
  Pipe pipe;
  pipe.close_reader();
  auto list = metactl({"cluster", "list"});
  list.output = pipe.writer();
  const auto outcome = run(list);
  CHECK((outcome.status == -SIGPIPE || outcome.status == 1));
  if (outcome.status == -SIGPIPE) CHECK(outcome.err.empty());
}

TEST_CASE_METHOD(MetactlFixture, "key grep prints a line as soon as a pipe brings it",
                 "[e2e][streams]") {
  const auto key = text::hex(keys::instance_key("i"));
  const auto seen = (folder / "seen").string();
  Process grep(shell(fmt::format(
      "{{ echo 'a {0}'; until [ -e '{1}' ]; do sleep 0.02; done; printf 'b\\n{0} c'; }} | "
      "\"$METACTL\" key grep",
      key, seen)));
  CHECK(grep.line() == "a InstanceKey{instance_id=i}");
  std::ofstream(seen).flush();
  const auto outcome = grep.wait();
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "InstanceKey{instance_id=i} c");
}

TEST_CASE_METHOD(MetactlFixture, "a change is made even if nobody hears of it", "[e2e][streams]") {
  create_cluster();
  Pipe pipe;
  pipe.close_reader();
  auto add = metactl({"node", "add", "--cluster", "c", "10.0.0.1:9050"});
  add.output = pipe.writer();
  run(add);
  CHECK(nodes() == std::set<std::string>{"10.0.0.1:9050"});
}

TEST_CASE_METHOD(MetactlFixture, "without HOME a command works when it is told its files",
                 "[e2e][environment]") {
  create_cluster();
  const auto without_home = [&](std::vector<std::string> arguments) {
    auto launch = metactl(std::move(arguments));
    launch.environment.erase("HOME");
    launch.environment.erase("METACTL_STATE");
    return run(launch);
  };
  CHECK(without_home({"version"}).status == 0);
  CHECK(without_home({"--help"}).status == 0);
  const auto listed = without_home({"--state", state, "cluster", "list"});
  INFO(listed.err);
  CHECK(listed.status == 0);
  check_error(without_home({"cluster", "list"}), 2, "HOME");  // Where would the state be?
}

TEST_CASE_METHOD(MetactlFixture, "a state that may not be read is denied", "[e2e][state]") {
  create_cluster();
  if (geteuid() == 0) {
    WARN("skipped: root may read every file");
    return;
  }
  REQUIRE(chmod(state.c_str(), 0) == 0);
  check_error(run(metactl({"cluster", "list"})), 5, state);
}

TEST_CASE_METHOD(MetactlFixture, "a folder is no state", "[e2e][state]") {
  std::filesystem::create_directory(state);
  check_error(run(metactl({"cluster", "list"})), 9, state);
  check_error(run(metactl({"instance", "create", "i", "--user-id", "u"})), 9, state);
  CHECK(std::filesystem::is_empty(state));
}

TEST_CASE_METHOD(MetactlFixture, "a truncated state is refused and left as it is", "[e2e][state]") {
  create_cluster();
  const auto whole = std::filesystem::file_size(state);
  const auto size = GENERATE(1U, 100U, 4096U, 5000U);
  REQUIRE(size < whole);
  std::filesystem::resize_file(state, size);
  const auto before = content_of(state);
  check_error(run(metactl({"-i", "i", "cluster", "list"})), 9, state);
  check_error(run(metactl({"instance", "create", "j", "--user-id", "u"})), 9, state);
  CHECK(content_of(state) == before);
}

TEST_CASE_METHOD(MetactlFixture, "an empty file is no state", "[e2e][state]") {
  std::ofstream(state).flush();
  const auto outcome = run(metactl({"instance", "list"}));
  CHECK(outcome.status == 9);
  CHECK(content_of(state).empty());
}

TEST_CASE_METHOD(MetactlFixture, "a read makes no state", "[e2e][state]") {
  const auto arguments =
      GENERATE(std::vector<std::string>{"instance", "list"},
               std::vector<std::string>{"instance", "get", "i"},
               std::vector<std::string>{"-i", "i", "cluster", "list"},
               std::vector<std::string>{"-i", "i", "node", "list"},
               std::vector<std::string>{"api", "list_instances"},
               std::vector<std::string>{"-i", "i", "cluster", "drop", "c", "--if-exists", "--yes"},
               std::vector<std::string>{"config", "view"});
  CAPTURE(arguments);
  run(metactl(arguments));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE_METHOD(MetactlFixture, "a refused write makes no state", "[e2e][state]") {
  CHECK(run(metactl({"-i", "i", "cluster", "add", "c"})).status == 3);
  CHECK(run(metactl({"instance", "drop", "i", "--yes"})).status == 3);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE_METHOD(MetactlFixture, "a state in a folder that is not there yet gets its folder",
                 "[e2e][state]") {
  const auto deep = (folder / "a/b/state.db").string();
  out({"--state", deep, "instance", "create", "i", "--user-id", "u"});
  CHECK(contains(out({"--state", deep, "instance", "list"}), "i"));
}

}  // namespace metactl::tests
