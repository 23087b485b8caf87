// SPDX-License-Identifier: Apache-2.0
// metactl qluster leader, is-leader: who leads, and who shall.
#include <fmt/format.h>

#include <chrono>

#include "api/qluster_errors.h"
#include "commands/commands.h"
#include "commands/qluster_change.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

struct SetOptions : AskOptions {
  std::string node;
};

void show(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_leader,
             [&](const auto& response) { session.print(leader_object(response)); });
}

/// Another node may be told that it leads a moment after the answer.
constexpr std::chrono::seconds time_to_hand_over{3};

/// "" when the node leads, at once or soon.
std::string leader_difference(cli::Session& session, const pb::QlusterAskedPB& asked,
                              std::uint64_t id) {
  std::string lack;
  try {
    wait_until(session, time_to_hand_over, [&] {
      const auto map = qluster_map(session, asked);
      lack = !map.has_leader()    ? "no node leads"
             : map.leader() == id ? ""
                                  : fmt::format("node {} leads", map.leader());
      return lack;
    });
  } catch (const Error&) {
    if (lack.empty()) throw;
  }
  return lack;
}

void set(cli::Session& session, const SetOptions& options) {
  Asking asking(session, options);
  const auto before = asking.map();
  const auto id = node_id(before, options.node);
  pb::QlusterNodeRequest request;
  request.set_node(id);
  const cli::ChangeText text{"make leader", "made leader", qluster_node_kind, std::to_string(id)};
  if (before.has_leader() && before.leader() == id) return session.unchanged(text);
  session.confirm(fmt::format("hand leadership over to node '{}'", id));
  change_qluster(
      session, asking, api::qluster_set_leader, request, text,
      [&session, id](const auto& asked) { return leader_difference(session, asked, id); });
}

/// Prints whether it is the leader, and why not.
void tell(cli::Session& session, bool is_leader, int status, const std::string& line) {
  const auto format = session.style().format;
  const bool is_table = format == render::Format::table || format == render::Format::wide;
  if (session.globals().quiet && is_table) return;
  if (is_table) {
    session.io().out << line << '\n';
    return;
  }
  render::Object object;
  object.kind = "QlusterIsLeader";
  object.name = is_leader ? "yes" : "no";
  object.value = {{"is-leader", is_leader}, {"status", status}, {"text", line}};
  object.fields = {{"is-leader", is_leader ? "true" : "false"},
                   {"status", std::to_string(status)},
                   {"text", line}};
  session.print(object);
}

/// What the node answered; where it did not say that it leads, that is no failure of the command,
/// but its result.
void tell_answer(cli::Session& session, const Error& error, const pb::QlusterAskedPB& asked) {
  const auto status = status_in(error);
  session.outcome()->status = info(Reason::internal).exit_status;
  if (session.style().format == render::Format::raw) return;  // Printed already.
  const auto why = status == status_not_leader
                       ? "not the leader: " + leader_line(session, error, asked)
                       : std::string("not the leader: ") + error.what();
  tell(session, false, status, why);
}

/// True when a node answered, but not that it leads. Another service has no such path, or says OK
/// to anything, and a state without a qluster has no node that answers.
bool is_answer(const Error& error) {
  if (api::is_qluster_missing(error)) return false;
  const auto status = status_in(error);
  return status != 0 && status != 200 && status != 404 && error.reason() != Reason::denied;
}

void is_leader(cli::Session& session, const AskOptions& options) {
  Asking asking(session, options);
  try {
    asking.ask([&](const auto& asked) {
      session.show(api::qluster_is_leader, request_to<pb::QlusterRequest>(asked),
                   [&](const auto&) { tell(session, true, 200, "the leader"); });
    });
  } catch (const Error& error) {
    if (!is_answer(error)) throw;
    tell_answer(session, error, asking.asked());
  }
}

}  // namespace

void add_qluster_leader_commands(cli::Group& qluster) {
  auto leader = qluster.group(
      "leader", "Show the leader, which the name alone does, too, or hand leadership over");
  with_asking(leader.command<AskOptions>("show", "Show the addresses of the leader", show))
      .example("metactl qluster leader show")
      .example("metactl qluster leader show -o json")
      .runs(api::qluster_get_leader);
  with_asking(leader.command<SetOptions>("set", "Hand leadership over to a node", set)
                  .positional("NODE", &SetOptions::node,
                              "Id or address of a proper node: 2, 10.0.0.2, 10.0.0.2:8080",
                              cli::Names::qluster_node))
      .needs({"NODE"})
      .details(
          "Any node can be asked for that. What was sent to the node that led before is refused "
          "from\n"
          "then on: --follow-leader and --as lead to the new one.")
      .example("metactl qluster leader set 2 --yes")
      .destructive()
      .runs(api::qluster_set_leader);
  leader.by_default("show");
  with_asking(qluster.command<AskOptions>(
                  "is-leader", "Say whether a node leads, by the exit status", is_leader))
      .details(
          "Exit status, for the scripts of load balancers:\n"
          "  0  it is the leader\n"
          "  1  it answered that it is not (417), or why it cannot be: no member of the cluster "
          "(412),\n"
          "     no leader is known (530), it cannot serve (531); or anything else but 200\n"
          "  2  no server and no state is named\n"
          "  3  the state does not exist, or has no qluster\n"
          "  5  it was not let through, such as by TLS\n"
          "  6  it did not answer: unreachable, or --timeout is over\n"
          "  7  what answered is no qluster\n"
          "One line says that on standard output; -q leaves it out.")
      .example("metactl qluster is-leader -q --server http://10.0.0.2:8080 --timeout 2s")
      .example("metactl qluster is-leader --as 2")
      .runs(api::qluster_is_leader);
}

}  // namespace metactl::commands
