// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/no_space.h"
#include "base/text.h"
#include "cli/private_file.h"

namespace metactl::cli {
namespace {

std::size_t read_some(int descriptor, char* buffer, std::size_t size, const std::string& path,
                      std::string_view what) {
  for (;;) {
    const auto count = ::read(descriptor, buffer, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw file_error(what, path, errno);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

int open_file(const std::string& path, std::string_view what) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw file_error(what, path, errno);
  return descriptor;
}

/// A text that is read block by block.
class BoundedText {
 public:
  BoundedText(std::string_view what, const std::string& path, std::size_t limit)
      : what_(what), path_(path), limit_(limit) {}

  void add(std::string_view block) {
    if (block.size() > limit_ - text_.size()) throw too_large(what_, path_, limit_);
    text_ += block;
  }
  std::string take() { return std::move(text_); }

 private:
  const std::string_view what_;
  const std::string& path_;
  const std::size_t limit_;
  std::string text_;
};

std::string read_file(const std::string& path, std::string_view what, std::size_t limit) {
  const Descriptor file(open_file(path, what));
  BoundedText text(what, path, limit);
  std::string buffer(block_size, '\0');
  while (const auto count = read_some(file.get(), buffer.data(), buffer.size(), path, what))
    text.add(std::string_view(buffer).substr(0, count));
  return text.take();
}

/// A file that was named and is not there is a mistake of whoever named it.
template <class Read>
auto read_named(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    throw Error(Reason::usage, error.what());
  }
}

/// The first line of what a file holds.
std::string secret_in(const std::string& content, const std::string& path) {
  auto secret = content.substr(0, content.find_first_of("\r\n"));
  if (secret.empty())
    throw Error(Reason::usage, fmt::format("no secret in '{}': it is empty", path));
  return secret;
}

}  // namespace

Error file_error(std::string_view what, const std::string& path, int code) {
  if (const auto why = no_space_text(code); !why.empty())
    return Error(Reason::no_space, fmt::format("cannot {} '{}': {}", what, path, why),
                 std::string(no_space_hint));
  const Reason reason = code == ENOENT || code == ENOTDIR                  ? Reason::not_found
                        : code == EACCES || code == EPERM || code == EROFS ? Reason::denied
                        : code == EISDIR                                   ? Reason::usage
                                                                           : Reason::internal;
  return Error(reason, fmt::format("cannot {} '{}': {}", what, path, std::strerror(code)));
}

Error too_large(std::string_view what, const std::string& path, std::size_t limit) {
  constexpr std::size_t kib = 1024;
  const bool is_small = limit < kib * kib;
  return Error(Reason::usage,
               fmt::format("cannot {} {}: more than {} {}", what,
                           path == "-" ? "standard input" : "'" + path + "'",
                           limit / (is_small ? kib : kib * kib), is_small ? "KiB" : "MiB"));
}

void refuse_terminal(const Io& io) {
  if (io.in_is_terminal)
    throw Error(Reason::usage, "standard input is a terminal, but '-' reads a file from it",
                "give it a file: metactl ... < FILE");
}

std::string read_file(const std::string& path, std::size_t limit) {
  return read_file(path, "read", limit);
}

std::string read_named_file(const std::string& path, std::string_view what, std::size_t limit) {
  return read_named([&] { return read_file(path, what, limit); });
}

std::string read_input(Io& io, const std::string& path, std::string_view what, std::size_t limit) {
  if (path != "-") return read_named_file(path, what, limit);
  refuse_terminal(io);
  BoundedText text(what, path, limit);
  read_blocks(io, path, [&](std::string_view block) { text.add(block); });
  return text.take();
}

void read_blocks(Io& io, const std::string& path,
                 const std::function<void(std::string_view block)>& take) {
  const bool is_standard = path == "-";
  const Descriptor file(is_standard ? -1 : read_named([&] { return open_file(path, "read"); }));
  const auto read = [&](char* buffer) {
    if (!is_standard) return read_some(file.get(), buffer, block_size, path);
    if (io.read_some) return io.read_some(buffer, block_size);
    io.in.read(buffer, block_size);
    return static_cast<std::size_t>(io.in.gcount());
  };
  std::string buffer(block_size, '\0');
  while (const auto count = read(buffer.data())) take(std::string_view(buffer).substr(0, count));
}

std::size_t read_some(int descriptor, char* buffer, std::size_t size, const std::string& path) {
  return read_some(descriptor, buffer, size, path, "read");
}

std::string read_secret_file(const std::string& path) {
  return secret_in(read_file(path, largest_secret), path);
}

std::string read_named_secret(const std::string& path) {
  return secret_in(read_named_file(path, "read", largest_secret), path);
}

void write_private_file(const std::string& path, std::string_view content) {
  PrivateFile file(path);
  file.write(content);
  file.replace();
}

bool create_private_file(const std::string& path, std::string_view content) {
  PrivateFile file(path);
  file.write(content);
  return file.keep();
}

}  // namespace metactl::cli
