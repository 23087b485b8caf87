// SPDX-License-Identifier: Apache-2.0
#include "cli/io.h"

#include <sys/wait.h>

#include <cstdlib>
#include <thread>

namespace metactl::cli {

int run_shell(const std::string& command) {
  const int status = std::system(command.c_str());
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
