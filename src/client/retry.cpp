// SPDX-License-Identifier: Apache-2.0
#include "client/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "api/service.h"
#include "base/error.h"

namespace metactl::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5'000};

/// Between half of it and all.
milliseconds shortened(milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(
      std::uniform_int_distribution<milliseconds::rep>(pause.count() / 2, pause.count())(random));
}

Error after_tries(const Error& error, int tries) {
  return tries == 1 ? error : error.extended(fmt::format(" (tried {} times)", tries));
}

}  // namespace

Retry::Retry(RetrySettings settings, milliseconds timeout)
    : settings_(std::move(settings)), timeout_(timeout) {
  if (!settings_.sleep)
    settings_.sleep = [](milliseconds time) { std::this_thread::sleep_for(time); };
  if (!settings_.now) settings_.now = RetrySettings::Clock::now;
}

void Retry::run(const api::OperationInfo& operation, const Attempt& attempt) const {
  const auto start = settings_.now();
  const auto left = [&] {
    return timeout_ - std::chrono::duration_cast<milliseconds>(settings_.now() - start);
  };
  std::optional<milliseconds> limit;
  auto pause = first_pause;
  for (int tries = 1;; ++tries) {
    try {
      return attempt(limit);
    } catch (const Error& error) {
      if (tries > settings_.count || !api::may_repeat(operation, error))
        throw after_tries(error, tries);
      const auto wanted = error.answer()->retry_after;
      const auto wait = wanted ? milliseconds(*wanted) : shortened(pause);
      if (timeout_.count() > 0 && wait >= left()) {
        auto told = after_tries(error, tries);
        if (wanted)
          told.set_hint(fmt::format("the server asks to wait {} s; --timeout gives it more time",
                                    wanted->count()));
        throw told;
      }
      if (settings_.note)
        settings_.note(fmt::format("retry {} of {}: {} again in {} ms: {}", tries, settings_.count,
                                   operation.name, wait.count(), error.what()));
      settings_.sleep(wait);
      pause = std::min(pause * 2, longest_pause);
    }
    if (timeout_.count() > 0) limit = std::max(left(), milliseconds(1));
  }
}

}  // namespace metactl::client
