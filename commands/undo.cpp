// SPDX-License-Identifier: Apache-2.0
// metactl undo: takes changes back.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/first_lines.h"
#include "base/listed.h"
#include "cli/effects.h"
#include "commands/commands.h"
#include "commands/past.h"
#include "commands/touched.h"

namespace metactl::commands {
namespace {

struct UndoOptions {
  std::string revision;
  std::string to;
};

/// The newest change that is in effect and no undo, of that instance if one is named, and none of
/// `others`. Throws Error, not_found. A damaged one is the newest, since nobody knows what it did.
std::uint64_t newest(client::History& history, const std::string& instance,
                     const std::vector<std::uint64_t>& others = {}) {
  std::optional<std::uint64_t> found;
  bool is_any_undone = false;
  history.each([&](client::PastChange& change) {
    if (std::find(others.begin(), others.end(), change.revision) != others.end()) return true;
    if (change.is_intact && !instance.empty() && !touched_by(change).is_about(instance))
      return true;
    if (change.is_undo() || change.undone_by != 0)
      is_any_undone = true;
    else
      found = change.revision;
    return !found;
  });
  if (found) return *found;
  throw Error(Reason::not_found, is_any_undone
                                     ? "there is no change to take back: all are undone already"
                                     : "there is no change to take back");
}

/// What -i names, as opposed to a context.
std::string typed_instance(const cli::Session& session) {
  const auto& instance = session.setting("instance");
  return instance.origin.starts_with("flag") ? instance.value : "";
}

client::UndoTarget target_of(cli::Session& session, client::History& history,
                             const UndoOptions& options) {
  const auto typed = typed_instance(session);
  if (!options.to.empty() && !options.revision.empty())
    throw Error(Reason::usage, "name one revision, or with --to where to go back to");
  if (!options.to.empty() && !typed.empty())
    throw Error(Reason::usage, "--to takes back the changes of all instances; leave out -i");
  if (!options.to.empty()) return {{}, parse_revision(options.to)};
  if (!options.revision.empty()) {
    const auto revision = parse_revision(options.revision);
    if (!typed.empty() && !touched_by(change_of(history, revision)).is_about(typed))
      throw Error(Reason::usage,
                  fmt::format("revision {} is not about instance '{}'", revision, typed));
    return {history.command_of(revision), {}};
  }
  return {history.command_of(newest(history, session.named_instance())), {}};
}

/// The next older change that can be taken back, when `target` cannot. Nothing when it is not among
/// the next few.
std::optional<std::uint64_t> older_change(cli::Session& session, client::History& history,
                                          const client::UndoTarget& target) {
  constexpr int most_attempts = 10;
  auto others = target.revisions;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    std::vector<std::uint64_t> revisions;
    try {
      const auto revision = newest(history, session.named_instance(), others);
      revisions = history.command_of(revision);
      history.plan_undo({revisions, {}});
      return revision;
    } catch (const Error&) {
      if (revisions.empty()) return std::nullopt;  // There is none.
      others.insert(others.end(), revisions.begin(), revisions.end());
    }
  }
  return std::nullopt;
}

client::UndoPlan plan_of(cli::Session& session, client::History& history,
                         const UndoOptions& options) {
  const auto target = target_of(session, history, options);
  try {
    return history.plan_undo(target);
  } catch (Error& error) {
    const bool is_newest = options.revision.empty() && !target.back_to;
    if (is_newest && error.reason() == Reason::precondition && error.hint().empty())
      if (const auto older = older_change(session, history, target))
        error.set_hint(fmt::format("take back an older change: metactl undo {}", *older));
    throw;
  }
}

/// A line for each of the first items, and how many more there are.
template <class Item, class Describe>
void note_first(cli::Session& session, const std::vector<Item>& items, const Describe& describe) {
  text::FirstLines lines;
  for (const auto& item : items) lines.add([&] { return describe(item); });
  for (const auto& line : lines.lines()) session.note("  " + line);
}

void tell_plan(cli::Session& session, const client::UndoPlan& plan) {
  session.note("takes back:");
  note_first(session, plan.changes, [](const auto& change) { return told(change); });
  if (session.globals().dry_run) return;  // Tells the rest by itself.
  session.note(plan.calls.empty() ? "and leaves:" : "by:");
  note_first(session, plan.calls, [&](const auto& call) {
    return fmt::format("{} {}", call.operation->info->name, session.value_of(*call.request).dump());
  });
  auto effects = plan.calls.empty() ? cli::effects_text(plan.effects) : "";
  if (effects.ends_with('\n')) effects.pop_back();
  if (!effects.empty()) session.note(effects);
}

/// Makes the calls in this process first: better none of them is made than a part.
void rehearse(cli::Session& session, const client::UndoPlan& plan) {
  const auto rehearsal = session.services().rehearse(session.connection());
  for (const auto& call : plan.calls) {
    try {
      rehearsal->call_any(*call.operation, *call.request);
    } catch (const Error& error) {
      if (error.reason() == Reason::unreachable) throw;
      throw Error(Reason::precondition,
                  fmt::format("cannot take that back: the service would refuse {}: {}",
                              call.operation->info->name, error.what()));
    }
  }
}

/// What a server did stays done when a later call fails.
void call_all(cli::Session& session, client::History& history, const client::UndoPlan& plan) {
  std::size_t done = 0;
  for (const auto& call : plan.calls) {
    try {
      history.begin(call);
      session.client().call_any(*call.operation, *call.request);
      ++done;
    } catch (const Error& error) {
      if (done == 0) throw error.explained("cannot take back the change");
      Error told(Reason::partial,
                 fmt::format("made {} of {} calls: {}", done, plan.calls.size(), error.what()),
                 "metactl history shows which; undo again what is left");
      if (error.answer()) told.set_answer(*error.answer());
      told.set_operation(error.operation());
      throw told;
    }
  }
}

/// "revision 5 (add_cluster cluster/etl)", "2 revisions (9 set_cluster_status cluster/etl, ...)".
std::string what(const client::UndoPlan& plan) {
  const auto describe = [](const client::PastChange& change) {
    const auto objects = objects_text(touched_by(change), " ");
    return objects.empty() ? change.operation : change.operation + " " + objects;
  };
  const auto& changes = plan.changes;
  if (changes.size() == 1)
    return fmt::format("revision {} ({})", changes.front().revision, describe(changes.front()));
  constexpr std::size_t most = 3;
  std::vector<std::string> names(changes.size());  // Those that are not shown stay empty.
  for (std::size_t i = 0; i < std::min(most, changes.size()); ++i)
    names[i] = fmt::format("{} {}", changes[i].revision, describe(changes[i]));
  return fmt::format("{} revisions ({})", changes.size(), text::listed(names, ", ", most));
}

/// What programs are told of a result: all that it took back.
render::Fact revisions_of(const cli::Session& session, const client::UndoPlan& plan) {
  if (!render::is_document(session.style().format)) return {};
  auto revisions = nlohmann::ordered_json::array();
  for (const auto& change : plan.changes) revisions.push_back(change.revision);
  return {"revisions", std::move(revisions)};
}

void undo(cli::Session& session, const UndoOptions& options) {
  const auto history = history_of(session);
  const auto plan = plan_of(session, *history, options);
  const auto& target = plan.target;
  const auto name = std::to_string(target.back_to ? *target.back_to : target.revisions.front());
  const cli::ChangeText text{.verb = "take back",
                             .done = target.back_to ? "restored" : "undone",
                             .kind = "revision",
                             .name = name,
                             .fact = revisions_of(session, plan)};
  if (plan.changes.empty()) return session.unchanged(text);
  tell_plan(session, plan);
  if (!plan.calls.empty()) rehearse(session, plan);
  session.confirm("take back " + what(plan));
  if (plan.calls.empty()) {
    history->undo(plan);
  } else {
    call_all(session, *history, plan);
  }
  session.done(text);
}

}  // namespace

void add_undo_command(cli::Tree& tree) {
  tree.command<UndoOptions>("undo", "Take back a change, or all that came after one", undo)
      .positional("REVISION", &UndoOptions::revision,
                  "The change, by its number in `metactl history`; left out: the newest that is in "
                  "effect, of -i if it is given")
      .option("--to", &UndoOptions::to,
              "Take back all changes after this one, newest first, all or none", "REVISION")
      .details(
          "Shows what it will do and asks. All that one command changed is taken back together: a\n"
          "`cluster resume` is two revisions. Without REVISION, changes that are undone already "
          "and\n"
          "undos themselves are skipped, so that a second `undo` goes one change further back;\n"
          "`undo REVISION` takes back any change, also an undo.\n"
          "On a local state the values that stood there before are written back in one "
          "transaction;\n"
          "what was changed again since is refused, with the revisions in the way. On a server a\n"
          "change is taken back by the call that does the opposite, where there is one.\n"
          "Jobs of node_mgr, restores and changes of the key are not taken back: name an older\n"
          "change, as the message says.")
      .example("metactl undo")
      .example("metactl undo 42 --dry-run")
      .example("metactl undo --to 40 --yes")
      .destructive();
}

}  // namespace metactl::commands
