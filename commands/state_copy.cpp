// SPDX-License-Identifier: Apache-2.0
// metactl state copy: what a server shows becomes a local state.
#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/local_state.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

struct CopyOptions {
  std::string from;
};

/// Where to copy from: the context's server, whatever else is set.
std::unique_ptr<cli::Session> source_of(cli::Session& session, const std::string& context) {
  auto source = session.in_context(context);
  if (!source->is_remote())
    throw Error(Reason::usage, fmt::format("context '{}' names no server", context),
                "metactl state backup FILE saves a local state");
  return source;
}

std::vector<std::string> listed_instances(cli::Session& source) {
  std::vector<std::string> ids;
  const auto response = source.client().call(api::list_instances, pb::ListInstancesRequest());
  for (const auto& each : response.instances()) ids.push_back(each.instance_id());
  return ids;
}

/// The one of -i; else all that there are; else, where these cannot be listed, that of the context.
api::CopyOrder order_of(cli::Session& source, const std::string& context) {
  const auto& named = source.setting("instance");
  if (named.origin.starts_with("flag")) return {context, {named.value}, false};
  try {
    return {context, listed_instances(source), true};
  } catch (const Error& error) {
    if (error.reason() != Reason::internal || named.value.empty())
      throw cannot_list_instances(source, error);
    return {context, {named.value}, false};
  }
}

void copy(cli::Session& session, const CopyOptions& options) {
  const auto state = changed_state(session, "copy");
  const auto source = source_of(session, options.from);
  const auto order = order_of(*source, options.from);
  const auto copied = state->copy(source->client(), order);
  for (const auto& missing : copied.missing) session.warn("not copied: " + missing);
  session.note(fmt::format("copied: {} and {} more", counted(order.instances.size(), "instance"),
                           counted(copied.rows, "row")));
  session.done({"copy", "copied", "context", options.from});
}

}  // namespace

void add_state_copy_command(cli::Group& state) {
  state
      .command<CopyOptions>("copy", "Put what a server shows into the local state, all or nothing",
                            copy)
      .option("--from", &CopyOptions::from, "Context of the server", "CONTEXT", cli::Names::context)
      .needs({"--from"})
      .details(
          "Copies all instances that the server lists, or the one that -i names, with their "
          "vaults\n"
          "and stages; from metactl serve also load transactions, tablets, jobs and settings, and, "
          "unless\n"
          "-i names an instance, what a memory broker there stores. What could not be copied is "
          "told,\n"
          "such as a qluster. Secrets are encrypted anew with the key file of the local\n"
          "state. A server that is written meanwhile may show some of it as it was before.")
      .example("metactl state copy --from prod --state try.db")
      .example("metactl state copy --from prod -i orders --state try.db");
}

}  // namespace metactl::commands
