// SPDX-License-Identifier: Apache-2.0
// A file that nobody else may read, and that nobody sees half written.
#pragma once

#include <string>
#include <string_view>

namespace metactl::cli {

/// A file of mode 0600 beside `path`, under a name of its own, which gets that name when it is
/// whole. Gone with the object otherwise. All throw Error: denied,
/// no_space, internal.
class PrivateFile {
 public:
  /// Makes missing folders with mode 0700.
  explicit PrivateFile(const std::string& path);
  ~PrivateFile();
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;

  void write(std::string_view bytes);

  /// What it is called for now.
  const std::string& temporary_name() const { return name_; }

  /// Flushes it to the disk and gives it the wanted name, whatever has that now.
  void replace();
  /// The same, unless the name is taken: then false.
  bool keep();

 private:
  void flush() const;

  const std::string path_;
  std::string name_;
  int descriptor_ = -1;
};

}  // namespace metactl::cli
