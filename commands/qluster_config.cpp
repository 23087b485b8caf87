// SPDX-License-Identifier: Apache-2.0
// metactl qluster config: the settings of a cluster.
#include <fmt/format.h>

#include <algorithm>

#include "base/humantime.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/qluster_change.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

using google::protobuf::FieldDescriptor;

struct SetOptions : AskOptions {
  std::vector<std::string> fields;
};

void get(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_config,
             [&](const auto& response) { session.print(config_object(response)); });
}

Error no_value(const std::string& key, const std::string& value, const std::string& hint) {
  return Error(Reason::usage, fmt::format("not a value of {}: '{}'", key, value), hint);
}

void set_value(pb::QlusterConfigPB& config, const FieldDescriptor& field, const std::string& key,
               const std::string& value) {
  const auto& reflection = *config.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    if (value != "true" && value != "false") throw no_value(key, value, "write true or false");
    return reflection.SetBool(&config, &field, value == "true");
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    const auto number = text::to_int(value);
    if (!number || *number < 0) throw no_value(key, value, "write a number, 0 or more");
    return reflection.SetUInt64(&config, &field, static_cast<std::uint64_t>(*number));
  }
  const auto duration = humantime::parse(value);
  if (!duration) throw no_value(key, value, humantime::example);
  reflection.SetString(&config, &field, humantime::write(*duration));
}

/// The settings that have a name.
std::vector<const FieldDescriptor*> known_fields() {
  std::vector<const FieldDescriptor*> fields;
  const auto& type = *pb::QlusterConfigPB::descriptor();
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->name() != "other") fields.push_back(type.field(i));
  return fields;
}

pb::QlusterConfigPB parse_config(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const auto* field : known_fields()) names.push_back(field->json_name());
  pb::QlusterConfigPB config;
  for (const auto& word : words) {
    const auto [key, value] = split_pair(word);
    const FieldDescriptor* found = nullptr;
    for (const auto* field : known_fields())
      if (field->json_name() == key || field->name() == key) found = field;
    if (!found)
      throw Error(Reason::usage,
                  fmt::format("no setting '{}'{}", key, text::did_you_mean(key, names)),
                  "settings: " + text::join(names, ", "));
    if (config.GetReflection()->HasField(config, found))
      throw Error(Reason::usage, fmt::format("'{}' is given twice", key));
    set_value(config, *found, key, value);
  }
  return config;
}

/// Anything can be read as settings that are not known.
bool has_settings(const pb::QlusterConfigPB& config) {
  const auto fields = known_fields();
  return std::any_of(fields.begin(), fields.end(), [&](const auto* field) {
    return config.GetReflection()->HasField(config, field);
  });
}

/// True when the cluster sets the replication factor itself.
bool has_quorum(const pb::QlusterConfigPB& config) {
  return config.has_quorum_replication() && config.quorum_replication();
}

/// "~ node-timeout 3s -> 5s", for each setting that is another one in `after`.
std::vector<std::string> differences(const pb::QlusterConfigPB& before,
                                     const pb::QlusterConfigPB& after) {
  std::vector<std::string> lines;
  const auto old_fields = config_fields(before);
  for (const auto& [name, value] : config_fields(after)) {
    std::string old = "(none)";
    for (const auto& [old_name, old_value] : old_fields)
      if (old_name == name) old = old_value;
    if (old != value) lines.push_back(fmt::format("~ {} {} -> {}", name, old, value));
  }
  return lines;
}

/// Nodes may be removed that nobody named.
void confirm_autoremove(cli::Session& session, const pb::QlusterConfigPB& given,
                        const pb::QlusterConfigPB& before, const pb::QlusterConfigPB& after) {
  const bool is_changed = before.autoremove_enabled() != after.autoremove_enabled() ||
                          before.autoremove_minimum() != after.autoremove_minimum();
  if (!is_changed || (!given.has_autoremove_enabled() && !given.has_autoremove_minimum())) return;
  session.confirm("change how the leader removes nodes by itself",
                  after.autoremove_enabled()
                      ? fmt::format("; those that half of the cluster does not see go, while there "
                                    "are more than {}",
                                    after.autoremove_minimum())
                      : "");
}

/// What is given, and not so afterwards.
QlusterDifference difference_from(cli::Session& session, const pb::QlusterConfigPB& given) {
  return [&session, given](const pb::QlusterAskedPB& asked) -> std::string {
    const auto now =
        session.client().call(api::qluster_get_config, request_to<pb::QlusterRequest>(asked));
    auto asked_for = given;
    if (has_quorum(now)) asked_for.clear_replication_factor();  // Set by the cluster.
    auto wanted = now;
    wanted.MergeFrom(asked_for);
    auto lines = differences(now, wanted);
    for (auto& line : lines) line = line.substr(2);
    return lines.empty() ? "" : "some are others: " + text::join(lines, ", ");
  };
}

/// A real cluster may take what is sent for all of the settings, so all are sent.
void set(cli::Session& session, const SetOptions& options) {
  const auto given = parse_config(options.fields);
  Asking asking(session, options);
  const cli::ChangeText text{"configure", "configured", qluster_config_kind,
                             std::string(qluster_name)};
  pb::QlusterConfigPB before;
  asking.ask([&](const auto& asked) {
    before = session.client().call(api::qluster_get_config, request_to<pb::QlusterRequest>(asked));
  });
  if (!has_settings(before))
    throw Error(Reason::internal, "the reply has no settings of a cluster in it",
                "look at the address of the server");
  pb::QlusterConfigRequest request;
  *request.mutable_config() = before;
  request.mutable_config()->MergeFrom(given);
  const auto lines = differences(before, request.config());
  if (lines.empty()) return session.unchanged(text);
  if (has_quorum(request.config()) && has_quorum(before) &&
      request.config().replication_factor() != before.replication_factor())
    throw Error(Reason::precondition,
                "under quorum-replication the cluster sets replication-factor itself",
                "metactl qluster config set quorum-replication=false replication-factor=N");
  for (const auto& line : lines) session.note(line);
  confirm_autoremove(session, given, before, request.config());
  const bool may_remove = request.config().autoremove_enabled() && !session.globals().dry_run;
  const auto nodes = may_remove ? asking.map() : pb::QlusterMapResponse();
  change_qluster(session, asking, api::qluster_set_config, request, text,
                 difference_from(session, given));
  if (may_remove) note_departed(session, nodes, asking.map());
}

cli::Candidates field_words(const std::string&) {
  cli::Candidates found;
  for (const auto* field : known_fields()) found.emplace_back(field->json_name() + "=", "");
  return found;
}

}  // namespace

void add_qluster_config_commands(cli::Group& qluster) {
  auto config = qluster.group("config", "The settings of the cluster");
  with_asking(config.command<AskOptions>("get", "Show the settings of the cluster", get))
      .example("metactl qluster config get -o json")
      .runs(api::qluster_get_config);
  with_leader(config.command<SetOptions>("set", "Change settings of the cluster", set)
                  .positional("KEY=VALUE", &SetOptions::fields, "Settings to change; repeatable")
                  .completes("KEY=VALUE", field_words))
      .needs({"KEY=VALUE"})
      .details(
          "node-timeout                a node that sees no leader for so long starts an election\n"
          "pre-voting-timeout          in which a pre-vote must finish\n"
          "leader-voting-timeout       in which a vote must yield a leader\n"
          "heartbeat-interval          of the leader; shorter than node-timeout\n"
          "replication-factor          on how many nodes an entry must be to be committed\n"
          "quorum-replication          true: on more than half, whatever the factor is set to\n"
          "replication-retry-interval  after which an entry is sent again\n"
          "autoremove-enabled          true: the leader removes nodes that half does not see\n"
          "autoremove-minimum          only while there are more nodes than this")
      .details(
          "Durations have units: 500ms, 3s, 1m 30s. The settings are read, what changes is shown, "
          "and\n"
          "all of them are sent, because a real cluster may not keep what is left out. Settings "
          "of\n"
          "autoremove ask first.")
      .example("metactl qluster config set node-timeout=5s heartbeat-interval=1s")
      .example("metactl qluster config set quorum-replication=false replication-factor=2")
      .runs(api::qluster_set_config, api::qluster_get_config);
}

}  // namespace metactl::commands
