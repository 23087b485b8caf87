// SPDX-License-Identifier: Apache-2.0
#include "cli/shell_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace metactl::cli {
namespace {

using Kind = ShellPiece::Kind;
using Next = ShellCommand::Next;

constexpr std::size_t deepest = 50;            // Substitutions inside substitutions.
constexpr std::size_t longest_function = 255;  // Bytes of its name, which all its commands keep.
constexpr std::string_view ends_word = " \t\n;&|<>()";

bool is_name_start(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// What \n and the like mean in $'...'; the character itself for all others.
char escaped(char c) {
  constexpr std::string_view letters = "nrtabefv";
  constexpr std::string_view meanings = "\n\r\t\a\b\x1b\f\v";
  const auto at = letters.find(c);
  return at == std::string_view::npos ? c : meanings[at];
}

struct HereDocument {
  std::string end;
  bool is_verbatim = false;
  bool strips_tabs = false;
  std::shared_ptr<ShellWord> content;
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  ShellContent read() {
    while (!done()) {
      read_list(0);
      if (!done()) ++at_;  // A bracket that nothing opened, as in `case`.
    }
    return std::move(content_);
  }

 private:
  std::vector<ShellCommand>& commands() { return content_.commands; }
  bool done() const { return at_ >= text_.size(); }
  char here() const { return done() ? '\0' : text_[at_]; }
  char ahead(std::size_t by = 1) const { return at_ + by < text_.size() ? text_[at_ + by] : '\0'; }

  void advance(std::size_t count = 1) {
    for (; count > 0 && !done(); --count)
      if (text_[at_++] == '\n') ++line_;
  }

  [[noreturn]] void refuse(std::size_t line, std::string_view what) const {
    throw Error(Reason::usage,
                fmt::format("cannot read '{}' as shell text: line {}: {} is not closed", name_,
                            line, what));
  }

  // Pieces of words.

  void count_part() {
    if (++parts_ > most_shell_parts)
      throw Error(Reason::usage,
                  fmt::format("cannot read '{}' as shell text: more than {} words", name_,
                              most_shell_parts),
                  "cut it into several files, or keep only its lines with curl");
  }

  ShellPiece& add_piece(ShellWord& word, Kind kind) {
    count_part();
    word.pieces.push_back({kind, "", "", line_, block(), 0, 0, shifts_});
    return word.pieces.back();
  }

  void add(ShellWord& word, Kind kind, char c) {
    const bool goes_on = !word.pieces.empty() && word.pieces.back().kind == kind && !is_broken_;
    if (!goes_on) add_piece(word, kind);
    is_broken_ = false;
    word.pieces.back().text += c;
  }

  void read_verbatim(ShellWord& word, bool has_escapes) {
    const auto start = line_;
    add_piece(word, Kind::verbatim);
    for (advance(); here() != '\''; advance()) {
      if (done()) refuse(start, "the quotation mark '");
      if (has_escapes && here() == '\\') {
        advance();
        word.pieces.back().text += escaped(here());
      } else {
        word.pieces.back().text += here();
      }
    }
    advance();
  }

  void read_double(ShellWord& word, std::size_t depth) {
    const auto start = line_;
    if (word.pieces.empty()) add_piece(word, Kind::text);
    for (advance(); here() != '"';) {
      if (done()) refuse(start, "the quotation mark \"");
      read_expanded(word, depth);
    }
    advance();
  }

  /// One character or expansion between double quotes or in a here-document.
  void read_expanded(ShellWord& word, std::size_t depth) {
    if (here() == '\\' && ahead() == '\n') {
      advance(2);
      is_broken_ = true;
    } else if (here() == '\\' && std::string_view("\\\"$`").find(ahead()) != std::string::npos) {
      advance();
      add(word, Kind::text, here());
      advance();
    } else if (here() == '`' || here() == '$') {
      read_expansion(word, depth);
    } else {
      add(word, Kind::text, here());
      advance();
    }
  }

  void read_expansion(ShellWord& word, std::size_t depth) {
    const auto from = at_;
    const auto line = line_;
    const auto first_inner = commands().size();
    Kind kind = Kind::variable;
    std::string name;
    if (here() == '`') {
      kind = Kind::substitution;
      read_backquoted(depth);
    } else if (ahead() == '(') {
      kind = Kind::substitution;
      ahead(2) == '(' ? skip_brackets('(', ')') : read_substitution(depth);
    } else if (ahead() == '{') {
      auto begin = at_ + 2;
      while (begin < text_.size() && std::string_view("#!").find(text_[begin]) != std::string::npos)
        ++begin;
      auto end = begin;
      while (end < text_.size() && (is_name_start(text_[end]) || is_digit(text_[end]))) ++end;
      name = text_.substr(begin, end - begin);
      skip_brackets('{', '}');
    } else if (is_name_start(ahead())) {
      advance();
      const auto begin = at_;
      while (is_name_start(here()) || is_digit(here())) advance();
      name = text_.substr(begin, at_ - begin);
    } else if (ahead() != '\0' && (is_digit(ahead()) || std::string_view("@*#?$!-").find(ahead()) !=
                                                            std::string::npos)) {
      name = ahead();
      advance(2);
    } else {
      add(word, Kind::text, '$');
      return advance();
    }
    count_part();
    word.pieces.push_back({kind, name, text_.substr(from, at_ - from), line, block(), first_inner,
                           commands().size(), shifts_});
    is_broken_ = true;
  }

  /// From a dollar sign behind which a bracket opens to behind the one that closes it.
  void skip_brackets(char open, char close) {
    const auto start = line_;
    std::size_t depth = 0;
    for (advance();; advance()) {
      if (done()) refuse(start, fmt::format("the bracket {}", open));
      if (here() == '\\') {
        advance();
      } else if (here() == open) {
        ++depth;
      } else if (here() == close && --depth == 0) {
        return advance();
      }
    }
  }

  void read_substitution(std::size_t depth) {
    const auto start = line_;
    if (depth >= deepest) refuse(start, "one of very many brackets");
    advance(2);
    read_list(depth + 1);
    if (done()) refuse(start, "the bracket $(");
    advance();
  }

  void read_backquoted(std::size_t depth) {
    const auto start = line_;
    if (depth >= deepest) refuse(start, "one of very many quotation marks");
    const auto begin = at_ + 1;
    const auto end = std::min(text_.find('`', begin), text_.size());
    if (end == text_.size()) refuse(start, "the quotation mark `");
    const auto whole = text_;
    advance();
    text_ = text_.substr(0, end);
    while (!done()) {
      read_list(depth + 1);
      if (!done()) advance();
    }
    text_ = whole;
    advance();
  }

  ShellWord read_word(std::size_t depth) {
    ShellWord word{{}, line_};
    is_broken_ = true;
    while (!done() && ends_word.find(here()) == std::string_view::npos) {
      if (here() == '\\' && ahead() == '\n') {
        advance(2);
        is_broken_ = true;
      } else if (here() == '\\') {
        advance();
        if (!done()) add(word, Kind::text, here());
        advance();
      } else if (here() == '\'' || (here() == '$' && ahead() == '\'')) {
        const bool has_escapes = here() == '$';
        if (has_escapes) advance();
        read_verbatim(word, has_escapes);
      } else if (here() == '"' || (here() == '$' && ahead() == '"')) {
        if (here() == '$') advance();
        is_broken_ = true;
        read_double(word, depth);
      } else if (here() == '`' || here() == '$') {
        read_expansion(word, depth);
      } else {
        add(word, Kind::text, here());
        advance();
      }
    }
    return word;
  }

  // Commands.

  void skip_blanks() {
    while (!done()) {
      if (here() == '\\' && ahead() == '\n') {
        advance(2);
      } else if (here() == ' ' || here() == '\t') {
        advance();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    while (!done() && here() != '\n') advance();
  }

  /// Commands up to a closing bracket or the end.
  void read_list(std::size_t depth) {
    auto previous = ShellCommand::none;
    bool is_condition = false;
    while (!done() && here() != ')') {
      ShellCommand command;
      command.first_inner = commands().size();
      read_command(command, depth, is_condition);
      const bool is_empty = command.words.empty() && !command.input;
      const auto next = read_separator();
      if (is_empty) {
        if (previous != ShellCommand::none && next != Next::end) commands()[previous].next = next;
        continue;
      }
      command.next = next;
      command.is_cut = is_cut_;
      const auto index = commands().size();
      for (auto inner = command.first_inner; inner < index; ++inner)
        if (commands()[inner].outer == ShellCommand::none) commands()[inner].outer = index;
      command.previous = previous;
      if (previous != ShellCommand::none) commands()[previous].following = index;
      previous = index;
      count_part();
      commands().push_back(std::move(command));
    }
  }

  std::size_t block() const { return open_blocks_.empty() ? 0 : open_blocks_.back(); }

  void open_block() {
    auto& ends = content_.block_ends;
    open_blocks_.push_back(ends.size());
    ends.push_back(static_cast<std::size_t>(-1));
  }

  void close_block() {
    if (open_blocks_.empty()) return;
    auto& ends = content_.block_ends;
    ends[open_blocks_.back()] = ends.size();
    open_blocks_.pop_back();
  }

  void note_block(std::string_view word) {
    if (is_one_of(word, {"else", "elif", "fi", "done", "esac"})) close_block();
    if (is_one_of(word, {"then", "else", "do"})) open_block();
  }

  /// `shift` and `set --` change what $1 is.
  void note_shift(const ShellCommand& command) {
    const auto word = [&](std::size_t i) {
      return i < command.words.size() ? command.words[i].plain().value_or("?") : std::string();
    };
    const auto first = word(0);
    const bool is_sure = block() == 0 && (command.words.size() == 1 || word(1) == "1");
    if (first == "shift") shifts_ += is_sure ? 1 : unknown_shifts;
    if (first == "set" && word(1) == "--") shifts_ += unknown_shifts;
  }

  /// Resolves words of the grammar in front of a command; true when `word` was one.
  bool read_grammar(const std::string& word, ShellCommand& command, bool& is_condition) {
    if (is_one_of(word, {"if", "elif", "while", "until"})) {
      is_condition = true;
    } else if (word == "!") {
      command.is_condition = true;
    } else if (is_one_of(word, {"then", "do", "else", "time", "fi", "done", "esac"})) {
      is_condition = is_condition && word == "time";
    } else if (word == "{") {
      if (!function_.empty()) ++braces_;
    } else if (word == "}") {
      if (!function_.empty() && --braces_ == 0) {
        function_.clear();
        shifts_ = 0;
      }
    } else {
      return false;
    }
    return true;
  }

  void read_command(ShellCommand& command, std::size_t depth, bool& is_condition) {
    for (;;) {
      skip_blanks();
      if (here() == '#') skip_comment();
      if (command.words.empty()) {
        command.line = line_;
        command.begin = at_;
      }
      if (done() || std::string_view(";\n|&").find(here()) != std::string_view::npos) {
        if (here() == '&' && ahead() == '>') {
          read_redirection(command, depth);
          continue;
        }
        break;
      }
      if (here() == ')') break;
      if (here() == '(') {
        if (!begin_function(command)) advance();  // A subshell.
        continue;
      }
      if (here() == '<' || here() == '>') {
        read_redirection(command, depth);
        continue;
      }
      auto word = read_word(depth);
      const bool is_descriptor =
          !done() && (here() == '<' || here() == '>') &&
          word.plain().value_or("x").find_first_not_of("0123456789") == std::string::npos;
      if (is_descriptor) {
        read_redirection(command, depth, word.plain().value_or(""));
        continue;
      }
      command.end = at_;
      if (command.words.empty()) {
        const auto first = word.plain().value_or("");
        note_block(first);
        if (read_grammar(first, command, is_condition)) continue;
      }
      command.words.push_back(std::move(word));
    }
    command.is_condition = command.is_condition || is_condition;
    note_shift(command);
    command.function = function_;
    command.block = block();
    // What is behind `if` and `case` always runs, what comes then does not.
    if (!command.words.empty() && command.words[0].plain() == "case") open_block();
  }

  /// `name()`: the commands up to the closing brace are its body.
  bool begin_function(ShellCommand& command) {
    if (command.words.empty() || ahead() != ')') return false;
    const auto name = command.words.back().plain();
    advance(2);
    command.words.clear();
    const bool is_name =
        name && name->size() <= longest_function && name->find('=') == std::string::npos;
    if (is_name && function_.empty()) {
      function_ = *name;
      shifts_ = 0;
      braces_ = 0;
    }
    return true;
  }

  void read_redirection(ShellCommand& command, std::size_t depth,
                        const std::string& descriptor = "1") {
    const auto from = at_;
    while (!done() && std::string_view("<>&|-").find(here()) != std::string_view::npos) advance();
    const auto mark = text_.substr(from, at_ - from);
    skip_blanks();
    if (mark == "<<" || mark == "<<-") return begin_here_document(command, mark == "<<-");
    auto word = read_word(depth);
    command.end = at_;
    if (mark == "<<<") {
      command.input = std::make_shared<ShellWord>(std::move(word));
      return;
    }
    if (mark == "<") {
      command.input_file = std::make_shared<ShellWord>(std::move(word));
      return;
    }
    const bool is_output = mark.starts_with("&>") || (mark.starts_with('>') && descriptor == "1");
    if (!is_output || mark == ">&") return;
    const bool is_null = word.plain() == "/dev/null";
    command.discards = command.discards || is_null;
    command.writes_file = command.writes_file || !is_null;
  }

  void begin_here_document(ShellCommand& command, bool strips_tabs) {
    HereDocument document;
    document.strips_tabs = strips_tabs;
    const auto from = at_;
    const auto word = read_word(deepest);
    const auto written = text_.substr(from, at_ - from);
    document.is_verbatim = written.find_first_of("'\"\\") != std::string_view::npos;
    document.end = word.plain().value_or(std::string(written));
    document.content = std::make_shared<ShellWord>();
    command.input = document.content;
    command.end = at_;
    documents_.push_back(std::move(document));
  }

  /// What stands behind a command; a line end brings the here-documents that were announced.
  Next read_separator() {
    const char c = here();
    is_cut_ = c == '&' && at_ > 0 &&
              std::string_view(" \t)&").find(text_[at_ - 1]) == std::string_view::npos &&
              is_name_start(ahead());
    if (c == '&' && ahead() == '&') return advance(2), skip_line_ends(), Next::both;
    if (c == '|' && ahead() == '|') return advance(2), skip_line_ends(), Next::either;
    if (c == '|') return advance(ahead() == '&' ? 2 : 1), skip_line_ends(), Next::pipe;
    if (c == '\n') {
      end_line();
    } else if (c == ';' || c == '&') {
      advance();
    }
    return Next::end;
  }

  void end_line() {
    advance();
    auto documents = std::move(documents_);
    documents_.clear();
    for (auto& document : documents) read_here_document(document);
  }

  /// A command may stand on the line behind && and |.
  void skip_line_ends() {
    for (skip_blanks(); here() == '\n' || here() == '#'; skip_blanks())
      here() == '#' ? skip_comment() : end_line();
  }

  void read_here_document(HereDocument& document) {
    auto& word = *document.content;
    word.line = line_;
    is_broken_ = true;
    while (!done()) {
      if (document.strips_tabs)
        while (here() == '\t') advance();
      const auto end = std::min(text_.find('\n', at_), text_.size());
      if (text_.substr(at_, end - at_) == document.end) {
        advance(end - at_ + 1);
        return;
      }
      const auto stop = std::min(end + 1, text_.size());
      while (at_ < stop) {
        if (document.is_verbatim) {
          add(word, Kind::verbatim, here());
          advance();
        } else {
          read_expanded(word, deepest - 1);
        }
      }
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool is_broken_ = false;  // The next character does not stand behind that of the last piece.
  bool is_cut_ = false;
  std::size_t shifts_ = 0;
  std::vector<std::size_t> open_blocks_;  // From the outermost on.
  std::string function_;
  std::size_t braces_ = 0;
  std::vector<HereDocument> documents_;
  std::size_t parts_ = 0;
  ShellContent content_{{}, {0}};  // No block has number 0.
};

}  // namespace

std::optional<std::string> ShellWord::plain() const {
  std::string text;
  for (const auto& piece : pieces) {
    if (piece.kind == Kind::variable || piece.kind == Kind::substitution) return std::nullopt;
    text += piece.text;
  }
  return text;
}

ShellContent read_shell(std::string_view text, const std::string& name) {
  return Reader(text, name).read();
}

}  // namespace metactl::cli
