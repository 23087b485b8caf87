// SPDX-License-Identifier: Apache-2.0
// A store that speaks S3 and verifies signatures, started by a test; `./dev test` installs it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

/// It has the bucket "books" and takes these pairs of keys: S3RVER with S3RVER, "odd:key" with
/// "a/b+c=:d %", OLDKEY with plain-s3-old and NEWKEY with plain-s3-new.
class S3Store {
 public:
  /// False when npm did not install the server: a test without it has to say so.
  static bool is_installed() {
    return std::filesystem::exists(modules() / ".package-lock.json");  // npm writes it last.
  }

  /// With the bucket in the path of addresses, and in their host name.
  std::string endpoint() const { return "http://127.0.0.1:" + port_; }
  std::string virtual_host_endpoint() const { return "http://s3.localhost:" + port_; }

 private:
  static std::filesystem::path modules() { return source_dir() + "/build/s3/node_modules"; }

  static Launch launch(const TempDir& folder) {
    const char* path = std::getenv("PATH");
    return {.arguments = {"/usr/bin/env", "node", source_dir() + "/tests/s3/server.js",
                          folder.path(), "books"},
            .environment = {{"PATH", path != nullptr ? path : ""}, {"NODE_PATH", modules()}}};
  }

  const TempDir folder_;
  Process process_{launch(folder_)};
  const std::string port_ = process_.line();
};

}  // namespace metactl::tests
