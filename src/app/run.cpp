// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"
#include "cli/completion.h"
#include "cli/tree.h"
#include "commands/commands.h"

namespace metactl::app {
namespace {

using nlohmann::ordered_json;

ordered_json error_json(const Error& error) {
  const auto& reason = info(error.reason());
  ordered_json json = {{"kind", "Error"},
                       {"reason", reason.name},
                       {"message", error.what()},
                       {"exit", reason.exit_status},
                       {"retryable", reason.retryable}};
  if (error.answer()) {
    json["http"] = error.answer()->http;
    json["server_code"] = error.answer()->code;
    json["server_msg"] = error.answer()->message;
  }
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("operation", error.operation());
  add("object", error.object());
  add("hint", error.hint());
  if (!error.details().empty()) json["details"] = error.details();
  return json;
}

/// The value of --output in a word, "" when it is the next word; nothing when the word is another.
std::optional<std::string> output_in(const std::string& word) {
  if (word == "--output") return "";
  if (word.starts_with("--output=")) return word.substr(9);
  if (!word.starts_with("-") || word.starts_with("--")) return std::nullopt;
  const auto letter = word.find_first_not_of("hqvy", 1);  // These may stand before: -qo json.
  if (letter == std::string::npos || word[letter] != 'o') return std::nullopt;
  return word.substr(letter + 1);
}

/// The format may be wanted although the command line or the configuration could not be read, so it
/// is looked for by hand.
bool wants_json(const std::vector<std::string>& arguments, const cli::Io& io) {
  std::string format = io.environment("METACTL_OUTPUT").value_or("");
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const auto value = output_in(arguments[i]);
    if (!value) continue;
    if (!value->empty()) format = *value;
    if (value->empty() && i + 1 < arguments.size()) format = arguments[i + 1];
  }
  return format == "json" || format == "ndjson";
}

bool wants_json(const render::Style& style) {
  return style.format == render::Format::json || style.format == render::Format::ndjson;
}

/// The most lines of details that a person is shown.
constexpr std::size_t most_details = 100;

int report(const Error& error, bool as_json, cli::Io& io) {
  io.out.flush();
  if (as_json) {
    io.err << error_json(error).dump(-1, ' ', false, ordered_json::error_handler_t::replace)
           << '\n';
  } else {
    io.err << "error: " << text::printable(error.what()) << '\n';
    const auto count = error.details().size();
    const auto shown = std::min(count, most_details);
    for (std::size_t i = 0; i < shown; ++i) io.err << text::printable(error.details()[i]) << '\n';
    if (shown < count) io.err << fmt::format("and {} more; -o json lists all\n", count - shown);
    if (!error.hint().empty()) io.err << "hint: " << text::printable(error.hint()) << '\n';
  }
  return info(error.reason()).exit_status;
}

/// `as_json` says how errors are told, and `outcome` which status they have, as far as that is
/// known.
void execute(const std::vector<std::string>& arguments, cli::Io& io, const cli::Services& services,
             bool& as_json, std::shared_ptr<cli::Outcome>& outcome) {
  for (const auto& word : arguments)
    if (!text::is_utf8(word))
      throw Error(Reason::usage, fmt::format("not UTF-8: '{}'", text::printable(word)));
  cli::Tree tree(arguments);
  commands::add_all_commands(tree);
  if (!arguments.empty() && arguments[0] == cli::completion_word)
    return cli::complete(tree, {arguments.begin() + 1, arguments.end()}, io, services);
  if (arguments.empty()) {
    io.out << tree.help(tree.root());
    return;
  }
  const auto choice = tree.parse(arguments);
  if (!choice.command) {
    io.out << choice.help;
    return;
  }
  auto globals = tree.globals();
  const auto output = globals.settings.find("output");
  if (output != globals.settings.end() && !output->second.empty() &&
      output->second == choice.command->json_name)
    output->second = "json";
  cli::Session session(io, globals, services);
  outcome = session.outcome();
  session.set_tree(tree);
  session.set_command(
      {services.new_command_id ? services.new_command_id() : "", tree.command_line(arguments)});
  session.set_operations(choice.command->operations);
  session.configure(choice.command->makes_config);
  // Also with --quiet: a misspelt setting leads to another target, most of all in scripts.
  for (const auto& text : cli::strange_variables(io, arguments))
    io.err << "warning: " << text << '\n';
  if (choice.command->needs_target) session.need_target();
  as_json = wants_json(session.style());
  if (globals.watch) session.watch([&] { choice.command->run(session); });
  choice.command->run(session);
}

}  // namespace

int run(const std::vector<std::string>& arguments, cli::Io& io, const cli::Services& services) {
  bool as_json = wants_json(arguments, io);
  auto outcome = std::make_shared<cli::Outcome>();
  const auto fail = [&](const Error& error) {
    const int status = report(error, as_json, io);
    return outcome->failure_status ? outcome->failure_status(status) : status;
  };
  try {
    execute(arguments, io, services, as_json, outcome);
    io.out.flush();
    if (!io.out) throw Error(Reason::internal, "cannot write the result to standard output");
    return outcome->status;
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    return fail(Error(Reason::internal, fmt::format("unexpected failure: {}", error.what())));
  }
}

}  // namespace metactl::app
