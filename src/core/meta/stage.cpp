// SPDX-License-Identifier: Apache-2.0
// Showing stages. Source: meta-service-api.md, section 8.8.
#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/meta/users.h"

namespace metactl::core::meta {
namespace {

/// The stage of a request, and what it is read from.
struct Reader {
  const Context& context;
  store::View& view;
  const pb::InstanceInfoPB& instance;
};

[[noreturn]] void refuse_missing(const std::string& what) {
  throw api::meta_failure(pb::STAGE_NOT_FOUND, fmt::format("stage not found, {}", what));
}

/// The keys of `holder`, and nothing else of it. A secret that cannot be opened is left out; its
/// encryption_info says that there is one.
template <class Holder>
void take_keys(const Holder& holder, pb::ObjectStoreInfoPB& shown) {
  shown.set_ak(holder.ak());
  shown.clear_sk();
  shown.clear_encryption_info();
  if (holder.has_encryption_info() && !holder.has_sk())
    *shown.mutable_encryption_info() = holder.encryption_info();
  else
    shown.set_sk(holder.sk());
}

/// The place of an internal stage is an object store of the instance, under a prefix of its own.
/// Nothing else of the two is shown.
pb::StagePB with_place(const Reader& reader, const pb::StagePB& stage) {
  const auto& stores = reader.instance.obj_info();
  const auto found = std::find_if(stores.begin(), stores.end(), [&](const auto& store) {
    return store.id() == stage.obj_info().id();
  });
  if (found == stores.end())
    throw api::meta_failure(pb::UNDEFINED_ERR,
                            fmt::format("object store of the stage not found, stage_id={} id={}",
                                        stage.stage_id(), stage.obj_info().id()));
  auto store = *found;
  show_secrets(reader.context, reader.view, store);
  pb::StagePB shown;
  shown.set_type(stage.type());
  shown.set_stage_id(stage.stage_id());
  auto& place = *shown.mutable_obj_info();
  take_keys(store, place);
  place.set_bucket(store.bucket());
  place.set_prefix(stage.obj_info().prefix());
  place.set_endpoint(store.endpoint());
  place.set_region(store.region());
  place.set_provider(store.provider());
  place.set_external_endpoint(store.external_endpoint());
  return shown;
}

pb::GetStageResponse internal_stage(const Reader& reader, const pb::GetStageRequest& request) {
  if (request.mysql_user_name().empty() || request.mysql_user_id().empty())
    throw invalid_argument("mysql user name or id of the internal stage not given");
  if (reader.instance.obj_info().empty())
    throw api::meta_failure(
        pb::UNDEFINED_ERR,
        fmt::format("instance has no object store, instance_id={}", reader.instance.instance_id()));
  const auto& stages = reader.instance.stages();
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const pb::StagePB& stage) {
    return stage.type() == pb::StagePB::INTERNAL && !stage.mysql_user_name().empty() &&
           stage.mysql_user_name(0) == request.mysql_user_name();
  });
  if (found == stages.end())
    refuse_missing(fmt::format("mysql_user_name={}", request.mysql_user_name()));
  pb::GetStageResponse response;
  if (!found->mysql_user_id().empty() && found->mysql_user_id(0) == request.mysql_user_id()) {
    *response.add_stage() = with_place(reader, *found);
  } else {
    // The caller only learns which stage to drop, and gets no keys.
    *response.add_stage() = *found;
    response.mutable_status()->set_code(pb::STATE_ALREADY_EXISTED_FOR_USER);
    response.mutable_status()->set_msg(
        fmt::format("stage already existed for another id of the user, mysql_user_name={}",
                    request.mysql_user_name()));
  }
  return response;
}

void set_credentials(const Reader& reader, pb::StagePB& stage) {
  auto& store = *stage.mutable_obj_info();
  const auto take = [&](pb::RamUserPB user) {
    show_secrets(reader.context, reader.view, user);
    take_keys(user, store);
  };
  if (stage.access_type() == pb::StagePB::BUCKET_ACL) {
    if (!reader.instance.has_ram_user()) throw invalid_argument("instance has no ram user");
    take(reader.instance.ram_user());
  } else if (stage.access_type() == pb::StagePB::IAM) {
    take(iam_user(reader.view, reader.instance.instance_id()));
    stage.set_external_id(reader.instance.instance_id());
  } else {
    stage.set_access_type(pb::StagePB::AKSK);
    show_secrets(reader.context, reader.view, store);
  }
}

pb::GetStageResponse external_stages(const Reader& reader, const pb::GetStageRequest& request) {
  pb::GetStageResponse response;
  for (const auto& stage : reader.instance.stages()) {
    if (stage.type() != pb::StagePB::EXTERNAL) continue;
    if (request.has_stage_name() && stage.name() != request.stage_name()) continue;
    *response.add_stage() = stage;
  }
  if (!request.has_stage_name()) return response;  // Secrets stay as they are stored.
  if (response.stage().empty()) refuse_missing(fmt::format("stage_name={}", request.stage_name()));
  response.mutable_stage()->DeleteSubrange(1, response.stage_size() - 1);
  set_credentials(reader, *response.mutable_stage(0));
  return response;
}

}  // namespace

pb::GetStageResponse get_stage(Context& context, const pb::GetStageRequest& request) {
  return context.read([&](store::View& view) {
    const auto instance_id = required_instance(view, request.cloud_unique_id());
    if (!request.has_type()) throw invalid_argument("stage type not set");
    const auto instance = load_instance(view, instance_id, pb::KV_TXN_GET_ERR);
    const Reader reader{context, view, instance};
    return request.type() == pb::StagePB::INTERNAL ? internal_stage(reader, request)
                                                   : external_stages(reader, request);
  });
}

}  // namespace metactl::core::meta
