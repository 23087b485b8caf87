// SPDX-License-Identifier: Apache-2.0
#include "commands/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/listed.h"
#include "base/text.h"
#include "cli/duration.h"
#include "commands/commands.h"
#include "commands/manifest_files.h"
#include "commands/owners.h"
#include "commands/pruning_options.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

using manifest::Action;
using manifest::Step;
using nlohmann::ordered_json;

struct ApplyOptions : Pruning {
  std::string plan;
  std::vector<std::string> files;
  std::string wait;
};

/// What an apply changes, for the journal.
std::string journal_text(const cli::Session& session, const std::vector<Step>& steps) {
  auto list = ordered_json::array();
  for (const auto& step : steps) list.push_back(step_json(session, step));
  return ordered_json{{"steps", list}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool same(const std::vector<Step>& a, const std::vector<Step>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Step& x, const Step& y) {
    return x.object == y.object && x.instance == y.instance && x.operation == y.operation &&
           x.changes == y.changes;
  });
}

/// All steps in one transaction; false when the service has none. `steps` becomes empty when all
/// was as it is wanted already when the transaction began.
bool apply_together(cli::Session& session, const Wishes& wishes, std::vector<Step>& steps) {
  bool is_done = false;
  const bool is_possible =
      session.client().together("apply", journal_text(session, steps), [&](client::Client& client) {
        const auto now = propose(client, wishes).steps;
        is_done = now.empty();
        // What was shown and confirmed must be what is done.
        if (!is_done && !same(now, steps)) throw changed_meanwhile();
        for (const auto& step : now) {
          try {
            manifest::make(client, step);
          } catch (const Error& error) {
            throw failed(step, error);
          }
        }
      });
  if (is_done) steps.clear();
  return is_possible;
}

/// True when the same call will be refused again.
bool is_permanent(Reason reason) {
  constexpr std::array permanent = {Reason::usage,  Reason::not_found,    Reason::conflict,
                                    Reason::denied, Reason::precondition, Reason::integrity};
  return std::find(permanent.begin(), permanent.end(), reason) != permanent.end();
}

/// The step at `done` failed; when the answer was lost, it may have been made all the same.
Error stopped(const std::vector<Step>& steps, std::size_t done, const Error& error) {
  const bool is_lost = error.reason() == Reason::unknown_outcome;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto* state = i < done ? "done" : i == done && is_lost ? "unknown" : "not done";
    lines.push_back(
        fmt::format("{}: {} {}", state, steps[i].operation->info->name, steps[i].object));
  }
  Error result(Reason::partial,
               fmt::format("stopped after {} of {} steps: {}", done, steps.size(), error.what()),
               is_permanent(error.reason()) ? "metactl plan shows the rest; change what is refused"
                                            : "apply again to do the rest");
  result.set_details(lines);
  result.set_operation(steps[done].operation->info->name);
  result.set_object(steps[done].object);
  if (error.answer()) result.set_answer(*error.answer());
  return result;
}

void tell(cli::Session& session, const Step& step) {
  if (is_for_people(session) && !session.globals().quiet)
    session.io().out << fmt::format("{} {}{}\n", step.object, words_of(step.action).done,
                                    session.globals().dry_run ? " (dry run)" : "")
                     << std::flush;
}

/// Notes whose the objects are that these steps made.
void note_owner(cli::Session& session, const Wishes& wishes, const std::vector<Step>& steps) {
  if (wishes.owner.empty() || session.globals().dry_run) return;
  note_owned(session, wishes.owner, steps, [&] {
    return manifest::observe(session.client(), manifest::subjects_of(wishes.input));
  });
}

void apply_one_by_one(cli::Session& session, const Wishes& wishes, const std::vector<Step>& steps) {
  for (std::size_t done = 0; done < steps.size(); ++done) {
    try {
      manifest::make(session.client(), steps[done]);
    } catch (const Error& error) {
      if (done == 0) throw failed(steps[0], error);
      const auto told = stopped(steps, done, error);
      try {
        note_owner(session, wishes, {steps.begin(), steps.begin() + static_cast<long>(done)});
      } catch (const Error& second) {
        session.warn(
            fmt::format("not noted what owner '{}' made: {}", wishes.owner, second.what()));
      }
      throw told;
    }
    tell(session, steps[done]);
  }
}

void print_result(cli::Session& session, const std::vector<Step>& steps) {
  const auto& style = session.style();
  if (is_for_people(session)) {
    if (steps.empty() && !session.globals().quiet) session.io().out << "no changes\n";
    if (session.globals().dry_run) session.print_effects();
    return;
  }
  auto list = ordered_json::array();
  for (const auto& step : steps) list.push_back(step_json(session, step));
  const bool as_yaml = style.format == render::Format::yaml;
  ordered_json document = {{"changed", !steps.empty()}, {"steps", std::move(list)}};
  if (session.globals().dry_run) {
    document["dry_run"] = true;
    document["effects"] = session.effects();
  }
  render::print_document(session.io().out, "Applied", document,
                         as_yaml ? style.format : render::Format::json);
}

/// What a saved plan was made from is not what is there after it.
void forget_saved(Wishes& wishes) {
  wishes.observed = nullptr;
  wishes.steps = nullptr;
}

/// An old server answers OK to calls that it does not know.
void read_back(cli::Session& session, Wishes wishes) {
  if (!session.globals().read_back || !session.client().wants_read_back()) return;
  forget_saved(wishes);
  std::vector<Step> left;
  try {
    left = propose(session.client(), wishes).steps;
  } catch (const Error& error) {
    throw error.explained("all steps are done, but cannot be looked at");
  }
  if (left.empty()) return;
  Error error(Reason::internal, "the server answered OK, but not all is as the manifests say",
              "look at it before you repeat; --no-read-back leaves this check out");
  std::vector<std::string> lines;
  lines.reserve(left.size());
  for (const auto& step : left)
    lines.push_back(fmt::format("{}: {}", step.object, text::listed(step.changes)));
  error.set_details(std::move(lines));
  throw error;
}

/// Asks, does the steps and tells them, and returns them.
std::vector<Step> make_steps(cli::Session& session, const Wishes& wishes) {
  auto proposal = propose(session.client(), wishes);
  rehearse(session, wishes, proposal);
  auto steps = std::move(proposal.steps);
  confirm_losses(session, steps);
  if (steps.empty()) return steps;
  session.protect(*steps.front().operation->info);
  if (apply_together(session, wishes, steps)) {
    for (const auto& step : steps) tell(session, step);
  } else {
    apply_one_by_one(session, wishes, steps);
    read_back(session, wishes);
  }
  note_owner(session, wishes, steps);
  return steps;
}

/// Looks again and again until the service shows what the manifests say. Behind what takes time
/// there may be steps that could not be made before, such as taking out nodes without slots.
void wait_for(cli::Session& session, Wishes wishes, std::chrono::milliseconds limit) {
  forget_saved(wishes);
  bool has_moved = false;
  wait_until(session, limit, [&]() -> std::string {
    auto proposal = propose(session.client(), wishes);
    if (!proposal.on_their_way.empty()) {
      has_moved = true;
      return proposal.on_their_way.front();
    }
    if (has_moved && !proposal.steps.empty()) {
      has_moved = false;
      make_steps(session, wishes);
      proposal = propose(session.client(), wishes);
    }
    if (proposal.steps.empty()) return "";
    const auto& step = proposal.steps.front();
    return fmt::format("{}: {}", step.object, text::listed(step.changes));
  });
}

Wishes wishes_of(cli::Session& session, const ApplyOptions& options) {
  if (options.plan.empty()) return read_wishes(session, options.files, options);
  if (!options.files.empty()) throw Error(Reason::usage, "only one of PLANFILE and -f is possible");
  if (options.prune || !options.owner.empty() || !options.limit.empty())
    throw Error(Reason::usage, "--owner, --prune and --prune-limit stand in the plan already");
  return read_plan(session, options.plan);
}

void apply(cli::Session& session, const ApplyOptions& options) {
  const auto limit = cli::parse_duration(options.wait.empty() ? "0" : options.wait);
  const auto wishes = wishes_of(session, options);
  apply_wishes(session, wishes);
  if (!options.wait.empty() && !session.globals().dry_run) wait_for(session, wishes, limit);
}

}  // namespace

void apply_wishes(cli::Session& session, const Wishes& wishes) {
  session.may_make_state();
  require_format(session);
  const auto steps = make_steps(session, wishes);
  print_result(session, steps);
}

void add_apply_command(cli::Tree& tree) {
  auto apply_command = tree.command<ApplyOptions>("apply", "Make what manifests say", apply);
  apply_command.positional("PLANFILE", &ApplyOptions::plan, "A plan that was saved, in place of -f")
      .option("-f,--file", &ApplyOptions::files, manifest_files_help, "FILE")
      .option("--wait", &ApplyOptions::wait,
              "Wait until the service shows what the manifests say, so long at most", "TIME");
  add_pruning_options(apply_command)
      .details(
          "On a local state all is done in one transaction. On a server it stops at the first\n"
          "failure, says what was done (exit 8), and does the rest when it is run again.")
      .example("metactl apply -f cluster.yaml")
      .example("metactl apply -f manifests/ --owner team-a --prune --yes")
      .example("metactl apply today.plan --yes");
}

}  // namespace metactl::commands
