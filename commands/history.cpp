// SPDX-License-Identifier: Apache-2.0
// metactl history: who changed what, and what stood there before.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "api/foreign_json.h"
#include "base/listed.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/effects.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/past.h"
#include "commands/stored_rows.h"
#include "commands/touched.h"

namespace metactl::commands {
namespace {

using client::PastChange;
using nlohmann::ordered_json;

struct ListOptions {
  std::string object;
  std::string since;
  std::string limit;
};

struct ShowOptions {
  std::string revision;
};

/// Unix time in milliseconds of "2026-01-31", "2026-01-31T23:59:59Z", or so long ago.
std::int64_t parse_since(const std::string& word) {
  for (const auto* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm time{};
    const auto* end = ::strptime(word.c_str(), format, &time);
    if (!end || *end != '\0') continue;
    const auto typed = time;
    const auto seconds = ::timegm(&time);  // It makes a day that there is of one that there is not.
    if (time.tm_mday != typed.tm_mday || time.tm_sec != typed.tm_sec) break;
    return std::int64_t{seconds} * 1000;
  }
  try {
    const auto ago = cli::parse_duration(word);
    return std::int64_t{std::time(nullptr)} * 1000 - ago.count();
  } catch (const Error&) {
    throw Error(Reason::usage, fmt::format("not a time: '{}'", word),
                "write 2026-01-31, 2026-01-31T23:59:59Z or how long ago, such as 2h or 7d");
  }
}

/// Finds the changes of an object by its name or id, also those that tell only the other one.
class ObjectFilter {
 public:
  explicit ObjectFilter(const std::string& word) {
    const auto slash = word.find('/');
    if (slash != std::string::npos) kind_ = word.substr(0, slash);
    names_.insert(slash == std::string::npos ? word : word.substr(slash + 1));
  }

  bool fits(const Touched& touched) const {
    const bool is_instance = kind_.empty() || kind_ == "instance";
    return (is_instance && std::any_of(touched.instances.begin(), touched.instances.end(),
                                       [&](const auto& id) { return names_.contains(id); })) ||
           has(touched.objects) || has(touched.others);
  }

  /// Learns the other names of the object; true when there was one.
  bool learn(const Touched& touched) {
    const auto known = names_.size();
    for (const auto& object : touched.objects)
      if (fits(object)) names_.insert(object.names.begin(), object.names.end());
    return names_.size() != known;
  }

 private:
  bool has(const std::vector<TouchedObject>& objects) const {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const TouchedObject& each) { return fits(each); });
  }

  bool fits(const TouchedObject& object) const {
    return (kind_.empty() || kind_ == object.kind) &&
           std::any_of(object.names.begin(), object.names.end(),
                       [&](const std::string& name) { return names_.contains(name); });
  }

  std::string kind_;  // "": any.
  std::set<std::string> names_;
};

struct Entry {
  PastChange change;
  Touched touched;
  std::vector<std::uint64_t> same_command = {};  // The other changes of its command, newest first.
};

/// Which changes belong to one command, all of which must have been seen.
class Commands {
 public:
  void add(const PastChange& change) {
    if (!change.command_id.empty()) revisions_[change.command_id].push_back(change.revision);
  }
  std::vector<std::uint64_t> others(const PastChange& change) const {
    const auto found = revisions_.find(change.command_id);
    if (found == revisions_.end()) return {};
    auto revisions = found->second;
    std::erase(revisions, change.revision);
    return revisions;
  }

 private:
  std::map<std::string, std::vector<std::uint64_t>> revisions_;
};

void keep_fitting(std::vector<Entry>& entries, const std::string& object) {
  if (object.empty()) return;
  ObjectFilter filter(object);
  const auto learn = [&](const Entry& entry) { return filter.learn(entry.touched); };
  while (std::count_if(entries.begin(), entries.end(), learn) > 0) continue;
  std::erase_if(entries, [&](const Entry& entry) { return !filter.fits(entry.touched); });
}

constexpr auto damage = "altered after it was written";

/// What else is known of where a change comes from, by the names of the fields.
std::vector<std::pair<const char*, std::string>> origin_of(const PastChange& change) {
  return {{"request_ip", change.request_ip}, {"command_id", change.command_id},
          {"request_id", change.request_id}, {"identity", change.identity},
          {"reason", change.reason},         {"command_line", change.command_line}};
}

std::string listed(const std::vector<std::uint64_t>& revisions) {
  std::vector<std::string> words;
  for (const auto revision : revisions) words.push_back(std::to_string(revision));
  return text::listed(words);
}

/// What is taken back together with the change, what it takes back, and what took it back.
std::string note_of(const Entry& entry) {
  const auto& change = entry.change;
  std::vector<std::string> notes;
  if (!entry.same_command.empty()) notes.push_back("with " + listed(entry.same_command));
  if (change.is_undo())
    notes.push_back(fmt::format("undoes {}{}", change.undoes_in_part ? "a part of " : "",
                                listed(change.undoes)));
  if (change.undone_by != 0) notes.push_back(fmt::format("undone by {}", change.undone_by));
  return text::join(notes, "; ");
}

/// A record that is not what was written proves nothing, but it is shown: somebody looks for what
/// happened.
void warn_of_damage(cli::Session& session, const PastChange& change) {
  if (change.is_intact) return;
  session.outcome()->status = info(Reason::integrity).exit_status;
  session.warn(fmt::format("the record of revision {} was {}; see metactl state verify",
                           change.revision, damage));
}

/// A request is JSON, unless its record is damaged.
ordered_json request_json(const std::string& request) {
  auto json = api::parse_foreign_json(request);
  return json.is_discarded() ? ordered_json(text::printable(request)) : json;
}

ordered_json entry_json(const Entry& entry) {
  const auto& change = entry.change;
  auto titles = ordered_json::array();
  for (const auto& object : entry.touched.objects) titles.push_back(object.title());
  for (const auto& object : entry.touched.others)
    if (std::find(titles.begin(), titles.end(), object.title()) == titles.end())
      titles.push_back(object.title());
  ordered_json json = {{"revision", change.revision},
                       {"time", time_text_ms(change.time_ms)},
                       {"actor", change.actor},
                       {"operation", change.operation},
                       {"instances", entry.touched.instances},
                       {"objects", titles},
                       {"outcome", change.outcome},
                       {"request", request_json(change.request)}};
  for (const auto& [name, value] : origin_of(change))
    if (!value.empty()) json[name] = value;
  if (!entry.same_command.empty()) json["same_command"] = entry.same_command;
  if (change.is_undo()) json["undoes"] = change.undoes;
  if (change.undoes_in_part) json["undoes_in_part"] = true;
  if (change.undone_by != 0) json["undone_by"] = change.undone_by;
  if (!change.is_intact) json["damage"] = damage;
  return json;
}

render::List list_of(std::vector<Entry> entries) {
  render::List list{"Change",
                    {{"REVISION"},
                     {"TIME"},
                     {"ACTOR"},
                     {"OPERATION"},
                     {"INSTANCE"},
                     {"OBJECT"},
                     {"OUTCOME"},
                     {"NOTE"},
                     {"REQUEST_IP", true}},
                    {}};
  for (auto& each : entries) {
    const auto entry = std::make_shared<const Entry>(std::move(each));
    const auto& change = entry->change;
    const auto revision = std::to_string(change.revision);
    list.rows.push_back(
        {revision,
         {revision, time_text_ms(change.time_ms), change.actor, change.operation,
          instances_text(entry->touched), objects_text(entry->touched),
          change.is_intact ? change.outcome : "DAMAGED", note_of(*entry), change.request_ip},
         [entry] { return entry_json(*entry); }});
  }
  return list;
}

/// A clock may have gone back, so that an older change may have a later time: all are looked at.
void list(cli::Session& session, const ListOptions& options) {
  refuse_raw_changes(session);
  const auto since = options.since.empty() ? INT64_MIN : parse_since(options.since);
  const auto limit = options.limit.empty() ? SIZE_MAX : parse_limit(options.limit);
  const auto& instance = session.named_instance();
  std::vector<Entry> entries;
  Commands commands;
  history_of(session)->each([&](PastChange& change) {
    commands.add(change);
    const bool is_enough = options.object.empty() && entries.size() >= limit;
    if (change.time_ms < since || is_enough) return true;
    Entry entry{{}, touched_by(change)};
    entry.change = std::move(change);
    entry.change.keys = {};  // What they say is in `touched`.
    if (instance.empty() || entry.touched.is_about(instance)) entries.push_back(std::move(entry));
    return true;
  });
  keep_fitting(entries, options.object);
  if (entries.size() > limit) entries.resize(limit);
  for (auto& entry : entries) entry.same_command = commands.others(entry.change);
  for (const auto& entry : entries) warn_of_damage(session, entry.change);
  session.print(list_of(std::move(entries)));
}

/// Of a batch it may have megabytes.
std::string first_part(const std::string& request) {
  constexpr std::size_t longest = 2000;
  if (request.size() <= longest) return text::printable(request);
  return fmt::format("{}... ({} bytes in all; -o json shows them)",
                     text::printable(request.substr(0, longest)), request.size());
}

/// What the change did; nothing when a record that tells of it is damaged.
std::optional<std::vector<client::Effect>> effects_of(cli::Session& session,
                                                      client::History& history,
                                                      const PastChange& change) {
  if (!change.is_intact) return std::nullopt;
  try {
    return history.effects(change.revision);
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
    session.outcome()->status = info(error.reason()).exit_status;
    session.warn(fmt::format("what it changed cannot be shown: {}", error.what()));
    return std::nullopt;
  }
}

void show(cli::Session& session, const ShowOptions& options) {
  refuse_raw_changes(session);
  const auto history = history_of(session);
  Entry entry{change_of(*history, parse_revision(options.revision)), {}};
  entry.touched = touched_by(entry.change);
  Commands commands;
  history->each([&](const PastChange& change) {
    commands.add(change);
    return true;
  });
  entry.same_command = commands.others(entry.change);
  warn_of_damage(session, entry.change);
  const auto effects = effects_of(session, *history, entry.change);
  if (session.style().format != render::Format::table &&
      session.style().format != render::Format::wide) {
    auto value = entry_json(entry);
    value["effects"] = effects ? cli::effects_json(*effects) : nullptr;
    return session.print(render::Object{"Change", options.revision, {}, value, {}});
  }
  auto& out = session.io().out;
  out << text::printable(told(entry.change)) << '\n';
  for (const auto& [name, text] : origin_of(entry.change))
    if (!text.empty()) out << name << ": " << text::printable(text) << '\n';
  if (const auto note = note_of(entry); !note.empty())
    out << "note: " << text::printable(note) << '\n';
  out << "request: " << first_part(entry.change.request) << '\n';
  if (effects) out << cli::effects_text(*effects);
}

void fill(cli::Group& group) {
  group
      .command<ListOptions>("list", "List changes, the newest first; `metactl history` alone too",
                            list)
      .option("--object", &ListOptions::object,
              "Only changes of this object, such as cluster/etl; its name alone fits any kind",
              "OBJECT")
      .option("--since", &ListOptions::since,
              "Only changes since then: 2026-01-31, 2026-01-31T23:59:59Z, or 2h, 7d ago", "TIME")
      .option("-n,--limit", &ListOptions::limit, "At most so many", "N")
      .details(
          "Of a local state this is all that commands and `metactl serve` changed in it, as far as "
          "it\n"
          "is kept (the newest 10,000 changes). Of a server it is what metactl changed there from\n"
          "this machine, as it is noted in $XDG_STATE_HOME/metactl/history.db.")
      .example("metactl history list -n 20")
      .example("metactl history list --object cluster/etl --since 7d -o ndjson")
      .watchable();
  group.command<ShowOptions>("show", "Show what a change found and left, secrets masked", show)
      .positional("REVISION", &ShowOptions::revision, "The number of the change in the list")
      .needs({"REVISION"})
      .example("metactl history show 42");
  group.by_default("list");
}

}  // namespace

void add_history_commands(cli::Tree& tree) {
  tree.group("history", "Who changed what, and when", fill);
}

}  // namespace metactl::commands
