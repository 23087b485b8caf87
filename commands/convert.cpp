// SPDX-License-Identifier: Apache-2.0
// metactl convert curl: the commands for pasted calls of curl and for scripts that make them.
#include <fmt/format.h>

#include <algorithm>

#include "api/meta.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/conversion.h"
#include "commands/curl_conditions.h"
#include "commands/curl_failures.h"
#include "commands/curl_mask.h"
#include "commands/curl_text.h"
#include "commands/curl_variables.h"
#include "http/meta_http.h"

namespace metactl::commands {
namespace {

using cli::CurlCall;
using cli::ShellCommand;
using cli::ShellText;
using nlohmann::ordered_json;

/// The most bytes that a script may have.
constexpr std::size_t max_size = std::size_t{4} * 1024 * 1024;
/// Functions that call functions.
constexpr std::size_t deepest = 10;

/// Servers take no longer one either.
constexpr std::size_t longest_url = std::size_t{8} << 10;

// In the units of ShellScript::spend.
constexpr std::size_t work_of_visit = 1024;
constexpr std::size_t work_of_call = std::size_t{16} << 10;
constexpr std::size_t work_of_mistake = std::size_t{4} << 10;

constexpr int exit_partial = info(Reason::partial).exit_status;
constexpr int exit_mistakes = info(Reason::unhealthy).exit_status;

struct CurlOptions {
  std::string file;
  bool strict = false;
};

/// A call of curl and what became of it.
struct Item {
  std::size_t line = 0;
  std::string curl;       // Secrets masked.
  std::string operation;  // "" when there is none.
  std::string command;    // "" when there is none.
  bool is_whole = true;   // The command does all that the call does.
  bool is_always = true;  // The call does not depend on a condition that is left out.
  std::vector<Mistake> mistakes;
};

class Converter {
 public:
  explicit Converter(const cli::ShellScript& script)
      : script_(script), conditions_(script), failures_(script) {}

  /// What is `unread` already stands in front.
  std::vector<Item> convert(std::vector<Mistake> unread) {
    for (auto& each : unread) note(std::move(each));
    const auto front = items_.size();
    for (std::size_t i = 0; i < script_.commands().size(); ++i)
      if (script_.commands()[i].function.empty()) visit(i, {});
    // Functions that nothing here calls.
    for (std::size_t i = 0; i < script_.commands().size(); ++i)
      if (const auto& function = script_.commands()[i].function;
          !function.empty() && !called_.contains(function))
        visit(i, {function, {}});
    // Without a call there is nothing to convert.
    if (items_.size() == front) items_.clear();
    return std::move(items_);
  }

  const SecretNames& secrets() const { return secrets_; }
  std::size_t foreign() const { return foreign_; }
  bool needs_token() const { return needs_token_; }

 private:
  void visit(std::size_t index, const cli::ShellScript::Scope& scope) {
    const auto& command = script_.commands()[index];
    script_.spend(work_of_visit);
    const auto words = script_.expand_all(command.words, scope);
    if (words.empty()) return;
    if (script_.has_function(words[0].text)) return visit_function(index, words);
    auto call = cli::read_curl_call(words, input_of(command, scope));
    if (!call) {
      if (auto unread = find_unread_call(words)) note(std::move(*unread));
      return;
    }
    if (call->body == CurlCall::Body::input) find_file(command, scope, *call);
    add(index, *call);
  }

  /// Visits the commands of the function that a command calls.
  void visit_function(std::size_t index, const std::vector<ShellText>& words) {
    const auto line = script_.commands()[index].line;
    const auto& name = words[0].text;
    if (callers_.size() == deepest)
      return note({"unread-call", line, "functions call each other too deep here"});
    called_.insert(name);
    if (!running_.insert(name).second) {
      // What it does in the end depends on a condition, and is not known.
      if (recursive_.insert(name).second)
        note({"unread-call", line,
              fmt::format("the function '{}' calls itself here, which is not "
                          "followed",
                          text::printable(name))});
      return;
    }
    callers_.push_back(index);
    const cli::ShellScript::Scope scope{name, {words.begin() + 1, words.end()}};
    for (const auto each : script_.body_of(name)) visit(each, scope);
    callers_.pop_back();
    running_.erase(name);
  }

  /// `curl -d @- < FILE` and `cat FILE | curl -d @-`
  void find_file(const ShellCommand& command, const cli::ShellScript::Scope& scope,
                 CurlCall& call) const {
    std::string file;
    if (command.input_file) {
      file = script_.expand(*command.input_file, scope).text;
    } else if (command.previous != ShellCommand::none) {
      const auto& source = script_.commands()[command.previous];
      const auto words = script_.expand_all(source.words, scope);
      const bool is_cat = words.size() == 2 && words[0].text == "cat" &&
                          !words[1].text.starts_with('-') && !source.input &&
                          source.next == ShellCommand::Next::pipe;
      if (is_cat) file = words[1].text;
    }
    if (file.empty()) return;
    call.body = CurlCall::Body::file;
    call.file = file;
  }

  /// A place without a command.
  void note(Mistake mistake) {
    if (!told_.insert({mistake.line, mistake.id + mistake.message}).second) return;
    Item item;
    item.line = mistake.line;
    item.is_whole = false;
    item.mistakes.push_back(std::move(mistake));
    items_.push_back(std::move(item));
  }

  /// What stands on the standard input of a command, if that is known.
  std::optional<ShellText> input_of(const ShellCommand& command,
                                    const cli::ShellScript::Scope& scope) const {
    if (command.input) return script_.expand(*command.input, scope, true);
    if (command.previous == ShellCommand::none) return std::nullopt;
    const auto& source = script_.commands()[command.previous];
    if (source.next != ShellCommand::Next::pipe || source.words.empty()) return std::nullopt;
    const auto words = script_.expand_all(source.words, scope);
    if (words[0].text == "cat" && words.size() == 1 && source.input)
      return script_.expand(*source.input, scope, true);
    const bool is_format = words[0].text == "printf" && words.size() == 3 &&
                           (words[1].text == "%s" || words[1].text == "%s\\n");
    const bool is_echo = words[0].text == "echo" && words.size() == 2;
    if (is_format || is_echo) return words.back();
    return std::nullopt;
  }

  void add(std::size_t index, const CurlCall& call) {
    Item item;
    const auto& command = script_.commands()[index];
    const auto url_size = call.url.text.size();
    if (url_size > longest_url)
      return note({"unread-call", call.line, "this call is not read: its URL has more than 8 KiB",
                   "write the data into the body"});
    script_.spend(work_of_call + url_size * url_size / 64);
    item.line = callers_.empty() ? call.line : script_.commands()[callers_.front()].line;
    auto request = read_curl_request(call, item.mistakes);
    script_.spend(item.mistakes.size() * work_of_mistake);
    const auto unread_part = find_unread_part(call);
    const bool others_matter =
        std::any_of(call.others.begin(), call.others.end(),
                    [](const ShellText& other) { return may_call_service(other.text); });
    if (request.is_foreign && !others_matter) {
      ++foreign_;
      return;
    }
    if (unread_part) {
      item.is_whole = false;
      item.mistakes.push_back(*unread_part);
    }
    if (request.operation) {
      item.operation = request.operation->info->name;
      hide_secrets(script_, call, request, secrets_, item.mistakes);
      const bool is_rpc = http::is_rpc_path(cli::split_url(call.url.text).path);
      if (auto unseen = failures_.check(index, call, callers_, !is_rpc))
        item.mistakes.push_back(std::move(*unseen));
      needs_token_ = needs_token_ || call.url.text.find("$METACTL_TOKEN") == std::string::npos;
    }
    item.command = command_for(call, request);
    if (!item.command.empty() && !check_whole(command, call, request, item)) item.command.clear();
    if (!item.command.empty() && item.is_whole) check_condition(index, item);
    // What stands in a variable or function is told at the first call that it is in.
    std::erase_if(item.mistakes, [&](const Mistake& each) {
      return !told_.insert({each.line, each.id + each.message}).second;
    });
    item.curl = masked_call(script_, command, call, request, secrets_);
    std::stable_sort(item.mistakes.begin(), item.mistakes.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    items_.push_back(std::move(item));
  }

  /// A command whose variables are not set stops by itself; others would run in any case.
  void check_condition(std::size_t index, Item& item) const {
    const auto depends = [&](std::size_t each) { return conditions_.contains(each); };
    if (!depends(index) && std::none_of(callers_.begin(), callers_.end(), depends)) return;
    item.is_whole = item.is_always = false;
    item.mistakes.push_back({"left-condition", script_.commands()[index].line,
                             "this call depends on a condition or loop, which is left out",
                             "run the command only where that wants it"});
  }

  /// False when the command would do something else than the call.
  bool check_whole(const ShellCommand& command, const CurlCall& call, const CurlRequest& request,
                   Item& item) {
    const auto variables =
        check_variables(script_, call, request, secrets_, variables_, item.mistakes);
    if (variables != Variables::none_open) item.is_whole = false;
    if (command.is_cut && call.url.text.find('?') != std::string::npos) {
      item.mistakes.push_back({"cut-url", call.line,
                               "the shell ends the URL at the '&': curl gets nothing of what "
                               "stands behind it",
                               "put the URL into double quotes"});
      return false;
    }
    if (call.body == CurlCall::Body::input && request.members.is_null()) {
      item.mistakes.push_back({"unread-body", call.line,
                               "the body comes from another command, which is not read here",
                               "write it to a file, and give that with --body FILE"});
      return false;
    }
    return variables != Variables::unreadable;
  }

  const cli::ShellScript& script_;
  const Conditions conditions_;
  const FailureCheck failures_;
  SecretNames secrets_;
  std::set<std::string> called_;     // Functions.
  std::set<std::string> running_;    // Those that call what is visited now.
  std::set<std::string> recursive_;  // Those that call themselves, as was told.
  std::vector<std::size_t> callers_;
  std::vector<Item> items_;
  std::set<std::pair<std::size_t, std::string>> told_;
  std::set<std::string> variables_;  // Those that are told.
  std::size_t foreign_ = 0;
  bool needs_token_ = false;
};

ordered_json to_json(const Item& item) {
  auto mistakes = ordered_json::array();
  for (const auto& each : item.mistakes) {
    ordered_json json = {{"id", each.id}, {"line", each.line}, {"message", each.message}};
    if (!each.hint.empty()) json["hint"] = each.hint;
    mistakes.push_back(std::move(json));
  }
  return {{"line", item.line},
          {"operation", item.operation.empty() ? ordered_json() : ordered_json(item.operation)},
          {"curl", item.curl},
          {"command", item.command.empty() ? ordered_json() : ordered_json(item.command)},
          {"mistakes", mistakes}};
}

void print_script(cli::Session& session, const std::string& file, const std::vector<Item>& items,
                  const Converter& converter) {
  auto& out = session.io().out;
  auto variables = converter.secrets().names();
  for (auto& name : variables) name.insert(0, "export ");
  if (converter.needs_token())
    variables.insert(variables.begin(), "export METACTL_TOKEN, or add --token-file FILE");
  const auto commands = std::count_if(items.begin(), items.end(),
                                      [](const Item& item) { return !item.command.empty(); });
  if (commands > 1) out << "#!/bin/sh\nset -eu\n";
  for (const auto& line : variables) out << "# first: " << line << '\n';
  for (const auto& item : items) {
    for (const auto& each : item.mistakes)
      out << fmt::format("# {}:{}: {}{}{} [{}]\n", text::printable(file), each.line,
                         text::printable(each.message), each.hint.empty() ? "" : "; ",
                         text::printable(each.hint), each.id);
    if (item.command.empty()) {
      out << fmt::format("# {}:{}: not converted\n", text::printable(file), item.line);
    } else {
      for (const auto& line : text::split(item.command, '\n'))
        out << (item.is_always ? "" : "# ") << line << '\n';
    }
  }
}

render::List list_of(const std::vector<Item>& items) {
  render::List list{"ConvertedCurl", {{"LINE"}, {"OPERATION"}, {"MISTAKES"}, {"COMMAND"}}, {}};
  for (const auto& item : items) {
    std::vector<std::string> ids;
    for (const auto& each : item.mistakes) ids.push_back(each.id);
    const auto line = std::to_string(item.line);
    list.rows.push_back({line,
                         {line, item.operation.empty() ? "-" : item.operation,
                          ids.empty() ? "-" : text::join(ids, ","),
                          text::printable(item.command.substr(0, item.command.find('\n')))},
                         [&item] { return to_json(item); }});
  }
  return list;
}

std::string read_text(cli::Session& session, const CurlOptions& options) {
  auto& io = session.io();
  if (options.file.empty() && io.in_is_terminal)
    throw Error(Reason::usage, "there is no text to convert",
                "metactl convert curl FILE, or history | metactl convert curl");
  try {
    return cli::read_input(io, options.file.empty() ? "-" : options.file, "read", max_size);
  } catch (Error& error) {
    if (std::string_view(error.what()).find("more than") != std::string_view::npos)
      error.set_hint("cut it into several files, or keep only its lines with curl");
    throw;
  }
}

void curl(cli::Session& session, const CurlOptions& options) {
  const auto file = options.file.empty() ? std::string("-") : options.file;
  if (session.style().format == render::Format::raw)
    throw Error(Reason::usage, "commands have no -o raw: no service wrote them");
  std::vector<Mistake> unread;
  const auto script = read_pasted(read_text(session, options), file, unread);
  Converter converter(script);
  const auto items = converter.convert(std::move(unread));
  if (items.empty())
    throw Error(Reason::usage, fmt::format("no call of curl to a meta service in '{}'", file),
                converter.foreign() == 0
                    ? "metactl convert curl reads shell text with lines of curl"
                    : "its URLs have /MetaService/ in their path");
  if (session.style().format == render::Format::table) {
    print_script(session, file, items, converter);
  } else {
    session.print(list_of(items));
  }
  const bool is_whole = std::none_of(items.begin(), items.end(), [](const Item& item) {
    return item.command.empty() || !item.is_whole;
  });
  const bool has_mistakes = std::any_of(items.begin(), items.end(),
                                        [](const Item& item) { return !item.mistakes.empty(); });
  if (options.strict && has_mistakes) session.outcome()->status = exit_mistakes;
  if (!is_whole) session.outcome()->status = exit_partial;
}

void fill(cli::Group& group) {
  group
      .command<CurlOptions>("curl", "Print the metactl commands for calls of curl, and mistakes",
                            curl)
      .positional("FILE", &CurlOptions::file, "Shell text; standard input without it or for -")
      .flag("--strict", &CurlOptions::strict, "Exit 10 when there are mistakes")
      .details(
          "The text is read, not run: pasted lines or a whole script with variables, functions,\n"
          "pipes, conditions and here-documents. The result is a script: a command for each call\n"
          "of curl, and in front of it a comment for each mistake, with its line. Other commands "
          "of\n"
          "the text are left out, loops too, and calls of curl to other servers: those whose host "
          "and\n"
          "path are written out and name no service that metactl knows. A command that depends on "
          "a\n"
          "condition is a comment.\n"
          "Calls of the recycler (/RecyclerService/), of a memory broker (/api/v2, /api/v3), of a\n"
          "qluster (/map, /config, /node and so on) and of a node_mgr (jobs and files sent to /) "
          "are\n"
          "recognised by their paths. They are not converted, but always reported, so that no "
          "step\n"
          "of a script is lost.\n"
          "Variables whose value is not known are reported, and stop the command where they are "
          "not\n"
          "set. So do variables between single quotes, which the service would get unexpanded.\n"
          "Secrets and tokens become variables; -o json has the call too, with its secrets "
          "redacted.")
      .details(
          "Exit status: 0 all calls are converted; 8 some are not, or not wholly: the call does "
          "not\n"
          "exist, goes to another of the services above, or is not read, its body cannot be read,\n"
          "a value comes from a loop or a command, it depends on a condition;\n"
          "with --strict 10 when there are mistakes; 2 there is no call of curl in the text.")
      .details(
          "Mistakes: unknown-route, misplaced-member, unknown-member, unknown-word, "
          "missing-member,\n"
          "ignored-member, ignored-body, ignored-parameter, no-body, wrong-type, malformed-json,\n"
          "unexpanded-variable, default-token, token-in-clear, no-token, secret-in-clear,\n"
          "unseen-failure, other-service, unresolved-url, refused-call, deprecated-call,\n"
          "unset-variable, left-condition, unread-value, unread-call, unread-line, unread-body, "
          "cut-url.")
      .example("metactl convert curl deploy.sh")
      .example("metactl convert curl deploy.sh --strict -o json")
      .example("history | metactl convert curl");
}

}  // namespace

void add_convert_commands(cli::Tree& tree) {
  tree.group("convert", "Commands from what others write", fill);
}

}  // namespace metactl::commands
