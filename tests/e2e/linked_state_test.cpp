// SPDX-License-Identifier: Apache-2.0
// A state that is named by a symbolic link: all that belongs to it stands beside the real file.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/e2e/metactl.h"
#include "tests/store/state_file.h"

namespace metactl::tests {
namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

/// The state is data/real.db; the links far.db and near.db lead to it, one through the other.
class LinkedState : public MetactlFixture {
 public:
  const fs::path data = folder / "data";
  const fs::path real = data / "real.db";
  const std::string link = folder / "links/far.db";

  LinkedState() {
    fs::create_directory(data);
    fs::create_directory(folder / "links");
    fs::create_symlink("../data/real.db", folder / "links/near.db");
    fs::create_symlink(folder / "links/near.db", link);
    write_file(folder / "sk", "plain-s-one\n");
  }

  Outcome at(const std::string& name, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--state", name});
    return run(metactl(std::move(arguments)));
  }
  void ok(const std::string& name, std::vector<std::string> arguments) const {
    const auto outcome = at(name, std::move(arguments));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
  }
  void add_vault(const std::string& name, const std::string& vault) const {
    ok(name, {"-i",       "i",  "vault",      "add",        "s3",       vault, "--bucket",   "b",
              "--prefix", "p",  "--endpoint", "e",          "--region", "r",   "--provider", "S3",
              "--ak",     "AK", "--sk-file",  folder / "sk"});
  }
  std::set<std::string> names(const fs::path& where) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(where)) names.insert(entry.path().filename());
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(LinkedState, "a state is made where a link leads to, with all beside it",
                 "[e2e][state][link]") {
  ok(link, {"instance", "create", "i", "--user-id", "u"});
  CHECK(fs::is_regular_file(fs::symlink_status(real)));
  add_vault(link, "v1");
  add_vault(real, "v2");
  for (const auto& name : {link, real.string()}) ok(name, {"state", "verify"});
  ok(link, {"state", "rekey"});
  for (const auto& name : {link, real.string()}) ok(name, {"state", "verify"});
  ok(link, {"state", "backup", folder / "one.backup"});
  ok(link, {"state", "restore", folder / "one.backup", "--force", "--yes"});
  const auto doctor = at(link, {"doctor"});
  INFO(doctor.out << doctor.err);
  CHECK(doctor.out.find("key") == std::string::npos);
  CHECK(names(folder / "links") == std::set<std::string>{"far.db", "near.db"});
  const auto beside = names(data);
  CHECK(beside.contains("real.db.key"));
  CHECK(beside.size() == 3);  // And the copy that the restore made first.
}

TEST_CASE_METHOD(LinkedState, "a server keeps token and files beside the real state",
                 "[e2e][state][link]") {
  auto launch = metactl({"serve", "--listen", "127.0.0.1:0", "--state", link});
  Process server(launch);
  REQUIRE_THAT(server.line(), Contains("listening on "));
  ok(real, {"instance", "create", "i", "--user-id", "u"});
  CHECK(names(folder / "links") == std::set<std::string>{"far.db", "near.db"});
  CHECK(names(data).contains("real.db.token"));
  server.signal(SIGTERM);
  CHECK(server.wait().status == 0);
}

TEST_CASE_METHOD(LinkedState, "a link that is led elsewhere under a server is noticed",
                 "[e2e][state][link]") {
  const auto second = folder / "data/second.db";
  ok(real, {"instance", "create", "i", "--user-id", "u"});
  ok(second, {"instance", "create", "j", "--user-id", "u"});
  const auto folders = folder / "current";
  fs::create_directory_symlink("data", folders);
  const Serving server(*this, {"--state", folders / "real.db"});
  CHECK(call(server.url(), "list_instances", "{}").status == 200);
  fs::remove(folders);
  fs::create_directory_symlink("links", folders);
  CHECK(call(server.url(), "list_instances", "{}").status == 503);
}

TEST_CASE_METHOD(LinkedState, "a link into a folder that is not there makes no folder",
                 "[e2e][state][link]") {
  fs::remove(data);
  for (const auto& arguments :
       {std::vector<std::string>{"instance", "list"},
        std::vector<std::string>{"instance", "create", "i", "--user-id", "u"}}) {
    const auto outcome = at(link, arguments);
    CHECK(outcome.status == 3);
    CHECK_THAT(outcome.err, Contains("cannot open state '" + link + "': it is a link to") &&
                                Contains("there is no folder"));
  }
  CHECK_FALSE(fs::exists(data));
}

TEST_CASE_METHOD(LinkedState, "a key file that is a link stays one", "[e2e][state][link]") {
  const auto vault = folder / "vault";
  fs::create_directory(vault);
  fs::create_symlink(vault / "state.key", data / "real.db.key");
  ok(real, {"instance", "create", "i", "--user-id", "u"});
  add_vault(real, "v1");
  ok(real, {"state", "rekey"});
  CHECK(fs::is_symlink(data / "real.db.key"));
  CHECK(names(vault) == std::set<std::string>{"state.key"});
  ok(link, {"state", "verify"});
}

}  // namespace metactl::tests
