// SPDX-License-Identifier: Apache-2.0
// What commands cannot do without, and command lines that are proposed.
#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "cli/tree.h"
#include "commands/commands.h"
#include "tests/golden/script.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

using Words = std::vector<std::string>;

/// What parsing says: "" when all is well.
std::string refusal(const Words& words, std::string* hint = nullptr) {
  cli::Tree tree(words);
  commands::add_all_commands(tree);
  try {
    tree.parse(words);
    return "";
  } catch (const Error& error) {
    if (hint) *hint = error.hint();
    return error.what();
  }
}

/// The words of a command line behind `metactl`, with a value in place of NAME, ID and the like.
Words words_of(const std::string& line) {
  auto words = golden::split_words(line);  // Without "metactl".
  for (auto& word : words)
    if (!word.starts_with('-') && word == text::upper(word)) word = "1";
  return words;
}

template <class Visit>
void each_command(const cli::Tree& tree, const CLI::App& app, const Words& path, Visit& visit) {
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    auto words = path;
    words.push_back(sub->get_name());
    if (const auto* info = tree.info(*sub)) visit(words, *info);
    each_command(tree, *sub, words, visit);
  }
}

}  // namespace

TEST_CASE("a command names all that it lacks at once, with a line that has it", "[cli][contract]") {
  cli::Tree tree;
  commands::add_all_commands(tree);
  std::size_t count = 0;
  const auto visit = [&](const Words& words, const cli::CommandInfo& info) {
    if (info.needs.empty()) return;
    ++count;
    INFO(text::join(words, " "));
    std::string hint;
    const auto message = refusal(words, &hint);
    for (const auto& need : info.needs)
      for (const auto& name : need.names) CHECK_THAT(" " + message, Catch::Contains(" " + name));
    CHECK(message.ends_with(" missing"));
    CHECK(refusal(words_of(hint)).empty());
  };
  each_command(tree, tree.root(), {}, visit);
  CHECK(count > 80);
}

TEST_CASE("commands that hints propose can be typed", "[cli][contract]") {
  const auto folder = std::filesystem::path(source_dir()) / "tests/golden";
  const std::string front = "! hint: metactl ";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".test") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with(front)) continue;
      const auto command = line.substr(front.size() - std::string("metactl ").size());
      if (command.find(" shows ") != std::string::npos ||
          command.find(" reads ") != std::string::npos)
        continue;  // A sentence.
      INFO(entry.path().string() << ": " << command);
      ++count;
      CHECK(refusal(words_of(command.substr(0, command.find_first_of(";|<>")))).empty());
    }
  }
  CHECK(count > 100);
}

TEST_CASE("the value of a flag is no command", "[cli]") {
  const auto chosen = [](const Words& words, const Words& path) {
    cli::Tree tree(words);
    commands::add_all_commands(tree);
    const CLI::App* app = &tree.root();
    for (const auto& name : path) app = cli::find_subcommand(*app, name);
    return tree.parse(words).command == tree.info(*app);
  };
  const Words get = {"instance", "get"};
  const Words list = {"history", "list"};
  CHECK(chosen({"-i", "history", "-o", "json", "instance", "get"}, get));
  CHECK(chosen({"-qi", "history", "-o", "json", "instance", "get"}, get));
  CHECK(chosen({"--instance", "history", "--where", "context", "instance", "get"}, get));
  CHECK(chosen({"history", "-i", "show"}, list));
  CHECK(chosen({"history", "-o", "json", "-i", "list"}, list));
  CHECK(chosen({"-i=history", "history"}, list));
  const cli::Tree tree;
  CHECK(cli::command_in(tree, {"-i", "help", "version"}) == "metactl");
}

}  // namespace metactl::tests
