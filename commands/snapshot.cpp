// SPDX-License-Identifier: Apache-2.0
// metactl snapshot: how snapshots of an instance are made.
#include <fmt/format.h>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

struct GetOptions {};

struct SetOptions {
  std::string status;
  std::string max_reserved;
  std::string interval;
};

using nlohmann::ordered_json;

pb::GetSnapshotPropertyRequest get_request(cli::Session& session) {
  pb::GetSnapshotPropertyRequest request;
  request.set_instance_id(session.instance());
  return request;
}

void get(cli::Session& session, const GetOptions&) {
  session.show(api::get_snapshot_property, get_request(session),
               [&](const pb::JsonResponse& response) {
                 const auto value = ordered_json::parse(response.result());
                 render::Object object{"SnapshotProperty", session.instance(), {}, value, {}};
                 for (const auto& [name, member] : value.items())
                   object.fields.emplace_back(name, text_of(member));
                 session.print(object);
               });
}

void set(cli::Session& session, const SetOptions& options) {
  pb::SetSnapshotPropertyRequest request;
  request.set_instance_id(session.instance());
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) (*request.mutable_properties())[name] = std::move(value);
  };
  const auto status = text::upper(options.status);
  if (!status.empty() && status != "ENABLED" && status != "DISABLED")
    throw Error(Reason::usage, fmt::format("no status '{}'", options.status),
                "statuses: enabled, disabled");
  add("status", status);
  add("max_reserved_snapshots", options.max_reserved);
  add("snapshot_interval_seconds", options.interval);
  if (request.properties().empty())
    throw Error(Reason::usage, "nothing to change is given",
                "--status, --max-reserved or --interval-seconds");
  const auto difference = [&]() -> std::string {
    const auto now = ordered_json::parse(
        session.client().call(api::get_snapshot_property, get_request(session)).result());
    for (const auto& [name, value] : request.properties())
      if (!now.contains(name) || text_of(now[name]) != value)
        return fmt::format("{} is another one", name);
    return "";
  };
  const cli::ChangeText text{"change", "changed", "snapshotproperty", session.instance()};
  if (difference().empty()) return session.unchanged(text);
  session.change(api::set_snapshot_property, request, text, {.difference = difference});
}

void fill(cli::Group& group) {
  auto property = group.group("property", "How snapshots of an instance are made");
  property.command<GetOptions>("get", "Show it", get)
      .example("metactl snapshot property get -i prod")
      .runs(api::get_snapshot_property);
  property.command<SetOptions>("set", "Change it", set)
      .option("--status", &SetOptions::status, "enabled or disabled", "STATUS")
      .option("--max-reserved", &SetOptions::max_reserved, "Snapshots to keep, 0 to 35", "N")
      .option("--interval-seconds", &SetOptions::interval,
              "Seconds from one to the next, 3600 or more", "N")
      .example("metactl snapshot property set -i prod --max-reserved 7")
      .runs(api::set_snapshot_property);
}

}  // namespace

void add_snapshot_commands(cli::Tree& tree) {
  tree.group("snapshot", "Snapshots of an instance", fill);
}

}  // namespace metactl::commands
