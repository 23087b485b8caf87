// SPDX-License-Identifier: Apache-2.0
// metactl batch: many operations in one transaction, where the service can.
#include <fmt/format.h>

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

/// An instance_id that was not given is that of -i or the context, unless the request names one by
/// a cloud_unique_id.
void fill_instance(cli::Session& session, Message& request) {
  const auto* reflection = request.GetReflection();
  const auto* field = request.GetDescriptor()->FindFieldByName("instance_id");
  const auto* other = request.GetDescriptor()->FindFieldByName("cloud_unique_id");
  if (other && reflection->HasField(request, other)) return;
  const auto instance = session.named_instance();
  if (instance.empty()) return;
  if (field && !reflection->HasField(request, field))
    reflection->SetString(&request, field, instance);
  if (!field && other)
    reflection->SetString(&request, other, api::instance_reference(instance));
}

/// The call in a line. Throws Error, usage.
Call parse_call(cli::Session& session, const std::string& line) {
  const auto json = ordered_json::parse(line, nullptr, false);
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
    if (count++ == 0) first = fmt::format("run {} in line {}", call.operation->info->name, call.line);
  }
  if (count > 0)
    session.confirm(count == 1 ? first : fmt::format("{} and {} more of its kind", first, count - 1));
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
      throw error.explained(fmt::format("line {}: {}", calls[i].line,
                                        calls[i].operation->info->name));
    }
  }
}

ordered_json result_json(const cli::Session& session, const Call& call, const Result& result) {
  ordered_json json = {{"line", call.line},
                       {"operation", call.operation->info->name},
                       {"result", result.code}};
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
  if (session.globals().dry_run && session.style().format == render::Format::table)
    session.print_effects();
}

/// What was done before the failure stays where nothing can be taken back.
Error partial(const Error& error, std::size_t done, std::size_t count) {
  Error told(Reason::partial,
             fmt::format("stopped after {} of {} operations: {}", done, count, error.what()),
             "the list says which were done");
  if (error.answer()) told.set_answer(*error.answer());
  told.set_operation(error.operation());
  return told;
}

void run(cli::Session& session, const BatchOptions& options) {
  cli::require(options.file, "-f");
  const auto calls = read_calls(session, options.file);
  confirm(session, calls);
  std::vector<Result> results;
  auto journal = ordered_json::array();
  for (const auto& call : calls) {
    session.protect(*call.operation->info);
    journal.push_back({{"operation", call.operation->info->name},
                       {"request", session.value_of(*call.request)}});
  }
  const auto text = ordered_json{{"operations", journal}}.dump(
      -1, ' ', false, ordered_json::error_handler_t::replace);
  try {
    if (!session.client().together("batch", text, [&](client::Client& client) {
          run_calls(client, calls, results);
        }))
      run_calls(session.client(), calls, results);
  } catch (const Error& error) {
    const auto done = static_cast<std::size_t>(std::count_if(
        results.begin(), results.end(), [](const Result& result) { return result.code == "OK"; }));
    if (!session.is_remote()) {
      // All of it was taken back.
      for (auto& result : results)
        if (result.code == "OK") result = {"taken back"};
      print_results(session, calls, results);
      throw;
    }
    print_results(session, calls, results);
    if (done == 0) throw;
    throw partial(error, done, calls.size());
  }
  print_results(session, calls, results);
}

}  // namespace

void add_batch_command(cli::Tree& tree) {
  tree.command<BatchOptions>("batch", "Run many operations, on a local state in one transaction",
                             run)
      .option("-f,--file", &BatchOptions::file,
              "Operations, a JSON object on each line; - for standard input", "FILE")
      .details(
          "A line: {\"operation\": \"add_node\", \"request\": {...}}; `metactl api` lists the\n"
          "operations. A request that names no instance is about that of -i or the context. On a\n"
          "server the operations run one after the other, up to the first that fails.")
      .example("metactl batch -f operations.ndjson")
      .example("metactl batch -f - --dry-run -o ndjson < operations.ndjson");
}

}  // namespace metactl::commands
