// SPDX-License-Identifier: Apache-2.0
#include "commands/manifest_files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "tests/support/temp_dir.h"

namespace {

using metactl::commands::read_manifest_files;

struct Folder {
  metactl::tests::TempDir folder;
  std::istringstream in{"from a pipe"};
  std::ostringstream out;
  metactl::cli::Io io{.in = in, .out = out, .err = out, .environment = nullptr};

  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  /// The names and texts that are read, without the folder.
  std::vector<std::string> read(const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const auto& source : read_manifest_files(io, names))
      found.push_back(std::filesystem::path(source.name).filename().string() + "=" + source.text);
    return found;
  }
  std::string refusal(const std::vector<std::string>& names) {
    try {
      read_manifest_files(io, names);
    } catch (const metactl::Error& error) {
      CHECK(error.reason() == metactl::Reason::usage);
      return error.what();
    }
    return "";
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Folder, "of a folder its manifests are read, by name", "[manifest]") {
  for (const auto* name :
       {"b.yml", "a.yaml", "c.json", "notes.txt", "a.yaml~", ".lint.yml", ".#a.yaml"})
    write(name, name);
  std::filesystem::create_directory(path("d.yaml"));
  CHECK(read({path("")}) == Lines{"a.yaml=a.yaml", "b.yml=b.yml", "c.json=c.json"});
  CHECK(read({path("notes.txt"), "-"}) == Lines{"notes.txt=notes.txt", "-=from a pipe"});
}

TEST_CASE_METHOD(Folder, "a file that is named twice is read once", "[manifest]") {
  write("a.yaml", "a");
  CHECK(read({path("a.yaml"), path("./a.yaml"), path(""), "-", "-"}) ==
        Lines{"a.yaml=a", "-=from a pipe"});
}

TEST_CASE_METHOD(Folder, "files that cannot be manifests are refused", "[manifest]") {
  CHECK(refusal({}) == "-f is missing");
  CHECK(refusal({path("gone")}) == "cannot read '" + path("gone") + "': No such file or directory");
  CHECK(refusal({folder.path().string()}) ==
        "no manifests in folder '" + folder.path().string() + "'");
  write("large.yaml", std::string(17'000'000, ' '));
  CHECK(refusal({path("large.yaml")}) ==
        "cannot read '" + path("large.yaml") + "': more than 16 MiB");
  io.in_is_terminal = true;
  CHECK(refusal({"-"}) == "standard input is a terminal, but '-' reads a file from it");
}
