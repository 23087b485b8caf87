// SPDX-License-Identifier: Apache-2.0
#include "app/failure_log.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metactl::app {
namespace {

/// What will not pass by itself, as a locked state does.
bool is_lasting(Reason reason) {
  return reason == Reason::internal || reason == Reason::denied || reason == Reason::integrity ||
         reason == Reason::no_space;
}

}  // namespace

void FailureLog::see(const api::OperationInfo& operation, const Error* failure) {
  if (!log_) return;
  {
    const std::lock_guard lock(mutex_);
    if (!failure && operation.effect != api::Effect::read) told_.clear();
    if (!failure || failure->answer() || !is_lasting(failure->reason())) return;
    if (!told_.insert(failure->reason()).second) return;
  }
  log_(fmt::format("error: {}: {}", operation.name, text::printable(failure->what())));
}

}  // namespace metactl::app
