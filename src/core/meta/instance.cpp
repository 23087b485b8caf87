// SPDX-License-Identifier: Apache-2.0
// Creating, changing and showing instances. Source: meta-service-api.md, section 8.1.
#include <fmt/format.h>

#include "api/json.h"
#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/service_config.h"
#include "core/meta/storage.h"
#include "core/meta/users.h"
#include "core/meta/vaults.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

void require_valid(const Context& context, const pb::CreateInstanceRequest& request) {
  if (request.has_ram_user()) require_complete(request.ram_user());
  if (request.has_obj_info()) require_complete(context, request.obj_info());
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  if (!request.has_vault()) return;
  if (request.vault().has_hdfs_info()) {
    require_complete(request.vault().hdfs_info());
  } else {
    require_complete(context, request.vault().obj_info());
  }
}

/// What an instance with versions of its metadata begins with.
void set_multi_version(store::View& view, pb::InstanceInfoPB& instance) {
  instance.set_multi_version_status(pb::MULTI_VERSION_READ_WRITE);
  instance.set_snapshot_switch_status(pb::SNAPSHOT_SWITCH_OFF);
  if (!config_flag(view, "enable_cluster_snapshot")) return;
  instance.set_snapshot_switch_status(pb::SNAPSHOT_SWITCH_ON);
  instance.set_snapshot_interval_seconds(config_number(view, "snapshot_min_interval_seconds"));
  instance.set_max_reserved_snapshot(1);
}

pb::InstanceInfoPB new_instance(const Context& context, store::Txn& txn,
                                const pb::CreateInstanceRequest& request) {
  pb::InstanceInfoPB instance;
  instance.set_user_id(request.user_id());
  instance.set_instance_id(request.instance_id());
  instance.set_name(request.name());
  instance.set_status(pb::InstanceInfoPB::NORMAL);
  instance.set_sse_enabled(request.sse_enabled());
  instance.set_enable_storage_vault(!request.has_obj_info());
  if (config_flag(txn, "enable_multi_version_status")) set_multi_version(txn, instance);
  if (request.has_obj_info()) {
    auto& store = *instance.add_obj_info();
    store = stored_form(context, txn, request.obj_info(), next_store_id(instance));
    store.set_sse_enabled(request.sse_enabled());
  }
  if (request.has_ram_user())
    *instance.mutable_ram_user() = stored_form(context, txn, request.ram_user());
  return instance;
}

/// Loads the instance of an alter-instance request, applies `change` to it and stores it.
template <class Change>
pb::AlterInstanceResponse alter(Context& context, const pb::AlterInstanceRequest& request,
                                Change&& change) {
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  context.transact([&](store::Txn& txn) {
    auto instance = load_instance(txn, request.instance_id(), pb::CLUSTER_NOT_FOUND);
    change(instance);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterInstanceResponse set_sse(Context& context, const pb::AlterInstanceRequest& request,
                                  bool enabled) {
  return alter(context, request, [&](pb::InstanceInfoPB& instance) {
    if (instance.sse_enabled() == enabled)
      throw invalid_argument(enabled ? "failed to enable sse, instance has enabled sse"
                                     : "failed to disable sse, instance has disabled sse");
    instance.set_sse_enabled(enabled);
    for (auto& store : *instance.mutable_obj_info()) store.set_sse_enabled(enabled);
    instance.set_mtime(context.now());
  });
}

}  // namespace

pb::CreateInstanceResponse create_instance(Context& context,
                                           const pb::CreateInstanceRequest& request) {
  require_valid(context, request);
  context.transact([&](store::Txn& txn) {
    if (find_instance(txn, request.instance_id()))
      throw api::meta_failure(
          pb::ALREADY_EXISTED,
          fmt::format("instance already existed, instance_id={}", request.instance_id()));
    auto instance = new_instance(context, txn, request);
    if (request.has_vault())
      append_vault(txn, instance,
                   new_vault(context, txn, instance, request.vault(), built_in_vault_name));
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterInstanceResponse drop_instance(Context& context, const pb::AlterInstanceRequest& request) {
  return alter(context, request, [&](pb::InstanceInfoPB& instance) {
    if (instance.status() == pb::InstanceInfoPB::DELETED) return;
    if (instance.clusters_size() > 0)
      throw invalid_argument("failed to drop instance, instance has clusters");
    if (!instance.successor_instance_id().empty())
      throw invalid_argument(
          fmt::format("failed to drop instance, instance has a successor, successor_instance_id={}",
                      instance.successor_instance_id()));
    instance.set_status(pb::InstanceInfoPB::DELETED);
    instance.set_mtime(context.now());
  });
}

pb::AlterInstanceResponse rename_instance(Context& context,
                                          const pb::AlterInstanceRequest& request) {
  return alter(context, request, [&](pb::InstanceInfoPB& instance) {
    if (request.name().empty()) throw invalid_argument("instance name not set");
    instance.set_name(request.name());
  });
}

pb::AlterInstanceResponse enable_instance_sse(Context& context,
                                              const pb::AlterInstanceRequest& request) {
  return set_sse(context, request, true);
}

pb::AlterInstanceResponse disable_instance_sse(Context& context,
                                               const pb::AlterInstanceRequest& request) {
  return set_sse(context, request, false);
}

pb::AlterInstanceResponse set_instance_status(Context& context,
                                              const pb::AlterInstanceRequest& request) {
  if (request.op() != pb::AlterInstanceRequest::SET_NORMAL &&
      request.op() != pb::AlterInstanceRequest::SET_OVERDUE)
    throw invalid_argument("op must be SET_NORMAL or SET_OVERDUE");
  const auto wanted = request.op() == pb::AlterInstanceRequest::SET_NORMAL
                          ? pb::InstanceInfoPB::NORMAL
                          : pb::InstanceInfoPB::OVERDUE;
  return alter(context, request, [&](pb::InstanceInfoPB& instance) {
    const auto refuse = [&](std::string_view why) {
      throw invalid_argument(fmt::format("failed to set instance status, {}, instance_id={}", why,
                                         instance.instance_id()));
    };
    if (instance.status() == pb::InstanceInfoPB::DELETED) refuse("instance status is deleted");
    if (instance.status() == wanted) refuse("status eq original status");
    instance.set_status(wanted);
    instance.set_mtime(context.now());
  });
}

pb::GetInstanceResponse get_instance(Context& context, const pb::GetInstanceRequest& request) {
  if (request.instance_id().empty() && request.cloud_unique_id().empty())
    throw invalid_argument("instance_id or cloud_unique_id must be given");
  pb::GetInstanceResponse response;
  context.read([&](store::View& view) {
    auto instance_id = request.instance_id();
    if (instance_id.empty()) instance_id = resolve(view, request.cloud_unique_id());
    if (instance_id.empty())
      throw invalid_argument(
          fmt::format("instance not found, cloud_unique_id={}", request.cloud_unique_id()));
    auto& instance = *response.mutable_instance();
    instance = load_instance(view, instance_id, pb::KV_TXN_GET_ERR);
    *instance.mutable_iam_user() = iam_user(view, instance_id);
    show_secrets(context, view, instance);
  });
  return response;
}

pb::ListInstancesResponse list_instances(Context& context, const pb::ListInstancesRequest&) {
  pb::ListInstancesResponse response;
  context.read([&](store::View& view) {
    response.Clear();
    const auto range = keys::all_instances();
    for (const auto& [key, value] : view.scan(range.first, range.last)) {
      auto instance = parse_record<pb::InstanceInfoPB>(value, "an instance");
      instance.clear_clusters();
      instance.clear_obj_info();
      instance.clear_stages();
      instance.clear_ram_user();
      instance.clear_iam_user();
      *response.add_instances() = std::move(instance);
    }
  });
  return response;
}

}  // namespace metactl::core::meta
