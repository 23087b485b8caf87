// SPDX-License-Identifier: Apache-2.0
// metactl batch: many operations in one transaction, where the service can.
#include <fmt/format.h>

#include <array>

#include "api/foreign_json.h"
#include "api/json.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using google::protobuf::Message;
using nlohmann::ordered_json;

struct BatchOptions {
  std::string file;
};

/// The most bytes that a file of operations may have.
constexpr std::size_t max_size = std::size_t{64} * 1024 * 1024;

struct Call {
  std::size_t line = 0;
  const api::AnyOperation* operation = nullptr;
  std::unique_ptr<Message> request = nullptr;
};

/// How one call ended.
struct Result {
  std::string code = "not done";  // OK, or what the service answered.
  std::string message = {};
  std::unique_ptr<Message> response = nullptr;
};

/// A request that names no instance, neither by its id nor by a cloud_unique_id, is about that of
/// -i or the context.
void fill_instance(cli::Session& session, Message& request) {
  const auto* reflection = request.GetReflection();
  const auto id = session.named_instance();
  const std::array names = {std::pair("instance_id", id),
                            std::pair("cloud_unique_id", api::instance_reference(id))};
  const auto* type = request.GetDescriptor();
  for (const auto& [name, value] : names)
    if (const auto* field = type->FindFieldByName(name);
        field && reflection->HasField(request, field))
      return;
  if (id.empty()) return;
  for (const auto& [name, value] : names)
    if (const auto* field = type->FindFieldByName(name))
      reflection->SetString(&request, field, value);
}

/// The call in a line. Throws Error, usage.
Call parse_call(cli::Session& session, const std::string& line) {
  const auto json = api::parse_foreign_json(line);
  if (!json.is_object())
    throw Error(Reason::usage, "not a JSON object {\"operation\": ..., \"request\": {...}}");
  for (const auto& [name, value] : json.items())
    if (name != "operation" && name != "request")
      throw Error(Reason::usage, fmt::format("no member '{}'; operation and request are known",
                                             text::printable(name)));
  if (!json.contains("operation") || !json["operation"].is_string())
    throw Error(Reason::usage, "operation is missing");
  const auto name = json["operation"].get<std::string>();
  Call call;
  call.operation = api::find_operation(name);
  if (!call.operation)
    throw Error(Reason::usage, fmt::format("no operation '{}'{}", text::printable(name),
                                           text::did_you_mean(name, api::operation_names())));
  call.request.reset(call.operation->request().New());
  if (json.contains("request")) api::from_strict_json(json["request"].dump(), *call.request);
  fill_instance(session, *call.request);
  return call;
}

/// All calls of the file. Throws Error, usage, with all that is wrong.
std::vector<Call> read_calls(cli::Session& session, const std::string& file) {
  std::vector<Call> calls;
  std::vector<std::string> problems;
  std::size_t number = 0;
  for (const auto& line : text::split(cli::read_limited(session.io(), file, max_size), '\n')) {
    ++number;
    if (text::trim(line).empty()) continue;
    try {
      calls.push_back(parse_call(session, line));
      calls.back().line = number;
    } catch (const Error& error) {
      problems.push_back(fmt::format("{}:{}: {}", file, number, error.what()));
    }
  }
  if (problems.empty() && !calls.empty()) return calls;
  Error error(Reason::usage, problems.empty()
                                 ? fmt::format("no operations in '{}'", file)
                                 : fmt::format("cannot read the operations in '{}'", file));
  error.set_details(std::move(problems));
  throw error;
}

void confirm(cli::Session& session, const std::vector<Call>& calls) {
  std::size_t count = 0;
  std::string first;
  for (const auto& call : calls) {
    if (call.operation->info->effect != api::Effect::destroy) continue;
    if (count++ == 0)
      first = fmt::format("run {} in line {}", call.operation->info->name, call.line);
  }
  if (count > 0)
    session.confirm(count == 1 ? first
                               : fmt::format("{} and {} more of its kind", first, count - 1));
}

/// Makes the calls up to the first that fails, which it throws.
void run_calls(client::Client& client, const std::vector<Call>& calls,
               std::vector<Result>& results) {
  results.clear();
  results.resize(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    try {
      results[i].response = client.call_any(*calls[i].operation, *calls[i].request);
      results[i].code = "OK";
    } catch (const Error& error) {
      results[i].code = error.answer() ? error.answer()->code : info(error.reason()).name;
      results[i].message = error.what();
      throw error.explained(
          fmt::format("line {}: {}", calls[i].line, calls[i].operation->info->name));
    }
  }
}

ordered_json result_json(const cli::Session& session, const Call& call, const Result& result) {
  ordered_json json = {
      {"line", call.line}, {"operation", call.operation->info->name}, {"result", result.code}};
  if (!result.message.empty()) json["message"] = result.message;
  if (result.response) json["response"] = session.value_of(*result.response);
  return json;
}

void print_results(cli::Session& session, const std::vector<Call>& calls,
                   const std::vector<Result>& results) {
  render::List list{"BatchResult", {{"LINE"}, {"OPERATION"}, {"RESULT"}, {"MESSAGE"}}, {}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto line = std::to_string(calls[i].line);
    list.rows.push_back({line,
                         {line, std::string(calls[i].operation->info->name), results[i].code,
                          text::printable(results[i].message)},
                         [&, i] { return result_json(session, calls[i], results[i]); }});
  }
  session.print(list);
}

/// Tells what became of each call when one failed. What a server did stays done; in one transaction
/// all is taken back.
[[noreturn]] void fail(cli::Session& session, const std::vector<Call>& calls,
                       std::vector<Result>& results, const Error& error) {
  const bool is_whole = !session.is_remote() || session.globals().dry_run;
  std::size_t done = 0;
  for (auto& result : results) {
    if (result.code != "OK") continue;
    ++done;
    if (is_whole) result = {"taken back"};
  }
  print_results(session, calls, results);
  if (is_whole || done == 0) throw error;
  Error told(Reason::partial,
             fmt::format("stopped after {} of {} operations: {}", done, calls.size(), error.what()),
             "the list says which were done");
  if (error.answer()) told.set_answer(*error.answer());
  told.set_operation(error.operation());
  throw told;
}

void run(cli::Session& session, const BatchOptions& options) {
  cli::require(options.file, "-f");
  const auto calls = read_calls(session, options.file);
  confirm(session, calls);
  std::vector<Result> results;
  auto journal = ordered_json::array();
  for (const auto& call : calls) {
    session.protect(*call.operation->info);
    journal.push_back(
        {{"operation", call.operation->info->name}, {"request", session.value_of(*call.request)}});
  }
  const auto text = ordered_json{{"operations", journal}}.dump(
      -1, ' ', false, ordered_json::error_handler_t::replace);
  const auto run_all = [&](client::Client& client) { run_calls(client, calls, results); };
  try {
    if (!session.client().together("batch", text, run_all)) run_all(session.client());
  } catch (const Error& error) {
    fail(session, calls, results, error);
  }
  print_results(session, calls, results);
  if (session.globals().dry_run && session.style().format == render::Format::table)
    session.print_effects();
}

}  // namespace

void add_batch_command(cli::Tree& tree) {
  tree.command<BatchOptions>("batch", "Run many operations, on a local state in one transaction",
                             run)
      .option("-f,--file", &BatchOptions::file,
              "Operations, a JSON object on each line; - for standard input", "FILE")
      .details(
          "Each line is a JSON object with the name of an operation as \"operation\" and its "
          "request\n"
          "as \"request\"; `metactl api` lists the operations. A request that names no instance "
          "is\n"
          "about that of -i or the context. On a server the operations run one after the other, "
          "up\n"
          "to the first that fails.")
      .example("metactl batch -f operations.ndjson")
      .example("cat operations.ndjson | metactl batch -f - --dry-run -o ndjson");
}

}  // namespace metactl::commands
