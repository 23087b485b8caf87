// SPDX-License-Identifier: Apache-2.0
// metactl broker proxy: list, show, register and remove proxies.
#include <fmt/format.h>

#include <optional>

#include "base/ip_address.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct ListOptions {
  bool is_free = false;
  bool failed = false;
  std::string host;
  std::string cluster;
};

struct ProxyRef {
  std::string address;
};

struct AddOptions : ProxyRef {
  std::vector<std::string> nodes;
  std::string host;
  std::optional<std::uint64_t> index;
};

struct RemoveOptions : ProxyRef {
  bool if_exists = false;
};

void list(cli::Session& session, const ListOptions& options) {
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::broker_list_proxies.info, pb::BrokerPageRequest());
  auto rows = proxy_rows(broker_metadata(session));
  std::erase_if(rows, [&](const BrokerProxyRow& row) {
    return (options.is_free && !row.is_usable()) || (options.failed && !row.is_failed) ||
           (!options.host.empty() && row.proxy.host() != options.host) ||
           (!options.cluster.empty() && row.proxy.cluster() != options.cluster);
  });
  session.print(broker_proxy_list(rows));
}

void get(cli::Session& session, const ProxyRef& options) {
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::broker_get_proxy.info, broker_proxy_request(options.address));
  session.print(broker_proxy_object(get_broker_proxy(session, options.address)));
}

pb::BrokerAddProxyRequest add_request(const AddOptions& options) {
  if (options.nodes.size() != 2)
    throw Error(Reason::usage, "a proxy has two nodes: give --node twice",
                "--node HOST:PORT --node HOST:PORT");
  pb::BrokerAddProxyRequest request;
  request.set_proxy_address(options.address);
  for (const auto& node : options.nodes) request.add_nodes(node);
  if (!options.host.empty()) request.set_host(options.host);
  if (options.index) request.set_index(*options.index);
  return request;
}

/// What the registered proxy has other than the request says, as lines. Outside ordered mode
/// brokers take no index.
std::vector<std::string> differences(const pb::BrokerProxyPB& stored,
                                     const pb::BrokerAddProxyRequest& wanted, bool is_ordered) {
  std::vector<std::string> lines;
  const auto compare = [&](std::string_view what, const std::string& is, const std::string& asked) {
    if (is != asked) lines.push_back(fmt::format("{}: it has '{}', not '{}'", what, is, asked));
  };
  const auto joined = [](const auto& nodes) {
    std::vector<std::string> spelled;
    for (const auto& node : nodes) spelled.push_back(ip::comparable_endpoint(node));
    return text::join(spelled, ",");
  };
  const auto& address = wanted.proxy_address();
  compare("nodes", joined(stored.node_addresses()), joined(wanted.nodes()));
  compare("host", ip::comparable(stored.host()),
          ip::comparable(wanted.has_host() ? wanted.host() : address.substr(0, address.find(':'))));
  if (wanted.has_index() && is_ordered)
    compare("index", std::to_string(stored.index()), std::to_string(wanted.index()));
  return lines;
}

/// The broker keeps what it has, and has forgotten that the proxy failed, which moves its epoch.
void add_again(cli::Session& session, const pb::BrokerAddProxyRequest& request,
               const cli::ChangeText& text, const Error& refusal, std::uint64_t epoch_before) {
  const auto metadata = broker_metadata(session);
  const auto* stored = stored_proxy(metadata, request.proxy_address());
  const auto lines = stored ? differences(*stored, request, metadata.enable_ordered_proxy())
                            : std::vector<std::string>();
  if (stored && lines.empty()) {
    if (metadata.global_epoch() == epoch_before) return session.unchanged(text);
    session.done({text.verb, "brought back", text.kind, text.name});
    return session.note("its mark as failed and all reports about it are cleared");
  }
  auto told = refusal;
  told.set_details(lines);
  told.set_hint(fmt::format(
      "only its mark as failed and its reports were cleared; a proxy in no cluster can be removed "
      "and added anew: metactl broker proxy remove {}",
      request.proxy_address()));
  throw told;
}

/// "" when the proxy is registered as the request says, else the first thing that is not so.
std::string lack_of_proxy(const pb::BrokerMetadataPB& metadata,
                          const pb::BrokerAddProxyRequest& request) {
  const auto* stored = stored_proxy(metadata, request.proxy_address());
  if (!stored) return "the proxy is not there";
  const auto lines = differences(*stored, request, metadata.enable_ordered_proxy());
  return lines.empty() ? "" : lines.front();
}

void add(cli::Session& session, const AddOptions& options) {
  const auto request = add_request(options);
  const cli::ChangeText text{"add", "added", broker_proxy_kind, options.address};
  const auto epoch = session.client().call(api::broker_get_epoch, {}).epoch();
  try {
    change_broker(session, api::broker_add_proxy, request, text,
                  {.difference = [&] { return lack_of_proxy(broker_metadata(session), request); }});
  } catch (const Error& error) {
    if (code_of(error) != "ALREADY_EXISTED") throw;
    add_again(session, request, text, error, epoch);
  }
  if (request.index() != 0 && !broker_metadata(session).enable_ordered_proxy())
    session.note("the index was not taken: the broker is not in ordered mode");
}

void remove(cli::Session& session, const RemoveOptions& options) {
  const auto request = broker_proxy_request(options.address);
  session.confirm(fmt::format("remove proxy '{}'", options.address));
  change_broker(
      session, api::broker_delete_proxy, request,
      {"remove", "removed", broker_proxy_kind, options.address},
      {.done_code = options.if_exists ? "PROXY_NOT_FOUND" : "", .difference = [&]() -> std::string {
         const auto found = session.client().call(api::broker_get_proxy, request);
         return found.has_proxy() ? "the proxy is still there" : "";
       }});
}

}  // namespace

void add_broker_proxy_commands(cli::Group& proxy) {
  proxy.command<ListOptions>("list", "List the registered proxies", list)
      .flag("--free", &ListOptions::is_free, "Only those that can be taken for a cluster")
      .flag("--failed", &ListOptions::failed, "Only those that are marked as failed")
      .option("--host", &ListOptions::host, "Only those of this host", "HOST")
      .option("--cluster", &ListOptions::cluster, "Only those of this cluster", "NAME",
              cli::Names::broker_cluster)
      .details(
          "STATE is used, free, reported or failed. One report, even of a single reporter and "
          "even\n"
          "an old one, keeps a free proxy from being taken; `proxy failures` forgets old ones.")
      .watchable()
      .example("metactl broker proxy list --free")
      .example("metactl broker proxy list --cluster demo -o wide")
      .runs(api::broker_list_proxies, api::broker_get_metadata);
  proxy.command<ProxyRef>("get", "Show a proxy with its nodes and peers", get)
      .positional("ADDRESS", &ProxyRef::address, "HOST:PORT", cli::Names::broker_proxy)
      .needs({"ADDRESS"})
      .details("In a cluster its epoch is that of the cluster, else the global one.")
      .example("metactl broker proxy get 10.0.0.1:7001")
      .runs(api::broker_get_proxy);
  proxy.command<AddOptions>("add", "Register a proxy, or bring a repaired one back", add)
      .positional("ADDRESS", &AddOptions::address, "HOST:PORT of the proxy, with one colon")
      .option("--node", &AddOptions::nodes, "HOST:PORT of a Redis node; give both", "NODE")
      .option("--host", &AddOptions::host,
              "What fails together; default: what stands in front of the colon", "HOST")
      .option("--index", &AddOptions::index, "Its place, for brokers in ordered mode", "N")
      .needs({"ADDRESS", "--node"})
      .details(
          "For a proxy that is registered already the broker clears its mark as failed and the "
          "reports\n"
          "about it, and keeps all else as it is: so a repaired proxy is brought back. When host "
          "and\n"
          "nodes are what it has, that is unchanged; else the exit status is 4. The order of the "
          "nodes\n"
          "counts.")
      .example("metactl broker proxy add 10.0.0.1:7001 --node 10.0.0.1:6001 --node 10.0.0.1:6002")
      .runs(api::broker_add_proxy, api::broker_get_epoch, api::broker_get_metadata);
  proxy.command<RemoveOptions>("remove", "Remove a proxy that is in no cluster", remove)
      .positional("ADDRESS", &RemoveOptions::address, "HOST:PORT", cli::Names::broker_proxy)
      .flag("--if-exists", &RemoveOptions::if_exists, "Succeed when there is none")
      .needs({"ADDRESS"})
      .details("Its mark as failed and the reports about it go with it.")
      .example("metactl broker proxy remove 10.0.0.1:7001 --yes")
      .destructive()
      .runs(api::broker_delete_proxy, api::broker_get_proxy);
}

}  // namespace metactl::commands
