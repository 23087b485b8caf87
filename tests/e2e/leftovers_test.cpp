// SPDX-License-Identifier: Apache-2.0
// Commands are killed at any moment: what they leave is gone behind the next change.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <thread>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

/// Files that nobody asked for, or has a use for.
std::vector<std::string> unexpected_in(const fs::path& folder) {
  static const std::regex expected(
      "state\\.db(-wal|-shm|\\.key|\\.before-restore-[0-9]+\\.backup)?|backup-[0-9]+|config\\.yaml|"
      "secret|(first|second)\\.backup|\\.local|\\.config|bundle\\.tar");
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!std::regex_match(name, expected)) found.push_back(name);
  }
  return found;
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "killed commands leave no file behind the next change",
                 "[e2e][leftovers]") {
  std::ofstream(folder / "secret") << "plain-sk\n";
  out({"instance", "create", "i", "--user-id", "u"});
  out({"iam", "set", "a", "--ak", "a", "--sk-file", folder / "secret"});
  out({"state", "backup", folder / "first.backup"});
  std::mt19937 random(1);
  const auto kill = [&](const std::vector<std::string>& arguments) {
    Process process(metactl(arguments));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
    process.signal(SIGKILL);
    process.wait();
  };
  for (int i = 0; i < 8; ++i) {
    const auto number = std::to_string(i);
    kill({"state", "rekey"});
    kill({"state", "backup", folder / ("backup-" + number)});
    kill({"state", "backup", folder / "first.backup", "--force"});
    kill({"context", "add", "c" + number, "--state", state, "--config", folder / "config.yaml"});
    kill({"doctor", "--bundle", folder / "bundle.tar", "--force"});
  }
  // A backup of now, as the key of an earlier one may be gone.
  out({"state", "backup", folder / "second.backup"});
  for (int i = 0; i < 10; ++i)
    kill({"state", "restore", folder / "second.backup", "--force", "--yes"});
  out({"iam", "set", "b", "--ak", "b", "--sk-file", folder / "secret"});
  CHECK(unexpected_in(folder.path()).empty());
  CHECK(out({"state", "verify", "-o", "name"}).empty());
}

TEST_CASE_METHOD(MetactlFixture, "doctor shows what a killed command left until a change",
                 "[e2e][leftovers]") {
  out({"instance", "create", "i", "--user-id", "u"});
  const std::string left = folder / "backup-0.0123456789abcdef.metactl";
  std::ofstream(left) << "x";
  CHECK(contains(run(metactl({"doctor"})).out, left));
  out({"cluster", "add", "c", "-i", "i"});
  CHECK_FALSE(fs::exists(left));
}

}  // namespace metactl::tests
