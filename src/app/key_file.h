// SPDX-License-Identifier: Apache-2.0
// The key that the secrets of a state are sealed with, in a file beside the state.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/private_file.h"

namespace metactl::app {

/// A file of mode 0600 with 64 hexadecimal digits. May be used by several threads.
///
/// A change of the key goes in three steps, each of which may be the last one before a crash: the
/// new key is written to PATH.FINGERPRINT, the state is changed in one transaction, and that file
/// takes the place of PATH. The key that the state needs is therefore always in one of both files,
/// also when two processes change the key at once.
class KeyFile {
 public:
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  /// The 32 bytes of the key with this fingerprint; without one, the key in the file, which is made
  /// when there is none. Throws Error, integrity, which names the file and says what is wrong.
  std::string key(const std::optional<std::string>& fingerprint);

  /// Writes a fresh key to PATH.FINGERPRINT and gives it. As long as this lives, the file is
  /// locked: nobody takes it for one that a killed process left. Throws as write_private_file.
  std::string prepare() const;
  /// Puts a prepared key in the place of PATH, unless that was done already. Throws as
  /// write_private_file.
  void commit(const std::string& fingerprint) const;
  /// Removes a prepared key.
  void abandon(const std::string& fingerprint) const;

 private:
  std::string made_or_found() const;
  std::string found(const std::string& fingerprint) const;

  const std::string path_;
  mutable std::mutex mutex_;
  std::string key_;
  mutable std::vector<std::unique_ptr<cli::PrivateFile>> prepared_;
};

}  // namespace metactl::app
