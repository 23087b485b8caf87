// SPDX-License-Identifier: Apache-2.0
// A state that this user may read and not write.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

/// Commands that run as a user for whom the modes of files count.
class ReadOnlyFixture : public MetactlFixture {
 public:
  const std::string below = folder / "below";
  const std::string locked = below + "/state.db";

  ReadOnlyFixture() {
    create_cluster();
    fs::create_directory(below);
    for (const auto* suffix : {"", ".key"})
      if (fs::exists(state + suffix)) fs::copy_file(state + suffix, locked + suffix);
    chmod(folder.path().c_str(), 0777);
    for (const auto& entry : fs::directory_iterator(below)) chmod(entry.path().c_str(), 0444);
    chmod(below.c_str(), 0555);
  }
  ~ReadOnlyFixture() { chmod(below.c_str(), 0755); }

  bool can_become_other() const {
    if (geteuid() != 0 || run(as_other("true")).status == 0) return true;
    WARN("skipped: setpriv cannot make root another user here");
    return false;
  }
  Launch as_other(const std::string& command) const {
    const std::string drop =
        geteuid() == 0 ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups " : "exec ";
    auto launch = shell(drop + command);
    launch.environment["METACTL_STATE"] = locked;
    launch.environment["TMPDIR"] = folder.path();
    return launch;
  }
};

}  // namespace

TEST_CASE_METHOD(ReadOnlyFixture, "a state that cannot be written can be read by all commands",
                 "[e2e][state][ro]") {
  if (!can_become_other()) return;
  for (const auto* arguments :
       {"cluster list", "instance get", "export", "history", "state info", "state verify",
        "state backup -", "cluster add d --dry-run", "node list -o json", "key scan", "health"}) {
    CAPTURE(arguments);
    const auto outcome = run(as_other(fmt::format("\"$METACTL\" -i i {}", arguments)));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_FALSE(outcome.out.empty());
  }
  const auto backup = folder / "copy.backup";
  CHECK(run(as_other(fmt::format("\"$METACTL\" state backup '{}'", backup.string()))).status == 0);
  CHECK(fs::exists(backup));
  const auto doctor = run(as_other("\"$METACTL\" doctor -o name"));
  INFO(doctor.err);
  CHECK((doctor.status == 0 || doctor.status == 10));  // Modes and owner are not as it wants them.
  CHECK_FALSE(contains(doctor.out, "unreadable"));
}

TEST_CASE_METHOD(ReadOnlyFixture, "a change of a state that cannot be written is denied",
                 "[e2e][state][ro]") {
  if (!can_become_other()) return;
  for (const auto* arguments :
       {"-i i cluster add d", "state compact", "state upgrade", "serve --listen 127.0.0.1:0"}) {
    CAPTURE(arguments);
    const auto outcome = run(as_other(fmt::format("\"$METACTL\" {}", arguments)));
    INFO(outcome.err);
    CHECK(outcome.status == 5);
    CHECK(contains(outcome.err,
                   fmt::format("cannot write state file '{}': the file is not writable", locked)));
  }
  CHECK(std::distance(fs::directory_iterator(below), fs::directory_iterator()) == 1);
}

}  // namespace metactl::tests
