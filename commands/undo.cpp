// SPDX-License-Identifier: Apache-2.0
// metactl undo: takes changes back.
#include <fmt/format.h>

#include "base/first_lines.h"
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

/// The newest change, of that instance if one is named; nothing when there is none.
std::optional<std::uint64_t> newest(client::History& history, const std::string& instance) {
  std::optional<std::uint64_t> found;
  history.each([&](client::PastChange& change) {
    if (instance.empty() || touched_by(change).is_about(instance)) found = change.revision;
    return !found;
  });
  return found;
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
  if (!options.to.empty()) return {parse_revision(options.to), true};
  if (!options.revision.empty()) {
    const auto revision = parse_revision(options.revision);
    if (!typed.empty() && !touched_by(change_of(history, revision)).is_about(typed))
      throw Error(Reason::usage,
                  fmt::format("revision {} is not about instance '{}'", revision, typed));
    return {revision, false};
  }
  const auto revision = newest(history, session.named_instance());
  if (!revision) throw Error(Reason::not_found, "there is no change to take back");
  return {*revision, false};
}

/// A line for each of the first items, and how many more there are.
template <class Item, class Describe>
void note_first(cli::Session& session, const std::vector<Item>& items,
                const Describe& describe) {
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
void call_all(cli::Session& session, const client::UndoPlan& plan) {
  std::size_t done = 0;
  for (const auto& call : plan.calls) {
    try {
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

void undo(cli::Session& session, const UndoOptions& options) {
  const auto history = history_of(session);
  const auto target = target_of(session, *history, options);
  const auto plan = history->plan_undo(target);
  const auto name = std::to_string(target.revision);
  const cli::ChangeText text{"take back", target.range ? "restored" : "undone", "revision", name};
  if (plan.changes.empty()) return session.unchanged(text);
  tell_plan(session, plan);
  if (!plan.calls.empty()) rehearse(session, plan);
  session.confirm(plan.changes.size() == 1
                      ? fmt::format("take back revision {}", plan.changes.front().revision)
                      : fmt::format("take back {} changes", plan.changes.size()));
  if (plan.calls.empty()) {
    history->undo(plan);
  } else {
    call_all(session, plan);
  }
  session.done(text);
}

}  // namespace

void add_undo_command(cli::Tree& tree) {
  tree.command<UndoOptions>("undo", "Take back a change, or all that came after one", undo)
      .positional("REVISION", &UndoOptions::revision,
                  "The change, by its number in `metactl history`; left out: the newest, of -i if "
                  "it is given")
      .option("--to", &UndoOptions::to,
              "Take back all changes after this one, newest first, all or none", "REVISION")
      .details(
          "Shows what it will do and asks. On a local state the values that stood there before "
          "are\n"
          "written back in one transaction; what was changed again since is refused, with the\n"
          "revisions in the way. An undo is a change itself, so that another one takes it back.\n"
          "On a server the change is taken back by the call that does the opposite, where there "
          "is\n"
          "one.")
      .example("metactl undo")
      .example("metactl undo 42 --dry-run")
      .example("metactl undo --to 40 --yes")
      .destructive();
}

}  // namespace metactl::commands
