// SPDX-License-Identifier: Apache-2.0
// Reading what a user names, writing what only the user may read.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/io.h"

namespace metactl::cli {

/// The failure `code` (an errno) of the system, told as "cannot WHAT 'PATH': why": not_found,
/// denied, usage (a folder), no_space, internal.
Error file_error(std::string_view what, const std::string& path, int code);

/// The most bytes of a file that is read as a whole where nobody names another limit: as many as
/// our own server takes in a request.
inline constexpr std::size_t largest_file = std::size_t{64} << 20;
/// The same where a secret is wanted.
inline constexpr std::size_t largest_secret = std::size_t{64} << 10;

/// The failure to read a file, or "-" for standard input, of more than `limit` bytes.
Error too_large(std::string_view what, const std::string& path, std::size_t limit);

/// The whole file. Throws Error: not_found, denied, usage (a folder, more than `limit` bytes, of
/// which it reads no more).
std::string read_file(const std::string& path, std::size_t limit = largest_file);

/// The whole of a file that a flag or setting names. Throws as read_file, but usage when it does
/// not exist. `what` is told in front of the path.
std::string read_named_file(const std::string& path, std::string_view what = "read",
                            std::size_t limit = largest_file);

/// The same, or standard input for "-". Throws usage too when standard input is a terminal, because
/// nobody would know what it waits for.
std::string read_input(Io& io, const std::string& path, std::string_view what = "read",
                       std::size_t limit = largest_file);

inline constexpr std::size_t block_size = std::size_t{256} * 1024;

/// Hands on the file, or standard input for "-", block by block as it comes. A block that is
/// smaller than `block_size` was all that there was: a pipe may need long to bring more. Throws as
/// read_named_file.
void read_blocks(Io& io, const std::string& path,
                 const std::function<void(std::string_view block)>& take);

/// At least one byte of what an open file has, at most `size`; 0 at its end. Throws as read_file,
/// which names `path`.
std::size_t read_some(int descriptor, char* buffer, std::size_t size, const std::string& path);

/// A secret from a file of largest_secret bytes at most: its first line. Throws as read_file, and
/// usage when that is empty.
std::string read_secret_file(const std::string& path);

/// The same from a file that a flag or setting names. Throws as read_named_file.
std::string read_named_secret(const std::string& path);

/// Throws Error, usage, when standard input is a terminal, where "-" reads a file from it.
void refuse_terminal(const Io& io);

/// Replaces the file as a whole, mode 0600; missing folders are made with 0700. Throws Error:
/// denied, no_space, internal.
void write_private_file(const std::string& path, std::string_view content);

/// Makes a file of mode 0600 that nobody sees half written. False when there is one already, which
/// is left alone. Throws as write_private_file.
bool create_private_file(const std::string& path, std::string_view content);

}  // namespace metactl::cli
