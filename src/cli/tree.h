// SPDX-License-Identifier: Apache-2.0
// The tree of commands: the one place that help, completions and man pages are made from.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/session.h"

// CLI11, whose headers are heavy, and included only by the files that read the tree.
namespace CLI {  // NOLINT(readability-identifier-naming): its name.
class App;
class Option;
class ParseError;
}  // namespace CLI

namespace metactl::cli {

/// Live names that can complete an argument.
enum class Names : std::uint8_t {
  none,
  instance,
  cluster,
  vault,
  context,
  operation,
  broker_cluster,
  broker_proxy,
  qluster_node,
  key_type,   // In an argument that repeats: the first word is a type, the others are its fields.
  key_field,  // "NAME=" for the fields of the type that the first argument names.
  group
};

/// Words that can complete another, each with its meaning or "".
using Candidates = std::vector<std::pair<std::string, std::string>>;

/// What may stand where `word` was begun.
using Completer = std::function<Candidates(const std::string& word)>;

/// Arguments and options that a command cannot do without, unless one of others is typed.
struct Need {
  std::vector<std::string> names;
  std::vector<std::string> unless;
  bool is_asked = false;  // At a terminal: these are named only beside others.
};

/// What CLI11 does not keep about a command.
struct CommandInfo {
  std::vector<std::string> details;  // Paragraphs that help shows behind the flags.
  std::vector<std::string> examples;
  std::map<std::string, Names> completes;       // By the name of the argument or option.
  std::map<std::string, Completer> completers;  // The same, for words that need no service.
  std::set<std::string> may_be_empty;           // The same: an empty word has a meaning there.
  std::set<std::string> secrets;                // The same: values that may be or hold secrets.
  std::vector<Need> needs;
  bool destructive = false;
  bool needs_target = false;  // Somebody must say on which server or state it works.
  bool makes_config =
      false;              // It may run although the configuration file that is named is not there.
  std::string json_name;  // Another name that -o takes for json.
  std::vector<std::string> operations;  // The operations that the command stands for.
  std::function<void(Session&)> run;
};

/// Where the value of an argument or option is put; a vector takes it repeatedly. Numbers are
/// decimal.
using Target =
    std::variant<std::uint64_t*, std::optional<std::int64_t>*, std::optional<std::uint64_t>*,
                 std::string*, std::optional<std::string>*, std::vector<std::string>*>;

/// How an argument or option is declared.
struct ArgumentInfo {
  std::string flags;  // "--node", "-n,--node", or the name of an argument by its place.
  std::string help;
  std::string value_name;
  Names names = Names::none;
};

class Tree;

// What a command under construction asks of the parser.
void add_argument(CLI::App& app, CommandInfo& info, const ArgumentInfo& argument, Target target);
void add_flag(CLI::App& app, const std::string& flags, bool& target, const std::string& help);
void add_watch_flags(CLI::App& app, Globals& globals);
void set_completer(const CLI::App& app, CommandInfo& info, const std::string& name,
                   Completer completer);

/// A command under construction. `Options` holds what is typed behind it.
template <class Options>
class Command {
 public:
  /// Without `app` the arguments and flags are left out: nothing parses or shows them.
  Command(CLI::App* app, CommandInfo& info, std::shared_ptr<Options> options, Globals& globals)
      : app_(app), info_(info), options_(std::move(options)), globals_(globals) {}

  /// An argument by its place. It may be left out, unless the command needs it.
  template <class Member, class Base>
  Command& positional(const std::string& name, Member Base::*member, const std::string& help,
                      Names names = Names::none) {
    if (app_) add_argument(*app_, info_, {name, help, name, names}, &((*options_).*member));
    return *this;
  }

  /// "--node" or "-n,--node"; repeatable when the member is a vector.
  template <class Member, class Base>
  Command& option(const std::string& flags, Member Base::*member, const std::string& help,
                  const std::string& value_name = "TEXT", Names names = Names::none) {
    if (app_) add_argument(*app_, info_, {flags, help, value_name, names}, &((*options_).*member));
    return *this;
  }

  template <class Base>
  Command& flag(const std::string& flags, bool Base::*member, const std::string& help) {
    if (app_) add_flag(*app_, flags, (*options_).*member, help);
    return *this;
  }

  /// Completes an argument with words that need no service.
  Command& completes(const std::string& name, Completer completer) {
    if (app_) set_completer(*app_, info_, name, std::move(completer));
    return *this;
  }

  /// Takes an empty word for an argument. Elsewhere it is refused: it is what a script types whose
  /// variable is not set.
  Command& may_be_empty(const std::string& name) {
    info_.may_be_empty.insert(name);
    return *this;
  }

  /// The command is refused without these arguments and options, all of which are named, unless one
  /// of `unless` is typed. They are declared before, those by their place first.
  Command& needs(const std::vector<std::string>& names,
                 const std::vector<std::string>& unless = {}) {
    info_.needs.push_back({names, unless});
    return *this;
  }

  /// The same for a secret that the command asks for when it can: it is named only beside others.
  Command& asks_for(const std::string& name, const std::vector<std::string>& unless) {
    info_.needs.push_back({{name}, unless, true});
    return *this;
  }

  /// Keeps what is typed for an argument out of the history: it may be or hold a secret.
  Command& secret(const std::string& name) {
    info_.secrets.insert(name);
    return *this;
  }

  /// A paragraph for help, of lines without an end at the last.
  Command& details(const std::string& paragraph) {
    info_.details.push_back(paragraph);
    return *this;
  }

  Command& example(const std::string& line) {
    info_.examples.push_back(line);
    return *this;
  }

  /// The command asks before it runs, unless --yes is given.
  Command& destructive() {
    info_.destructive = true;
    return *this;
  }

  /// The command prints one list, which can be watched.
  Command& watchable() {
    if (app_) add_watch_flags(*app_, globals_);
    return *this;
  }

  /// The command may make the configuration file that is named.
  Command& makes_config() {
    info_.makes_config = true;
    return *this;
  }

  /// `-o NAME` is the same as `-o json`.
  Command& json_name(const std::string& name) {
    info_.json_name = name;
    return *this;
  }

  /// Ties the command to an operation, so that a test can tell that each can be reached.
  template <class... Operations>
  Command& runs(const Operations&... operations) {
    (info_.operations.emplace_back(operations.info.name), ...);
    if ((operations.info.needs_target() || ...)) needs_target();
    return *this;
  }

  /// The command is refused unless a flag, the environment or a context names a server or a state.
  Command& needs_target() {
    info_.needs_target = true;
    return *this;
  }

 private:
  CLI::App* app_;
  CommandInfo& info_;
  std::shared_ptr<Options> options_;
  Globals& globals_;
};

/// Commands about one thing: `metactl cluster ...`.
class Group {
 public:
  Group(Tree& tree, CLI::App& app) : tree_(tree), app_(app) {}

  template <class Options>
  Command<Options> command(const std::string& name, const std::string& summary,
                           void (*run)(Session&, const Options&)) {
    auto options = std::make_shared<Options>();
    auto* app = add_command(name, summary);
    auto& info = info_of(app);
    info.run = [run, options](Session& session) { run(session, *options); };
    return Command<Options>(app, info, options, globals());
  }

  /// The command that the group's name alone stands for, with the flags behind it.
  void by_default(const std::string& command);

  /// Commands one level deeper: `metactl cluster users ...`.
  Group group(const std::string& name, const std::string& summary);

 private:
  /// Null for a command that is not named in the command line.
  CLI::App* add_command(const std::string& name, const std::string& summary);
  CommandInfo& info_of(const CLI::App* app);
  Globals& globals();

  Tree& tree_;
  CLI::App& app_;
};

class Tree {
 public:
  /// `words` is the command line: only groups and commands that are named in it are built, which
  /// saves most of the time to start; of the others the tree knows the names. Without it, or where
  /// it has words of commands that read the tree, such as help, the tree is whole.
  explicit Tree(std::optional<std::vector<std::string>> words = std::nullopt);
  ~Tree();

  /// A group of commands, which `fill` puts into it.
  void group(const std::string& name, const std::string& summary, void (*fill)(Group&));

  /// A command that stands directly under `metactl`.
  template <class Options>
  Command<Options> command(const std::string& name, const std::string& summary,
                           void (*run)(Session&, const Options&)) {
    return Group(*this, *root_).command(name, summary, run);
  }

  /// What was typed: the command, or the help that was asked for. Throws Error, usage, for anything
  /// that is not part of the tree, with the nearest word that is.
  struct Choice {
    const CommandInfo* command = nullptr;
    std::string help;
  };
  Choice parse(std::vector<std::string> arguments);

  /// The words that `parse` was given as one line that a shell reads, of at most 4096 bytes, with
  /// `******` in place of all that may be a secret.
  std::string command_line(const std::vector<std::string>& words) const;

  const CLI::App& root() const { return *root_; }
  const CommandInfo* info(const CLI::App& app) const;
  const Globals& globals() const { return globals_; }

  /// The text of --help for a command or group.
  std::string help(const CLI::App& app) const;

 private:
  friend class Group;
  void add_global_flags();
  bool is_named(const std::string& word) const;
  void list_all();
  void insert_default(std::vector<std::string>& arguments) const;
  void require_all(const CLI::App& app, const CommandInfo& command,
                   const std::vector<std::string>& words) const;
  [[noreturn]] void refuse(const CLI::ParseError& error) const;

  bool wants_version_ = false;
  std::optional<std::vector<std::string>> words_;
  std::unique_ptr<CLI::App> root_;
  Globals globals_;
  // By null: what is told of commands that are not built.
  std::map<const CLI::App*, CommandInfo> commands_;
  // Name and summary of what stands directly under `metactl`, built or not.
  std::vector<std::pair<std::string, std::string>> all_;
  std::map<std::string, std::string> defaults_;  // Of groups: the command of the name alone.
};

/// How a command or group is typed: "metactl cluster add".
std::string path_of(const CLI::App& app);

/// True when the next word is the value of the flag in `word`: "--output", "-o", "-qo". `app` is
/// the command whose flags may stand there, beside those of all.
bool takes_next(const CLI::App& app, const std::string& word);

/// How the command is typed that a command line names: "metactl cluster add". Its other words, such
/// as values, are left out.
std::string command_in(const Tree& tree, const std::vector<std::string>& words);

/// The names of the commands and groups directly under `app`.
std::vector<std::string> subcommand_names(const CLI::App& app);

/// How an option is typed: "-o, --output FORMAT", "NODE".
std::string option_text(const CLI::Option& option);

/// The command or group of that name directly under `app`; nullptr when there is none.
const CLI::App* find_subcommand(const CLI::App& app, const std::string& name);

}  // namespace metactl::cli
