// SPDX-License-Identifier: Apache-2.0
// How snapshots of an instance are made. The work on snapshots itself is no part of the open
// service. Source: meta-service-api.md, section 8.11.
#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "api/meta_errors.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/service_config.h"

namespace metactl::core::meta {
namespace {

constexpr auto status_property = "status";
constexpr auto max_property = "max_reserved_snapshots";
constexpr auto interval_property = "snapshot_interval_seconds";
constexpr auto unbounded = std::numeric_limits<std::int64_t>::max();

std::int64_t number_between(const std::string& name, const std::string& value,
                            std::int64_t smallest, std::int64_t largest) {
  const auto number = text::to_int(value);
  if (!number || *number < smallest || *number > largest)
    throw invalid_argument(
        fmt::format("{} must be a number from {} to {}, value={}", name, smallest, largest, value));
  return *number;
}

void require_known(const pb::SetSnapshotPropertyRequest& request) {
  for (const auto& [name, value] : request.properties())
    if (name != status_property && name != max_property && name != interval_property)
      throw invalid_argument(fmt::format("unknown snapshot property, name={}", name));
}

/// The properties in the order of the sheet, whatever the order of the map is.
void set_properties(store::View& view, const pb::SetSnapshotPropertyRequest& request,
                    pb::InstanceInfoPB& instance) {
  const auto& properties = request.properties();
  if (const auto found = properties.find(status_property); found != properties.end()) {
    if (instance.snapshot_switch_status() == pb::SNAPSHOT_SWITCH_DISABLED)
      throw invalid_argument("failed to set snapshot status, instance does not support snapshots");
    instance.set_snapshot_switch_status(found->second == "ENABLED" ? pb::SNAPSHOT_SWITCH_ON
                                                                   : pb::SNAPSHOT_SWITCH_OFF);
  }
  if (const auto found = properties.find(max_property); found != properties.end())
    instance.set_max_reserved_snapshot(number_between(
        max_property, found->second, 0, config_number(view, "snapshot_max_reserved_num")));
  if (const auto found = properties.find(interval_property); found != properties.end())
    instance.set_snapshot_interval_seconds(
        number_between(interval_property, found->second,
                       config_number(view, "snapshot_min_interval_seconds"), unbounded));
}

std::string_view status_word(const pb::InstanceInfoPB& instance) {
  switch (instance.snapshot_switch_status()) {
    case pb::SNAPSHOT_SWITCH_ON:
      return "ENABLED";
    case pb::SNAPSHOT_SWITCH_OFF:
      return "DISABLED";
    default:
      return "UNSUPPORTED";
  }
}

void require_instance_id(const std::string& instance_id) {
  if (instance_id.empty()) throw invalid_argument("instance id not set");
}

[[noreturn]] void refuse_snapshot_work() {
  throw api::meta_failure(pb::UNDEFINED_ERR, "snapshots are not supported by this service");
}

}  // namespace

pb::StatusResponse set_snapshot_property(Context& context,
                                         const pb::SetSnapshotPropertyRequest& request) {
  const auto status = request.properties().find(status_property);
  if (status != request.properties().end() && status->second != "ENABLED" &&
      status->second != "DISABLED")
    throw invalid_argument(
        fmt::format("snapshot status must be ENABLED or DISABLED, status={}", status->second));
  require_instance_id(request.instance_id());
  context.transact([&](store::Txn& txn) {
    auto instance = load_instance(txn, request.instance_id(), pb::CLUSTER_NOT_FOUND);
    if (request.properties().empty()) throw invalid_argument("no snapshot properties given");
    require_known(request);
    set_properties(txn, request, instance);
    store_instance(txn, instance);
  });
  return {};
}

pb::JsonResponse get_snapshot_property(Context& context,
                                       const pb::GetSnapshotPropertyRequest& request) {
  if (request.instance_id().empty() && request.cloud_unique_id().empty())
    throw invalid_argument("instance_id or cloud_unique_id must be given");
  nlohmann::ordered_json result;
  context.read([&](store::View& view) {
    auto instance_id = request.instance_id();
    if (instance_id.empty()) instance_id = required_instance(view, request.cloud_unique_id());
    const auto instance = load_instance(view, instance_id, pb::KV_TXN_GET_ERR);
    result["status"] = status_word(instance);
    if (instance.has_max_reserved_snapshot())
      result[max_property] = instance.max_reserved_snapshot();
    if (instance.has_snapshot_interval_seconds())
      result[interval_property] = instance.snapshot_interval_seconds();
  });
  pb::JsonResponse response;
  response.set_result(result.dump());
  return response;
}

pb::StatusResponse set_multi_version_status(Context& context,
                                            const pb::SetMultiVersionStatusRequest& request) {
  require_instance_id(request.instance_id());
  pb::MultiVersionStatus status = pb::MULTI_VERSION_DISABLED;
  if (!pb::MultiVersionStatus_Parse(text::upper(request.multi_version_status()), &status))
    throw invalid_argument(fmt::format("unknown multi version status, multi_version_status={}",
                                       request.multi_version_status()));
  context.transact([&](store::Txn& txn) {
    auto instance = load_instance(txn, request.instance_id(), pb::CLUSTER_NOT_FOUND);
    instance.set_multi_version_status(status);
    store_instance(txn, instance);
  });
  return {};
}

pb::ListSnapshotResponse list_snapshot(Context& context, const pb::ListSnapshotRequest& request) {
  if (request.instance_id().empty() && request.cloud_unique_id().empty())
    throw invalid_argument("instance_id or cloud_unique_id must be given");
  if (request.instance_id().empty())
    context.read([&](store::View& view) { required_instance(view, request.cloud_unique_id()); });
  refuse_snapshot_work();
}

pb::StatusResponse drop_snapshot(Context&, const pb::DropSnapshotRequest& request) {
  require_instance_id(request.instance_id());
  if (request.snapshot_id().empty()) throw invalid_argument("snapshot id not set");
  refuse_snapshot_work();
}

pb::CompactSnapshotResponse compact_snapshot(Context&, const pb::CompactSnapshotRequest& request) {
  require_instance_id(request.instance_id());
  refuse_snapshot_work();
}

pb::StatusResponse decouple_instance(Context&, const pb::DecoupleInstanceRequest& request) {
  require_instance_id(request.instance_id());
  refuse_snapshot_work();
}

}  // namespace metactl::core::meta
