// SPDX-License-Identifier: Apache-2.0
// The jobs that have a status. Source: node-mgr-api.md, N8 and N9.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.h"

namespace metactl::core::nodemgr {

/// A job that is accepted.
struct Job {
  std::string id;
  std::string type;  // Such as "coldbackup".
  /// What it is doing, one after the other, in front of its end.
  std::vector<std::string_view> steps = {"working"};
};

/// Runs a job to its end. It is accepted in one transaction; each step is one; the last one makes
/// the changes of `body` together with the status that it returns. So a job that breaks off stays
/// unfinished, and has changed nothing. Throws nodemgr_refused for an id that is none.
void run(Context& context, const Job& job, const std::function<std::string(store::Txn&)>& body);

}  // namespace metactl::core::nodemgr
