// SPDX-License-Identifier: Apache-2.0
#include "app/state_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/broker.h"
#include "api/mask.h"
#include "api/meta.h"
#include "api/qluster.h"
#include "api/secret_holder.h"
#include "api/stored_value.h"
#include "app/cloned_instance.h"
#include "app/embedded_client.h"
#include "app/scanned_store.h"
#include "core/state/pages.h"
#include "core/state/row_names.h"
#include "keys/keys.h"
#include "proto/storage.pb.h"
#include "store/overlay.h"

namespace metactl::app {
namespace {

using google::protobuf::Message;

/// All that the server shows.
struct Shown {
  std::vector<ClonedInstance> instances;
  std::vector<store::Pair> rows;  // Beside instances and vaults.
  std::optional<pb::BrokerMetadataPB> broker;
  std::vector<std::string> missing;
};

bool has_unopened_secret(const ClonedInstance& clone) {
  return api::has_unopened_secret(clone.instance) ||
         std::any_of(clone.vaults.begin(), clone.vaults.end(),
                     [](const auto& vault) { return api::has_unopened_secret(vault); });
}

/// A secret in a row is sealed with the server's key.
bool has_sealed_secret(const core::RowName& name, const std::string& value) {
  const auto& type = *name.match().type;
  if (type.value.message.empty()) return false;
  const auto message = api::parse_stored_message(type, value);
  if (!message) return false;
  const auto holders = api::secret_holders(*message);
  return std::any_of(holders.begin(), holders.end(), [](const api::SecretHolder& holder) {
    return holder.is_sealed() && holder.info().encryption_method() != api::service_method;
  });
}

/// The instance that a row belongs to; "" for none.
std::string instance_of(const core::RowName& name) {
  for (const auto& field : name.match().fields)
    if (field.name == "instance_id") return std::get<std::string>(field.value);
  return "";
}

void read_instances(client::Client& server, const api::CopyOrder& order, Shown& shown) {
  for (const auto& id : order.instances) {
    pb::GetInstanceRequest request;
    request.set_instance_id(id);
    auto clone = with_vaults(server, server.call(api::get_instance, request).instance());
    if (has_unopened_secret(clone))
      shown.missing.push_back(
          fmt::format("secrets of instance '{}': the server does not show them", id));
    shown.instances.push_back(std::move(clone));
  }
}

void read_row(store::Pair& row, const api::CopyOrder& order, Shown& shown) {
  const auto name = core::name_row(row.key);
  if (!name.problem.empty()) {
    shown.missing.push_back(fmt::format("{}: {}", name.text(), name.problem));
    return;
  }
  const auto& wanted = order.instances;
  const auto instance = instance_of(name);
  const bool is_wanted =
      order.is_whole || std::find(wanted.begin(), wanted.end(), instance) != wanted.end();
  if (!is_wanted) return;
  if (has_sealed_secret(name, row.value))
    shown.missing.push_back(
        fmt::format("{}: its secret is sealed with a key of the server", name.text()));
  else
    shown.rows.push_back(std::move(row));
}

void read_rows(client::Client& server, const api::CopyOrder& order, Shown& shown) {
  ScannedStore rows(server);
  try {
    rows.read([&](store::View& view) {
      core::each_row(view, [&](store::Pair& row) { read_row(row, order, shown); });
    });
  } catch (const Error& error) {
    if (error.reason() != Reason::usage) throw;  // What it says when the server shows no rows.
    shown.missing.emplace_back(
        "load transactions, tablets, jobs and settings: the server does not show its stored rows");
  }
}

/// What another service at the same address answers; nothing when there is none.
template <class Request, class Response>
std::optional<Response> ask(client::Client& server,
                            const api::Operation<Request, Response>& operation,
                            std::string_view service, Shown& shown) {
  try {
    return server.call(operation, Request());
  } catch (const Error& error) {
    const auto reason = error.reason();
    const bool is_there = reason == Reason::denied || reason == Reason::unreachable;
    if (is_there) shown.missing.push_back(fmt::format("{}: {}", service, error.what()));
    return std::nullopt;
  }
}

/// A memory broker and a qluster belong to no instance.
void read_others(client::Client& server, Shown& shown, bool has_broker) {
  auto metadata = ask(server, api::broker_get_metadata, "the memory broker", shown);
  const bool is_used =
      metadata && (metadata->global_epoch() > 0 || !metadata->all_proxies().empty());
  if (is_used && has_broker)
    shown.missing.emplace_back("the memory broker: this state has clusters or proxies of its own");
  else if (is_used)
    shown.broker = std::move(metadata);
  // The first entry of the log makes the cluster.
  const auto info = ask(server, api::qluster_get_info, "the qluster", shown);
  if (info && info->applied_index() > 1)
    shown.missing.emplace_back("the qluster: its nodes, settings and log");
}

std::string journal_text(const api::CopyOrder& order) {
  nlohmann::ordered_json request;
  request["from"] = order.from;
  request["instances"] = order.instances;
  return request.dump();
}

void refuse_taken(store::View& view, const api::CopyOrder& order) {
  for (const auto& id : order.instances) {
    if (!view.get(keys::instance_key(id))) continue;
    Error error(Reason::conflict, fmt::format("instance '{}' is in this state already", id),
                "copy it into another state: --state FILE");
    error.set_object("instance/" + id);
    throw error;
  }
}

}  // namespace

api::Copied copy_state(client::Client& server, const api::CopyOrder& order, store::Store& target,
                       const core::Environment& environment, const core::Origin& origin) {
  Shown shown;
  bool has_broker = false;
  target.read([&](store::View& view) {
    refuse_taken(view, order);  // Before all is read in vain.
    has_broker = view.get(keys::build(keys::broker_state_type, {})).has_value();
  });
  read_instances(server, order, shown);
  read_rows(server, order, shown);
  if (order.is_whole) read_others(server, shown, has_broker);

  auto inner = environment;
  inner.journal = false;  // One record tells of all.
  core::Context context(target, environment, environment.now_ms(),
                        {origin, "copy", [&] { return journal_text(order); }});
  context.transact([&](store::Txn& txn) {
    refuse_taken(txn, order);
    for (const auto& row : shown.rows) txn.put(row.key, row.value);
    EmbeddedClient client(std::make_shared<store::NestedStore>(txn), inner, origin);
    for (const auto& clone : shown.instances) store_clone(client, clone);
    if (shown.broker) client.call(api::broker_restore_metadata, *shown.broker);
  });
  return {shown.rows.size(), std::move(shown.missing)};
}

}  // namespace metactl::app
