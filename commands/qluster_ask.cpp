// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_ask.h"

#include <fmt/format.h>

#include "api/operations.h"
#include "api/qluster_errors.h"
#include "base/ip_address.h"
#include "cli/duration.h"
#include "commands/qluster_lookup.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

std::string_view hint_of(int status) {
  switch (status) {
    case status_gone:
      return "metactl qluster node list";
    case status_precondition:
      return "metactl qluster map shows the nodes, and --as NODE asks another one";
    case status_not_leader:
      return "--follow-leader asks the leader, --as NODE another node";
    case status_not_replicated:
      return "bring nodes back, or: metactl qluster config set replication-factor=N";
    case status_no_leader:
    case status_unavailable:
      return "--wait 30s asks again until it can answer";
    default:
      return "";
  }
}

/// A read is refused so only by a node that is no member, whose map cannot be had either.
bool is_no_member(const Error& error) {
  const auto* operation = api::find_operation(error.operation());
  return status_in(error) == status_precondition && operation &&
         operation->info->effect == api::Effect::read;
}

/// What passes by itself; a state that cannot be read does not.
bool may_pass(const Error& error) {
  return error.reason() == Reason::unreachable &&
         (status_in(error) == status_no_leader || status_in(error) == status_unavailable);
}

/// The same node is asked for the leader, unless it told.
pb::QlusterAskedPB leader_behind(cli::Session& session,
                                 const std::optional<pb::QlusterLeaderPB>& told,
                                 const pb::QlusterAskedPB& asked) {
  return asked_leader(
      told ? *told
           : session.client().call(api::qluster_get_leader, request_to<pb::QlusterRequest>(asked)));
}

}  // namespace

int status_in(const Error& error) {
  return error.answer() ? error.answer()->http : 0;
}

pb::QlusterAskedPB asked_leader(const pb::QlusterLeaderPB& leader) {
  pb::QlusterAskedPB asked;
  if (leader.has_id()) asked.set_node(leader.id());
  auto address = leader.api_address();
  if (address.empty() && leader.has_ip() && leader.has_api_port())
    address = ip::endpoint(leader.ip(), leader.api_port());
  if (!address.empty()) asked.set_address(address);
  return asked;
}

Asking::Asking(cli::Session& session, const AskOptions& options)
    : session_(session), options_(options), asked_(asked_node(session, options.as)) {}

void Asking::ask_once(const std::function<void(const pb::QlusterAskedPB&)>& call) {
  std::optional<pb::QlusterLeaderPB> named;
  try {
    return call(asked_);
  } catch (const Error& error) {
    if (status_in(error) != status_not_leader || !options_.follow_leader) throw;
    named = api::qluster_leader_in(error);
  }
  const auto leader = leader_behind(session_, named, asked_);
  if (!leader.has_node() && !leader.has_address())
    throw Error(Reason::precondition, "not the leader, and it does not tell where the leader is",
                "metactl qluster map");
  asked_ = leader;
  session_.note(fmt::format("note: the leader is {}, which is asked instead", told(asked_)));
  call(asked_);
}

void Asking::ask(const std::function<void(const pb::QlusterAskedPB&)>& call) {
  try {
    ask_patiently(call);
  } catch (const Error& error) {
    auto told = error;
    const bool is_damaged = error.reason() == Reason::integrity;
    if (told.hint().empty() && !is_damaged)
      told.set_hint(is_no_member(error) ? hint_without_map : hint_of(status_in(error)));
    throw told;
  }
}

pb::QlusterMapResponse Asking::map() {
  pb::QlusterMapResponse map;
  ask([&](const auto& asked) { map = qluster_map(session_, asked); });
  return map;
}

void Asking::ask_patiently(const std::function<void(const pb::QlusterAskedPB&)>& call) {
  if (options_.wait.empty()) return ask_once(call);
  std::optional<Error> failure;
  const auto look = [&]() -> std::string {
    failure.reset();
    try {
      ask_once(call);
    } catch (const Error& error) {
      failure = error;
      if (may_pass(error)) return error.what();
    }
    return "";
  };
  try {
    wait_until(session_, cli::parse_duration(options_.wait), look);
  } catch (const Error&) {
    if (!failure) throw;
    auto told = failure->explained("the wait is over");
    told.set_hint("metactl qluster map");
    throw told;
  }
  if (failure) throw Error(*failure);
}

}  // namespace metactl::commands
