// SPDX-License-Identifier: Apache-2.0
#include "commands/waiting.h"

#include <fmt/format.h>

#include <algorithm>

namespace metactl::commands {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds first_pause{50};
constexpr milliseconds longest_pause{1000};

/// What is missing, also when nobody answers.
std::string missing(const std::function<std::string()>& look) {
  try {
    return look();
  } catch (const Error& error) {
    if (error.reason() != Reason::unreachable) throw;
    return error.what();
  }
}

}  // namespace

void wait_until(cli::Session& session, milliseconds limit,
                const std::function<std::string()>& look) {
  const auto start = Clock::now();
  milliseconds slept{0};
  std::string told;
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    const auto lack = missing(look);
    if (lack.empty()) return;
    const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    const auto left = limit - std::max(slept, passed);
    if (left <= milliseconds(0)) throw Error(Reason::unreachable, "the wait is over, but " + lack);
    if (session.io().err_is_terminal && lack != told) session.note("waiting: " + lack);
    told = lack;
    slept += std::min(pause, left);
    cli::sleep_for(session.io(), std::min(pause, left));
  }
}

}  // namespace metactl::commands
