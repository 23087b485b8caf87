// SPDX-License-Identifier: Apache-2.0
// States of an older release: reads leave them as they are, and the first change upgrades them.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

class OldStateFixture : public MetactlFixture {
 public:
  OldStateFixture() {
    for (const auto* suffix : {"", ".key"})
      fs::copy_file(fs::path(source_dir()) / ("tests/store/old/v2.db" + std::string(suffix)),
                    state + suffix);
    fs::permissions(state + ".key", fs::perms::owner_read | fs::perms::owner_write);
  }

  std::string content() const {
    std::ifstream file(state, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string version() const {
    const auto info = out({"state", "info", "-o", "json"});
    const std::string member = "\"schema_version\": ";
    return info.substr(info.find(member) + member.size(), 1);
  }
};

const std::vector<std::string> change = {"-i", "prod", "cluster", "add", "new"};
constexpr auto announced =
    "from schema 2 to 3; older releases of metactl cannot open it any more\n";

}  // namespace

TEST_CASE_METHOD(OldStateFixture, "reads leave a state of an older release as it is",
                 "[e2e][state][upgrade]") {
  const auto before = content();
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"instance", "list"},
           {"-i", "prod", "vault", "list"},
           {"export", "-i", "prod"},
           {"history"},
           {"state", "info"},
           {"state", "verify"},
           {"state", "backup", (folder / "b").string()},
           {"-i", "prod", "cluster", "add", "new", "--dry-run"}}) {
    CAPTURE(arguments);
    const auto outcome = run(metactl(arguments));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_FALSE(contains(outcome.err, "schema"));
    CHECK(content() == before);
  }
  CHECK(version() == "2");
  CHECK(contains(out({"state", "info"}), "schema version 2; the next change upgrades it to 3"));
}

TEST_CASE_METHOD(OldStateFixture, "the first change upgrades a state, unless that is not allowed",
                 "[e2e][state][upgrade]") {
  auto arguments = change;
  arguments.push_back("--no-upgrade");
  for (auto launch : {metactl(arguments), metactl(change)}) {
    if (launch.arguments.back() != "--no-upgrade") launch.environment["METACTL_NO_UPGRADE"] = "1";
    const auto refused = run(launch);
    INFO(refused.err);
    CHECK(refused.status == 7);
    CHECK(contains(refused.err, "it has schema version 2"));
    CHECK(contains(refused.err, "metactl state upgrade"));
    CHECK(version() == "2");
  }

  const auto upgraded = run(metactl(change));
  INFO(upgraded.err);
  CHECK(upgraded.status == 0);
  CHECK(contains(upgraded.err, announced));
  CHECK(version() == "3");
  CHECK(run(metactl({"-i", "prod", "cluster", "drop", "new", "-y"})).err.find("upgraded") ==
        std::string::npos);
  CHECK(run(metactl({"state", "verify"})).status == 0);
}

TEST_CASE_METHOD(OldStateFixture, "a state can be upgraded by a command of its own",
                 "[e2e][state][upgrade]") {
  const auto first = run(metactl({"state", "upgrade"}));
  CHECK(first.status == 0);
  CHECK(contains(first.err, announced));
  const auto second = run(metactl({"state", "upgrade"}));
  CHECK(second.status == 0);
  CHECK(contains(second.out, "unchanged"));
  CHECK(version() == "3");
}

TEST_CASE_METHOD(OldStateFixture, "serve upgrades at its first change", "[e2e][state][upgrade]") {
  Serving serving(*this, {"--service", "meta"});  // It makes no other service at its start.
  CHECK(call(serving.url(), "list_instances", "{}").status == 200);
  CHECK(version() == "2");
  CHECK(
      call(serving.url(), "create_instance", R"({"instance_id": "new", "user_id": "u"})").status ==
      200);
  CHECK(version() == "3");
  const auto outcome = serving.stop();
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.err, announced));
}

TEST_CASE_METHOD(OldStateFixture, "a backup of an older schema is restored into the present one",
                 "[e2e][state][upgrade]") {
  const auto backup = (folder / "old.backup").string();
  const auto other = (folder / "other.db").string();
  out({"state", "backup", backup});
  fs::copy_file(state + ".key", other + ".key");
  out({"--state", other, "state", "restore", backup});
  const auto restored = out({"--state", other, "state", "info", "-o", "json"});
  CHECK(contains(restored, "\"schema_version\": 3"));
  CHECK(run(metactl({"--state", other, "state", "verify"})).status == 0);
  CHECK(contains(out({"--state", other, "-i", "prod", "vault", "list"}), "warm"));
}

}  // namespace metactl::tests
