// SPDX-License-Identifier: Apache-2.0
#include "cli/io.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <thread>
#include <vector>

namespace metactl::cli {

namespace {

std::vector<char*> environment_without_secrets() {
  std::vector<char*> variables;
  for (auto** variable = environ; *variable; ++variable)
    if (std::none_of(secret_variables.begin(), secret_variables.end(), [&](std::string_view name) {
          return std::string_view(*variable).starts_with(name);
        }))
      variables.push_back(*variable);
  variables.push_back(nullptr);
  return variables;
}

/// Keys that end a child leave this process alone while it waits.
class IgnoredSignals {
 public:
  IgnoredSignals()
      : interrupt_(std::signal(SIGINT, SIG_IGN)), quit_(std::signal(SIGQUIT, SIG_IGN)) {}
  ~IgnoredSignals() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGQUIT, quit_);
  }
  IgnoredSignals(const IgnoredSignals&) = delete;
  IgnoredSignals& operator=(const IgnoredSignals&) = delete;

 private:
  using Handler = void (*)(int);
  Handler interrupt_;
  Handler quit_;
};

/// The status of a shell that runs the command, as wait gives it.
int status_of_shell(const std::string& command) {
  constexpr int cannot_run = 127 << 8;
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  const std::array<char*, 4> words = {shell.data(), option.data(), text.data(), nullptr};
  const auto variables = environment_without_secrets();
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  sigaddset(&defaults, SIGQUIT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const IgnoredSignals ignored;
  pid_t child = 0;
  const int failure =
      posix_spawn(&child, "/bin/sh", nullptr, &attributes, words.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  int status = cannot_run;
  if (failure == 0)
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  return status;
}

}  // namespace

// A child gets no token and no other secret of our own variables.
int run_shell(const std::string& command) {
  const int status = status_of_shell(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void sleep_for(const Io& io, std::chrono::milliseconds time) {
  if (io.sleep) {
    io.sleep(time);
  } else {
    std::this_thread::sleep_for(time);
  }
}

}  // namespace metactl::cli
