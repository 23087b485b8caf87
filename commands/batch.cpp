// SPDX-License-Identifier: Apache-2.0
// metactl batch: many operations in one transaction, where the service can.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "api/foreign_json.h"
#include "api/json.h"
#include "base/crypto.h"
#include "base/line_blocks.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/input_file.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using google::protobuf::Message;
using nlohmann::ordered_json;

struct BatchOptions {
  std::string file;
};

/// The most bytes of one line, as of a request to our own server.
constexpr std::size_t longest_line = std::size_t{64} << 20;
/// The most problems of a file that are told.
constexpr std::size_t most_problems = 100;

/// Where an operation stands. Its request is read again when it is made: requests of many
/// operations would take much memory.
struct Call {
  std::size_t line = 0;
  const api::AnyOperation* operation = nullptr;
};

/// How one call ended.
struct Result {
  std::string code = "not done";  // OK, or what the service answered, or why it did not.
  std::string message = {};
  std::string response = {};  // A serialized message.
};

/// A call as it is made.
struct Request {
  const api::AnyOperation* operation = nullptr;
  std::unique_ptr<Message> message = nullptr;
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

/// The request in a line. Throws Error, usage.
Request parse_request(cli::Session& session, std::string_view line) {
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
  Request request;
  request.operation = api::find_operation(name);
  if (!request.operation)
    throw Error(Reason::usage, fmt::format("no operation '{}'{}", text::printable(name),
                                           text::did_you_mean(name, api::operation_names())));
  request.message.reset(request.operation->request().New());
  if (json.contains("request")) api::from_strict_json(json["request"].dump(), *request.message);
  fill_instance(session, *request.message);
  return request;
}

/// The lines of a file with something in them, and their numbers. Returns the hash of all.
template <class Visit>
std::string each_line(cli::InputFile& file, const std::string& name, const Visit& visit) {
  std::size_t number = 0;
  crypto::Sha256 hash;
  LineBlocks blocks(
      longest_line,
      [&](std::string_view lines) {
        while (!lines.empty()) {
          const auto end = std::min(lines.find('\n'), lines.size());
          ++number;
          if (const auto line = text::trim(lines.substr(0, end)); !line.empty())
            visit(number, line);
          lines.remove_prefix(std::min(end + 1, lines.size()));
        }
      },
      [&](std::string_view) -> std::size_t {
        throw Error(Reason::usage, fmt::format("cannot read the operations in '{}': line {} has "
                                               "more than {} MiB",
                                               name, number + 1, longest_line >> 20));
      });
  const auto source = file.source();
  std::string buffer(cli::block_size, '\0');
  while (const auto count = source(buffer.data(), buffer.size())) {
    const auto block = std::string_view(buffer).substr(0, count);
    hash.add(block);
    blocks.add(block);
  }
  blocks.finish();
  return hash.finish();
}

/// What is known of a file after it was read once.
struct Plan {
  std::vector<Call> calls;
  std::string hash;
  std::string journal;  // The operations with their masked requests.
};

/// Reads and checks all of the file. Throws Error, usage, with what is wrong.
Plan read_plan(cli::Session& session, cli::InputFile& file, const std::string& name) {
  Plan plan;
  std::vector<std::string> problems;
  std::size_t more_problems = 0;
  plan.hash = each_line(file, name, [&](std::size_t number, std::string_view line) {
    try {
      const auto request = parse_request(session, line);
      plan.calls.push_back({number, request.operation});
      plan.journal += plan.journal.empty() ? "{\"operations\":[" : ",";
      plan.journal += ordered_json{{"operation", request.operation->info->name},
                                   {"request", session.value_of(*request.message)}}
                          .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    } catch (const Error& error) {
      if (problems.size() < most_problems)
        problems.push_back(fmt::format("{}:{}: {}", name, number, error.what()));
      else
        ++more_problems;
    }
  });
  plan.journal += "]}";
  if (problems.empty() && !plan.calls.empty()) return plan;
  Error error(Reason::usage, problems.empty()
                                 ? fmt::format("no operations in '{}'", name)
                                 : fmt::format("cannot read the operations in '{}'", name));
  if (more_problems > 0) problems.push_back(fmt::format("and {} more", more_problems));
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

/// Makes the calls up to the first that fails, which it throws. What was changed in the file since
/// it was checked is not run, or taken back where the service can do that.
class Run {
 public:
  Run(cli::Session& session, cli::InputFile& file, const std::string& name, const Plan& plan)
      : session_(session), file_(file), name_(name), plan_(plan) {}

  void operator()(client::Client& client) {
    results_.clear();
    results_.resize(plan_.calls.size());
    std::size_t next = 0;
    const auto hash = each_line(file_, name_, [&](std::size_t, std::string_view line) {
      const auto request = parse_request(session_, line);
      if (next == plan_.calls.size() || request.operation != plan_.calls[next].operation)
        throw changed();
      make(client, request, plan_.calls[next].line, results_[next]);
      ++next;
    });
    if (hash != plan_.hash) throw changed();
  }

  std::vector<Result>& results() { return results_; }

 private:
  Error changed() const {
    return Error(Reason::precondition, fmt::format("'{}' was changed while it was read", name_),
                 "run it again");
  }

  static void make(client::Client& client, const Request& request, std::size_t line,
                   Result& result) {
    try {
      result.response =
          client.call_any(*request.operation, *request.message)->SerializePartialAsString();
      result.code = "OK";
    } catch (const Error& error) {
      const bool is_open = error.reason() == Reason::unknown_outcome;
      result.code = error.answer() && !is_open ? error.answer()->code : "";
      if (result.code.empty()) result.code = info(error.reason()).name;
      result.message = error.what();
      throw error.explained(fmt::format("line {}: {}", line, request.operation->info->name));
    }
  }

  cli::Session& session_;
  cli::InputFile& file_;
  const std::string& name_;
  const Plan& plan_;
  std::vector<Result> results_;
};

ordered_json result_json(const cli::Session& session, const Call& call, const Result& result) {
  ordered_json json = {
      {"line", call.line}, {"operation", call.operation->info->name}, {"result", result.code}};
  if (!result.message.empty()) json["message"] = result.message;
  if (result.code == "OK") {
    const std::unique_ptr<Message> response(call.operation->response().New());
    response->ParsePartialFromString(result.response);
    json["response"] = session.value_of(*response);
  }
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

/// Asks for each operation that a protected context asks about, once.
void protect(cli::Session& session, const std::vector<Call>& calls) {
  std::set<const api::AnyOperation*> asked;
  for (const auto& call : calls)
    if (asked.insert(call.operation).second) session.protect(*call.operation->info);
}

void run(cli::Session& session, const BatchOptions& options) {
  cli::InputFile file(session.io(), options.file, cli::InputFile::Copy::in_memory);
  const auto plan = read_plan(session, file, options.file);
  confirm(session, plan.calls);
  protect(session, plan.calls);
  Run run_all(session, file, options.file, plan);
  const auto run_here = [&](client::Client& client) { run_all(client); };
  try {
    if (!session.client().together("batch", plan.journal, run_here)) run_all(session.client());
  } catch (const Error& error) {
    fail(session, plan.calls, run_all.results(), error);
  }
  print_results(session, plan.calls, run_all.results());
  if (session.globals().dry_run && session.style().format == render::Format::table)
    session.print_effects();
}

}  // namespace

void add_batch_command(cli::Tree& tree) {
  tree.command<BatchOptions>("batch", "Run many operations, on a local state in one transaction",
                             run)
      .option("-f,--file", &BatchOptions::file,
              "Operations, a JSON object on each line; - for standard input", "FILE")
      .needs({"-f"})
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
