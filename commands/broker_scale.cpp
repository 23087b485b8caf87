// SPDX-License-Identifier: Apache-2.0
// metactl broker cluster scale-out, scale-in: another number of nodes, and slots that follow.
#include <fmt/format.h>

#include "cli/duration.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_slots.h"
#include "commands/commands.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

struct ScaleOptions {
  std::string name;
  std::string nodes;
  bool wait = false;
};

/// A cluster and what is wanted of it.
struct Scale {
  pb::BrokerClusterViewPB before;
  std::uint64_t wanted = 0;

  std::uint64_t present() const { return static_cast<std::uint64_t>(before.nodes_size()); }
  std::uint64_t with_slots() const { return nodes_with_slots(before); }
  bool is_migrating() const { return !migrations_of(before).empty(); }
};

Scale read_scale(cli::Session& session, const ScaleOptions& options) {
  Scale scale{get_broker_cluster(session, options.name), 0};
  scale.wanted = parse_node_number(options.nodes, scale.present());
  return scale;
}

/// That the other command is meant: "scale-in".
Error other_way(const Scale& scale, std::string_view other) {
  const auto& name = scale.before.name();
  Error error(Reason::usage,
              fmt::format("cluster '{}' has {} nodes, {} of them with slots", name, scale.present(),
                          scale.with_slots()),
              fmt::format("metactl broker cluster {} {} --nodes {}", other, name, scale.wanted));
  error.set_object(fmt::format("{}/{}", broker_cluster_kind, name));
  return error;
}

/// What is left to do; "" when no slots move any more and `is_done`.
std::string missing(const pb::BrokerClusterViewPB& now, const Scale& scale, std::uint64_t& all,
                    bool is_done) {
  if (migrations_of(now).empty() && is_done) return "";
  const auto left = slots_to_move(now, scale.wanted);
  all = std::max(all, left);
  return fmt::format("{} of {} slots have moved in cluster '{}'", all - left, all, now.name());
}

/// Waits until no slots move any more and `is_done`. Progress is told in slots, of all that had to
/// move when the first look was taken.
void wait_for_slots(cli::Session& session, const Scale& scale,
                    const std::function<bool(const pb::BrokerClusterViewPB&)>& is_done) {
  ProgressLine progress(session);
  std::uint64_t all = 0;
  const auto look = [&] {
    const auto now = get_broker_cluster(session, scale.before.name());
    return missing(now, scale, all, is_done(now));
  };
  try {
    wait_until(session, cli::parse_duration(session.setting("timeout").value), look,
               [&](const std::string& text) { progress.tell(text); });
  } catch (Error& error) {
    if (error.reason() == Reason::unreachable)
      error.set_hint(
          "proxies move slots, and a coordinator tells the broker: when both run, type the same "
          "again, which waits on");
    throw;
  }
}

/// A rehearsal and the service's own reply have no end to wait for.
bool waits(const cli::Session& session, const ScaleOptions& options) {
  return options.wait && !session.globals().dry_run &&
         session.style().format != render::Format::raw;
}

void tell_begun(cli::Session& session, const std::string& name) {
  if (session.globals().dry_run) return;
  session.note(fmt::format(
      "slots are on their way: metactl broker cluster get {} shows them, scale-out and scale-in "
      "--wait wait for them",
      name));
}

// Out.

/// "" when the nodes are there, and have slots or get some.
std::string lack_of_nodes(cli::Session& session, const Scale& scale) {
  const auto now = get_broker_cluster(session, scale.before.name());
  if (const auto there = static_cast<std::uint64_t>(now.nodes_size()); there < scale.wanted)
    return fmt::format("it has {} nodes, not {}", there, scale.wanted);
  const bool is_begun = !migrations_of(now).empty() || nodes_with_slots(now) >= scale.wanted;
  return is_begun ? "" : "no slots move to nodes without any";
}

/// Adds nodes where they lack, and sends slots to all that have none. False when that was done
/// before.
bool begin_out(cli::Session& session, const Scale& scale, const cli::ChangeText& text) {
  const auto& name = scale.before.name();
  const auto lack = [&] { return lack_of_nodes(session, scale); };
  if (scale.wanted > scale.present()) {
    call_broker(session, api::broker_auto_scale, broker_nodes_request(name, scale.wanted), text,
                lack);
    return true;
  }
  const bool is_over = !scale.is_migrating() && scale.with_slots() == scale.wanted;
  if (is_over || moves_outwards(scale.before)) return false;
  call_broker(session, api::broker_expand, broker_cluster_request(name), text, lack);
  return true;
}

void scale_out(cli::Session& session, const ScaleOptions& options) {
  const auto scale = read_scale(session, options);
  if (scale.wanted < scale.present()) throw other_way(scale, "scale-in");
  const bool is_waited_for = waits(session, options);
  const cli::ChangeText text{"scale out", is_waited_for ? "scaled out" : "scaling out",
                             broker_cluster_kind, options.name};
  const bool is_changed = begin_out(session, scale, text);
  if (is_waited_for)
    wait_for_slots(session, scale, [&](const pb::BrokerClusterViewPB& now) {
      return nodes_with_slots(now) >= scale.wanted;
    });
  if (!is_changed) return session.unchanged(text);
  session.done(text);
  if (!is_waited_for) tell_begun(session, options.name);
}

// In.

/// Sends all slots to the first nodes. False when that was done before.
bool begin_in(cli::Session& session, const Scale& scale, const cli::ChangeText& text) {
  const bool is_begun = moves_inwards(scale.before, scale.wanted);
  const bool is_over = !scale.is_migrating() && !has_slots_from(scale.before, scale.wanted);
  if (is_begun || is_over) return false;
  const auto& name = scale.before.name();
  try {
    call_broker(session, api::broker_shrink, broker_nodes_request(name, scale.wanted), text,
                [&]() -> std::string {
                  const auto now = get_broker_cluster(session, name);
                  const bool do_move =
                      !migrations_of(now).empty() || !has_slots_from(now, scale.wanted);
                  return do_move ? "" : "no slots move";
                });
  } catch (Error& error) {
    // A broker says FREE_NODE_FOUND of nodes that slots are on their way to or from, too.
    if (scale.is_migrating()) error.set_hint("metactl broker cluster migration list " + name);
    throw;
  }
  return true;
}

void remove_emptied(cli::Session& session, const Scale& scale, const cli::ChangeText& text) {
  try {
    call_broker(
        session, api::broker_delete_free_nodes, broker_cluster_request(text.name), text,
        [&]() -> std::string {
          const auto left = get_broker_cluster(session, text.name).nodes_size();
          return left < scale.before.nodes_size() ? "" : fmt::format("it has {} nodes still", left);
        });
  } catch (const Error& error) {
    if (code_of(error) != "FREE_NODE_NOT_FOUND") throw;  // Somebody else was faster.
  }
}

void scale_in(cli::Session& session, const ScaleOptions& options) {
  const auto scale = read_scale(session, options);
  const bool is_waited_for = waits(session, options);
  const cli::ChangeText text{"scale in", is_waited_for ? "scaled in" : "scaling in",
                             broker_cluster_kind, options.name};
  if (scale.wanted == scale.present() && scale.with_slots() == scale.wanted)
    return session.unchanged(text);
  if (scale.wanted >= scale.present()) throw other_way(scale, "scale-out");
  const bool is_changed = begin_in(session, scale, text);
  if (is_waited_for) {
    wait_for_slots(session, scale, [&](const pb::BrokerClusterViewPB& now) {
      return !has_slots_from(now, scale.wanted);
    });
    remove_emptied(session, scale, text);
    return session.done(text);
  }
  if (is_changed) {
    session.done(text);
    return tell_begun(session, options.name);
  }
  session.unchanged(text);
  if (!scale.is_migrating())
    session.note(fmt::format(
        "its slots have moved; nodes without slots are still there: metactl broker cluster "
        "remove-free-nodes {}",
        options.name));
}

}  // namespace

void add_broker_scale_commands(cli::Group& cluster) {
  cluster
      .command<ScaleOptions>("scale-out", "Give a cluster more nodes, and move slots there",
                             scale_out)
      .positional("NAME", &ScaleOptions::name, "Cluster", cli::Names::broker_cluster)
      .option("--nodes", &ScaleOptions::nodes, "How many nodes in all; +4: so many more", "N")
      .flag("--wait", &ScaleOptions::wait, "Until the slots have moved, at most --timeout")
      .needs({"NAME", "--nodes"})
      .details(
          "First the broker takes nodes without slots out, then it adds what lacks, waits until "
          "all\n"
          "proxies of the cluster know that, and begins to move slots. With as many nodes as "
          "there\n"
          "are it moves slots to those that have none. The same command again is safe, and waits "
          "for\n"
          "moves that are under way.")
      .details(
          "The slots are moved by proxies and told by a coordinator. Without these nothing moves, "
          "and\n"
          "--wait ends with exit status 6. A broker may answer late, because it asks the proxies:\n"
          "give --timeout.")
      .example("metactl broker cluster scale-out demo --nodes 12")
      .example("metactl broker cluster scale-out demo --nodes +4 --wait --timeout 30m")
      .runs(api::broker_auto_scale, api::broker_expand, api::broker_get_cluster);
  cluster
      .command<ScaleOptions>("scale-in", "Move all slots to the first nodes of a cluster", scale_in)
      .positional("NAME", &ScaleOptions::name, "Cluster", cli::Names::broker_cluster)
      .option("--nodes", &ScaleOptions::nodes, "How many nodes shall have slots: 4, 8", "N")
      .flag("--wait", &ScaleOptions::wait,
            "Until the slots have moved, at most --timeout; then take the emptied nodes out")
      .needs({"NAME", "--nodes"})
      .details(
          "Without --wait the emptied nodes stay in the cluster until remove-free-nodes is run. "
          "The\n"
          "broker refuses this while there are nodes without slots, which is so during most "
          "moves,\n"
          "too.")
      .example("metactl broker cluster scale-in demo --nodes 4 --wait --timeout 30m")
      .runs(api::broker_shrink, api::broker_delete_free_nodes, api::broker_get_cluster);
}

}  // namespace metactl::commands
