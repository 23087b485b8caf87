// SPDX-License-Identifier: Apache-2.0
// Man pages and completion scripts are committed as the program prints them.
#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/completion.h"
#include "cli/man.h"
#include "commands/commands.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

using std::filesystem::path;

std::string read(const path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// METACTL_ACCEPT=1 writes the file instead.
void check(const std::string& name, const std::string& content) {
  const auto file = path(metactl::tests::source_dir()) / name;
  const char* accept = std::getenv("METACTL_ACCEPT");
  if (accept && std::string_view(accept) == "1") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  INFO("METACTL_ACCEPT=1 writes " << name << " anew");
  CHECK(read(file) == content);
}

}  // namespace

TEST_CASE("man pages are as the program prints them", "[cli][generated]") {
  cli::Tree tree;
  commands::add_all_commands(tree);
  std::set<std::string> names = {"metactl.1"};
  check("man/metactl.1", cli::man_page(tree, ""));
  for (const auto* sub : tree.root().get_subcommands([](const CLI::App*) { return true; })) {
    if (tree.info(*sub)) continue;
    const auto name = "metactl-" + sub->get_name() + ".1";
    names.insert(name);
    check("man/" + name, cli::man_page(tree, sub->get_name()));
  }
  std::set<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(path(metactl::tests::source_dir()) / "man"))
    files.insert(entry.path().filename().string());
  CHECK(files == names);
}

TEST_CASE("completion scripts are as the program prints them", "[cli][generated]") {
  check("completions/metactl.bash", cli::completion_script("bash"));
  check("completions/_metactl", cli::completion_script("zsh"));
  check("completions/metactl.fish", cli::completion_script("fish"));
}

}  // namespace metactl::tests
