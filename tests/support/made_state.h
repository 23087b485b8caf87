// SPDX-License-Identifier: Apache-2.0
// A state file that has a qluster and a node_mgr already, as one that was served has.
#pragma once

#include <memory>
#include <string>

#include "app/first_services.h"
#include "app/local.h"
#include "store/sqlite.h"

namespace metactl::tests {

/// Without a record of the journal: they are there before the test begins.
inline std::shared_ptr<store::Store> made_state(const std::string& path) {
  auto environment = app::local_environment({.state = path}, {});
  environment.journal = false;
  auto store = std::make_shared<store::SqliteStore>(path);
  app::make_first_services(store, environment, core::Origin("server"),
                           {api::Service::qluster, api::Service::nodemgr});
  return store;
}

}  // namespace metactl::tests
