// SPDX-License-Identifier: Apache-2.0
// metactl help, version, completion and man.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/completion.h"
#include "cli/man.h"
#include "commands/commands.h"
#include "version.h"

namespace metactl::commands {
namespace {

constexpr auto exit_codes = "exit-codes";

struct HelpOptions {
  std::vector<std::string> words;
};

struct NoOptions {};

struct ShellOptions {
  std::string shell;
};

struct ManOptions {
  std::string group;
};

Error no_help(const CLI::App& app, const std::string& word, const std::vector<std::string>& words) {
  auto names = cli::subcommand_names(app);
  if (!app.get_parent()) names.emplace_back(exit_codes);
  return Error(
      Reason::usage,
      fmt::format("no help for '{}'{}", text::join(words, " "), text::did_you_mean(word, names)),
      cli::path_of(app) + " --help");
}

void help(cli::Session& session, const HelpOptions& options) {
  if (options.words == std::vector<std::string>{exit_codes}) {
    session.io().out << cli::exit_codes_text();
    return;
  }
  const CLI::App* app = &session.tree().root();
  for (const auto& word : options.words) {
    const auto* next = cli::find_subcommand(*app, word);
    if (!next) throw no_help(*app, word, options.words);
    app = next;
  }
  session.io().out << session.tree().help(*app);
}

void version(cli::Session& session, const NoOptions&) {
  const auto format = session.style().format;
  if (format == render::Format::json || format == render::Format::yaml ||
      format == render::Format::ndjson)
    return render::print_document(session.io().out, "Version", {{"version", version_text}}, format);
  session.io().out << "metactl " << version_text << '\n';
}

void completion(cli::Session& session, const ShellOptions& options) {
  session.io().out << cli::completion_script(options.shell);
}

void man(cli::Session& session, const ManOptions& options) {
  session.io().out << cli::man_page(session.tree(), options.group);
}

}  // namespace

void add_help_commands(cli::Tree& tree) {
  tree.command<HelpOptions>("help", "Show help for a command, or the exit statuses", help)
      .positional("WORD", &HelpOptions::words, "Words of a command, or exit-codes",
                  cli::Names::group)
      .example("metactl help exit-codes");
  tree.command<NoOptions>("version", "Show the version", version)
      .example("metactl version -o json");
  tree.command<ShellOptions>("completion", "Print the completion script of a shell", completion)
      .positional("SHELL", &ShellOptions::shell, "bash, zsh or fish")
      .needs({"SHELL"})
      .example("source <(metactl completion bash)");
  tree.command<ManOptions>("man", "Print a man page as roff", man)
      .positional("NOUN", &ManOptions::group, "Without one metactl(1)", cli::Names::group)
      .example("metactl man cluster | man -l -");
}

}  // namespace metactl::commands
