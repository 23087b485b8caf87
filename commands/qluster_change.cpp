// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_change.h"

#include <fmt/format.h>

#include "api/qluster_errors.h"
#include "base/listed.h"
#include "base/text.h"
#include "commands/qluster_lookup.h"
#include "http/curl_errors.h"

namespace metactl::commands {
namespace {

std::string nodes_text(const pb::QlusterMapResponse& map) {
  std::vector<std::string> nodes;
  for (const auto& node : map.nodes())
    nodes.push_back(fmt::format("{} ({}{}{})", node.id(), node.ip(), node.role().empty() ? "" : " ",
                                node.role()));
  return text::listed(nodes);
}

/// What the cluster shows now, after a change of which nobody knows whether it was made.
std::vector<std::string> present_lines(cli::Session& session, const pb::QlusterAskedPB& asked,
                                       const QlusterDifference& difference) {
  std::vector<std::string> lines;
  try {
    const auto map = qluster_map(session, asked);
    lines.push_back(fmt::format("the map shows leader {} and nodes {}",
                                map.has_leader() ? std::to_string(map.leader()) : "none",
                                nodes_text(map)));
    const auto info =
        session.client().call(api::qluster_get_info, request_to<pb::QlusterRequest>(asked));
    lines.push_back(fmt::format(
        "the log is at index {} in term {}{}", info.applied_index(), info.term(),
        info.logs().empty() || !info.logs(info.logs_size() - 1).payload().has_kind()
            ? ""
            : "; its last entry is " + info.logs(info.logs_size() - 1).payload().kind()));
    if (!difference) return lines;
    const auto lack = difference(asked);
    lines.push_back(lack.empty() ? "so it looks as if the change was made"
                                 : "so it looks as if the change was not made: " + lack);
  } catch (const Error& error) {
    lines.push_back(fmt::format("the cluster cannot be looked at: {}", error.what()));
  }
  return lines;
}

}  // namespace

std::string leader_line(cli::Session& session, const Error& error,
                        const pb::QlusterAskedPB& asked) {
  try {
    auto leader = api::qluster_leader_in(error);
    if (!leader)
      leader =
          session.client().call(api::qluster_get_leader, request_to<pb::QlusterRequest>(asked));
    return fmt::format("the leader is {}", told(asked_leader(*leader)));
  } catch (const Error& failure) {
    return fmt::format("it does not tell the leader: {}", failure.what());
  }
}

Error qluster_refusal(cli::Session& session, const Error& error, const pb::QlusterAskedPB& asked,
                      const QlusterDifference& difference) {
  auto told = error;
  if (http::is_outcome_unknown(error)) {
    told.set_details(present_lines(session, asked, difference));
    return told;
  }
  if (status_in(error) == status_not_leader) told.set_details({leader_line(session, error, asked)});
  return told;
}

void ask_for_change(cli::Session& session, Asking& asking, const QlusterDifference& difference,
                    const std::function<void(const pb::QlusterAskedPB&)>& call) {
  try {
    asking.ask(call);
  } catch (const Error& error) {
    throw qluster_refusal(session, error, asking.asked(), difference);
  }
}

}  // namespace metactl::commands
