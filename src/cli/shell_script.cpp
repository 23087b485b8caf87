// SPDX-License-Identifier: Apache-2.0
#include "cli/shell_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace metactl::cli {
namespace {

using Kind = ShellPiece::Kind;
constexpr std::size_t deepest = 50;  // Variables in the values of variables.
constexpr auto npos = std::string_view::npos;
constexpr std::size_t work_of_piece = 32;
constexpr std::size_t work_of_word = 128;
constexpr std::size_t work_of_value = 1024;  // Of a variable.
/// Between single quotes longer ones are not looked for.
constexpr std::size_t longest_expansion = 1024;

bool is_name(std::string_view text) {
  return text::consists_of(text, "_") && (text[0] < '0' || text[0] > '9');
}

/// Text of Unix, in UTF-8, without the two characters that mark variables.
std::string cleaned(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    const auto length = std::clamp<std::size_t>(text.find_first_of("\r\xee", 1), 1, text.size());
    if (text.starts_with(variable_begin) || text.starts_with(variable_end)) {
      result += "?";
      text.remove_prefix(variable_begin.size());
      continue;
    }
    result += text.substr(0, length);
    text.remove_prefix(length);
  }
  if (text::is_utf8(result)) return result;
  auto lines = text::split(result, '\n');
  for (auto& line : lines)
    if (!text::is_utf8(line)) line = text::printable(line);
  return text::join(lines, "\n");
}

/// Calls `plain` and `variable` for the parts of a text.
template <class Plain, class Variable>
void each_part(std::string_view text, Plain&& plain, Variable&& variable) {
  while (!text.empty()) {
    const auto begin = std::min(text.find(variable_begin), text.size());
    plain(text.substr(0, begin));
    text.remove_prefix(begin);
    if (text.empty()) return;
    const auto end = std::min(text.find(variable_end), text.size());
    variable(text.substr(variable_begin.size(), end - variable_begin.size()));
    text.remove_prefix(std::min(end + variable_end.size(), text.size()));
  }
}

/// An expansion that a text begins with: how it is written, and NAME of $NAME and ${NAME...}.
struct Expansion {
  std::string_view source;
  std::string_view name;

  /// Without what stands behind the name, which may be a secret.
  std::string shown() const {
    if (name.empty()) return "$(...)";
    const bool is_plain = source.size() <= name.size() + (source.starts_with("${") ? 3 : 1);
    return is_plain ? fmt::format("${}", name) : fmt::format("${{{}...}}", name);
  }
};

/// Behind the bracket that closes the one at `begin`; npos when there is none.
std::size_t bracket_end(std::string_view text, std::size_t begin, char open, char close) {
  std::size_t depth = 0;
  for (auto at = begin; at < text.size(); ++at) {
    if (text[at] == open) ++depth;
    if (text[at] == close && --depth == 0) return at + 1;
  }
  return npos;
}

/// The expansion at the dollar sign that the text begins with, if it is one. A digit behind it
/// counts where the number ends: "$1", not "$2b$12$", which is no argument but a hashed password.
std::optional<Expansion> expansion_at(std::string_view text) {
  text = text.substr(0, longest_expansion);
  const auto name_at = [&](std::size_t begin) {
    auto end = begin;
    while (end < text.size() && text::consists_of(text.substr(end, 1), "_")) ++end;
    return text.substr(begin, end - begin);
  };
  if (text.starts_with("$(")) {
    const auto end = bracket_end(text, 1, '(', ')');
    return end == npos ? std::nullopt : std::optional(Expansion{text.substr(0, end), {}});
  }
  const bool has_brace = text.starts_with("${");
  const auto name = name_at(has_brace ? 2 : 1);
  if (name.empty() || (!is_name(name) && !text::to_int(name))) return std::nullopt;
  if (!has_brace) {
    const auto source = text.substr(0, name.size() + 1);
    const bool is_hash = !is_name(name) && text.substr(source.size()).starts_with('$');
    return is_hash ? std::nullopt : std::optional(Expansion{source, name});
  }
  constexpr std::string_view operators = "}:-=?+#%/^,@[";
  const auto end = bracket_end(text, 1, '{', '}');
  if (end == npos || operators.find(text[name.size() + 2]) == npos) return std::nullopt;
  return Expansion{text.substr(0, end), name};
}

/// NAME of $NAME or ${NAME}, $1 too; "" for all else.
std::string_view name_in(std::string_view source) {
  if (source.starts_with("${") && source.ends_with('}')) {
    source = source.substr(2, source.size() - 3);
  } else if (source.starts_with('$')) {
    source.remove_prefix(1);
  }
  return !source.empty() && (is_name(source) || text::to_int(source)) ? source : "";
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// What ${NAME%END} and the like make of a value; nothing for patterns and other operators.
std::optional<std::string> trimmed(std::string value, std::string_view operation) {
  const char kind = operation.empty() ? '\0' : operation[0];
  if (kind != '%' && kind != '#') return std::nullopt;
  const auto part = operation.substr(operation.starts_with(std::string(2, kind)) ? 2 : 1);
  if (part.find_first_of("*?[\\$`\"'") != npos) return std::nullopt;
  if (kind == '%' && value.ends_with(part)) value.resize(value.size() - part.size());
  if (kind == '#' && value.starts_with(part)) value.erase(0, part.size());
  return value;
}

std::string with_escapes(std::string_view text, std::string_view special) {
  std::string result;
  each_part(
      text,
      [&](std::string_view plain) {
        for (const char c : plain) {
          if (special.find(c) != npos) result += '\\';
          result += c;
        }
      },
      [&](std::string_view variable) {
        const auto name = name_in(variable);
        result += name.empty() ? std::string(variable) : fmt::format("${{{}:?}}", name);
      });
  return result;
}

}  // namespace

std::size_t ShellText::line_at(std::size_t offset) const {
  const auto behind =
      std::upper_bound(lines.begin(), lines.end(), offset,
                       [](auto wanted, const auto& each) { return wanted < each.first; });
  if (behind == lines.begin()) return 0;
  const auto [from, line] = *(behind - 1);
  const auto part = std::string_view(text).substr(from, std::min(offset, text.size()) - from);
  return line + static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
}

void ShellText::add(std::string_view part, std::size_t line) {
  lines.emplace_back(text.size(), line);
  text += part;
}

void ShellText::append(const ShellText& other) {
  for (const auto& [offset, line] : other.lines) lines.emplace_back(text.size() + offset, line);
  unexpanded.insert(unexpanded.end(), other.unexpanded.begin(), other.unexpanded.end());
  text += other.text;
}

bool has_variable(std::string_view text) {
  return text.find(variable_begin) != npos;
}

std::vector<std::pair<std::string, std::size_t>> variables_in(std::string_view text) {
  std::vector<std::pair<std::string, std::size_t>> variables;
  each_part(
      text, [](std::string_view) {},
      [&](std::string_view variable) {
        variables.emplace_back(variable, static_cast<std::size_t>(variable.data() - text.data()));
      });
  return variables;
}

std::string sole_variable(std::string_view text) {
  if (!text.starts_with(variable_begin) || !text.ends_with(variable_end)) return "";
  text.remove_prefix(variable_begin.size());
  text.remove_suffix(variable_end.size());
  const auto name = name_in(text);
  return !name.empty() && is_name(name) ? std::string(name) : "";
}

std::string as_variable(std::string_view name) {
  return fmt::format("{}${}{}", variable_begin, name, variable_end);
}

std::string shell_word(std::string_view text) {
  if (has_variable(text)) return '"' + with_escapes(text, "\\\"$`") + '"';
  return text::shell_word(std::string(text));
}

std::string here_text(std::string_view text) {
  return with_escapes(text, "\\$`");
}

ShellScript::ShellScript(std::string_view text, const std::string& name) : name_(name) {
  if (text.find('\0') != std::string::npos)
    throw Error(Reason::usage, fmt::format("'{}' is no text: it holds zero bytes", name));
  text_ = std::make_unique<const std::string>(cleaned(text));
  content_ = read_shell(*text_, name);
  for (std::size_t i = 0; i < commands().size(); ++i)
    if (const auto& function = commands()[i].function; !function.empty())
      functions_[function].push_back(i);
  note_assignments();
}

void ShellScript::spend(std::size_t work) const {
  if (work > work_left_)
    throw Error(
        Reason::usage,
        fmt::format(
            "cannot convert '{}': its functions and variables expand to more than metactl reads",
            name_),
        "cut it into several files, or keep only its lines with curl");
  work_left_ -= work;
}

bool ShellScript::calls_function(std::string_view source) const {
  constexpr std::string_view around = " \t\n;&|<>()$`{}'\"";
  for (auto begin = source.find_first_not_of(around); begin != npos;) {
    const auto end = std::min(source.find_first_of(around, begin), source.size());
    if (functions_.contains(source.substr(begin, end - begin))) return true;
    begin = source.find_first_not_of(around, end);
  }
  return false;
}

const std::vector<std::size_t>& ShellScript::body_of(const std::string& function) const {
  static const std::vector<std::size_t> none;
  const auto found = functions_.find(function);
  return found == functions_.end() ? none : found->second;
}

void ShellScript::assign(const ShellCommand& command, const std::string& function,
                         const std::string& name, const ShellWord* value, std::string_view origin) {
  const auto [place, is_new] = values_.try_emplace({name, function});
  auto& known = place->second;
  if (!is_new || !value) known.word = nullptr;
  known.origin = is_new ? std::string(origin) : "has several values";
  if (!is_new) return;
  known.line = command.line;
  known.block = command.block;
  if (value) known.word = std::make_unique<ShellWord>(*value);
}

void ShellScript::note_assignments() {
  for (const auto& command : commands()) note_command(command);
}

void ShellScript::note_command(const ShellCommand& command) {
  const auto word = [&](std::size_t i) {
    return i < command.words.size() ? command.words[i].plain().value_or("") : std::string();
  };
  std::size_t start = 0;  // IFS= read NAME
  while (word(start).ends_with('=') && start + 1 < command.words.size()) ++start;
  const auto first = word(start);
  const bool is_loop = first == "for" || first == "select";
  if (is_loop) {
    const auto name = word(start + 1);
    assign(command, name.substr(0, name.find('=')), nullptr, "comes from a loop");
  }
  if (is_one_of(first, {"read", "unset", "mapfile", "readarray", "getopts", "printf"}))
    for (auto i = start + 1; i < command.words.size(); ++i)
      if (!word(i).empty() && is_name(word(i)) && (first != "printf" || word(i - 1) == "-v"))
        assign(command, word(i), nullptr, fmt::format("is set by '{}'", first));

  const bool is_local = is_one_of(first, {"local", "declare", "typeset"});
  const bool declares = is_local || first == "export" || first == "readonly";
  const auto* before =
      command.previous == ShellCommand::none ? nullptr : &commands()[command.previous];
  const bool is_chosen = before && (before->next == ShellCommand::Next::both ||
                                    before->next == ShellCommand::Next::either);
  std::vector<std::pair<std::string, ShellWord>> found;
  std::size_t i = declares ? start + 1 : 0;
  for (; i < command.words.size(); ++i) {
    const auto& each = command.words[i];
    const auto front = each.pieces.empty() || each.pieces.front().kind != Kind::text
                           ? std::string()
                           : each.pieces.front().text;
    const auto equals = front.find('=');
    auto name = front.substr(0, equals);
    const bool adds = equals != std::string::npos && name.ends_with('+');
    if (adds) name.pop_back();
    if (equals == std::string::npos || name.empty() || !is_name(name)) {
      if (declares) continue;
      break;
    }
    auto value = each;
    value.pieces.front().text = front.substr(equals + 1);
    if (adds) assign(command, name, nullptr, "");
    found.emplace_back(name, std::move(value));
  }
  // NAME=VALUE COMMAND, or NAME=(...): it holds for that command only, or is a list.
  const bool is_plain = i == command.words.size();
  for (auto& [name, value] : found) {
    // VARIABLE=$(cat <<END ...): the document is the value.
    const bool is_output = value.pieces.size() == 2 && value.pieces[0].text.empty() &&
                           value.pieces[1].kind == Kind::substitution;
    if (const auto* document = is_output ? document_of(value.pieces[1]) : nullptr)
      value = ShellWord(*document);
    const bool is_run = std::any_of(
        value.pieces.begin(), value.pieces.end(),
        [&](const auto& piece) { return piece.kind == Kind::substitution && !document_of(piece); });
    const auto* origin = is_run      ? "is the output of a command"
                         : is_chosen ? "is set only where another command allows it"
                         : is_plain  ? "is set only under a condition"
                                     : "is set for one command only, or a list";
    assign(command, name, is_run || is_chosen || !is_plain ? nullptr : &value, origin);
    // A function may change the variable of all others.
    if (!command.function.empty() && !is_local)
      assign(command, "", name, nullptr, "is set in a function");
  }
}

std::map<ShellScript::Variable, ShellScript::Value>::const_iterator ShellScript::find_variable(
    const std::string& name) const {
  const auto found = values_.lower_bound({name, ""});
  return found != values_.end() && found->first.first == name ? found : values_.end();
}

std::string ShellScript::origin(const std::string& name) const {
  if (text::to_int(name)) return "is an argument that no call here gives";
  const auto found = find_variable(name);
  if (found == values_.end()) return "";
  return fmt::format("{}, line {}", found->second.origin, found->second.line);
}

const ShellWord* ShellScript::value_of(const std::string& function,
                                       const ShellPiece& variable) const {
  for (const auto& place : {function, std::string()}) {
    const auto found = values_.find({variable.text, place});
    if (found == values_.end()) continue;
    const auto& value = found->second;
    return content_.is_inside(variable.block, value.block) ? value.word.get() : nullptr;
  }
  return nullptr;
}

/// The here-document of $(cat <<END ...).
const ShellWord* ShellScript::document_of(const ShellPiece& substitution) const {
  if (substitution.last_inner != substitution.first_inner + 1) return nullptr;
  const auto& inner = commands()[substitution.first_inner];
  return inner.words.size() == 1 && inner.words[0].plain() == "cat" ? inner.input.get() : nullptr;
}

void ShellScript::add_verbatim(ShellText& out, const ShellPiece& piece, const Scope& scope) const {
  std::string_view rest = piece.text;
  auto line = piece.line;
  while (!rest.empty()) {
    const auto dollar = std::min(rest.find('$'), rest.size());
    const auto before = rest.substr(0, dollar);
    spend(work_of_piece + before.size());
    out.add(before, line);
    line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    rest.remove_prefix(dollar);
    if (rest.empty()) return;
    spend(longest_expansion);
    const auto expansion = expansion_at(rest);
    if (!expansion) {
      out.text += '$';
      rest.remove_prefix(1);
      continue;
    }
    const auto& [source, name] = *expansion;
    if (name.empty()) {
      out.add(fmt::format("{}{}{}", variable_begin, source, variable_end), line);
    } else {
      const ShellPiece variable{Kind::variable, std::string(name), source, line, piece.block, 0, 0,
                                piece.shifts};
      std::vector<std::string> open;
      expand_variable(out, variable, scope, false, open);
    }
    out.unexpanded.emplace_back(expansion->shown(), line);
    line += static_cast<std::size_t>(std::count(source.begin(), source.end(), '\n'));
    rest.remove_prefix(source.size());
  }
}

void ShellScript::expand_into(ShellText& out, const ShellWord& word, const Scope& scope,
                              bool is_data, std::vector<std::string>& open) const {
  for (const auto& piece : word.pieces) {
    if (piece.kind == Kind::verbatim && is_data) {
      add_verbatim(out, piece, scope);
      continue;
    }
    spend(work_of_piece + piece.text.size());
    if (piece.kind == Kind::text || piece.kind == Kind::verbatim) {
      out.add(piece.text, piece.line);
      continue;
    }
    if (piece.kind == Kind::variable) {
      expand_variable(out, piece, scope, is_data, open);
      continue;
    }
    const auto* document = document_of(piece);
    if (document && open.size() < deepest) {
      open.emplace_back();
      expand_into(out, *document, scope, is_data, open);
      open.pop_back();
      while (out.text.ends_with('\n')) out.text.pop_back();
      continue;
    }
    const auto source = with_values(piece, scope);
    spend(source.size());
    out.add(fmt::format("{}{}{}", variable_begin, source, variable_end), piece.line);
  }
}

void ShellScript::expand_variable(ShellText& out, const ShellPiece& piece, const Scope& scope,
                                  bool is_data, std::vector<std::string>& open) const {
  const auto& name = piece.text;
  auto operation = std::string_view(piece.source);
  operation.remove_prefix(operation.starts_with("${") ? 2 : 1);
  const bool is_read = operation.starts_with(name);  // Not ${#NAME} and ${!NAME}.
  if (is_read) operation.remove_prefix(name.size());
  if (piece.source.starts_with("${")) operation.remove_suffix(1);

  std::optional<ShellText> value;
  const auto number = text::to_int(name);
  const auto* word = value_of(scope.function, piece);
  const bool is_open = std::find(open.begin(), open.end(), name) != open.end();
  const auto place = number && *number >= 1 ? static_cast<std::size_t>(*number) + piece.shifts : 0;
  if (place >= 1 && place <= scope.arguments.size()) {
    value = scope.arguments[place - 1];
  } else if (word && !is_open && open.size() < deepest) {
    open.push_back(name);
    expand_into(value.emplace(), *word, scope, is_data, open);
    open.pop_back();
  }
  const bool is_checked = operation.starts_with(":?") || operation.starts_with('?');
  const bool has_other = operation.starts_with(":-") || operation.starts_with('-') ||
                         operation.starts_with(":=") || operation.starts_with('=');
  const bool is_plain = is_read && (operation.empty() || is_checked);
  if (value) spend(work_of_value + value->text.size());
  if (value && (is_plain || (is_read && has_other && !value->text.empty())))
    return out.append(*value);
  const auto part = value && is_read && !has_variable(value->text) ? trimmed(value->text, operation)
                                                                   : std::nullopt;
  if (part) return out.add(*part, piece.line);
  // What the text sets in a way that is not known here has no use for its other value.
  const bool is_script_argument = number && scope.function.empty() && piece.shifts == 0;
  const bool is_lost =
      has_other && is_read && !is_open && !is_script_argument && !origin(name).empty();
  spend(piece.source.size());
  out.add(is_lost || (is_plain && !name.empty())
              ? as_variable(name)
              : fmt::format("{}{}{}", variable_begin, piece.source, variable_end),
          piece.line);
}

/// The substitution as it is written, with the variables that it uses set in it.
std::string ShellScript::with_values(const ShellPiece& substitution, const Scope& scope) const {
  std::set<std::string> names;
  std::string front;
  const auto add = [&](const ShellWord& word) {
    for (const auto& piece : word.pieces) {
      const bool is_plain =
          piece.source == "$" + piece.text || piece.source == fmt::format("${{{}}}", piece.text);
      spend(work_of_piece);
      if (piece.kind != Kind::variable || !is_plain || !is_name(piece.text) ||
          !names.insert(piece.text).second)
        continue;
      std::vector<std::string> open;
      ShellText value;
      expand_variable(value, piece, scope, false, open);
      if (sole_variable(value.text) == piece.text) {
        front += fmt::format(": {} && ", shell_word(value.text));
      } else {
        front += fmt::format("{}={} && ", piece.text, shell_word(value.text));
      }
    }
  };
  for (auto i = substitution.first_inner; i < substitution.last_inner; ++i) {
    for (const auto& word : commands()[i].words) add(word);
    if (commands()[i].input) add(*commands()[i].input);
  }
  const std::string source(substitution.source);
  return front.empty() || !source.starts_with("$(") ? source : "$(" + front + source.substr(2);
}

ShellText ShellScript::expand(const ShellWord& word, const Scope& scope, bool is_data) const {
  ShellText out;
  std::vector<std::string> open;
  expand_into(out, word, scope, is_data, open);
  if (out.lines.empty()) out.lines.emplace_back(0, word.line);
  return out;
}

std::vector<ShellText> ShellScript::expand_all(const std::vector<ShellWord>& words,
                                               const Scope& scope) const {
  std::vector<ShellText> texts;
  for (const auto& word : words) {
    spend(work_of_word);
    const auto all = std::find_if(word.pieces.begin(), word.pieces.end(), [](const auto& piece) {
      return piece.source == "$@" || piece.source == "$*";
    });
    if (all != word.pieces.end() && all->shifts <= scope.arguments.size() &&
        !scope.arguments.empty()) {
      const auto& arguments = scope.arguments;
      for (const auto& each : arguments) spend(work_of_word + each.text.size());
      texts.insert(texts.end(), arguments.begin() + static_cast<std::ptrdiff_t>(all->shifts),
                   arguments.end());
      continue;
    }
    auto value = expand(word, scope, true);
    // A variable outside of quotes becomes as many words as there are in it.
    const bool is_bare = word.pieces.size() == 1 && word.pieces[0].kind == Kind::variable &&
                         !has_variable(value.text);
    if (!is_bare || value.text.find_first_of(" \t\n") == npos) {
      texts.push_back(std::move(value));
      continue;
    }
    for (std::size_t from = 0; (from = value.text.find_first_not_of(" \t\n", from)) != npos;) {
      const auto end = std::min(value.text.find_first_of(" \t\n", from), value.text.size());
      spend(work_of_word + end - from);
      texts.push_back({value.text.substr(from, end - from), {{0, word.line}}, {}});
      from = end;
    }
  }
  return texts;
}

}  // namespace metactl::cli
