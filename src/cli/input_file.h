// SPDX-License-Identifier: Apache-2.0
// A file that is read more than once.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "api/state.h"
#include "cli/io.h"

namespace metactl::cli {

/// Of what cannot be read twice, such as standard input, a copy without a name is kept: as much as
/// was read of it, so that nobody waits for the end of what is refused at its beginning.
class InputFile {
 public:
  /// Where the copy is kept: what may hold secrets stays in memory.
  enum class Copy : std::uint8_t { on_disk, in_memory };

  /// "-" is standard input. Throws as read_named_file, and usage when standard input is a terminal.
  /// Reading a copy in memory throws usage behind largest_file bytes.
  InputFile(Io& io, const std::string& path, Copy copy = Copy::on_disk);

  /// All of it from the beginning. Valid as long as this.
  api::Source source();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  std::size_t read_stream(char* buffer, std::size_t size);
  bool keep_more();

  Io& io_;
  const std::string path_;
  File stream_;  // Null for standard input.
  File kept_;    // Null for a file that can be read twice.
  const Copy copy_;
  off_t kept_size_ = 0;
};

}  // namespace metactl::cli
