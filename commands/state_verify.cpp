// SPDX-License-Identifier: Apache-2.0
// metactl state info, verify: what a state holds, and whether it is sound.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/input_file.h"
#include "commands/commands.h"
#include "commands/findings.h"
#include "commands/local_state.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using Json = nlohmann::ordered_json;

struct NoOptions {};

struct VerifyOptions {
  std::string against;
};

// Info.

Json json_of(const api::StatePart& part) {
  return {{"service", part.service},
          {"key_type", part.key_type},
          {"rows", part.rows},
          {"key_bytes", part.key_bytes},
          {"value_bytes", part.value_bytes}};
}

render::List parts_list(const std::vector<api::StatePart>& parts) {
  render::List list{
      "StatePart", {{"SERVICE"}, {"KEY_TYPE"}, {"ROWS"}, {"KEY_BYTES"}, {"VALUE_BYTES"}}, {}};
  for (const auto& part : parts)
    list.rows.push_back({part.key_type,
                         {part.service, part.key_type, std::to_string(part.rows),
                          std::to_string(part.key_bytes), std::to_string(part.value_bytes)},
                         [part] { return json_of(part); }});
  return list;
}

std::string text_of(const api::JournalPlace& place) {
  return fmt::format("revision {}, {}", place.revision, time_text_ms(place.time_ms));
}

Json json_of(const std::optional<api::JournalPlace>& place) {
  if (!place) return nullptr;
  return {{"revision", place->revision}, {"time_ms", place->time_ms}};
}

std::string format_of(const api::StateInfo& info) {
  const auto version = fmt::format("schema version {}", info.schema_version);
  if (info.schema_version == info.current_schema_version) return version;
  return fmt::format("{}; the next change upgrades it to {}", version, info.current_schema_version);
}

Json json_of(const api::StateInfo& info, const std::string& path) {
  auto parts = Json::array();
  for (const auto& part : info.parts) parts.push_back(json_of(part));
  return {{"path", path},
          {"id", info.head.id},
          {"schema_version", info.schema_version},
          {"current_schema_version", info.current_schema_version},
          {"revision", info.head.revision},
          {"file_bytes", info.file_bytes},
          {"log_bytes", info.log_bytes},
          {"rows", info.rows},
          {"journal",
           {{"records", info.journal_records},
            {"oldest", json_of(info.oldest)},
            {"newest", json_of(info.newest)},
            {"head", info.journal_head}}},
          {"key_fingerprint", info.key_fingerprint},
          {"parts", std::move(parts)}};
}

void info(cli::Session& session, const NoOptions&) {
  if (session.style().format == render::Format::raw)
    throw Error(Reason::usage, "what a state holds has no -o raw: no service wrote it");
  const auto info = existing_state(session, "info")->info();
  const auto path = session.connection().state;
  render::Object object;
  object.kind = "State";
  object.name = path;
  object.value = json_of(info, path);
  object.fields = {{"path", path},
                   {"id", info.head.id},
                   {"format", format_of(info)},
                   {"revision", std::to_string(info.head.revision)},
                   {"file", fmt::format("{} bytes", info.file_bytes)},
                   {"log", fmt::format("{} bytes", info.log_bytes)},
                   {"rows", std::to_string(info.rows)},
                   {"journal", counted(info.journal_records, "record")}};
  if (info.oldest) object.fields.emplace_back("oldest", text_of(*info.oldest));
  if (info.newest) object.fields.emplace_back("newest", text_of(*info.newest));
  if (!info.journal_head.empty()) object.fields.emplace_back("head", info.journal_head);
  if (!info.key_fingerprint.empty())
    object.fields.emplace_back("secrets", "encrypted with the key " + info.key_fingerprint);
  object.parts = parts_list(info.parts);
  session.print(object);
}

// Verify.

std::optional<api::BackupInfo> read_backup(cli::Session& session, cli::StateTools& state,
                                           const std::string& path) {
  if (path.empty()) return std::nullopt;
  cli::InputFile file(session.io(), path);
  return state.check_backup(file.source(), path == "-" ? "standard input" : path);
}

void verify(cli::Session& session, const VerifyOptions& options) {
  refuse_raw_findings(session);
  const auto state = existing_state(session, "verify");
  const auto result = state->verify(read_backup(session, *state, options.against));
  print_findings(session, result.findings);
  const auto count = count_text(result.findings);
  const bool is_broken =
      std::any_of(result.findings.begin(), result.findings.end(),
                  [](const auto& each) { return each.severity == api::Severity::error; });
  if (is_broken)
    throw Error(Reason::integrity,
                fmt::format("state '{}' has {}", session.connection().state, count),
                with_place(session,
                           "MEND says what to do; or put a backup in its place: metactl state "
                           "restore FILE --force"));
  session.note(fmt::format("verified: {}, {}, {}", counted(result.rows, "row"),
                           counted(result.instances, "instance"),
                           count.empty() ? "no findings" : count));
}

}  // namespace

void add_state_verify_commands(cli::Group& state) {
  state.command<NoOptions>("info", "Show format, revision, journal, and sizes by type of key", info)
      .example("metactl state info")
      .example("metactl state info -o json");
  state
      .command<VerifyOptions>("verify", "Read all of the state, and tell everything that is wrong",
                              verify)
      .details(
          "Looks at the file (SQLite's own check), at every key and value, at the rules that hold\n"
          "inside and between instances, at load transactions, at secrets, which must open with "
          "the\n"
          "key file, and at the journal, which knows what others have changed. Each record of "
          "the\n"
          "journal has a checksum, and that of the one before, so that altered and removed ones "
          "show.\n"
          "Exit status 9 reports that something is wrong.")
      .option("--against", &VerifyOptions::against,
              "Backup whose history the state must still have, or - for standard input", "FILE")
      .example("metactl state verify")
      .example("metactl state verify -o json")
      .example("metactl state verify --against state.backup");
}

}  // namespace metactl::commands
