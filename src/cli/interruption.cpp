// SPDX-License-Identifier: Apache-2.0
#include "cli/interruption.h"

#include <array>
#include <csignal>

namespace metactl::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

constexpr std::array signals = {SIGINT, SIGTERM};
std::array<struct sigaction, signals.size()> usual_actions;

}  // namespace

Interruption::Interruption() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  for (std::size_t i = 0; i < signals.size(); ++i)
    ::sigaction(signals.at(i), &action, &usual_actions.at(i));
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < signals.size(); ++i)
    ::sigaction(signals.at(i), &usual_actions.at(i), nullptr);
}

bool Interruption::came() const {
  return interrupted != 0;
}

}  // namespace metactl::cli
