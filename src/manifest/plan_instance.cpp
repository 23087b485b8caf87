// SPDX-License-Identifier: Apache-2.0
// Steps for instances.
#include "base/text.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

std::string title_of(const Planning& planning) {
  return "instance/" + planning.instance_id();
}

pb::AlterInstanceRequest request_of(const Planning& planning) {
  pb::AlterInstanceRequest request;
  request.set_instance_id(planning.instance_id());
  return request;
}

void create(Planning& planning, const pb::InstanceSpec& spec) {
  pb::CreateInstanceRequest request;
  request.set_instance_id(planning.instance_id());
  if (spec.has_user_id()) request.set_user_id(spec.user_id());
  if (spec.has_alias()) request.set_name(spec.alias());
  if (spec.has_sse_enabled()) request.set_sse_enabled(spec.sse_enabled());
  planning.step(Action::create, title_of(planning), api::create_instance, request,
                {"+ instance " + planning.instance_id()});
  auto& model = planning.model();
  model.set_instance_id(planning.instance_id());
  model.set_user_id(spec.user_id());
  model.set_name(spec.alias());
  model.set_sse_enabled(spec.sse_enabled());
  model.set_status(pb::InstanceInfoPB::NORMAL);
}

void rename(Planning& planning, const std::string& alias) {
  auto request = request_of(planning);
  request.set_name(alias);
  planning.step(Action::change, title_of(planning), api::rename_instance, request,
                {changed("alias", planning.model().name(), alias)});
  planning.model().set_name(alias);
}

void set_status(Planning& planning, pb::InstanceInfoPB::Status status) {
  auto request = request_of(planning);
  request.set_op(status == pb::InstanceInfoPB::OVERDUE ? pb::AlterInstanceRequest::SET_OVERDUE
                                                       : pb::AlterInstanceRequest::SET_NORMAL);
  auto& model = planning.model();
  planning.step(Action::change, title_of(planning), api::set_instance_status, request,
                {changed("status", pb::InstanceInfoPB::Status_Name(model.status()),
                         pb::InstanceInfoPB::Status_Name(status))});
  model.set_status(status);
}

void set_sse(Planning& planning, bool enabled) {
  const auto& operation = enabled ? api::enable_instance_sse : api::disable_instance_sse;
  planning.step(Action::change, title_of(planning), operation, request_of(planning),
                {changed("sseEnabled", enabled ? "false" : "true", enabled ? "true" : "false")});
  planning.model().set_sse_enabled(enabled);
}

/// "; did you mean 'prod'?" for one that another manifest is about.
std::string nearest_instance(const Planning& planning) {
  std::vector<std::string> ids;
  for (const auto& object : planning.input().wanted)
    if (!object.kind->in_instance) ids.push_back(object.name);
  return text::did_you_mean(planning.instance_id(), ids);
}

void plan(Planning& planning, const Object& object) {
  const auto& spec = object.as<pb::InstanceSpec>();
  const auto& observed = planning.observed();
  if (observed.record && !observed.exists())
    return planning.problem(object, "it was dropped, and its id cannot be used again");
  if (spec.has_status() && spec.status() == pb::InstanceInfoPB::DELETED)
    return planning.problem(object, "an instance is dropped by `metactl instance drop`");
  if (!observed.exists()) create(planning, spec);
  auto& model = planning.model();
  if (spec.has_user_id() && spec.user_id() != model.user_id())
    planning.problem(object, fmt::format("userId is '{}' and cannot be changed", model.user_id()),
                     "userId");
  if (spec.has_alias() && spec.alias() != model.name()) rename(planning, spec.alias());
  if (spec.has_sse_enabled() && spec.sse_enabled() != model.sse_enabled())
    set_sse(planning, spec.sse_enabled());
  if (spec.has_status() && spec.status() != model.status()) set_status(planning, spec.status());
}

}  // namespace

void plan_instance(Planning& planning) {
  for (const auto* object : planning.wanted("Instance")) return plan(planning, *object);
  if (planning.observed().exists()) return;
  for (const auto& object : planning.input().wanted)
    if (object.instance == planning.instance_id())
      planning.problem(object,
                       fmt::format("there is no instance '{}', and no manifest of it{}",
                                   planning.instance_id(), nearest_instance(planning)),
                       "metadata.instance");
}

}  // namespace metactl::manifest
