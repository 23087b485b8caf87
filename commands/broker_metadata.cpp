// SPDX-License-Identifier: Apache-2.0
// metactl broker metadata: all that a broker stores, as one document.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/broker_check.h"
#include "api/broker_json.h"
#include "cli/files.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/commands.h"
#include "commands/findings.h"
#include "commands/local_state.h"

namespace metactl::commands {
namespace {

struct FileOptions {
  std::string file;
};

struct DumpOptions : FileOptions {
  bool force = false;
};

constexpr std::size_t largest_document = std::size_t{128} << 20;  // As brokers take it.

std::string summary(const pb::BrokerMetadataPB& metadata) {
  return fmt::format("epoch {}, {}, {}", metadata.global_epoch(),
                     counted(metadata.clusters().size(), "cluster"),
                     metadata.all_proxies().size() == 1
                         ? "1 proxy"
                         : fmt::format("{} proxies", metadata.all_proxies().size()));
}

std::string name_of(const std::string& file) {
  return file == "-" ? "standard input" : file;
}

pb::BrokerMetadataPB read_document(cli::Session& session, const std::string& file) {
  const auto text = cli::read_input(session.io(), file, "read", largest_document);
  pb::BrokerMetadataPB document;
  try {
    api::read_broker_json(std::string_view(text), document);
  } catch (const Error& error) {
    const bool is_old = text.find("\"mem-broker-0.1\"") != std::string::npos;
    throw Error(Reason::usage,
                fmt::format("cannot read the metadata in '{}': {}", name_of(file), error.what()),
                is_old ? "documents of mem-broker-0.1 lack enable_ordered_proxy (false) and the "
                         "index of each proxy (0): add them, and make the version mem-broker-0.2"
                       : "");
  }
  return document;
}

void dump(cli::Session& session, const DumpOptions& options) {
  auto& out = session.io().out;
  const bool is_stream = options.file.empty() || options.file == "-";
  const auto format = session.style().format;
  if (is_stream && format == render::Format::raw)
    return session.print_raw(api::broker_get_metadata.info, pb::BrokerEmptyRequest());
  const auto metadata = broker_metadata(session);
  const auto document = api::broker_json(metadata);
  if (is_stream) return render::print_value(out, document, format);
  const auto text = document.dump(2) + "\n";
  const bool is_taken = [&] {
    if (session.globals().dry_run) return !options.force && std::filesystem::exists(options.file);
    if (!options.force) return !cli::create_private_file(options.file, text);
    cli::write_private_file(options.file, text);
    return false;
  }();
  if (is_taken)
    throw Error(Reason::conflict, fmt::format("there is a file '{}' already", options.file),
                "--force replaces it");
  session.done({"dump to", "written", "broker-metadata", options.file});
  session.note(fmt::format("dumped: {}", summary(metadata)));
}

std::size_t count_errors(const std::vector<api::Finding>& findings) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [](const auto& each) { return each.severity == api::Severity::error; }));
}

void restore(cli::Session& session, const FileOptions& options) {
  const auto document = read_document(session, options.file);
  const auto present = broker_metadata(session);
  const auto name = name_of(options.file);
  if (const auto errors = count_errors(api::broker_findings(document)); errors > 0)
    session.warn(fmt::format("'{}' has {}: metactl broker metadata check {}", name,
                             counted(errors, "error"), options.file));
  std::string consequence;
  if (present.enable_ordered_proxy() != document.enable_ordered_proxy())
    consequence =
        fmt::format("; ordered mode will be {}", document.enable_ordered_proxy() ? "on" : "off");
  session.confirm(fmt::format("replace the broker's metadata ({}) by that in '{}' ({})",
                              summary(present), name, summary(document)),
                  consequence);
  const auto difference = [&]() -> std::string {
    const auto now = broker_metadata(session).global_epoch();
    return now >= document.global_epoch() ? "" : fmt::format("its epoch is {}", now);
  };
  try {
    change_broker(session, api::broker_restore_metadata, document,
                  {"restore", "restored", "broker-metadata", name}, {.difference = difference});
  } catch (const Error& error) {
    if (code_of(error) != "EPOCH_SMALLER_THAN_CURRENT") throw;
    auto told = error;
    told.set_hint(fmt::format(
        "proxies take no smaller epochs: make global_epoch and those of the clusters in the "
        "document {} or more",
        present.global_epoch() + 1));
    throw told;
  }
}

void check(cli::Session& session, const FileOptions& options) {
  refuse_raw_findings(session);
  const bool is_file = !options.file.empty();
  const auto metadata = is_file ? read_document(session, options.file) : broker_metadata(session);
  const auto findings = api::broker_findings(metadata);
  print_findings(session, findings);
  const auto count = count_text(findings);
  if (count_errors(findings) > 0)
    throw Error(
        Reason::integrity,
        fmt::format("{} has {}",
                    is_file ? fmt::format("'{}'", name_of(options.file)) : "the metadata", count));
  session.note(
      fmt::format("checked: {}, {}", summary(metadata), count.empty() ? "no findings" : count));
}

}  // namespace

void add_broker_metadata_commands(cli::Group& broker) {
  auto metadata = broker.group("metadata", "All that the broker stores, as one document");
  metadata.command<DumpOptions>("dump", "Write all that the broker stores", dump)
      .positional("FILE", &DumpOptions::file, "Where to; - or nothing: standard output")
      .flag("--force", &DumpOptions::force, "Replace the file if it is there")
      .details(
          "The document is the broker's own: what it keeps in its file, sends to its replicas, "
          "and\n"
          "takes by restore. Moves of slots are in it whole, whatever the migration_limit is.")
      .example("metactl broker metadata dump broker.json")
      .example("metactl broker metadata dump | jq .global_epoch")
      .runs(api::broker_get_metadata);
  metadata.command<FileOptions>("restore", "Replace all that the broker stores", restore)
      .positional("FILE", &FileOptions::file, "A document of dump; - is standard input")
      .needs({"FILE"})
      .details(
          "Nothing is merged: clusters, proxies, marks and reports are those of the document "
          "then,\n"
          "and ordered mode is on or off as it says. The broker refuses another version than\n"
          "mem-broker-0.2, and a smaller epoch than its own, which proxies would refuse as well: "
          "look\n"
          "with `broker epoch get`, and give the document larger ones. The broker checks no more "
          "than\n"
          "that: see `broker metadata check`.")
      .example("metactl broker metadata restore broker.json --yes")
      .destructive()
      .runs(api::broker_restore_metadata, api::broker_get_metadata);
  metadata.command<FileOptions>("check", "Look for contradictions in metadata", check)
      .positional("FILE", &FileOptions::file,
                  "A document of dump; - is standard input; nothing: what the broker stores")
      .details(
          "Brokers take any document. This looks whether proxies, hosts and nodes of chunks are "
          "those\n"
          "that are registered, and whether all slots have one owner. Exit status 9 tells that\n"
          "something is wrong.")
      .example("metactl broker metadata check")
      .example("metactl broker metadata check broker.json")
      .runs(api::broker_get_metadata);
}

}  // namespace metactl::commands
