// SPDX-License-Identifier: Apache-2.0
// Runs a command and tells what it took: resources NAME GOAL COMMAND [ARGUMENT...]
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (::posix_spawn(&child, argv[3], nullptr, nullptr, argv + 3, environ) != 0) return 1;
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return 1;
  fmt::print(stderr, "{:50} {:6.0f} ms, {:3} MiB (goal {})\n", argv[1], spent.count(),
             usage.ru_maxrss / 1024, argv[2]);
  return 0;
}
