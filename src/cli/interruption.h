// SPDX-License-Identifier: Apache-2.0
// Commands that go on until they are told to end.
#pragma once

namespace metactl::cli {

/// While it lives, SIGINT and SIGTERM do not end the process but are told here. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool came() const;
};

}  // namespace metactl::cli
