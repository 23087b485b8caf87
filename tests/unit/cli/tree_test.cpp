// SPDX-License-Identifier: Apache-2.0
// What must hold for the whole tree of commands.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "base/text.h"
#include "cli/tree.h"
#include "commands/commands.h"
#include "tests/golden/script.h"

namespace metactl::tests {
namespace {

struct WholeTree {
  WholeTree() { commands::add_all_commands(tree); }

  /// Calls `visit` for every group and command, with its words.
  template <class Visit>
  void each(Visit&& visit) {
    each(tree.root(), "metactl", visit);
  }

  template <class Visit>
  void each(const CLI::App& app, const std::string& path, Visit& visit) {
    for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      visit(*sub, path + " " + sub->get_name());
      each(*sub, path + " " + sub->get_name(), visit);
    }
  }

  cli::Tree tree;
};

/// The part of an example that metactl itself is given: without pipes and what a shell resolves.
std::string command_of(const std::string& example) {
  auto start = example.find("metactl ");
  auto line = example.substr(start);
  return line.substr(0, line.find_first_of("|)"));
}

}  // namespace

TEST_CASE_METHOD(WholeTree, "every operation is reached by a command, and every one is known",
                 "[cli][contract]") {
  std::set<std::string> reached;
  each([&](const CLI::App& app, const std::string&) {
    if (const auto* info = tree.info(app))
      reached.insert(info->operations.begin(), info->operations.end());
  });
  std::set<std::string> wanted;
  for (const auto* operation : api::operations())
    if (!operation->info->internal) wanted.emplace(operation->info->name);
  CHECK(reached == wanted);
}

TEST_CASE_METHOD(WholeTree, "health and all commands of other services than Doris need a target",
                 "[cli][contract]") {
  std::set<std::string> groups;
  each([&](const CLI::App& app, const std::string& path) {
    const auto* info = tree.info(app);
    if (!info) return;
    INFO(path);
    const auto words = text::split(path, ' ');
    const bool is_wanted = words[1] == "qluster" || words[1] == "nodemgr" || words[1] == "broker" ||
                           words[1] == "health";
    CHECK(info->needs_target == is_wanted);
    if (info->needs_target) groups.insert(words[1]);
  });
  CHECK(groups == std::set<std::string>{"broker", "health", "nodemgr", "qluster"});
}

TEST_CASE_METHOD(WholeTree, "what is named like a secret is kept out of the history",
                 "[cli][contract]") {
  const std::set<std::string> secret_words = {"ak",        "credential", "keytab", "password",
                                              "principal", "secret",     "sk",     "token"};
  std::size_t count = 0;
  each([&](const CLI::App& app, const std::string& path) {
    const auto* info = tree.info(app);
    if (!info) return;
    std::set<const CLI::Option*> secrets;
    for (const auto& name : info->secrets) secrets.insert(app.get_option(name));
    count += secrets.size();
    for (const auto* option : app.get_options()) {
      const auto type = option->get_type_name();
      if (type == "FILE" || type == "VARIABLE" || option->get_expected_max() == 0) continue;
      for (const auto& name : option->get_lnames())
        for (const auto& word : text::split(name, '-')) {
          INFO(path << " --" << name);
          CHECK((!secret_words.contains(word) || secrets.contains(option)));
        }
    }
  });
  CHECK(count > 10);
}

TEST_CASE_METHOD(WholeTree, "what a command destroys it asks for first", "[cli][contract]") {
  each([&](const CLI::App& app, const std::string& path) {
    const auto* info = tree.info(app);
    if (!info || info->operations.size() != 1) return;
    INFO(path);
    const auto effect = api::find_operation(info->operations.front())->info->effect;
    CHECK(info->destructive == (effect == api::Effect::destroy));
  });
}

TEST_CASE_METHOD(WholeTree, "names are lower case, and everything has a summary",
                 "[cli][contract]") {
  each([&](const CLI::App& app, const std::string& path) {
    INFO(path);
    const auto& name = app.get_name();
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    const auto summary = app.get_description();
    REQUIRE_FALSE(summary.empty());
    CHECK(std::isupper(static_cast<unsigned char>(summary.front())) != 0);
    CHECK(summary.back() != '.');
    for (const auto* option : app.get_options()) {
      INFO(option->get_name());
      CHECK_FALSE(option->get_description().empty());
      for (const auto& flag : option->get_lnames())
        CHECK(flag.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    }
  });
}

TEST_CASE_METHOD(WholeTree, "every command has an example that can be typed", "[cli][contract]") {
  each([&](const CLI::App& app, const std::string& path) {
    const auto* info = tree.info(app);
    if (!info) return;
    INFO(path);
    CHECK_FALSE(info->examples.empty());
    for (const auto& example : info->examples) {
      INFO(example);
      cli::Tree fresh;
      commands::add_all_commands(fresh);
      cli::Tree::Choice choice;
      CHECK_NOTHROW(choice = fresh.parse(golden::split_words(command_of(example))));
      CHECK(choice.command != nullptr);
      CHECK(command_of(example).starts_with(path));
    }
  });
}

TEST_CASE_METHOD(WholeTree, "every command is shown by help and --help alike", "[cli][contract]") {
  CommandWorld world;
  each([&](const CLI::App&, const std::string& path) {
    INFO(path);
    auto words = text::split(path.substr(path.find(' ') + 1), ' ');
    auto help = words;
    words.emplace_back("--help");
    help.insert(help.begin(), "help");
    const auto text = world.run(words);
    CHECK(text.status == 0);
    CHECK_THAT(text.out, Catch::Contains("Usage: " + path));
    CHECK(world.run(help).out == text.out);
    CHECK(text.out.find('{') == std::string::npos);
  });
}

TEST_CASE_METHOD(WholeTree, "of a command line only the names of commands are shown",
                 "[cli][tree]") {
  CHECK(cli::command_in(tree, {"batch", "secret"}) == "metactl batch");
  CHECK(cli::command_in(tree, {"-i", "prod", "vault", "add", "s3", "cold", "--sk", "secret"}) ==
        "metactl vault add s3");
  CHECK(cli::command_in(tree, {"--token=secret", "secret"}) == "metactl");
  CHECK(cli::command_in(tree, {}) == "metactl");
}

TEST_CASE_METHOD(WholeTree, "a command line that names no command is answered from all of them",
                 "[cli][tree]") {
  const auto answer = [](const std::vector<std::string>& words) {
    cli::Tree named(words);
    commands::add_all_commands(named);
    try {
      return named.parse(words).help;
    } catch (const Error& error) {
      return fmt::format("{}; {}", error.what(), error.hint());
    }
  };
  const auto all = tree.help(tree.root());
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"-i", "cluster", "--help"}, {"--server", "wait", "--state", "api", "-h"}})
    CHECK(answer(words) == all);
  CHECK_THAT(answer({"clutser", "list"}), Catch::Contains("did you mean 'cluster'?"));
  CHECK_THAT(answer({"aply", "-i", "wait"}), Catch::Contains("did you mean 'apply'?"));
  const auto names = text::join(cli::subcommand_names(tree.root()), ", ");
  CHECK_THAT(answer({"-i", "cluster"}), Catch::Contains(names));
  CommandWorld world;
  CHECK(world.run({}).out == all);
  CHECK(world.run_line("--version").out == world.run_line("version").out);
  CHECK(world.run_line("man").out.find("metactl serve") != std::string::npos);
}

}  // namespace metactl::tests
