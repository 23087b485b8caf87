// SPDX-License-Identifier: Apache-2.0
#include "core/broker/handlers.h"

#include <memory>
#include <utility>

#include "api/broker.h"
#include "api/broker_errors.h"
#include "core/broker/operations.h"

namespace metactl::core::broker {
namespace {

using Shared = std::shared_ptr<Broker>;

/// The scale lock, held as long as this lives.
class ScaleLock {
 public:
  explicit ScaleLock(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true)) throw api::broker_failure("NODE_NUMBER_CHANGING");
  }
  ScaleLock(const ScaleLock&) = delete;
  ScaleLock& operator=(const ScaleLock&) = delete;
  ~ScaleLock() { flag_ = false; }

 private:
  std::atomic<bool>& flag_;
};

template <class Request, class Response>
Handler on(const Shared& broker, const api::Operation<Request, Response>& operation,
           Response (*handler)(Broker&, Context&, const Request&)) {
  return bind(operation, [broker, handler](Context& context, const Request& request) {
    return handler(*broker, context, request);
  });
}

/// Under the scale lock.
template <class Request, class Response>
Handler alone(const Shared& broker, const api::Operation<Request, Response>& operation,
              Response (*handler)(Broker&, Context&, const Request&)) {
  return bind(operation, [broker, handler](Context& context, const Request& request) {
    const ScaleLock lock(broker->is_scaling);
    return handler(*broker, context, request);
  });
}

}  // namespace

std::vector<Handler> handlers(Options options) {
  const auto broker = std::make_shared<Broker>(std::move(options));
  return {
      on(broker, api::broker_list_clusters, list_clusters),
      on(broker, api::broker_get_cluster, get_cluster),
      on(broker, api::broker_list_proxies, list_proxies),
      on(broker, api::broker_get_proxy, get_proxy),
      on(broker, api::broker_report_failure, report_failure),
      on(broker, api::broker_list_failures, list_failures),
      on(broker, api::broker_failover, failover),
      on(broker, api::broker_commit_migration, commit_migration),
      on(broker, api::broker_list_failed_proxies, list_failed_proxies),
      on(broker, api::broker_version, version),
      on(broker, api::broker_get_metadata, get_metadata),
      on(broker, api::broker_restore_metadata, restore_metadata),
      on(broker, api::broker_get_cluster_info, get_cluster_info),
      on(broker, api::broker_create_cluster, create_cluster),
      on(broker, api::broker_delete_cluster, delete_cluster),
      alone(broker, api::broker_add_nodes, add_nodes),
      alone(broker, api::broker_ensure_nodes, ensure_nodes),
      alone(broker, api::broker_delete_free_nodes, delete_free_nodes),
      alone(broker, api::broker_expand, expand),
      alone(broker, api::broker_shrink, shrink),
      alone(broker, api::broker_auto_scale, auto_scale),
      on(broker, api::broker_set_cluster_config, set_cluster_config),
      on(broker, api::broker_balance, balance),
      on(broker, api::broker_add_proxy, add_proxy),
      on(broker, api::broker_delete_proxy, delete_proxy),
      on(broker, api::broker_get_epoch, get_epoch),
      on(broker, api::broker_recover_epoch, recover_epoch),
      on(broker, api::broker_bump_epoch, bump_epoch),
      on(broker, api::broker_check_resources, check_resources),
      on(broker, api::broker_get_settings, get_settings),
      on(broker, api::broker_set_settings, set_settings),
  };
}

}  // namespace metactl::core::broker
