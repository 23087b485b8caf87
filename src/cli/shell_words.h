// SPDX-License-Identifier: Apache-2.0
// Reads shell text without running it: its commands, their words, and how they hang together.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::cli {

/// More arguments than any call has: what `shift` took away is not known.
inline constexpr std::size_t unknown_shifts = 1'000'000;

/// A part of a word. Lines count from 1.
struct ShellPiece {
  enum class Kind : std::uint8_t {
    text,          // As it is written, quotes and backslashes resolved.
    verbatim,      // The same between single quotes or in a here-document without expansion.
    variable,      // `text` is the name.
    substitution,  // The output of a command.
  };
  Kind kind = Kind::text;
  std::string text;
  // How a variable or substitution is written: "${MS:-localhost}", "$(date)". A part of the text.
  std::string_view source = {};
  std::size_t line = 0;
  std::size_t block = 0;        // Where it stands, see ShellCommand.
  std::size_t first_inner = 0;  // The commands of a substitution are [first_inner, last_inner).
  std::size_t last_inner = 0;
  std::size_t shifts = 0;  // How many arguments `shift` took away in front of it.
};

struct ShellWord {
  std::vector<ShellPiece> pieces;
  std::size_t line = 0;

  /// The word, when nothing in it is expanded.
  std::optional<std::string> plain() const;
};

/// A simple command. Words of the grammar (if, then, do, ...) are not among its words.
struct ShellCommand {
  /// What joins it with the next command.
  enum class Next : std::uint8_t { end, both, either, pipe };  // ; && || |
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::vector<ShellWord> words;
  std::shared_ptr<ShellWord> input;       // A here-document or here-string.
  std::shared_ptr<ShellWord> input_file;  // < FILE
  std::size_t line = 0;
  std::size_t begin = 0;  // Its text is [begin, end) of the whole, without here-documents.
  std::size_t end = 0;
  Next next = Next::end;
  bool is_condition = false;    // Behind if, elif, while, until or !.
  bool discards = false;        // Its standard output goes to /dev/null.
  bool writes_file = false;     // Its standard output goes to another file.
  bool is_cut = false;          // An & inside a word ends it, as in a URL without quotes.
  std::size_t block = 0;        // The innermost branch or loop around it; 0 for none.
  std::string function = {};    // The function in whose body it stands; "" for none.
  std::size_t previous = none;  // The commands around it in the same list.
  std::size_t following = none;
  std::size_t outer = none;     // The command in whose substitution it stands.
  std::size_t first_inner = 0;  // The commands in its own substitutions are [first_inner, it).
};

/// The most commands and pieces of words that a text may have.
inline constexpr std::size_t most_shell_parts = 500'000;

/// What a text holds. Views in it are parts of that text.
struct ShellContent {
  /// Those in substitutions in front of the one that they stand in.
  std::vector<ShellCommand> commands;
  /// By the number of a branch or loop: the first number, in order of beginnings, of one behind it.
  std::vector<std::size_t> block_ends;

  /// True when block `inner` is `outer` or stands in it; all stand in 0.
  bool is_inside(std::size_t inner, std::size_t outer) const {
    return outer == 0 || (inner >= outer && inner < block_ends[outer]);
  }
};

/// Reads a text in time and memory that grow as it does. Throws Error, usage, which names the line
/// of a quotation mark or bracket that is not closed; also for more than most_shell_parts.
ShellContent read_shell(std::string_view text, const std::string& name);

}  // namespace metactl::cli
