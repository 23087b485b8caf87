// SPDX-License-Identifier: Apache-2.0
#include "cli/tree.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>

#include "base/error.h"
#include "base/text.h"
#include "cli/completion.h"

namespace metactl::cli {
namespace {

/// Every flag that may stand behind `app`, its own and those of the root.
std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* each = &app; each; each = each->get_parent())
    for (const auto* option : each->get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// The innermost command or group that was named.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.front());
}

/// The option of that name, of the command or of all; nullptr when there is none.
const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  for (const auto* each = &app; each; each = each->get_parent())
    if (const auto* option = each->get_option_no_throw(name)) return option;
  return nullptr;
}

bool has_value(const CLI::Option& option) {
  return option.get_items_expected_min() > 0 && option.get_type_size() > 0;
}

/// True when the words behind a group name one of its commands, ask for help, or begin with a word,
/// which is a mistyped command. `app` is the command whose flags may be among them.
bool names_command(const CLI::App& group, const CLI::App& app,
                   const std::vector<std::string>& words) {
  if (!words.empty() && !words.front().starts_with('-')) return true;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "-h" || words[i] == "--help" || find_subcommand(group, words[i])) return true;
    if (takes_next(app, words[i])) ++i;
  }
  return false;
}

[[noreturn]] void refuse_word(const CLI::App& app, const std::string& word, bool is_command) {
  const auto help = fmt::format("{} --help", path_of(app));
  if (word.starts_with("-") && word.size() > 1) {
    const auto flag = word.substr(0, word.find('='));
    throw Error(Reason::usage,
                fmt::format("no flag '{}' for '{}'{}", flag, path_of(app),
                            text::did_you_mean(flag, flag_names(app))),
                help);
  }
  if (is_command)
    throw Error(Reason::usage, fmt::format("surplus argument '{}' for '{}'", word, path_of(app)),
                help);
  throw Error(Reason::usage,
              fmt::format("no command '{} {}'{}", path_of(app), word,
                          text::did_you_mean(word, subcommand_names(app))),
              help);
}

void append_options(std::string& out, const CLI::App& app, bool positional) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t width = 0;
  for (const auto* option : app.get_options()) {
    if (option->get_positional() != positional || option->get_group().empty()) continue;
    auto name = option_text(*option);
    width = std::max(width, name.size());
    lines.emplace_back(std::move(name), option->get_description());
  }
  for (const auto& [name, description] : lines)
    out += fmt::format("  {:{}}  {}\n", name, width, description);
}

Error empty_word(const CLI::App& app, const std::string& name) {
  return Error(Reason::usage, fmt::format("'{}' is empty", name), path_of(app) + " --help");
}

/// "--node" of "-n,--node"; what is typed by its place has one name.
std::string long_name(const std::string& flags) {
  return flags.substr(flags.find(',') + 1);
}

/// Text, or texts.
template <class Value>
CLI::Option* add_option(CLI::App& app, const ArgumentInfo& argument, Value& value) {
  return app.add_option(argument.flags, value, argument.help);
}

/// CLI11's own numbers take "010" for 8, and for what is too large the largest one.
template <class Number, class Value>
CLI::Option* add_number(CLI::App& app, const ArgumentInfo& argument, Value& value) {
  const auto name = long_name(argument.flags);
  const auto read = [&app, &value, name](const std::string& text) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    if (result.ec != std::errc() || result.ptr != end)
      throw Error(Reason::usage, fmt::format("not a number for '{}': '{}'", name, text),
                  path_of(app) + " --help");
    value = number;
  };
  return app.add_option_function<std::string>(argument.flags, read, argument.help);
}

CLI::Option* add_option(CLI::App& app, const ArgumentInfo& argument, std::uint64_t& value) {
  return add_number<std::uint64_t>(app, argument, value);
}

template <class Number>
CLI::Option* add_option(CLI::App& app, const ArgumentInfo& argument,
                        std::optional<Number>& value) requires std::integral<Number> {
  return add_number<Number>(app, argument, value);
}

/// True for a command line that shows parts of the tree which it does not name.
bool reads_tree(const std::vector<std::string>& words) {
  constexpr std::array readers = {std::string_view("help"), std::string_view("man"),
                                  std::string_view(completion_word)};
  return words.empty() || std::find_first_of(words.begin(), words.end(), readers.begin(),
                                             readers.end()) != words.end();
}

}  // namespace

void add_argument(CLI::App& app, CommandInfo& info, const ArgumentInfo& argument, Target target) {
  auto* option = std::visit([&](auto* value) { return add_option(app, argument, *value); }, target);
  option->type_name(argument.value_name);
  option->check([&app, &info, name = option->get_name()](const std::string& text) {
    if (text.empty() && !info.may_be_empty.contains(name)) throw empty_word(app, name);
    return std::string();
  });
  if (std::holds_alternative<std::vector<std::string>*>(target) && !option->get_positional())
    option->allow_extra_args(false);
  if (argument.names != Names::none) info.completes[option->get_name()] = argument.names;
}

void add_flag(CLI::App& app, const std::string& flags, bool& target, const std::string& help) {
  app.add_flag(flags, target, help);
}

void add_watch_flags(CLI::App& app, Globals& globals) {
  add_flag(app, "-w,--watch", globals.watch,
           "Look again and again, and print what was added, changed and removed");
  app.add_option("--interval", globals.interval, "Time between two looks of --watch; default 2s")
      ->type_name("TIME");
}

void set_completer(const CLI::App& app, CommandInfo& info, const std::string& name,
                   Completer completer) {
  info.completers[app.get_option(name)->get_name()] = std::move(completer);
}

Tree::Tree(std::optional<std::vector<std::string>> words)
    : words_(words && reads_tree(*words) ? std::nullopt : std::move(words)),
      root_(std::make_unique<CLI::App>(
          "Administers metadata services: on a local state file, or on a server.", "metactl")) {
  root_->fallthrough();
  root_->allow_extras();
  // Else a name that is a command's word would start that command.
  root_->require_subcommand(0, 1);
  root_->set_help_flag("-h,--help", "Show help and exit");
  add_global_flags();
}

Tree::~Tree() = default;

void Tree::add_global_flags() {
  const auto setting = [&](const std::string& flags, const std::string& name,
                           const std::string& value, const std::string& help) {
    root_
        ->add_option_function<std::string>(
            flags,
            [this, name, flags](const std::string& text) {
              if (text.empty()) throw empty_word(*root_, long_name(flags));
              globals_.settings[name] = text;
            },
            help)
        ->type_name(value);
  };
  setting("--server", "server", "URL", "Work on a server instead of a local state");
  setting("--state", "state", "FILE", "Local state file");
  setting("--key-file", "key_file", "FILE", "File with the key to the state's secrets; STATE.key");
  setting("--token-file", "token_file", "FILE", "File with the server's token");
  setting("--token", "token", "TEXT", "The token itself; visible to others, so better not");
  setting("-C,--context", "context", "NAME", "Context from the configuration");
  setting("--api", "api", "VERSION",
          "Of a memory broker's API: v2, v3, or auto (default), which asks");
  setting("--compat", "compat", "RELEASE",
          "Release of the Meta Service that a local state answers as: latest (default) or 2; a "
          "server decides that itself");
  setting("-i,--instance", "instance", "ID", "Instance to work on");
  setting("-o,--output", "output", "FORMAT",
          "table, wide, json, yaml, ndjson, csv, name or raw (the service's own bytes)");
  setting("--color", "color", "WHEN", "auto, always or never");
  setting("--timeout", "timeout", "TIME",
          "Longest wait for one reply of a server (default: 30s), or for the lock of a state "
          "(default: 10s)");
  setting(
      "--retries", "retries", "N",
      "How often a call is repeated that a busy server refused without doing it (default: 3; 0: "
      "never)");
  root_->add_flag_callback(
      "-y,--yes", [this] { globals_.settings["yes"] = "true"; },
      "Do not ask before a dangerous change");
  root_->add_flag_callback(
      "--no-upgrade", [this] { globals_.settings["no_upgrade"] = "true"; },
      "Refuse changes that would upgrade a state of an older release");
  root_->add_flag("--no-input", globals_.no_input, "Never ask; refuse instead");
  root_->add_flag("-q,--quiet", globals_.quiet, "Print results and errors only");
  root_->add_flag("-v,--verbose", globals_.verbose, "Tell every call on stderr, secrets masked");
  root_->add_flag("--show-secrets", globals_.show_secrets, "Show secrets in plain");
  root_->add_flag("--dry-run", globals_.dry_run,
                  "Rehearse changes in this process and show their effect; nothing is changed");
  root_->add_flag(
      "--show-curl", globals_.show_curl,
      "Print the curl command for every call on stderr; looks for the history are left out");
  root_->add_flag("!--no-read-back", globals_.read_back,
                  "Do not look whether a server really did what it answered OK to");
  root_->add_flag("!--no-headers", globals_.headers, "Tables without their first line");
  root_->add_option("--columns", globals_.columns, "Columns of a list, separated by commas")
      ->delimiter(',')
      ->type_name("NAMES")
      ->allow_extra_args(false);
  root_
      ->add_option("--where", globals_.where,
                   "Rows of a list: COLUMN=VALUE or COLUMN!=VALUE; repeatable")
      ->type_name("CONDITION")
      ->allow_extra_args(false);
  root_->add_option("--sort", globals_.sort, "Sort a list by a column; -COLUMN for descending")
      ->type_name("COLUMN");
  root_->add_flag("--version", wants_version_)->group("");  // As the command; not shown beside it.
  root_->add_option("--config", globals_.config, "Configuration file")->type_name("FILE");
}

void Tree::group(const std::string& name, const std::string& summary, void (*fill)(Group&)) {
  all_.emplace_back(name, summary);
  if (!is_named(name)) return;
  auto group = Group(*this, *root_).group(name, summary);
  fill(group);
}

bool Tree::is_named(const std::string& word) const {
  const auto has = [&](const auto& wanted) {
    return std::find(words_->begin(), words_->end(), wanted) != words_->end();
  };
  return !words_ || has(word) || (word == "version" && has("--version"));
}

/// Makes the root ready for being listed: with everything under it, by name and in order.
void Tree::list_all() {
  if (!words_) return;
  for (auto* named : root_->get_subcommands([](const CLI::App*) { return true; }))
    root_->remove_subcommand(named);
  commands_.clear();  // They were those.
  for (const auto& [name, summary] : all_) root_->add_subcommand(name, summary);
}

Group Group::group(const std::string& name, const std::string& summary) {
  auto& app = *app_.add_subcommand(name, summary);
  app.allow_extras();
  app.require_subcommand(0, 1);
  return Group(tree_, app);
}

CLI::App* Group::add_command(const std::string& name, const std::string& summary) {
  if (&app_ == tree_.root_.get()) {
    tree_.all_.emplace_back(name, summary);
    if (!tree_.is_named(name)) return nullptr;
  }
  auto& app = *app_.add_subcommand(name, summary);
  app.allow_extras();
  return &app;
}

CommandInfo& Group::info_of(const CLI::App* app) {
  return tree_.commands_[app];
}

Globals& Group::globals() {
  return tree_.globals_;
}

void Group::by_default(const std::string& command) {
  tree_.defaults_[path_of(app_)] = command;
}

/// Names the default command of a group when no other one is named.
void Tree::insert_default(std::vector<std::string>& arguments) const {
  const CLI::App* group = root_.get();
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (*word == "--") return;
    if (takes_next(*group, *word) && ++word != arguments.end()) continue;
    if (word == arguments.end()) return;
    const auto* named = find_subcommand(*group, *word);
    if (!named) continue;
    if (info(*named)) return;  // Such as help, with a group behind it.
    group = named;
    const auto found = defaults_.find(path_of(*group));
    if (found == defaults_.end()) continue;
    const auto& command = *find_subcommand(*group, found->second);
    if (!names_command(*group, command, {word + 1, arguments.end()}))
      arguments.insert(word + 1, found->second);
    return;
  }
}

const CommandInfo* Tree::info(const CLI::App& app) const {
  const auto found = commands_.find(&app);
  return found == commands_.end() ? nullptr : &found->second;
}

Tree::Choice Tree::parse(std::vector<std::string> arguments) {
  const auto words = arguments;
  insert_default(arguments);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes the last one first.
  bool wants_help = false;
  try {
    root_->parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    wants_help = true;
  } catch (const CLI::ParseError& error) {
    refuse(error);
  }
  const auto& chosen = innermost(*root_);
  if (&chosen == root_.get() && !wants_version_) list_all();
  if (wants_help) return {nullptr, help(chosen)};
  if (wants_version_) return {info(*root_->get_subcommand("version")), ""};
  const auto* command = info(chosen);
  auto surplus = root_->remaining(true);
  std::erase(surplus, "--");  // It ended the flags.
  if (!surplus.empty()) refuse_word(chosen, surplus.front(), command != nullptr);
  if (!command)
    throw Error(Reason::usage,
                fmt::format("no command given behind '{}': {}", path_of(chosen),
                            text::join(subcommand_names(chosen), ", ")),
                path_of(chosen) + " --help");
  require_all(chosen, *command, words);
  return {command, ""};
}

/// Throws Error, usage, which names all that is missing, with a command line that has it.
void Tree::require_all(const CLI::App& app, const CommandInfo& command,
                       const std::vector<std::string>& words) const {
  const auto is_typed = [&](const std::string& name) { return app.get_option(name)->count() > 0; };
  std::vector<std::string> missing;
  auto hint = command_line(words);
  const auto look = [&](const Need& need) {
    if (std::any_of(need.unless.begin(), need.unless.end(), is_typed)) return;
    for (const auto& name : need.names) {
      if (is_typed(name)) continue;
      missing.push_back(name);
      const auto& option = *app.get_option(name);
      hint += " " + (option.get_positional() ? name : name + " " + option.get_type_name());
    }
  };
  for (const auto& need : command.needs)
    if (!need.is_asked) look(need);
  if (missing.empty()) return;
  for (const auto& need : command.needs)
    if (need.is_asked) look(need);
  throw Error(
      Reason::usage,
      fmt::format("{} {} missing", text::join(missing, ", "), missing.size() == 1 ? "is" : "are"),
      hint);
}

void Tree::refuse(const CLI::ParseError& error) const {
  const auto& chosen = innermost(*root_);
  const auto help = path_of(chosen) + " --help";
  const std::string message = error.what();
  const std::string_view bad_value = "Could not convert: ";  // "--yes = maybe" follows.
  if (message.starts_with(bad_value)) {
    const auto equals = message.find(" = ");
    const auto flag = message.substr(bad_value.size(), equals - bad_value.size());
    const auto value = equals == std::string::npos ? "" : message.substr(equals + 3);
    throw Error(Reason::usage, fmt::format("not a value for '{}': '{}'", flag, value), help);
  }
  // Of a missing value: "--output: 1 required FORMAT missing".
  const auto name = message.substr(0, message.find(':'));
  for (const auto* app = &chosen; app; app = app->get_parent()) {
    const auto* option = app->get_option_no_throw(name);
    if (!option || error.get_name() != "ArgumentMismatch") continue;
    const auto value = option->get_type_name();
    const bool vowel = std::string_view("AEIO").find(value[0]) != std::string_view::npos;
    throw Error(Reason::usage, fmt::format("{} needs {} {}", name, vowel ? "an" : "a", value),
                help);
  }
  throw Error(Reason::usage, message, help);
}

std::string Tree::help(const CLI::App& app) const {
  const auto* command = info(app);
  std::string out = app.get_description() + "\n\nUsage: " + path_of(app);
  for (const auto* option : app.get_options())
    if (option->get_positional())
      out += fmt::format(" {}{}", option->get_name(true, true),
                         option->get_expected_max() > 1 ? "..." : "");
  out += command ? " [FLAGS]\n" : " COMMAND [FLAGS]\n";
  if (!command) {
    out += "\nCommands:\n";
    const auto names = subcommand_names(app);
    std::size_t width = 0;
    for (const auto& name : names) width = std::max(width, name.size());
    for (const auto& name : names)
      out += fmt::format("  {:{}}  {}\n", name, width, app.get_subcommand(name)->get_description());
  }
  std::string arguments;
  append_options(arguments, app, true);
  if (!arguments.empty()) out += "\nArguments:\n" + arguments;
  std::string flags;
  append_options(flags, app, false);
  if (!flags.empty()) out += "\nFlags:\n" + flags;
  if (command)
    for (const auto& paragraph : command->details) out += "\n" + paragraph + "\n";
  if (command && !command->examples.empty()) {
    out += "\nExamples:\n";
    for (const auto& example : command->examples) out += "  " + example + "\n";
  }
  if (&app != root_.get()) out += "\nFlags of all commands: metactl --help\n";
  return out;
}

std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent ? path_of(*parent) + " " + app.get_name() : "metactl";
}

bool takes_next(const CLI::App& app, const std::string& word) {
  if (!word.starts_with('-') || word.find('=') != std::string::npos) return false;
  if (word.starts_with("--")) {
    const auto* option = find_option(app, word);
    return option && has_value(*option);
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto* option = find_option(app, fmt::format("-{}", word[i]));
    if (option && has_value(*option)) return i + 1 == word.size();  // Else the rest is the value.
  }
  return false;
}

std::string command_in(const Tree& tree, const std::vector<std::string>& words) {
  const auto* command = &tree.root();
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (const auto* named = find_subcommand(*command, words[i])) command = named;
    if (takes_next(*command, words[i])) ++i;
  }
  return path_of(*command);
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::string option_text(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  const auto text = text::join(names, ", ");
  const auto value = option.get_type_name();
  return value.empty() ? text : text + " " + value;
}

const CLI::App* find_subcommand(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

}  // namespace metactl::cli
