// SPDX-License-Identifier: Apache-2.0
// metactl api: any operation, with the service's own reply.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct ApiOptions {
  std::string operation;
  std::vector<std::string> fields;
  std::string body;
};

/// Sets a field by its path: cluster.cluster_id. Repeating the path of a list adds to it.
void set_path(Message& message, const std::string& path, const std::string& value) {
  const auto dot = path.find('.');
  const auto name = path.substr(0, dot);
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  const auto* reflection = message.GetReflection();
  if (dot != std::string::npos && field && field->is_map()) {
    auto& entry = *reflection->AddMessage(&message, field);
    set_field(entry, "key", path.substr(dot + 1));
    return set_field(entry, "value", value);
  }
  if (dot != std::string::npos && field && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
      !field->is_repeated())
    return set_path(*reflection->MutableMessage(&message, field), path.substr(dot + 1), value);
  if (dot == std::string::npos && field && field->is_repeated() &&
      field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    return reflection->AddString(&message, field, value);
  set_field(message, name, value);
}

void list_operations(cli::Session& session) {
  render::List list{"Operation", {{"NAME"}, {"EFFECT"}, {"SUMMARY"}}, {}};
  for (const auto* operation : api::operations()) {
    const auto& info = *operation->info;
    const std::string effect = info.effect == api::Effect::read    ? "read"
                               : info.effect == api::Effect::write ? "write"
                                                                   : "destroy";
    const auto summary = std::string(info.summary) +
                         (info.extension ? " (extension of metactl serve)" : "") +
                         (info.is_local() ? " (on a state file only)" : "");
    list.rows.push_back(
        {std::string(info.name), {std::string(info.name), effect, summary}, [&info, effect] {
           return nlohmann::ordered_json{
               {"name", info.name},        {"method", info.is_local() ? "" : info.method()},
               {"effect", effect},         {"extension", info.extension},
               {"local", info.is_local()}, {"deprecated", info.deprecated},
               {"summary", info.summary}};
         }});
  }
  session.print(list);
}

void run(cli::Session& session, const ApiOptions& options) {
  if (options.operation.empty()) return list_operations(session);
  const auto* operation = api::find_operation(options.operation);
  if (!operation)
    throw Error(Reason::usage,
                fmt::format("no operation '{}'{}", options.operation,
                            text::did_you_mean(options.operation, api::operation_names())),
                "metactl api");
  if (operation->info->effect == api::Effect::destroy)
    session.confirm(fmt::format("run {}", options.operation));
  const bool is_document = operation->info->input == api::Input::document;
  const bool has_path_fields = operation->info->route.find('{') != std::string_view::npos;
  if (!options.body.empty() && !is_document && !has_path_fields) {
    if (!options.fields.empty())
      throw Error(Reason::usage, "only one of -f and --body is possible");
    if (operation->info->input == api::Input::query)
      throw Error(Reason::usage, fmt::format("{} takes no body", options.operation),
                  "use -f KEY=VALUE");
    return session.print_raw(*operation, cli::read_input(session.io(), options.body));
  }
  const std::unique_ptr<Message> request(operation->request().New());
  for (const auto& pair : options.fields) {
    const auto [key, value] = split_pair(pair);
    set_path(*request, key, value);
  }
  if (!options.body.empty() && !is_document) {
    // The fields of the path come by -f, the others by the body.
    auto written = http::encode_request(*operation->info, *request);
    written.body = cli::read_input(session.io(), options.body);
    return session.print_raw(*operation->info, *http::decode_request(*operation, written));
  }
  if (!options.body.empty())
    set_field(*request, "document", cli::read_input(session.io(), options.body));
  if (!request->IsInitialized())
    throw Error(Reason::usage,
                fmt::format("{} needs {}", options.operation, request->InitializationErrorString()),
                "give it by -f KEY=VALUE");
  session.print_raw(*operation->info, *request);
}

}  // namespace

void add_api_commands(cli::Tree& tree) {
  tree.command<ApiOptions>("api", "Run any operation and print the service's own reply", run)
      .positional("OPERATION", &ApiOptions::operation, "Name; without one all are listed",
                  cli::Names::operation)
      .option("-f,--field", &ApiOptions::fields,
              "Field of the request by its path, such as cluster.cluster_id=etl or "
              "parameters.txn_id=1; repeatable",
              "KEY=VALUE")
      .secret("--field")
      .option("--body", &ApiOptions::body, "The request as it is to be sent: a file, or -", "FILE")
      .example("metactl api get_cluster_status -f instance_ids=prod")
      .example("metactl api add_cluster --body cluster.json")
      .example("metactl api broker_add_nodes -f name=demo -f node_number=4");
}

}  // namespace metactl::commands
