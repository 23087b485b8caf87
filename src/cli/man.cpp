// SPDX-License-Identifier: Apache-2.0
#include "cli/man.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/text.h"
#include "version.h"

namespace metactl::cli {
namespace {

std::vector<const CLI::App*> visible(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Text as roff shows it unchanged.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

void add_options(std::string& page, const CLI::App& app, bool positional) {
  for (const auto* option : app.get_options()) {
    if (option->get_positional() != positional || option->get_group().empty()) continue;
    page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", escaped(option_text(*option)),
                        escaped(option->get_description()));
  }
}

void add_details(std::string& page, const CommandInfo& info) {
  for (const auto& paragraph : info.details) {
    page += ".PP\n";
    for (const auto& line : text::split(paragraph, '\n')) page += escaped(line) + '\n';
  }
}

void add_commands(std::string& page, const Tree& tree, const CLI::App& app,
                  const std::string& path) {
  for (const auto* sub : visible(app)) {
    const auto name = path + " " + sub->get_name();
    const auto* info = tree.info(*sub);
    if (!info) {
      add_commands(page, tree, *sub, name);
      continue;
    }
    page += fmt::format(".SS {}\n{}.", escaped(name), escaped(sub->get_description()));
    page += info->destructive ? " Asks first, unless \\-\\-yes is given.\n" : "\n";
    add_options(page, *sub, true);
    add_options(page, *sub, false);
    add_details(page, *info);
    for (const auto& example : info->examples)
      page += fmt::format(".PP\n.nf\n{}\n.fi\n", escaped(example));
  }
}

std::string header(const std::string& title, std::string_view summary) {
  return fmt::format(".TH {} 1 \"\" \"metactl {}\" \"User commands\"\n.SH NAME\n{} \\- {}\n", title,
                     version_text, escaped(title), escaped(summary));
}

void add_environment(std::string& page) {
  page +=
      ".SH ENVIRONMENT\nA flag goes before the environment, that before the context, the "
      "configuration file and the default.\n";
  for (const auto& setting : settings)
    if (!setting.environment.empty())
      page += fmt::format(".TP\n\\fB{}\\fR\nAs {}.\n", setting.environment, escaped(setting.flag));
  page += fmt::format(".TP\n\\fB{}\\fR\nAs \\-\\-config.\n", config_variable) +
          ".TP\n\\fBNO_COLOR\\fR\nNo colours, when it is not empty.\n";
}

std::string main_page(const Tree& tree) {
  auto page = header("metactl", "administer metadata services");
  page += ".SH SYNOPSIS\n.B metactl\nCOMMAND [FLAGS]\n.SH DESCRIPTION\n" +
          escaped(tree.root().get_description()) + "\n.SH COMMANDS\n";
  for (const auto* sub : visible(tree.root()))
    page += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", escaped(sub->get_name()),
                        escaped(sub->get_description()));
  for (const auto* sub : visible(tree.root())) {
    const auto* info = tree.info(*sub);
    if (!info) continue;
    page += fmt::format(".SS metactl {}\n", escaped(sub->get_name()));
    add_options(page, *sub, true);
    add_options(page, *sub, false);
    for (const auto& example : info->examples)
      page += fmt::format(".PP\n.nf\n{}\n.fi\n", escaped(example));
  }
  page += ".SH FLAGS OF ALL COMMANDS\n";
  add_options(page, tree.root(), false);
  add_environment(page);
  page += ".SH EXIT STATUS\n.TP\n\\fB0\\fR\nDone, or nothing to do.\n";
  for (const auto& reason : reasons)
    page += fmt::format(".TP\n\\fB{}\\fR\n{}: {}.\n", reason.exit_status, reason.name,
                        escaped(reason.when));
  return page;
}

}  // namespace

std::string man_page(const Tree& tree, const std::string& group) {
  if (group.empty()) return main_page(tree);
  const auto* app = find_subcommand(tree.root(), group);
  if (!app || tree.info(*app))
    throw Error(Reason::usage, fmt::format("no man page for '{}'", group), "metactl man");
  auto page = header("metactl-" + group, app->get_description());
  page +=
      fmt::format(".SH SYNOPSIS\n.B metactl {}\nCOMMAND [FLAGS]\n.SH COMMANDS\n", escaped(group));
  add_commands(page, tree, *app, "metactl " + group);
  return page + ".SH SEE ALSO\nmetactl(1), for the flags of all commands and the exit statuses.\n";
}

std::string exit_codes_text() {
  std::string text = "0    done, or nothing to do\n";
  for (const auto& reason : reasons)
    text += fmt::format("{:<4} {}: {}\n", reason.exit_status, reason.name, reason.when);
  return text;
}

}  // namespace metactl::cli
