// SPDX-License-Identifier: Apache-2.0
#include "cli/io.h"

#include <thread>

namespace metactl::cli {

void sleep_for(const Io& io, std::chrono::milliseconds time) {
  if (io.sleep) {
    io.sleep(time);
  } else {
    std::this_thread::sleep_for(time);
  }
}

}  // namespace metactl::cli
