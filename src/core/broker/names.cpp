// SPDX-License-Identifier: Apache-2.0
#include "core/broker/names.h"

#include "api/broker_errors.h"
#include "api/broker_json.h"

namespace metactl::core::broker {
namespace {

constexpr std::size_t longest_new_name = 30;

}  // namespace

void check_name(std::string_view name) {
  if (!api::is_broker_cluster_name(name)) throw api::broker_failure("INVALID_CLUSTER_NAME");
}

void check_new_name(std::string_view name) {
  if (name.size() > longest_new_name) throw api::broker_failure("INVALID_CLUSTER_NAME");
  check_name(name);
}

}  // namespace metactl::core::broker
