// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace metactl::commands {
namespace {

using cli::ShellCommand;
using cli::ShellPiece;
using Next = ShellCommand::Next;

constexpr auto none = ShellCommand::none;
constexpr auto hint = "metactl exits with a status of its own for each reason to fail";

bool is_test(std::string_view word) {
  constexpr std::array tests = {"[",     "[[", "test", "case", "grep",
                                "egrep", "jq", "((",   "awk",  "expr"};
  return std::find(tests.begin(), tests.end(), word) != tests.end();
}

/// NAME of NAME=...; "" for other words.
std::string assigned(const cli::ShellWord& word) {
  if (word.pieces.empty() || word.pieces[0].kind != ShellPiece::Kind::text) return "";
  const auto& text = word.pieces[0].text;
  const auto equals = text.find('=');
  return equals == std::string::npos ? "" : text.substr(0, equals);
}

}  // namespace

FailureCheck::FailureCheck(const cli::ShellScript& script)
    : script_(script), pipe_ends_(script.commands().size()) {
  for (auto i = pipe_ends_.size(); i-- > 0;) {
    const auto following = command(i).following;  // Always a larger number.
    const bool goes_on = command(i).next == Next::pipe && following != none;
    pipe_ends_[i] = goes_on ? pipe_ends_[following] : i;
  }
  is_script_ = script.text().starts_with("#!");
  for (std::size_t i = 0; i < script.commands().size(); ++i) {
    const auto& each = command(i);
    const auto first = word(i, 0);
    const bool feeds_curl =
        each.next == Next::pipe && each.following != none && word(each.following, 0) == "curl";
    const bool is_plain = each.next == Next::end && each.outer == none && each.function.empty() &&
                          !each.is_condition && !each.discards;
    is_script_ =
        is_script_ || (!is_plain && !feeds_curl) ||
        (!feeds_curl && first != "curl" && (each.words.empty() || assigned(each.words[0]).empty()));
    if (first == "set")
      for (std::size_t k = 1; k < each.words.size(); ++k) {
        const auto flag = word(i, k);
        const bool is_short = flag.starts_with('-') && !flag.starts_with("--");
        if ((is_short && flag.find('e') != std::string::npos) || flag == "errexit")
          errexit_ = each.line;
        if (flag == "pipefail") pipefail_ = each.line;
      }
    const bool tests = is_test(first) || each.is_condition;
    for (const auto& typed : each.words)
      for (const auto& piece : typed.pieces)
        if (piece.kind == ShellPiece::Kind::variable && (tests || piece.text == "?"))
          tested_.insert(piece.text);
    if (each.input && (is_test(first) || each.next == Next::pipe))
      for (const auto& piece : each.input->pieces) tested_.insert(piece.text);
    // echo "$reply" | grep OK
    if (each.next == Next::pipe && each.following != none && is_test(word(each.following, 0)))
      for (const auto& typed : each.words)
        for (const auto& piece : typed.pieces) tested_.insert(piece.text);
  }
}

const ShellCommand& FailureCheck::command(std::size_t index) const {
  return script_.commands()[index];
}

std::string FailureCheck::word(std::size_t index, std::size_t number) const {
  const auto& words = command(index).words;
  return number < words.size() ? words[number].plain().value_or("") : "";
}

/// `|| true`
bool FailureCheck::is_throwing_away(std::size_t index) const {
  const auto& each = command(index);
  if (each.next != Next::either || each.following == none) return false;
  const auto other = word(each.following, 0);
  return other == "true" || other == ":";
}

bool FailureCheck::is_looked_at(std::size_t index, std::vector<std::size_t> callers) const {
  const auto& each = command(index);
  if (is_throwing_away(index)) return false;
  if (each.is_condition || each.next == Next::both || each.next == Next::either) return true;
  if (errexit_ != 0 && errexit_ <= each.line) return true;
  if (each.following != none && command(each.following).function == each.function) {
    for (const auto& typed : command(each.following).words)
      for (const auto& piece : typed.pieces)
        if (piece.kind == ShellPiece::Kind::variable && piece.text == "?") return true;
    return false;
  }
  // The last command gives its status to the function, and that of the script to who ran it.
  if (callers.empty()) return true;
  const auto caller = callers.back();
  callers.pop_back();
  return is_looked_at(caller, std::move(callers));
}

/// "; line 12 goes on with echo"
std::string FailureCheck::what_follows(std::size_t index) const {
  const auto following = command(index).following;
  if (following == none) return "";
  const auto first = word(following, 0);
  if (first != "echo" && first != "printf") return "";
  return fmt::format("; line {} goes on with {}", command(following).line, first);
}

std::optional<Mistake> FailureCheck::check(std::size_t index, const cli::CurlCall& call,
                                           const std::vector<std::size_t>& callers,
                                           bool status_tells) const {
  const auto mistake = [&](std::size_t at, const std::string& message) {
    return Mistake{"unseen-failure", command(index).line, message + what_follows(at), hint};
  };
  const auto last = pipe_ends_[index];
  const bool is_piped = last != index;
  if (is_throwing_away(last)) return mistake(last, "'|| true' throws the failure away");
  // The status of `local x=$(...)` is that of `local`.
  const auto outer = command(index).outer;
  const bool is_kept = outer != none;
  auto carrier = last;
  if (is_kept) carrier = outer;
  const auto variable =
      is_kept && !command(outer).words.empty() ? assigned(command(outer).words.back()) : "";
  if (is_kept && is_throwing_away(outer))
    return mistake(outer, "'|| true' throws the failure away");
  if (is_kept && (is_test(word(outer, 0)) || tested_.contains(variable))) return std::nullopt;

  const auto flag = word(last, 1);
  const bool is_checked =
      is_piped &&
      (word(last, 0).ends_with("grep") ||
       (word(last, 0) == "jq" && flag.starts_with("-") && flag.find('e') != std::string::npos));
  const bool pipe_tells = !is_piped || (pipefail_ != 0 && pipefail_ <= command(index).line);
  const bool tells = is_checked || (call.fails && status_tells && pipe_tells);
  if (tells)
    return is_looked_at(carrier, callers)
               ? std::nullopt
               : std::optional(mistake(carrier,
                                       "nothing looks at its exit status: there is no set "
                                       "-e, && or if"));
  if (call.discards || command(index).discards || command(last).discards)
    return mistake(carrier,
                   "curl exits 0 when the service refuses, and the reply that says so is "
                   "thrown away");
  if (!is_script_ || call.writes_file || command(last).writes_file) return std::nullopt;
  if (!variable.empty())
    return mistake(carrier,
                   fmt::format("the answer is kept in ${}, and nothing tests it", variable));
  if (is_piped && !is_checked)
    return mistake(carrier, fmt::format("the exit status is that of '{}', whatever the service "
                                        "answers",
                                        word(last, 0)));
  return mistake(carrier, call.fails ? "this call answers failures with HTTP 200, so that curl "
                                       "exits 0"
                                     : "curl exits 0 when the service refuses, and nothing looks "
                                       "at the reply");
}

}  // namespace metactl::commands
