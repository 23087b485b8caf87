// SPDX-License-Identifier: Apache-2.0
// Files beside the state that several processes read, change and write back.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"
#include "tests/store/state_file.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

struct SharedFiles : MetactlFixture {
  const fs::path config = folder / ".config/metactl/config.yaml";

  /// Runs the line once for each i from 1 to 8, all at the same time; 0 when all succeed.
  Outcome eight_times(const std::string& line) const {
    return run(shell("pids=; for i in 1 2 3 4 5 6 7 8; do " + line +
                     " & pids=\"$pids $!\"; done; rc=0; for p in $pids; do wait $p || rc=1; done; "
                     "exit $rc"));
  }
  std::ptrdiff_t contexts() const {
    const auto list = out({"context", "list", "--no-headers"});
    return std::count(list.begin(), list.end(), '\n');
  }
};

}  // namespace

TEST_CASE_METHOD(SharedFiles, "contexts that are added at the same time are all there",
                 "[e2e][config]") {
  const auto outcome = eight_times("\"$METACTL\" context add p$i --server http://127.0.0.1:$i -q");
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(contexts() == 8);
  CHECK(eight_times("\"$METACTL\" context delete p$i -q").status == 0);
  CHECK(contexts() == 0);
  CHECK(std::distance(fs::directory_iterator(config.parent_path()), {}) == 1);
}

TEST_CASE_METHOD(SharedFiles, "the configuration is written through a link, with its mode",
                 "[e2e][config][link]") {
  const auto real = folder / "dotfiles/config.yaml";
  fs::create_directories(config.parent_path());
  fs::create_directories(folder / "dotfiles");
  write_file(real, "current_context: a\ncontexts:\n  - name: a\n    server: http://h:1\n");
  REQUIRE(::chmod(real.c_str(), 0640) == 0);
  fs::create_symlink("../../dotfiles/config.yaml", config);
  out({"context", "add", "b", "--server", "http://h:2"});
  CHECK(fs::is_symlink(config));
  CHECK(contexts() == 2);
  CHECK(fs::status(real).permissions() == fs::perms{0640});
}

TEST_CASE_METHOD(SharedFiles, "a locked configuration is waited for, for so long as --timeout says",
                 "[e2e][config][lock]") {
  out({"context", "add", "a", "--server", "http://h:1"});
  const int held = ::open(config.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(held, LOCK_EX | LOCK_NB) == 0);
  const auto refused = run(metactl({"context", "delete", "a", "--timeout", "50ms"}));
  CHECK(refused.status == 6);
  CHECK(contains(refused.err, "another process has had it locked for 50 ms"));
  CHECK(contexts() == 1);  // Reading does not wait.
  ::close(held);
  out({"context", "delete", "a"});
}

TEST_CASE_METHOD(SharedFiles, "a refused command leaves no configuration behind", "[e2e][config]") {
  CHECK(run(metactl({"context", "use", "nobody"})).status == 3);
  CHECK_FALSE(fs::exists(config));
}

TEST_CASE_METHOD(SharedFiles, "what several processes apply for one owner is noted whole",
                 "[e2e][apply]") {
  out({"instance", "create", "i", "--user-id", "u"});
  for (int i = 1; i <= 8; ++i)
    write_file(folder / fmt::format("c{}.yaml", i),
               fmt::format("apiVersion: metactl/v1\nkind: Cluster\nmetadata:\n  instance: i\n"
                           "  name: c{}\nspec:\n  type: COMPUTE\n",
                           i));
  const auto outcome = eight_times("\"$METACTL\" apply -f \"$HOME/c$i.yaml\" --owner team -q");
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  const auto notes = bytes(folder / ".local/state/metactl/owners/team.json");
  for (int i = 1; i <= 8; ++i) CHECK(contains(notes, fmt::format("\"id\": \"c{}\"", i)));
}

}  // namespace metactl::tests
