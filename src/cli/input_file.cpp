// SPDX-License-Identifier: Apache-2.0
#include "cli/input_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/files.h"

namespace metactl::cli {
namespace {

bool is_regular(std::FILE* file) {
  struct stat status {};
  return ::fstat(::fileno(file), &status) == 0 && S_ISREG(status.st_mode);
}

/// A file that is not there was named by mistake.
Error open_error(const std::string& path) {
  const auto error = file_error("read", path, errno);
  return error.reason() == Reason::not_found ? Error(Reason::usage, error.what()) : error;
}

}  // namespace

InputFile::InputFile(Io& io, const std::string& path, Copy copy)
    : io_(io), path_(path), copy_(copy) {
  if (path == "-") {
    refuse_terminal(io);
  } else {
    stream_.reset(std::fopen(path.c_str(), "rbe"));
    if (!stream_) throw open_error(path);
    if (is_regular(stream_.get())) return;
  }
  kept_.reset(copy == Copy::on_disk ? std::tmpfile()
                                    : ::fdopen(::memfd_create("metactl", MFD_CLOEXEC), "w+b"));
  if (!kept_) throw file_error("keep a copy of", path, errno);
}

std::size_t InputFile::read_stream(char* buffer, std::size_t size) {
  if (stream_) return read_some(::fileno(stream_.get()), buffer, size, path_);
  if (io_.read_some) return io_.read_some(buffer, size);
  io_.in.read(buffer, static_cast<std::streamsize>(size));
  return static_cast<std::size_t>(io_.in.gcount());
}

/// False at the end of the stream.
bool InputFile::keep_more() {
  std::string block(block_size, '\0');
  block.resize(read_stream(block.data(), block.size()));
  if (copy_ == Copy::in_memory &&
      static_cast<std::size_t>(kept_size_) + block.size() > largest_file)
    throw too_large("read", path_, largest_file);
  for (std::string_view rest = block; !rest.empty();) {
    const auto count = ::pwrite(::fileno(kept_.get()), rest.data(), rest.size(), kept_size_);
    if (count < 0) throw file_error("keep a copy of", path_, errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
    kept_size_ += count;
  }
  return !block.empty();
}

api::Source InputFile::source() {
  return [this, offset = off_t{0}](char* buffer, std::size_t size) mutable {
    if (kept_ && offset == kept_size_ && !keep_more()) return std::size_t{0};
    const auto count = ::pread(::fileno((kept_ ? kept_ : stream_).get()), buffer, size, offset);
    if (count < 0) throw file_error("read", path_, errno);
    offset += count;
    return static_cast<std::size_t>(count);
  };
}

}  // namespace metactl::cli
