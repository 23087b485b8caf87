// SPDX-License-Identifier: Apache-2.0
// Which node of a qluster is asked, and what is done when it cannot answer.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/qluster.h"
#include "cli/tree.h"

namespace metactl::commands {

/// What all commands of qluster have.
struct AskOptions {
  std::string as;    // A node; "": the one that the server is.
  std::string wait;  // How long to wait for a leader; "": not at all.
  bool follow_leader = false;
};

template <class Options>
cli::Command<Options> with_asking(cli::Command<Options> command) {
  return command
      .option("--as", &Options::as,
              "Ask this node, by its id or its address; else the one that --server is", "NODE",
              cli::Names::qluster_node)
      .option("--wait", &Options::wait,
              "While there is no leader, or the node cannot serve, ask again, so long at most",
              "TIME");
}

/// The same for what only a leader does.
template <class Options>
cli::Command<Options> with_leader(cli::Command<Options> command) {
  return with_asking(command).flag("--follow-leader", &Options::follow_leader,
                                   "Ask the leader when the node says that it is none");
}

// HTTP statuses as qluster means them.
inline constexpr int status_gone = 410;
inline constexpr int status_precondition = 412;
inline constexpr int status_not_leader = 417;
inline constexpr int status_not_replicated = 420;
inline constexpr int status_no_leader = 530;
inline constexpr int status_unavailable = 531;

/// For an own node that is no member any more, whose map is refused.
inline constexpr auto hint_without_map =
    "--as ID asks another node; metactl qluster events tells their ids";

/// The status that a service answered; 0 when none did.
int status_in(const Error& error);

/// Sets who is asked, unless nobody is named.
template <class Request>
void set_asked(Request& request, const pb::QlusterAskedPB& asked) {
  if (asked.has_node() || asked.has_address()) *request.mutable_asked() = asked;
}

template <class Request>
Request request_to(const pb::QlusterAskedPB& asked) {
  Request request;
  set_asked(request, asked);
  return request;
}

/// Where the API of a leader is, as it is asked.
pb::QlusterAskedPB asked_leader(const pb::QlusterLeaderPB& leader);

/// Somebody to be asked, as the options say.
class Asking {
 public:
  /// Looks up --as. Throws Error.
  Asking(cli::Session& session, const AskOptions& options);

  /// Who is asked now: another one than in the beginning when the leader was followed.
  const pb::QlusterAskedPB& asked() const { return asked_; }

  /// Calls `call`, again after 417 and, within the wait, 530 and 531, as the options say. No other
  /// failure is a reason to call again: nobody knows whether the change was made. Failures get the
  /// next thing to type.
  void ask(const std::function<void(const pb::QlusterAskedPB&)>& call);

  /// The map as it is now.
  pb::QlusterMapResponse map();

 private:
  void ask_patiently(const std::function<void(const pb::QlusterAskedPB&)>& call);
  void ask_once(const std::function<void(const pb::QlusterAskedPB&)>& call);

  cli::Session& session_;
  const AskOptions& options_;
  pb::QlusterAskedPB asked_;
};

/// Session::show for an operation whose request only says who is asked.
template <class Response, class Present>
void show_asked(cli::Session& session, const AskOptions& options,
                const api::Operation<pb::QlusterRequest, Response>& operation, Present&& present) {
  Asking asking(session, options);
  asking.ask([&](const auto& asked) {
    session.show(operation, request_to<pb::QlusterRequest>(asked), present);
  });
}

}  // namespace metactl::commands
