// SPDX-License-Identifier: Apache-2.0
// metactl broker epoch: the number that tells proxies which metadata is newer.
#include <fmt/format.h>

#include "api/broker_json.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

struct BumpOptions {
  std::optional<std::uint64_t> epoch;
};

std::uint64_t present_epoch(cli::Session& session) {
  return session.client().call(api::broker_get_epoch, pb::BrokerEmptyRequest()).epoch();
}

void get(cli::Session& session, const NoOptions&) {
  session.show(api::broker_get_epoch, pb::BrokerEmptyRequest(), [&](const auto& response) {
    render::Object object;
    object.kind = "BrokerEpoch";
    object.name = std::to_string(response.epoch());
    object.value = {{"epoch", response.epoch()}};
    object.fields = {{"epoch", object.name}};
    session.print(object);
  });
}

void bump(cli::Session& session, const BumpOptions& options) {
  const auto epoch = *options.epoch;
  pb::BrokerEpochRequest request;
  request.set_epoch(epoch);
  session.confirm(fmt::format("set the epochs of all clusters to {}", epoch),
                  "; proxies take no smaller one from then on");
  change_broker(session, api::broker_bump_epoch, request,
                {"bump", "bumped", "broker-epoch", std::to_string(epoch)},
                {.difference = [&]() -> std::string {
                  const auto now = present_epoch(session);
                  return now >= epoch ? "" : fmt::format("the epoch is {}", now);
                }});
}

void recover(cli::Session& session, const NoOptions&) {
  session.confirm("move the epochs of all clusters past those that the proxies have");
  const cli::ChangeText call{"recover", "recovered", "broker-epoch", "all"};
  const auto before = present_epoch(session);
  const auto response = call_broker(
      session, api::broker_recover_epoch, pb::BrokerEmptyRequest(), call, [&]() -> std::string {
        const auto now = present_epoch(session);
        return now > before ? "" : fmt::format("the epoch is {} still", now);
      });
  if (session.style().format == render::Format::raw) return;
  const auto epoch = present_epoch(session);
  session.done(
      {"recover", "recovered", "broker-epoch", std::to_string(epoch), {"epoch", epoch, true}});
  const auto& failed = response.failed_addresses();
  if (failed.empty()) return;
  Error error(
      Reason::partial,
      fmt::format("the epochs were moved, but {} of the proxies did not answer", failed.size()),
      "they may have larger ones: run it again when they answer, or bump to a number that is "
      "large enough");
  error.set_details({failed.begin(), failed.end()});
  throw error;
}

void fill_epoch(cli::Group& epoch) {
  epoch.command<NoOptions>("get", "Show the global epoch", get)
      .example("metactl broker epoch get")
      .runs(api::broker_get_epoch);
  epoch.command<BumpOptions>("bump", "Move all epochs to a larger one", bump)
      .positional("N", &BumpOptions::epoch, "More than the present one")
      .needs({"N"})
      .details(
          "The global epoch and those of all clusters become N. It is for a broker that lost its\n"
          "metadata while proxies know newer ones: they refuse all with smaller epochs.")
      .example("metactl broker epoch bump 5000 --yes")
      .destructive()
      .runs(api::broker_bump_epoch);
  epoch.command<NoOptions>("recover", "Move all epochs past those that the proxies have", recover)
      .details(
          "The broker asks all registered proxies for theirs. Those that do not answer are told, "
          "and\n"
          "the exit status is 8; the epochs were moved all the same.")
      .example("metactl broker epoch recover --yes")
      .destructive()
      .runs(api::broker_recover_epoch, api::broker_get_epoch);
}

}  // namespace

void add_broker_epoch_commands(cli::Group& broker) {
  auto epoch = broker.group("epoch", "The number that tells proxies which metadata is newer");
  fill_epoch(epoch);
}

}  // namespace metactl::commands
