// SPDX-License-Identifier: Apache-2.0
// Changes of a qluster: its refusals, what to type then, and what is told when nobody knows whether
// a change was made.
#pragma once

#include <functional>
#include <string>

#include "commands/qluster_ask.h"

namespace metactl::commands {

/// "" when a read shows what was asked for, else what is wrong; see cli::Change.
using QlusterDifference = std::function<std::string(const pb::QlusterAskedPB&)>;

/// The failure with the next thing to type. When nobody knows whether the change was made: with
/// what the cluster shows now; `difference` may be empty.
Error qluster_refusal(cli::Session& session, const Error& error, const pb::QlusterAskedPB& asked,
                      const QlusterDifference& difference);

/// Where the leader is, as far as the node tells that said that it is none.
std::string leader_line(cli::Session& session, const Error& error, const pb::QlusterAskedPB& asked);

/// Runs a change as the options say. What `call` throws is told as qluster_refusal.
void ask_for_change(cli::Session& session, Asking& asking, const QlusterDifference& difference,
                    const std::function<void(const pb::QlusterAskedPB&)>& call);

/// Session::change of a qluster.
template <class Request, class Response>
void change_qluster(cli::Session& session, Asking& asking,
                    const api::Operation<Request, Response>& operation, Request request,
                    const cli::ChangeText& text, const QlusterDifference& difference = nullptr) {
  ask_for_change(session, asking, difference, [&](const pb::QlusterAskedPB& asked) {
    set_asked(request, asked);
    cli::Change more;
    if (difference) more.difference = [&] { return difference(asked); };
    session.change(operation, request, text, more);
  });
}

}  // namespace metactl::commands
