// SPDX-License-Identifier: Apache-2.0
// metactl doctor: what stands in the instances.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/instance_findings.h"
#include "commands/doctor.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

std::int64_t now_s() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
}

bool is_told(const Diagnosis& diagnosis, const api::Finding& finding) {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(), [&](const auto& each) {
    return each.id == finding.id && each.object == finding.object &&
           each.message == finding.message;
  });
}

void add_new(std::vector<api::Finding> findings, Diagnosis& diagnosis) {
  for (auto& finding : findings)
    if (!is_told(diagnosis, finding)) diagnosis.add(std::move(finding));
}

/// True for a finding of the named instance, of all when none is named, or of no instance.
bool is_wanted(const api::Finding& finding, const std::string& instance) {
  const auto object = "instance/" + instance;
  return instance.empty() || !finding.object.starts_with("instance/") || finding.object == object ||
         finding.object.starts_with(object + "/");
}

void check_instance(cli::Session& session, const std::string& id, api::UniqueIds& unique_ids,
                    Diagnosis& diagnosis) {
  const auto instance = get_instance(session, id);
  ++diagnosis.checks;
  add_new(api::integrity_findings(instance), diagnosis);
  add_new(unique_ids.see(id, instance), diagnosis);
  add_new(api::health_findings(instance, now_s()), diagnosis);
}

/// The real service cannot list them, which is no illness.
bool cannot_list(const cli::Session& session, const Error& error) {
  return session.is_remote() && error.reason() == Reason::internal;
}

/// True when the rows of the state have told already why a record cannot be read or found.
bool is_known_damage(const Diagnosis& diagnosis, const Error& error, bool is_listed) {
  return diagnosis.has_damage && (error.reason() == Reason::integrity ||
                                  (is_listed && error.reason() == Reason::not_found));
}

}  // namespace

void check_rows(cli::Session& session, Diagnosis& diagnosis) {
  const auto connection = session.connection();
  if (!session.services().state || !std::filesystem::exists(connection.state)) return;
  const bool is_unreadable = std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                                         [](const auto& each) { return each.id == "damaged"; });
  if (is_unreadable) return;
  ++diagnosis.checks;
  try {
    for (auto& finding : session.services().state(connection)->verify(std::nullopt).findings) {
      // The look at the key file tells more of a missing key.
      if (finding.id == "missing-key" || !is_wanted(finding, session.named_instance())) continue;
      diagnosis.has_damage = diagnosis.has_damage || finding.severity == api::Severity::error;
      diagnosis.add(std::move(finding));
    }
  } catch (const Error& error) {
    diagnosis.add_failure(error, diagnosis.service);
  }
}

std::vector<std::string> instances_to_check(cli::Session& session) {
  if (!session.named_instance().empty()) return {session.named_instance()};
  return all_instances(session);
}

void check_instances(cli::Session& session, Diagnosis& diagnosis) {
  std::vector<std::string> ids;
  try {
    ids = instances_to_check(session);
  } catch (const Error& error) {
    if (is_known_damage(diagnosis, error, false)) return;
    if (!cannot_list(session, error)) return diagnosis.add_failure(error, diagnosis.service);
    return diagnosis.add({"instances-unseen", api::Severity::info, diagnosis.service,
                          "it cannot list its instances, and none was looked at",
                          "metactl doctor -i INSTANCE"});
  }
  api::UniqueIds unique_ids;
  const bool is_listed = session.named_instance().empty();
  for (const auto& id : ids) {
    try {
      check_instance(session, id, unique_ids, diagnosis);
    } catch (const Error& error) {
      if (!is_known_damage(diagnosis, error, is_listed))
        diagnosis.add_failure(error, "instance/" + id);
    }
    if (diagnosis.failure != 0) return;
  }
}

}  // namespace metactl::commands
