// SPDX-License-Identifier: Apache-2.0
// A file that nobody else may read, and that nobody sees half written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/temporary_file.h"

namespace metactl::cli {

/// Makes the missing folders of a file, with mode 0700. Throws Error: denied, no_space, internal.
void make_private_folders(const std::string& path);

/// A TemporaryFile, locked as long as this lives. All throw Error: denied, no_space, internal.
class PrivateFile {
 public:
  /// Makes missing folders with mode 0700.
  explicit PrivateFile(const std::string& path);

  void write(std::string_view bytes);

  /// Gives it another mode than 0600.
  void set_mode(unsigned mode);

  /// A name by which this process can open it, before it has its own.
  std::string readable_name() const { return file_->readable_name(); }

  /// Flushes it to the disk and gives it the wanted name, whatever has that now.
  void replace();
  /// The same, unless the name is taken: then false.
  bool keep();

 private:
  const std::string path_;
  std::optional<TemporaryFile> file_;
};

}  // namespace metactl::cli
