// SPDX-License-Identifier: Apache-2.0
// Commands of the shell that metactl runs, such as an editor.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "cli/io.h"

using metactl::cli::run_shell;

TEST_CASE("a child gets no secret of metactl's variables", "[cli][secrets]") {
  for (const auto* name :
       {"METACTL_TOKEN", "METACTL_SK_PROD_HOT", "METACTL_AK_PROD_HOT", "METACTL_HDFS_PROD_HOT_X"}) {
    CAPTURE(name);
    ::setenv(name, "plain-s-variable", 1);
    CHECK(run_shell("test -z \"$" + std::string(name) + "\"") == 0);
    ::unsetenv(name);
  }
}

TEST_CASE("a child gets all other variables, and its status is handed on", "[cli]") {
  ::setenv("METACTL_TOKEN_FILE", "some/path", 1);
  CHECK(run_shell("test \"$METACTL_TOKEN_FILE\" = some/path") == 0);
  ::unsetenv("METACTL_TOKEN_FILE");
  CHECK(run_shell("test -n \"$PATH\"") == 0);
  CHECK(run_shell("exit 3") == 3);
  CHECK(run_shell("kill -9 $$") == 128 + 9);
  CHECK(run_shell("no-such-program 2>/dev/null") == 127);
}
