// SPDX-License-Identifier: Apache-2.0
// Edits that go wrong: what was typed is kept.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

struct Editing : CommandWorld {
  Editing() {
    environment["TMPDIR"] = "drafts";
    std::filesystem::create_directory("drafts");
    run_line("instance create prod --user-id ops");
    run_line("cluster add etl --node 10.0.0.1:9050");
  }

  Result edit(const std::string& editor) {
    environment["EDITOR"] = editor;
    return run_line("edit cluster etl");
  }

  /// What is left in the folder for temporary files.
  static std::vector<std::string> drafts() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("drafts"))
      found.push_back(entry.path().string());
    return found;
  }
};

}  // namespace

TEST_CASE_METHOD(Editing, "a text that is no manifest is kept", "[cli][edit]") {
  const auto result = edit("sed -i s/NORMAL/NORML/");
  CHECK(result.status == 2);
  REQUIRE(drafts().size() == 1);
  // Two lines of comments stand in front.
  CHECK_THAT(result.err, Catch::Contains(drafts()[0] + ":11:11: no value 'NORML' of 'status'"));
  CHECK_THAT(result.err, Catch::Contains("hint: your text is in " + drafts()[0] + "\n"));
}

TEST_CASE_METHOD(Editing, "a text about another object is kept and not applied", "[cli][edit]") {
  const auto result = edit("sed -i 's/instance: prod/instance: other/'");
  CHECK(result.status == 2);
  CHECK_THAT(result.err, Catch::Contains("edit changes cluster/etl only"));
  CHECK(drafts().size() == 1);
}

TEST_CASE_METHOD(Editing, "what was changed meanwhile is not overwritten", "[cli][edit]") {
  environment["EDITOR"] = "sed -i s/10.0.0.1/10.0.0.2/";
  on_shell = [this] { run_line("cluster suspend etl"); };
  const auto result = run_line("edit cluster etl");
  CHECK(result.status == 7);
  CHECK_THAT(result.err, Catch::Contains("/prod/clusters/etl/cluster_status"));
  CHECK(drafts().size() == 1);
}

TEST_CASE_METHOD(Editing, "nothing is left of an edit that changes nothing or is done",
                 "[cli][edit]") {
  CHECK(edit("true").out == "no changes\n");
  CHECK(edit("sh -c 'kill -9 $$' --").status == 2);
  CHECK(edit("truncate -s 0").out == "no changes\n");
  CHECK(edit("sed -i s/NORMAL/SUSPENDED/").out == "cluster/etl changed\n");
  CHECK(drafts().empty());
}

TEST_CASE_METHOD(Editing, "at a terminal a text with problems is edited again", "[cli][edit]") {
  in_is_terminal = err_is_terminal = true;
  CommandWorld::write_file("editor.sh",
                           "#!/bin/sh\nif grep -q NORML \"$1\"; then\n"
                           "  grep -q \"# .*:13:11: no value 'NORML'\" \"$1\" && "
                           "sed -i 's/status: NORML/status: SUSPENDED/' \"$1\"\n"
                           "else\n  sed -i 's/NORMAL/NORML/' \"$1\"\nfi\n");
  const auto result = edit("sh editor.sh");
  CHECK(result.out == "cluster/etl changed\n");
  CHECK(drafts().empty());
}

}  // namespace metactl::tests
