// SPDX-License-Identifier: Apache-2.0
#include "api/operations.h"

#include <algorithm>
#include <array>
#include <span>

#include "api/broker.h"
#include "api/meta.h"
#include "api/nodemgr.h"
#include "api/qluster.h"

namespace metactl::api {
namespace {

using Table = std::span<const AnyOperation>;

std::array<Table, 4> tables() {
  return {meta_operations, broker_operations, qluster_operations, nodemgr_operations};
}

}  // namespace

std::vector<const AnyOperation*> operations() {
  std::vector<const AnyOperation*> all;
  for (const auto table : tables())
    for (const auto& operation : table) all.push_back(&operation);
  return all;
}

const AnyOperation* find_operation(std::string_view name) {
  for (const auto table : tables())
    for (const auto& operation : table)
      if (operation.info->name == name) return &operation;
  return nullptr;
}

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  for (const auto* operation : operations()) names.emplace_back(operation->info->name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace metactl::api
