// SPDX-License-Identifier: Apache-2.0
// Where uploads end: size and number of all files, links in place of folders.
#include "app/upload_folder.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "tests/support/temp_dir.h"

namespace metactl::app {
namespace {

namespace fs = std::filesystem;

struct Uploads {
  const tests::TempDir folder;
  const fs::path files = folder / "state.db.files";

  /// "" when the file was kept, else why not.
  std::string keep(const UploadLimits& limits, const std::string& name, std::size_t size,
                   const std::string& area = "upload") const {
    try {
      UploadFolder(files.string(), limits).keep(area, name, std::string(size, 'x'));
      return "";
    } catch (const Error& error) {
      CHECK(error.answer()->http == 200);
      CHECK(error.reason() == (std::string(error.what()).starts_with("no space") ? Reason::no_space
                                                                                 : Reason::denied));
      return error.what();
    }
  }
  /// How many files there are, in which folder ever.
  std::size_t count() const {
    std::size_t found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
      found += entry.is_directory() ? 0U : 1U;
    return found;
  }
};

}  // namespace

TEST_CASE_METHOD(Uploads, "all files together have a quota", "[app][nodemgr]") {
  const UploadLimits limits{.bytes = 100};
  CHECK(keep(limits, "a", 60, "mysql").empty());
  CHECK(keep(limits, "b", 41) ==
        "no space for files: 41 bytes would be more than the 100 that all files may have, 60 are "
        "used");
  CHECK_FALSE(keep(limits, "b", 101).empty());
  CHECK(keep(limits, "b", 40).empty());
  CHECK_FALSE(keep(limits, "c", 1).empty());
  CHECK(keep(limits, "c", 0).empty());
  CHECK(keep(limits, "b", 40).empty());  // What is replaced does not count.
  CHECK(keep(limits, "b", 1).empty());
  CHECK(keep(limits, "c", 39, "pgsql").empty());
  CHECK(count() == 4);
}

TEST_CASE_METHOD(Uploads, "with a quota of 0 no file is kept", "[app][nodemgr]") {
  CHECK(keep({.bytes = 0}, "a", 0) == "no space for files: this server keeps none");
  CHECK_FALSE(fs::exists(files));
}

TEST_CASE_METHOD(Uploads, "the number of files is limited", "[app][nodemgr]") {
  const UploadLimits limits{.files = 2};
  CHECK(keep(limits, "a", 0).empty());
  CHECK(keep(limits, "a", 1, "mysql").empty());
  CHECK(keep(limits, "b", 0) == "no space for files: there are 2 files already");
  CHECK(keep(limits, "a", 2).empty());
  CHECK(count() == 2);
}

TEST_CASE_METHOD(Uploads, "a link in place of a folder is not followed", "[app][nodemgr]") {
  const auto elsewhere = folder / "elsewhere";
  fs::create_directory(elsewhere);
  SECTION("of an area") {
    fs::create_directory(files);
    fs::create_directory_symlink(elsewhere, files / "upload");
    CHECK(keep({}, "a", 1) == "files cannot be kept: the folder 'upload' is a symbolic link");
    CHECK(keep({}, "a", 1, "mysql").empty());
  }
  SECTION("of all files") {
    fs::create_directory_symlink(elsewhere, files);
    CHECK(keep({}, "a", 1) ==
          "files cannot be kept: the folder 'state.db.files' is a symbolic link");
  }
  CHECK(fs::is_empty(elsewhere));
}

TEST_CASE_METHOD(Uploads, "a link in place of a file is replaced", "[app][nodemgr]") {
  std::ofstream(folder / "precious") << "kept";
  fs::create_directories(files / "upload");
  fs::create_symlink(folder / "precious", files / "upload" / "a");
  CHECK(keep({}, "a", 100).empty());
  CHECK(fs::file_size(folder / "precious") == 4);
  CHECK(fs::file_size(files / "upload" / "a") == 100);
}

}  // namespace metactl::app
