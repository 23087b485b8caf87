// SPDX-License-Identifier: Apache-2.0
// metactl doctor: what is wrong, and the command that mends it.
#include "commands/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api/foreign_json.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/findings.h"
#include "commands/sick_server.h"

namespace metactl::commands {
namespace {

struct DoctorOptions {
  std::string slow = "1s";
  std::string baseline;
  std::string bundle;
  bool force = false;
};

/// What a finding is known by: its id and its object.
using Known = std::set<std::pair<std::string, std::string>>;

std::pair<std::string, std::string> name_of(const api::Finding& finding) {
  return {finding.id, finding.object};
}

Known read_baseline(cli::Session& session, const std::string& path) {
  const Error unreadable(Reason::usage,
                         fmt::format("not what 'metactl doctor -o json' writes: '{}'", path),
                         "metactl doctor -o json | tee FILE");
  const auto document = api::parse_foreign_json(cli::read_input(session.io(), path));
  if (!document.is_object() || !document.contains("items") || !document["items"].is_array())
    throw unreadable;
  Known known;
  for (const auto& item : document["items"]) {
    const auto text_of = [&](const char* name) {
      if (!item.is_object() || !item.contains(name) || !item[name].is_string()) throw unreadable;
      return item[name].get<std::string>();
    };
    known.emplace(text_of("id"), text_of("object"));
  }
  return known;
}

/// Takes away what is known, and tells how much that was and what of it is gone.
void subtract(cli::Session& session, Known known, std::vector<api::Finding>& findings) {
  Known gone = known;
  for (const auto& finding : findings) gone.erase(name_of(finding));
  const auto hidden = std::erase_if(
      findings, [&](const auto& finding) { return known.contains(name_of(finding)); });
  if (hidden > 0) session.note(fmt::format("{} of the baseline not shown", hidden));
  for (const auto& [id, object] : gone)
    session.note(fmt::format("of the baseline, but gone: {} {}", id, object));
}

/// Hints of errors are about calls that were to change something; doctor asks only.
std::string mend_of(const Error& error) {
  if (error.reason() == Reason::unreachable) return reach_hint;
  if (!error.hint().empty()) return error.hint();
  if (error.reason() != Reason::integrity) return "";
  const bool is_foreign = std::string_view(error.what()).ends_with("not a metactl state file");
  return is_foreign ? "name the state: --state FILE"
                    : "metactl state verify; metactl state restore FILE --force";
}

/// "unreachable-server" and the like.
std::string id_of(const Error& error, bool is_remote) {
  switch (error.reason()) {
    case Reason::unreachable:
      return "unreachable-server";
    case Reason::denied:
      return is_remote ? "access-denied" : "not-permitted";
    case Reason::integrity:
      return "damaged";
    case Reason::not_found:
      return "no-instance";
    default:
      return "failed-look";
  }
}

void look_at_state(cli::Session& session, Diagnosis& diagnosis) {
  check_files(session, diagnosis);
  const auto& services = session.services();
  if (services.is_new && services.is_new(session.connection()))
    return diagnosis.add({"no-state", api::Severity::info, diagnosis.service, "it is not there yet",
                          "metactl instance create prod --user-id USER"});
  check_rows(session, diagnosis);
  check_instances(session, diagnosis);
}

void look_at_server(cli::Session& session, std::chrono::milliseconds slow, Diagnosis& diagnosis) {
  check_files(session, diagnosis);
  check_server(session, slow, diagnosis);
  if (diagnosis.failure == 0 && !diagnosis.is_sick) check_instances(session, diagnosis);
}

void summarize(cli::Session& session, const Diagnosis& diagnosis) {
  const auto count = count_text(diagnosis.findings);
  const auto checks = fmt::format("{} check{}", diagnosis.checks, diagnosis.checks == 1 ? "" : "s");
  if (is_unhealthy(diagnosis.findings)) return session.note(fmt::format("{}; {}", count, checks));
  session.note(fmt::format("healthy: {}{}", checks, count.empty() ? "" : "; " + count));
}

void run(cli::Session& session, const DoctorOptions& options) {
  refuse_raw_findings(session);
  const auto slow = cli::parse_duration(options.slow);
  Known known;
  check_bundle(session, options.bundle, options.force);
  if (!options.baseline.empty()) known = read_baseline(session, options.baseline);
  Diagnosis diagnosis{.is_remote = session.is_remote(), .service = service_object(session)};
  if (session.is_remote())
    look_at_server(session, slow, diagnosis);
  else
    look_at_state(session, diagnosis);
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  if (!options.bundle.empty()) write_bundle(session, options.bundle, options.force, diagnosis);
  subtract(session, std::move(known), diagnosis.findings);
  if (options.bundle != "-") print_findings(session, diagnosis.findings);
  session.io().out.flush();  // The summary stands below.
  summarize(session, diagnosis);
  const int unhealthy = is_unhealthy(diagnosis.findings) ? info(Reason::unhealthy).exit_status : 0;
  session.outcome()->status = diagnosis.failure != 0 ? diagnosis.failure : unhealthy;
}

}  // namespace

void Diagnosis::add_failure(const Error& error, const std::string& object) {
  const bool ends =
      error.reason() == Reason::unreachable || (is_remote && error.reason() == Reason::denied);
  if (ends) failure = info(error.reason()).exit_status;
  api::Finding finding{id_of(error, is_remote), api::Severity::error, object, error.what(),
                       mend_of(error)};
  const bool is_told = std::any_of(findings.begin(), findings.end(), [&](const auto& each) {
    return name_of(each) == name_of(finding);
  });
  if (!is_told) add(std::move(finding));
}

void add_doctor_command(cli::Tree& tree) {
  tree.command<DoctorOptions>("doctor", "Find what is wrong, and the command that mends it", run)
      .option("--slow", &DoctorOptions::slow, "A server is slow above this; default 1s", "TIME")
      .option("--baseline", &DoctorOptions::baseline,
              "Leave out what this output of -o json has: a file, or -", "FILE")
      .option("--bundle", &DoctorOptions::bundle,
              "Write a tar for a bug report, without secrets, or - for standard output", "FILE")
      .flag("--force", &DoctorOptions::force, "Replace the file of --bundle")
      .details(
          "Looks at the files in use, at the rows of a local state (as state verify does), at the\n"
          "instances (the one of -i, else all), and at a server: its speed, its clock, its token\n"
          "and the calls that it knows. It changes nothing: a server is asked for its calls by\n"
          "requests that it must refuse.")
      .details(
          "The exit status is 10 when there is a warning or an error, 6 when the server cannot\n"
          "be reached, 5 when it refuses the token, else 0.")
      .details(
          "A finding of the baseline is known by ID and OBJECT: what grows worse there stays "
          "hidden,\n"
          "but another missing member of a virtual cluster is another object.")
      .details(
          "In CI, note once what is accepted: metactl doctor -o json | tee doctor.json\n"
          "and then look for what is new:     metactl doctor --baseline doctor.json")
      .example("metactl doctor")
      .example("metactl doctor --server http://10.0.0.1:5000 -i prod --slow 200ms")
      .example("metactl doctor --baseline doctor.json")
      .example("metactl doctor --bundle report.tar");
}

}  // namespace metactl::commands
