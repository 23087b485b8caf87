// SPDX-License-Identifier: Apache-2.0
#include "app/rehearsal.h"

#include <utility>

#include "api/broker.h"
#include "api/mask.h"
#include "api/meta.h"
#include "app/cloned_instance.h"
#include "app/cloned_qluster.h"
#include "base/text.h"
#include "core/meta/instances.h"
#include "http/wire.h"
#include "keys/keys.h"

namespace metactl::app {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

core::Environment without_journal(core::Environment environment) {
  environment.journal = false;
  return environment;
}

/// Calls `visit` with each text in a message and the name of its field.
void each_text(const Message& message,
               const std::function<void(const std::string&, const std::string&)>& visit) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!field->is_repeated()) visit(field->name(), reflection->GetString(message, field));
    if (field->is_repeated())
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        visit(field->name(), reflection->GetRepeatedString(message, field, i));
  }
}

/// The instance that a key is about, as far as it must be fetched; "" for none.
std::string instance_of(const pb::KeyRequest& request) {
  const auto named = request.parameters().find("instance_id");
  if (named != request.parameters().end()) return named->second;
  const auto key = text::unhex(request.key()).value_or("");
  if (const auto vault = keys::parse_storage_vault_key(key)) return vault->instance_id;
  return keys::parse_instance_key(key).value_or("");
}

bool is_about_instances(const Message& request) {
  return request.GetDescriptor()->file() == pb::CreateInstanceRequest::descriptor()->file();
}

}  // namespace

Rehearsal::Rehearsal(std::shared_ptr<store::Store> state, core::Environment environment,
                     core::Origin origin)
    : below_(std::move(state)),
      store_(std::make_shared<store::RehearsalStore>(*below_)),
      core_(store_, without_journal(std::move(environment)), std::move(origin)) {}

Rehearsal::Rehearsal(std::unique_ptr<client::Client> server, const core::Environment& environment,
                     const core::Origin& origin)
    : server_(std::move(server)),
      rows_(std::make_shared<ScannedStore>(*server_)),
      below_(std::make_shared<store::RehearsalStore>(*rows_)),
      store_(std::make_shared<store::RehearsalStore>(*below_)),
      seeds_(std::make_unique<EmbeddedClient>(below_, without_journal(environment), origin)),
      core_(store_, without_journal(environment), origin) {}

void Rehearsal::fetch(const pb::GetInstanceRequest& which) {
  const auto& name = which.has_instance_id() ? which.instance_id() : which.cloud_unique_id();
  if (name.empty() || !fetched_.insert(name).second) return;
  pb::InstanceInfoPB instance;
  try {
    instance = server_->call(api::get_instance, which).instance();
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) return;
    throw;
  }
  const auto id = instance.instance_id();
  if (!which.has_instance_id() && !fetched_.insert(id).second) return;
  store_clone(*seeds_, with_vaults(*server_, std::move(instance)));
}

void Rehearsal::fetch_instance(const std::string& id) {
  pb::GetInstanceRequest which;
  which.set_instance_id(id);
  fetch(which);
}

void Rehearsal::fetch_named_in(const Message& request) {
  if (const auto* key = dynamic_cast<const pb::KeyRequest*>(&request))
    if (const auto id = instance_of(*key); !id.empty()) fetch_instance(id);
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  api::visit_messages(*copy, [&](const Message& part) {
    each_text(part, [&](const std::string& field, const std::string& text) {
      if (field == "instance_id" || field == "instance_ids") fetch_instance(text);
      if (field != "cloud_unique_id" && field != "cloud_unique_ids") return;
      const auto encoded = core::meta::encoded_instance(text);
      if (!encoded.empty()) return fetch_instance(encoded);
      pb::GetInstanceRequest which;
      which.set_cloud_unique_id(text);
      fetch(which);
    });
  });
}

/// All that a memory broker stores, once.
void Rehearsal::fetch_broker() {
  if (std::exchange(has_broker_, true)) return;
  seeds_->call(api::broker_restore_metadata, server_->call(api::broker_get_metadata, {}));
  seeds_->call(api::broker_set_settings, server_->call(api::broker_get_settings, {}));
}

/// All that a qluster shows to whom `request` asks, once.
void Rehearsal::fetch_qluster(const Message& request) {
  if (has_qluster_) return;
  clone_qluster(*server_, request, *below_);
  has_qluster_ = true;
}

/// What only reads goes to the server when it is about more than instances, until something was
/// changed here.
bool Rehearsal::is_passed_on(const api::OperationInfo& operation, const Message& request) const {
  if (server_ && operation.is_local()) return true;  // To be refused.
  if (!server_ || operation.effect != api::Effect::read || store_->has_changes()) return false;
  return operation.extension || !is_about_instances(request);
}

/// Reads what a call is about from the server.
void Rehearsal::prepare(const api::OperationInfo& operation, const Message& request) {
  if (!server_) return;
  try {
    fetch_all(operation, request);
  } catch (const Error& error) {
    throw client::NotRehearsed(error);
  }
}

void Rehearsal::fetch_all(const api::OperationInfo& operation, const Message& request) {
  if (operation.service == api::Service::broker) return fetch_broker();
  if (operation.service == api::Service::nodemgr)
    throw Error(Reason::usage,
                "a node_mgr's jobs cannot be rehearsed: it shows neither tables nor backups",
                "rehearse them on a state file: --state FILE");
  if (operation.service == api::Service::qluster) return fetch_qluster(request);
  rows_->need_rows(!is_about_instances(request));
  fetch_named_in(request);
}

void Rehearsal::do_call(const api::OperationInfo& operation, const Message& request,
                        Message& response) {
  const auto& any = *api::find_operation(operation.name);
  if (is_passed_on(operation, request)) {
    response.CopyFrom(*server_->call_any(any, request));
    return;
  }
  prepare(operation, request);
  response.CopyFrom(*core_.call_any(any, request));
}

client::Client::Raw Rehearsal::call_raw(const api::AnyOperation& operation,
                                        const http::Request& request) {
  std::unique_ptr<Message> message;
  try {
    message = http::decode_request(operation, request);
  } catch (const Error&) {
    return core_.call_raw(operation, request);
  }
  if (is_passed_on(*operation.info, *message)) return server_->call_raw(operation, request);
  prepare(*operation.info, *message);
  return core_.call_raw(operation, request);
}

bool Rehearsal::together(const std::string&, const std::string&, const Together& body) {
  body(*this);
  return true;
}

std::unique_ptr<client::History> Rehearsal::history() {
  return server_ ? server_->history() : core_.history();
}

std::vector<client::Effect> Rehearsal::effects() const {
  std::vector<client::Effect> effects;
  below_->read([&](store::View& view) {
    effects.clear();
    for (const auto& [key, after] : store_->changes()) {
      auto before = view.get(key);
      if (before != after) effects.push_back({key, std::move(before), after});
    }
  });
  return effects;
}

}  // namespace metactl::app
