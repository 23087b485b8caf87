// SPDX-License-Identifier: Apache-2.0
// Shell text with what is known of its variables and functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/shell_words.h"

namespace metactl::cli {

// A variable whose value is not known stands in a text between these two, as it is written. Both
// are characters for private use.
inline constexpr std::string_view variable_begin = "\uE000";
inline constexpr std::string_view variable_end = "\uE001";

/// A text that came out of a shell's words.
struct ShellText {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> lines;  // From this offset on: this line.
  /// What looks like an expansion, but stands between single quotes: "$NAME", "${NAME...}" or
  /// "$(...)", each with its line.
  std::vector<std::pair<std::string, std::size_t>> unexpanded;

  std::size_t line_at(std::size_t offset) const;
  /// Appends a part whose first line is `line`.
  void add(std::string_view part, std::size_t line);
  void append(const ShellText& other);
};

/// True when variables stand in the text.
bool has_variable(std::string_view text);

/// How the variables and substitutions in a text are written, each with its offset.
std::vector<std::pair<std::string, std::size_t>> variables_in(std::string_view text);

/// NAME when the text is nothing but $NAME, "${NAME}" or the like; else "".
std::string sole_variable(std::string_view text);

/// The variable of that name as it stands in a text.
std::string as_variable(std::string_view name);

/// The word as shell text: quoted where that is needed. A variable stops the shell that runs it
/// where it is not set or empty.
std::string shell_word(std::string_view text);

/// The text inside a here-document that expands variables.
std::string here_text(std::string_view text);

class ShellScript {
 public:
  /// How much work a script may make: about as many bytes are handled.
  static constexpr std::size_t most_work = std::size_t{128} << 20;

  /// Throws Error, usage, for text that is binary or has something unclosed.
  ShellScript(std::string_view text, const std::string& name);

  const std::string& text() const { return *text_; }
  const std::vector<ShellCommand>& commands() const { return content_.commands; }

  /// Counts work, as its own members do: functions that call functions and variables in the values
  /// of variables may ask for more than any machine has. Throws Error, usage, when it is too much.
  void spend(std::size_t work) const;

  /// A call of a function: whose parameters are known.
  struct Scope {
    std::string function = {};
    std::vector<ShellText> arguments = {};
  };

  /// The value of a word. With `is_data` an expansion between single quotes is taken as one and
  /// noted.
  ShellText expand(const ShellWord& word, const Scope& scope, bool is_data = false) const;

  /// The value of all words; "$@" becomes several.
  std::vector<ShellText> expand_all(const std::vector<ShellWord>& words, const Scope& scope) const;

  /// True when a function of that name is defined.
  bool has_function(const std::string& name) const { return functions_.contains(name); }
  /// True when a function is named in the text of a substitution.
  bool calls_function(std::string_view source) const;
  /// The commands in the body of a function; none when there is no such function.
  const std::vector<std::size_t>& body_of(const std::string& function) const;

  /// Where a variable has its value from when that is not known: "comes from a loop, line 3"; ""
  /// for one that this text does not set.
  std::string origin(const std::string& name) const;

 private:
  void note_assignments();
  struct Value {
    std::unique_ptr<ShellWord> word;  // Null when it is not known.
    std::size_t block = 0;            // It holds in here, see ShellCommand.
    std::string origin = {};
    std::size_t line = 0;
  };
  /// A variable of a function, or of the whole script, by `name` first.
  using Variable = std::pair<std::string, std::string>;

  void note_command(const ShellCommand& command);
  void assign(const ShellCommand& command, const std::string& name, const ShellWord* value,
              std::string_view origin) {
    assign(command, command.function, name, value, origin);
  }
  void assign(const ShellCommand& command, const std::string& function, const std::string& name,
              const ShellWord* value, std::string_view origin);
  std::map<Variable, Value>::const_iterator find_variable(const std::string& name) const;
  const ShellWord* value_of(const std::string& function, const ShellPiece& variable) const;
  const ShellWord* document_of(const ShellPiece& substitution) const;
  void expand_variable(ShellText& out, const ShellPiece& piece, const Scope& scope, bool is_data,
                       std::vector<std::string>& open) const;
  std::string with_values(const ShellPiece& substitution, const Scope& scope) const;
  void expand_into(ShellText& out, const ShellWord& word, const Scope& scope, bool is_data,
                   std::vector<std::string>& open) const;
  void add_verbatim(ShellText& out, const ShellPiece& piece, const Scope& scope) const;

  std::string name_;
  std::unique_ptr<const std::string> text_;  // Stays where it is: pieces of words view it.
  ShellContent content_;
  std::map<Variable, Value> values_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> functions_;
  mutable std::size_t work_left_ = most_work;
};

}  // namespace metactl::cli
