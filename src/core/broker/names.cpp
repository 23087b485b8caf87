// SPDX-License-Identifier: Apache-2.0
#include "core/broker/names.h"

#include "api/broker_errors.h"
#include "base/text.h"

namespace metactl::core::broker {
namespace {

constexpr std::size_t longest_name = 31;
constexpr std::size_t longest_new_name = 30;

}  // namespace

bool is_cluster_name(std::string_view name) {
  return name.size() <= longest_name && text::consists_of(name, "@-_");
}

void check_name(std::string_view name) {
  if (!is_cluster_name(name)) throw api::broker_failure("INVALID_CLUSTER_NAME");
}

void check_new_name(std::string_view name) {
  if (name.size() > longest_new_name) throw api::broker_failure("INVALID_CLUSTER_NAME");
  check_name(name);
}

}  // namespace metactl::core::broker
