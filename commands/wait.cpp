// SPDX-License-Identifier: Apache-2.0
// metactl wait: until an object is there, gone, or has a status.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/tablets.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "cli/duration.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/object_name.h"
#include "commands/qluster_lookup.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

using google::protobuf::EnumDescriptor;

struct WaitOptions {
  std::string object;
  std::string condition;
};

/// What a look shows: nothing when the object is not there, else its status, "" for none.
using Seen = std::optional<std::string>;

/// A kind of objects that can be waited for.
struct Watched {
  std::string_view kind;
  const EnumDescriptor* (*statuses)();  // nullptr: its objects have none.
  Seen (*look)(cli::Session&, const std::string& name);
};

Seen look_at_instance(cli::Session& session, const std::string& name) {
  const auto instance = find_instance(session, name);
  if (!instance || instance->status() == pb::InstanceInfoPB::DELETED) return std::nullopt;
  return pb::InstanceInfoPB::Status_Name(instance->status());
}

/// The clusters of the instance, which a service shows without any secret. Throws
/// cli::no_instance.
std::vector<pb::ClusterPB> clusters_of(cli::Session& session) {
  try {
    return all_clusters(session);
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    throw cli::no_instance(session.instance(), error);
  }
}

/// The first cluster of the instance for which `find` finds something.
template <class Find>
Seen look_in_clusters(cli::Session& session, const Find& find) {
  for (const auto& cluster : clusters_of(session))
    if (auto found = find(cluster)) return found;
  return std::nullopt;
}

Seen look_at_cluster(cli::Session& session, const std::string& name) {
  return look_in_clusters(session, [&](const pb::ClusterPB& cluster) -> Seen {
    if (cluster.cluster_name() != name && cluster.cluster_id() != name) return std::nullopt;
    return cluster.has_cluster_status() ? pb::ClusterStatus_Name(cluster.cluster_status()) : "";
  });
}

Seen look_at_node(cli::Session& session, const std::string& name) {
  return look_in_clusters(session, [&](const pb::ClusterPB& cluster) -> Seen {
    for (const auto& node : cluster.nodes())
      if (api::comparable_endpoint(node) == ip::comparable_endpoint(name))
        return node.has_status() ? pb::NodeStatusPB_Name(node.status()) : "";
    return std::nullopt;
  });
}

/// The record of the instance has the names of its vaults, and of these no secret.
Seen look_at_vault(cli::Session& session, const std::string& name) {
  const auto instance = get_instance(session, session.instance());
  if (instance.status() == pb::InstanceInfoPB::DELETED)
    throw cli::no_instance(session.instance(), Error(Reason::not_found, "dropped"));
  const auto& names = instance.storage_vault_names();
  return std::find(names.begin(), names.end(), name) != names.end() ? Seen("") : std::nullopt;
}

Seen look_at_txn(cli::Session& session, const std::string& name) {
  const auto id = text::to_int(name);
  if (!id) throw Error(Reason::usage, fmt::format("not the id of a transaction: '{}'", name));
  pb::GetTxnRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  request.set_txn_id(*id);
  try {
    const auto status = session.client().call(api::get_txn, request).txn_info().status();
    return pb::TxnStatusPB_Name(status);
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    clusters_of(session);  // Refused when it is the instance that was not found.
    return std::nullopt;
  }
}

Seen look_at_qluster_node(cli::Session& session, const std::string& name) {
  const auto map = qluster_map(session, {});
  const auto* node = find_node(map, name);
  return node ? Seen(node->role()) : std::nullopt;
}

constexpr std::array watched_kinds = {
    Watched{"instance", pb::InstanceInfoPB::Status_descriptor, look_at_instance},
    Watched{"cluster", pb::ClusterStatus_descriptor, look_at_cluster},
    Watched{"node", pb::NodeStatusPB_descriptor, look_at_node},
    Watched{"vault", nullptr, look_at_vault},
    Watched{"txn", pb::TxnStatusPB_descriptor, look_at_txn},
    Watched{"qluster-node", pb::QlusterNodeSpec::Role_descriptor, look_at_qluster_node},
};

const Watched& require_watched(const std::string& kind) {
  std::vector<std::string> words;
  for (const auto& each : watched_kinds) {
    if (each.kind == kind) return each;
    words.emplace_back(each.kind);
  }
  throw Error(Reason::usage, fmt::format("no kind '{}'{}", kind, text::did_you_mean(kind, words)),
              "kinds: " + text::join(words, ", "));
}

/// "NORMAL", "DECOMMISSIONED" for NODE_STATUS_DECOMMISSIONED.
std::string short_name(const std::string& name) {
  constexpr std::array<std::string_view, 2> prefixes = {"NODE_STATUS_", "TXN_STATUS_"};
  for (const auto prefix : prefixes)
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

/// What is waited for.
struct Condition {
  enum class What : std::uint8_t { present, absent, status };
  What what = What::present;
  std::string status = {};
};

Condition parse_condition(const std::string& text, const Watched& watched) {
  if (text == "present") return {Condition::What::present};
  if (text == "absent") return {Condition::What::absent};
  if (!text.starts_with("status="))
    throw Error(Reason::usage, fmt::format("not a condition: '{}'", text),
                "--for status=STATUS, present or absent");
  if (!watched.statuses)
    throw Error(Reason::usage, fmt::format("a {} has no status", watched.kind),
                "--for present or absent");
  const auto wanted = short_name(text::upper(text.substr(7)));
  std::vector<std::string> names;
  for (const auto& name : cli::value_names(*watched.statuses()))
    if (name != "DELETED") names.push_back(short_name(name));  // Such an object is absent.
  for (const auto& name : names)
    if (text::upper(name) == wanted) return {Condition::What::status, name};
  throw Error(Reason::usage,
              fmt::format("no status '{}' of a {}{}", text.substr(7), watched.kind,
                          text::did_you_mean(wanted, names)),
              "statuses: " + text::join(names, ", "));
}

/// What is not as the condition says; "" when it is.
std::string missing(const Condition& condition, const std::string& object, const Seen& seen) {
  if (condition.what == Condition::What::absent)
    return seen ? fmt::format("{} is still there", object) : "";
  if (!seen) return fmt::format("{} is not there", object);
  const auto status = short_name(*seen);
  if (condition.what == Condition::What::present || status == condition.status) return "";
  return fmt::format("{} has {}, not {}", object, status.empty() ? "no status" : "status " + status,
                     condition.status);
}

void run(cli::Session& session, const WaitOptions& options) {
  const auto object = parse_object_name(options.object);
  const auto& watched = require_watched(object.kind);
  const auto condition = parse_condition(options.condition, watched);
  wait_until(session, cli::parse_duration(session.setting("timeout").value), [&] {
    return missing(condition, options.object, watched.look(session, object.name));
  });
  session.checked({"wait for", options.condition, object.kind, object.name});
}

cli::Candidates object_words(const std::string&) {
  cli::Candidates found;
  for (const auto& each : watched_kinds) found.emplace_back(fmt::format("{}/", each.kind), "");
  return found;
}

}  // namespace

void add_wait_command(cli::Tree& tree) {
  tree.command<WaitOptions>("wait", "Wait until an object is there, gone, or has a status", run)
      .positional(
          "KIND/NAME", &WaitOptions::object,
          "instance/ID, cluster/NAME, node/ADDRESS:PORT, vault/NAME, txn/ID or qluster-node/ID")
      .completes("KIND/NAME", object_words)
      .option("--for", &WaitOptions::condition, "status=STATUS, present or absent", "CONDITION")
      .needs({"KIND/NAME", "--for"})
      .details(
          "--timeout says how long; 30s when it is not given. A server that does not answer is\n"
          "asked again. When the time is over, the exit status is 6.")
      .example("metactl wait cluster/etl --for status=NORMAL --timeout 2m")
      .example("metactl wait qluster-node/10.0.0.2 --for status=proper")
      .example("metactl wait node/10.0.0.6:9050 --for absent -i prod");
}

}  // namespace metactl::commands
