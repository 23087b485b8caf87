// SPDX-License-Identifier: Apache-2.0
// Waiting for a service to show something.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cli/session.h"

namespace metactl::commands {

/// Looks until nothing is missing, more and more seldom, and after `limit` a last time. A server
/// that does not answer is looked at again. Throws Error, unreachable, with what `look` said is
/// missing; what else `look` throws.
void wait_until(cli::Session& session, std::chrono::milliseconds limit,
                const std::function<std::string()>& look);

/// The same; what is missing goes to `tell` whenever it is something else.
void wait_until(cli::Session& session, std::chrono::milliseconds limit,
                const std::function<std::string()>& look,
                const std::function<void(const std::string& lack)>& tell);

/// Tells how far something is: at a terminal in one line that is written again and again, else in
/// a line for each change. Nothing under --quiet.
class ProgressLine {
 public:
  explicit ProgressLine(cli::Session& session) : session_(session) {}
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void tell(const std::string& text);

 private:
  cli::Session& session_;
  bool is_open_ = false;  // The cursor stands behind the line.
};

}  // namespace metactl::commands
