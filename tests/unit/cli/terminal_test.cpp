// SPDX-License-Identifier: Apache-2.0
// What people at a terminal see that programs do not.
#include <catch2/catch.hpp>

#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

struct Terminal : RecordedWorld {
  Terminal() {
    run_line("instance create prod --user-id ops");
    run_line("cluster add etl --node 10.0.0.5:9050 --node 10.0.0.6:9050");
    run_line("cluster add a-rather-long-name --id short");
    run_line("cluster suspend a-rather-long-name");
    in_is_terminal = out_is_terminal = err_is_terminal = true;
    width = 80;
    recording.calls.clear();
  }

  std::size_t clusters() {
    const auto names = run_line("cluster list -o name").out;
    return static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n'));
  }
};

}  // namespace

TEST_CASE_METHOD(Terminal, "a table is aligned on a terminal", "[cli][terminal]") {
  environment["NO_COLOR"] = "1";
  CHECK(run_line("cluster list").out ==
        "NAME                ID     TYPE     STATUS     NODES\n"
        "a-rather-long-name  short  COMPUTE  SUSPENDED  0\n"
        "etl                 etl    COMPUTE  NORMAL     2\n");
}

TEST_CASE_METHOD(Terminal, "a table is cut to the width of the terminal", "[cli][terminal]") {
  environment["NO_COLOR"] = "1";
  width = 41;
  const auto table = run_line("cluster list").out;
  CHECK(table ==
        "NAME      ID     TYPE     STATUS    NODES\n"
        "a-rathe…  short  COMPUTE  SUSPEND…  0\n"
        "etl       etl    COMPUTE  NORMAL    2\n");
}

TEST_CASE_METHOD(Terminal, "statuses have colours on a terminal only", "[cli][terminal]") {
  const auto table = run_line("cluster list").out;
  CHECK_THAT(table, Catch::Contains("\x1b[31mSUSPENDED\x1b[0m"));
  CHECK_THAT(table, Catch::Contains("\x1b[32mNORMAL\x1b[0m"));
  CHECK_THAT(run_line("cluster list --color never").out, !Catch::Contains("\x1b"));
  CHECK_THAT(run_line("cluster list -o json").out, !Catch::Contains("\x1b"));
  CHECK_THAT(run_line("cluster list -o csv").out, !Catch::Contains("\x1b"));
  out_is_terminal = false;
  CHECK_THAT(run_line("cluster list").out, !Catch::Contains("\x1b"));
  CHECK_THAT(run_line("cluster list --color always").out, Catch::Contains("\x1b[32m"));
}

TEST_CASE_METHOD(Terminal, "NO_COLOR takes colours away, and a flag goes before it",
                 "[cli][terminal]") {
  environment["NO_COLOR"] = "1";
  CHECK_THAT(run_line("cluster list").out, !Catch::Contains("\x1b"));
  CHECK_THAT(run_line("cluster list --color always").out, Catch::Contains("\x1b[32m"));
  environment["NO_COLOR"] = "";
  CHECK_THAT(run_line("cluster list").out, Catch::Contains("\x1b[32m"));
}

TEST_CASE_METHOD(Terminal, "a dangerous command asks and goes on after yes", "[cli][terminal]") {
  const std::string answer = GENERATE("y\n", "Y\n", "yes\n", "y");
  const auto result = run_line("cluster drop etl", answer);
  CHECK(result.status == 0);
  CHECK(result.out == "cluster/etl dropped\n");
  CHECK(result.err == "This will drop cluster 'etl' and its 2 nodes. Go on? [y/N] ");
  CHECK(clusters() == 1);
}

TEST_CASE_METHOD(Terminal, "a dangerous command stops after any other answer", "[cli][terminal]") {
  const std::string answer = GENERATE("n\n", "\n", "", "yess\n", "no\n", " \n");
  const auto result = run_line("cluster drop etl", answer);
  CHECK(result.status == 2);
  CHECK(result.out == "");
  CHECK_THAT(result.err, Catch::Contains("not confirmed"));
  CHECK(clusters() == 2);
}

TEST_CASE_METHOD(Terminal, "nothing is asked when nobody can answer", "[cli][terminal]") {
  SECTION("--no-input") {
    CHECK(run_line("cluster drop etl --no-input", "y\n").status == 2);
  }
  SECTION("standard input is no terminal") {
    in_is_terminal = false;
    CHECK(run_line("cluster drop etl", "y\n").status == 2);
  }
  SECTION("standard error is no terminal") {
    err_is_terminal = false;
    CHECK(run_line("cluster drop etl", "y\n").status == 2);
  }
  CHECK(clusters() == 2);
}

TEST_CASE_METHOD(Terminal, "the flag --yes and METACTL_YES answer beforehand", "[cli][terminal]") {
  CHECK(run_line("cluster drop etl --yes").err == "");
  environment["METACTL_YES"] = "1";
  CHECK(run_line("cluster drop a-rather-long-name").err == "");
  CHECK(clusters() == 0);
}

TEST_CASE_METHOD(Terminal, "a protected context asks once for one command", "[cli][terminal]") {
  run_line("context add careful --state x.db --protected --use");
  SECTION("before a change") {
    const auto result = run_line("cluster resume a-rather-long-name", "y\n");
    CHECK(result.status == 0);
    CHECK(std::count(result.err.begin(), result.err.end(), '?') == 1);
  }
  SECTION("before a dangerous change") {
    const auto result = run_line("cluster drop etl", "y\n");
    CHECK(result.status == 0);
    CHECK(std::count(result.err.begin(), result.err.end(), '?') == 1);
  }
  SECTION("not before a read") {
    CHECK(run_line("cluster list").err == "");
  }
  SECTION("and not at all after --yes") {
    CHECK(run_line("cluster drop etl --yes").err == "");
  }
}

TEST_CASE_METHOD(Terminal, "a body is not read from a terminal", "[cli][terminal]") {
  const auto result = run_line("cluster add --body -", "{}");
  CHECK(result.status == 2);
  CHECK_THAT(result.err, Catch::Contains("standard input is a terminal"));
}

TEST_CASE_METHOD(Terminal, "control characters of stored names do not reach a terminal",
                 "[cli][terminal]") {
  environment["NO_COLOR"] = "1";
  CHECK(run({"instance", "rename", "prod", "evil\x1b]0;title\x07"}).status == 2);
  // As an older release stored it.
  const auto put = run({"key", "put", "InstanceKey", "instance_id=prod", "--yes", "--value",
                        R"({"instance_id": "prod", "name": "evil\u001b]0;title\u0007"})"});
  CHECK(put.status == 0);
  CHECK_THAT(put.err, Catch::Contains("warning: 'name' has control characters"));
  CHECK_THAT(run_line("instance list").out, Catch::Contains(R"(evil\x1b]0;title\x07)"));
  CHECK_THAT(run_line("instance get prod").out, !Catch::Contains("\x1b"));
}

}  // namespace metactl::tests
