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
  wait_until(session, limit, look, [&](const std::string& lack) {
    if (session.io().err_is_terminal) session.note("waiting: " + lack);
  });
}

void wait_until(cli::Session& session, milliseconds limit, const std::function<std::string()>& look,
                const std::function<void(const std::string&)>& tell) {
  const auto start = Clock::now();
  milliseconds slept{0};
  std::string told;
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    const auto lack = missing(look);
    if (lack.empty()) return;
    const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    const auto left = limit - std::max(slept, passed);
    if (left <= milliseconds(0)) throw Error(Reason::unreachable, "the wait is over, but " + lack);
    if (lack != told) tell(lack);
    told = lack;
    slept += std::min(pause, left);
    cli::sleep_for(session.io(), std::min(pause, left));
  }
}

ProgressLine::~ProgressLine() {
  if (is_open_) session_.io().err << std::endl;
}

void ProgressLine::tell(const std::string& text) {
  auto& io = session_.io();
  if (!io.err_is_terminal) return session_.note(text);
  if (session_.globals().quiet) return;
  const auto room = io.width > 0 ? io.width - 1 : text.size();
  io.err << "\r\x1b[K" << text.substr(0, room) << std::flush;
  is_open_ = true;
}

}  // namespace metactl::commands
