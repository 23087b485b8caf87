// SPDX-License-Identifier: Apache-2.0
#include "app/handlers.h"

#include <utility>

#include "core/meta/handlers.h"
#include "core/nodemgr/handlers.h"
#include "core/qluster/handlers.h"

namespace metactl::app {

std::vector<core::Handler> all_handlers(core::broker::Options broker) {
  const auto meta = core::meta::handlers();
  std::vector<core::Handler> all(meta.begin(), meta.end());
  for (auto& handler : core::broker::handlers(std::move(broker))) all.push_back(std::move(handler));
  for (auto& handler : core::nodemgr::handlers()) all.push_back(std::move(handler));
  for (const auto& handler : core::qluster::handlers()) all.push_back(handler);
  return all;
}

std::span<const core::Handler> default_handlers() {
  static const auto all = all_handlers({});
  return all;
}

}  // namespace metactl::app
