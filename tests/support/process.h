// SPDX-License-Identifier: Apache-2.0
// Programs that a test starts, talks to and ends.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/children.h"

namespace metactl::tests {

/// How a program is started.
struct Launch {
  static constexpr int closed = -1;

  std::vector<std::string> arguments;              // The path of the program first.
  std::map<std::string, std::string> environment;  // All of it.
  std::string input = "";                          // Standard input, up to 64 KiB.
  bool input_closed = false;                       // There is no standard input at all.
  std::optional<int> output = std::nullopt;        // A descriptor for standard output, or `closed`.
};

/// How a program ended.
struct Outcome {
  int status = 0;  // The exit status; minus the signal that ended it.
  std::string out;
  std::string err;
};

/// What it prints must hold no plain secret: see plain_secrets.h. One running program in a process
/// group of its own. The group is killed with the object, and the program when this process dies.
/// Waiting for longer than a minute is a runtime_error that holds what the program wrote. For the
/// thread that made it.
class Process {
 public:
  explicit Process(const Launch& launch);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The next line of standard output, without its end. A runtime_error when there is none.
  std::string line();
  /// To the program alone, or to it and all that it started.
  void signal(int number) const;
  void signal_group(int number) const;
  Outcome wait();

 private:
  void pump(int timeout_ms);
  bool ended();

  const std::vector<std::string> arguments_;
  Pipe in_;
  Pipe out_;
  Pipe err_;
  pid_t child_ = -1;
  std::optional<int> status_;
  Outcome outcome_;
};

/// Starts a program and waits for its end.
Outcome run(const Launch& launch);

}  // namespace metactl::tests
