// SPDX-License-Identifier: Apache-2.0
// metactl broker proxy failed, failures, fail, failover: proxies that do not answer.
#include <fmt/format.h>

#include <algorithm>

#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

struct ProxyRef {
  std::string address;
};

struct FailOptions : ProxyRef {
  std::string reporter = "metactl";
};

void failed(cli::Session& session, const NoOptions&) {
  session.show(api::broker_list_failed_proxies, pb::BrokerEmptyRequest(),
               [&](const auto& response) {
                 session.print(broker_text_list("BrokerProxy", "ADDRESS", response.addresses()));
               });
}

void failures(cli::Session& session, const NoOptions&) {
  session.show(api::broker_list_failures, pb::BrokerEmptyRequest(), [&](const auto& response) {
    session.print(broker_text_list("BrokerProxy", "ADDRESS", response.addresses()));
  });
}

bool is_reported(const pb::BrokerMetadataPB& metadata, const pb::BrokerFailureRequest& request) {
  const auto found = metadata.failures().find(request.address());
  if (found == metadata.failures().end()) return false;
  const auto& reports = found->second.reports();
  return std::any_of(reports.begin(), reports.end(), [&](const pb::FailureReportPB& report) {
    return report.reporter() == request.reporter();
  });
}

/// Marked so by a failover, which may have taken reports away.
bool is_failed(const pb::BrokerMetadataPB& metadata, const std::string& address) {
  const auto& failed = metadata.failed_proxies();
  return std::find(failed.begin(), failed.end(), address) != failed.end();
}

/// "" unless the proxy serves a cluster as if nothing had happened. Its mark alone does not tell:
/// who registers it again, as operators do all the time, clears that. In ordered mode there is
/// none.
std::string lack_of_failover(const pb::BrokerMetadataPB& metadata, const std::string& address) {
  const auto* stored = stored_proxy(metadata, address);
  const bool serves = stored && stored->has_cluster() && !is_failed(metadata, address);
  return serves && !metadata.enable_ordered_proxy() ? "it serves its cluster still" : "";
}

void fail(cli::Session& session, const FailOptions& options) {
  get_broker_proxy(session, options.address);  // A broker takes any address.
  pb::BrokerFailureRequest request;
  request.set_address(options.address);
  request.set_reporter(options.reporter);
  change_broker(session, api::broker_report_failure, request,
                {"report", "reported", broker_proxy_kind, options.address},
                {.difference = [&]() -> std::string {
                  const auto metadata = broker_metadata(session);
                  return is_reported(metadata, request) || is_failed(metadata, options.address)
                             ? ""
                             : "its report is not there";
                }});
}

/// The roles have changed, and the proxy is marked: it is no plain refusal.
Error without_spare(cli::Session& session, const Error& error, const std::string& address) {
  auto told = error;
  const bool is_rehearsal = session.globals().dry_run;
  told.set_details({fmt::format(
      "the other half of its chunk {} over all the same: '{}' {} marked as failed and {} replicas "
      "only",
      is_rehearsal ? "would take" : "has taken", address, is_rehearsal ? "would be" : "is",
      is_rehearsal ? "have" : "has")});
  const auto metadata = broker_metadata(session);
  const auto* stored = stored_proxy(metadata, address);
  told.set_hint(
      fmt::format("register a proxy on another host and fail over again; or, when this one is "
                  "repaired, add it again, and then: metactl broker cluster balance {}",
                  stored ? stored->cluster() : "NAME"));
  return told;
}

/// The spare may stand on the host of the half that survived.
void warn_of_shared_host(cli::Session& session, const pb::BrokerMetadataPB& metadata,
                         const pb::BrokerProxyViewPB& spare) {
  const auto* stored = stored_proxy(metadata, spare.address());
  for (const auto& node : spare.nodes())
    for (const auto& peer : node.repl().peers()) {
      const auto* other = stored_proxy(metadata, peer.proxy_address());
      if (!stored || !other || stored->host() != other->host()) continue;
      return session.warn(fmt::format(
          "'{}' and its peer '{}' are on one host, '{}': when it fails, slots are lost; register "
          "proxies on more hosts",
          spare.address(), peer.proxy_address(), stored->host()));
    }
}

void tell_result(cli::Session& session, const std::string& address,
                 const pb::BrokerProxyResponse& response) {
  const auto metadata = broker_metadata(session);
  if (response.has_proxy()) {
    session.note(fmt::format("'{}' has taken its place", response.proxy().address()));
    return warn_of_shared_host(session, metadata, response.proxy());
  }
  const auto* stored = stored_proxy(metadata, address);
  session.note(stored && stored->has_cluster()
                   ? "its peer has the masters now; in ordered mode no other proxy takes its place"
                   : "it was in no cluster: it is only marked as failed");
}

void failover(cli::Session& session, const ProxyRef& options) {
  const auto request = broker_proxy_request(options.address);
  const cli::ChangeText text{"fail over", "failed over", broker_proxy_kind, options.address};
  session.confirm(fmt::format("fail over proxy '{}'", options.address),
                  "; its masters move to the other half of their chunk");
  try {
    const auto response = call_broker(session, api::broker_failover, request, text, [&] {
      return lack_of_failover(broker_metadata(session), options.address);
    });
    session.done(text);
    if (session.style().format != render::Format::raw)
      tell_result(session, options.address, response);
  } catch (const Error& error) {
    if (code_of(error) != "NO_AVAILABLE_RESOURCE") throw;
    throw without_spare(session, error, options.address);
  }
}

}  // namespace

void add_broker_failure_commands(cli::Group& proxy) {
  proxy.command<NoOptions>("failed", "List the proxies that are marked as failed", failed)
      .details("A failover marks them; `proxy add` clears the mark.")
      .watchable()
      .example("metactl broker proxy failed")
      .runs(api::broker_list_failed_proxies);
  proxy
      .command<NoOptions>("failures", "List the proxies that enough reporters say have failed",
                          failures)
      .details(
          "Coordinators fail over what this lists, as long as it does. Asking makes the broker "
          "forget\n"
          "reports that are older than its failure_ttl (60 seconds unless it is set).")
      .watchable()
      .example("metactl broker proxy failures")
      .runs(api::broker_list_failures);
  proxy.command<FailOptions>("fail", "Report that a proxy does not answer", fail)
      .positional("ADDRESS", &FailOptions::address, "HOST:PORT", cli::Names::broker_proxy)
      .option("--reporter", &FailOptions::reporter, "Who says so; default metactl", "NAME")
      .needs({"ADDRESS"})
      .details(
          "With enough reporters coordinators fail the proxy over. Even one report keeps a free "
          "proxy\n"
          "from being taken, and its chunk from being balanced. The same reporter again changes\n"
          "nothing, not even the time of the report. `proxy add` takes reports back.")
      .example("metactl broker proxy fail 10.0.0.1:7001 --reporter ops")
      .runs(api::broker_report_failure, api::broker_get_proxy, api::broker_get_metadata);
  proxy.command<ProxyRef>("failover", "Replace a failed proxy by a free one", failover)
      .positional("ADDRESS", &ProxyRef::address, "HOST:PORT", cli::Names::broker_proxy)
      .needs({"ADDRESS"})
      .details(
          "The other half of its chunk gets both masters. Then a free proxy on another host takes "
          "its\n"
          "place, with the replicas, and the failed one leaves the cluster, marked as failed. When "
          "no\n"
          "free proxy can be found, the first of that stays: exit status 7, and the broker is "
          "changed\n"
          "all the same.")
      .details(
          "Repair the proxy and add it again, then balance the cluster. The spare may stand on the "
          "host\n"
          "of the other half, if there is no better one: a warning tells that.")
      .example("metactl broker proxy failover 10.0.0.1:7001 --yes")
      .destructive()
      .runs(api::broker_failover, api::broker_get_metadata);
}

}  // namespace metactl::commands
