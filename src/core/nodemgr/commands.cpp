// SPDX-License-Identifier: Apache-2.0
// Commands of the shell: none is ever run. Where they are allowed, those that start and stop a node
// are understood. Source: node-mgr-api.md, N7.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "api/nodemgr_errors.h"
#include "base/text.h"
#include "core/nodemgr/operations.h"
#include "core/nodemgr/rows.h"

namespace metactl::core::nodemgr {
namespace {

enum class Tool : std::uint8_t { mysql, pgsql, cluster };

struct Understood {
  Tool tool;
  std::string_view beginning;  // The port follows.
  bool starts;
};

constexpr std::array understood = {
    Understood{Tool::mysql, "./startmysql.sh ", true},
    Understood{Tool::mysql, "./stopmysql.sh ", false},
    Understood{Tool::pgsql, "python2 start_pg.py port=", true},
};

/// The port that follows; nothing when the command is another one.
std::optional<std::uint64_t> port_behind(std::string_view beginning, std::string_view command) {
  if (!command.starts_with(beginning)) return std::nullopt;
  const auto digits = command.substr(beginning.size());
  if (digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  const auto port = text::to_int(digits);
  return port ? std::optional(static_cast<std::uint64_t>(*port)) : std::nullopt;
}

void mark(Context& context, Tool tool, std::uint64_t port, bool is_running) {
  context.transact([&](store::Txn& txn) {
    Changes changes(txn);
    auto nodes = changes.nodes();
    const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const Node& each) {
      const bool is_mysql = each.record.type() != "computer_node";
      return each.record.port() == port && is_mysql == (tool == Tool::mysql);
    });
    if (node == nodes.end())
      throw api::nodemgr_refused(fmt::format("there is no node with the port {}", port));
    node->record.set_running(is_running);
    changes.store(*node);
  });
}

pb::NodemgrReceivedResponse run(Context& context, Tool tool,
                                const pb::NodemgrCommandRequest& request) {
  if (!context.settings().allow_shell)
    throw api::nodemgr_refused("shell commands are refused: the core was started without them");
  for (const auto& each : understood) {
    if (each.tool != tool) continue;
    const auto port = port_behind(each.beginning, request.cmd());
    if (!port) continue;
    mark(context, tool, *port, each.starts);
    return {};
  }
  throw api::nodemgr_refused(
      "shell commands are refused: of this tool only those that start or stop a node are "
      "simulated");
}

}  // namespace

pb::NodemgrReceivedResponse mysql_cmd(Context& context, const pb::NodemgrCommandRequest& request) {
  return run(context, Tool::mysql, request);
}

pb::NodemgrReceivedResponse pgsql_cmd(Context& context, const pb::NodemgrCommandRequest& request) {
  return run(context, Tool::pgsql, request);
}

pb::NodemgrReceivedResponse cluster_cmd(Context& context,
                                        const pb::NodemgrCommandRequest& request) {
  return run(context, Tool::cluster, request);
}

}  // namespace metactl::core::nodemgr
