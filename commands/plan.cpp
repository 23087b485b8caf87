// SPDX-License-Identifier: Apache-2.0
// metactl plan, diff and apply.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "cli/duration.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/manifest_files.h"
#include "commands/manifests.h"

namespace metactl::commands {
namespace {

using manifest::Action;
using manifest::Step;
using nlohmann::ordered_json;

struct PlanOptions {
  std::vector<std::string> files;
  std::string out;
  bool detailed = false;
};

struct DiffOptions {
  std::vector<std::string> files;
};

struct ApplyOptions {
  std::string plan;
  std::vector<std::string> files;
  std::string wait;
};

void save_plan(const std::string& path, const Wishes& wishes, const Proposal& proposal,
               cli::Session& session) {
  ordered_json document = {{"api", manifest::api_version}, {"kind", "Plan"}};
  for (const auto& source : wishes.sources)
    document["manifests"].push_back({{"name", source.name}, {"text", source.text}});
  document["observed"] = proposal.observed;
  document["steps"] = ordered_json::array();
  for (const auto& step : proposal.steps) document["steps"].push_back(step_json(session, step));
  cli::write_private_file(
      path, document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void plan(cli::Session& session, const PlanOptions& options) {
  if (options.detailed) session.outcome()->failure_status = [](int) { return 1; };
  const auto wishes = read_wishes(session, options.files);
  const auto proposal = propose(session.client(), wishes);
  print_steps(session, proposal.steps);
  if (!options.out.empty()) save_plan(options.out, wishes, proposal, session);
  if (options.detailed && !proposal.steps.empty()) session.outcome()->status = 2;
}

void diff(cli::Session& session, const DiffOptions& options) {
  session.outcome()->failure_status = [](int status) { return std::max(status, 2); };
  const auto proposal = propose(session.client(), read_wishes(session, options.files));
  print_steps(session, proposal.steps);
  if (!proposal.steps.empty()) session.outcome()->status = 1;
}

std::string_view done_word(Action action) {
  switch (action) {
    case Action::create:
      return "created";
    case Action::change:
      return "changed";
    case Action::destroy:
      return "dropped";
  }
  return "";
}

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

/// All steps in one transaction; false when the service has none.
bool apply_together(cli::Session& session, const Wishes& wishes, const std::vector<Step>& steps) {
  return session.client().together(
      "apply", journal_text(session, steps), [&](client::Client& client) {
        // What was shown and confirmed must be what is done.
        const auto now = propose(client, wishes).steps;
        if (!same(now, steps))
          throw Error(Reason::precondition, "the state was changed meanwhile", "apply again");
        for (const auto& step : now) client.call_any(*step.operation, *step.request);
      });
}

Error stopped(const std::vector<Step>& steps, std::size_t done, const Error& error) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < steps.size(); ++i)
    lines.push_back(fmt::format("{}: {} {}", i < done ? "done" : "not done",
                                steps[i].operation->info->name, steps[i].object));
  Error result(Reason::partial,
               fmt::format("stopped after {} of {} steps: {}", done, steps.size(), error.what()),
               "apply again to do the rest");
  result.set_details(lines);
  if (error.answer()) result.set_answer(*error.answer());
  return result;
}

void tell(cli::Session& session, const Step& step) {
  if (session.style().format == render::Format::table && !session.globals().quiet)
    session.io().out << fmt::format("{} {}{}\n", step.object, done_word(step.action),
                                    session.globals().dry_run ? " (dry run)" : "")
                     << std::flush;
}

void apply_one_by_one(cli::Session& session, const std::vector<Step>& steps) {
  for (std::size_t done = 0; done < steps.size(); ++done) {
    try {
      session.client().call_any(*steps[done].operation, *steps[done].request);
    } catch (const Error& error) {
      if (done == 0) throw;
      throw stopped(steps, done, error);
    }
    tell(session, steps[done]);
  }
}

void confirm(cli::Session& session, const std::vector<Step>& steps) {
  std::vector<std::string> lost;
  for (const auto& step : steps)
    if (step.operation->info->effect == api::Effect::destroy)
      for (const auto& change : step.changes)
        lost.push_back(fmt::format(
            "{} of {}", change.substr(std::min<std::size_t>(2, change.size())), step.object));
  if (!lost.empty()) session.confirm("drop " + text::join(lost, ", "));
}

void print_result(cli::Session& session, const std::vector<Step>& steps) {
  const auto& style = session.style();
  if (style.format == render::Format::table) {
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

/// Looks again and again until the service shows what the manifests say.
void wait_for(cli::Session& session, Wishes wishes, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds pause{500};
  wishes.observed = nullptr;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto steps = propose(session.client(), wishes).steps;
    if (steps.empty()) return;
    if (std::chrono::steady_clock::now() + pause >= end)
      throw Error(Reason::unreachable,
                  fmt::format("not all is as the manifests say after the wait: {}: {}",
                              steps.front().object, text::join(steps.front().changes, ", ")));
    std::this_thread::sleep_for(pause);
  }
}

Wishes wishes_of(cli::Session& session, const ApplyOptions& options) {
  if (options.plan.empty()) return read_wishes(session, options.files);
  if (!options.files.empty()) throw Error(Reason::usage, "only one of PLANFILE and -f is possible");
  return read_plan(session, options.plan);
}

void apply(cli::Session& session, const ApplyOptions& options) {
  const auto limit = cli::parse_duration(options.wait.empty() ? "0" : options.wait);
  const auto wishes = wishes_of(session, options);
  const auto steps = propose(session.client(), wishes).steps;
  confirm(session, steps);
  if (!steps.empty()) {
    session.protect(*steps.front().operation->info);
    if (apply_together(session, wishes, steps)) {
      for (const auto& step : steps) tell(session, step);
    } else {
      apply_one_by_one(session, steps);
    }
  }
  print_result(session, steps);
  if (!options.wait.empty() && !session.globals().dry_run) wait_for(session, wishes, limit);
}

}  // namespace

void add_plan_commands(cli::Tree& tree) {
  tree.command<PlanOptions>("plan", "Show what apply would do", plan)
      .option("-f,--file", &PlanOptions::files, manifest_files_help, "FILE")
      .option("--out", &PlanOptions::out, "Save the plan, for apply PLANFILE", "PLANFILE")
      .flag("--detailed-exitcode", &PlanOptions::detailed,
            "Exit 0: no changes, 1: failed, 2: changes")
      .example("metactl plan -f cluster.yaml")
      .example("metactl plan -f manifests/ --out today.plan --detailed-exitcode");
  tree.command<DiffOptions>(
          "diff",
          "Compare manifests with what is there; exit 0 same, 1 different, 2 or more failed", diff)
      .option("-f,--file", &DiffOptions::files, manifest_files_help, "FILE")
      .example("metactl diff -f cluster.yaml");
  tree.command<ApplyOptions>("apply", "Make what manifests say", apply)
      .positional("PLANFILE", &ApplyOptions::plan, "A plan that was saved, in place of -f")
      .option("-f,--file", &ApplyOptions::files, manifest_files_help, "FILE")
      .option("--wait", &ApplyOptions::wait,
              "Wait until the service shows what the manifests say, so long at most", "TIME")
      .example("metactl apply -f cluster.yaml")
      .example("metactl apply today.plan --yes");
}

}  // namespace metactl::commands
