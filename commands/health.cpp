// SPDX-License-Identifier: Apache-2.0
// metactl health: the quick form of doctor, for scripts and probes.
#include <fmt/format.h>

#include <algorithm>

#include "api/broker.h"
#include "api/instance_findings.h"
#include "api/nodemgr.h"
#include "api/qluster.h"
#include "commands/commands.h"
#include "commands/findings.h"
#include "commands/lookup.h"
#include "commands/sick_server.h"

namespace metactl::commands {
namespace {

struct HealthOptions {};

using Findings = std::vector<api::Finding>;

Findings errors_of(const pb::InstanceInfoPB& instance) {
  auto findings = api::integrity_findings(instance);
  for (auto& finding : api::health_findings(instance, 0)) findings.push_back(std::move(finding));
  std::erase_if(findings, [](const auto& each) { return each.severity != api::Severity::error; });
  return findings;
}

/// Throws what says that nobody answered, that the token was refused, or that there is no such
/// instance; any other failure is a finding.
Findings errors_of_server(cli::Session& session) {
  const auto& id = session.named_instance();
  if (id.empty()) {
    const auto sickness = find_sickness(session);
    return sickness ? Findings{*sickness} : Findings{};
  }
  try {
    const auto instance = get_instance(session, id);
    if (instance.instance_id() == id) return errors_of(instance);
    return {sick_server(session, fmt::format("asked for instance '{}', it shows instance '{}'", id,
                                             instance.instance_id()))};
  } catch (const Error& error) {
    if (error.reason() == Reason::unreachable || error.reason() == Reason::denied ||
        error.reason() == Reason::not_found)
      throw;
    return {sick_server(
        session, fmt::format("asked for instance '{}', it answers: {}", id, answer_text(error)))};
  }
}

/// A record that stands in the list of instances but cannot be read under its name hides no other.
Findings errors_of_listed(cli::Session& session, const std::string& id) {
  try {
    return errors_of(get_instance(session, id));
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found && error.reason() != Reason::integrity) throw;
    const bool is_damaged = error.reason() == Reason::integrity;
    return {{is_damaged ? "damaged" : "key-mismatch", api::Severity::error, "instance/" + id,
             is_damaged ? error.what() : "its record stands under the key of another instance",
             "metactl state verify"}};
  }
}

/// Reads all that a service has in the state. Where none was made there is nothing to read.
void check_service(cli::Session& session, const api::AnyOperation& read, Findings& all) {
  try {
    session.client().call_any(read, read.request());
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found || error.reason() == Reason::precondition) return;
    if (error.reason() != Reason::integrity) throw;
    const auto name = read.info->name.substr(0, read.info->name.find('_'));
    all.push_back(
        {"damaged", api::Severity::error, std::string(name), error.what(), "metactl state verify"});
  }
}

Findings errors_of_state(cli::Session& session) {
  if (!session.named_instance().empty())
    return errors_of(get_instance(session, session.named_instance()));
  Findings all;
  for (const auto& id : all_instances(session))
    for (auto& finding : errors_of_listed(session, id)) all.push_back(std::move(finding));
  for (const auto& read : {api::any(api::broker_get_metadata), api::any(api::qluster_get_map),
                           api::any(api::nodemgr_get_node)})
    check_service(session, read, all);
  return all;
}

bool is_table(const cli::Session& session) {
  return session.style().format == render::Format::table ||
         session.style().format == render::Format::wide;
}

/// Hints of broken calls are about changes.
Findings errors_of_service(cli::Session& session) {
  if (!session.is_remote()) return errors_of_state(session);
  try {
    return errors_of_server(session);
  } catch (Error& error) {
    if (error.reason() == Reason::unreachable) error.set_hint(reach_hint);
    throw;
  }
}

void run(cli::Session& session, const HealthOptions&) {
  refuse_raw_findings(session);
  const auto findings = errors_of_service(session);
  if (!findings.empty()) session.outcome()->status = info(Reason::unhealthy).exit_status;
  if (session.globals().quiet) return;
  if (findings.empty() && is_table(session))
    session.io().out << "ok\n";
  else
    print_findings(session, findings);
}

}  // namespace

void add_health_command(cli::Tree& tree) {
  tree.command<HealthOptions>("health", "Tell by the exit status whether all is well", run)
      .needs_target()
      .details(
          "One call, or one for each instance of a local state: the service answers, takes the\n"
          "token, can read its storage, and what the instance of -i holds is in order. Without\n"
          "-i a server must tell that it has no instance of a name that none can have. Prints ok, "
          "or the errors that\n"
          "metactl doctor finds in instances; with -q nothing. The exit status is 0, 10 with\n"
          "errors, 6 when the server cannot be reached, 5 when it refuses the token, 3 when the\n"
          "state does not exist, 9 when it cannot be read. Without a server, a state or a context\n"
          "there is nothing to check: exit status 2.")
      .details(
          "As a probe of Kubernetes: exec: command: [metactl, health, -q, --timeout, 2s]\n"
          "As a check of a load balancer: metactl health -q --server URL --timeout 2s")
      .example("metactl health")
      .example("metactl health -q --server http://10.0.0.1:5000 --timeout 2s");
}

}  // namespace metactl::commands
