// SPDX-License-Identifier: Apache-2.0
#include "base/tar.h"

#include <fmt/format.h>

#include <numeric>

#include "base/error.h"

namespace metactl {
namespace {

constexpr std::size_t block = 512;
constexpr std::size_t longest_name = 100;
constexpr std::size_t checksum_at = 148;

/// Fields of the header are padded with zeros, numbers are octal.
void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

void pad(std::string& bytes) {
  bytes.resize((bytes.size() + block - 1) / block * block);
}

std::string header_of(const std::string& name, std::size_t size, std::int64_t mtime_s) {
  std::string header(block, '\0');
  put(header, 0, name);
  put(header, 100, fmt::format("{:07o}", 0600));  // Mode, user, group, size, time.
  put(header, 108, fmt::format("{:07o}", 0));
  put(header, 116, fmt::format("{:07o}", 0));
  put(header, 124, fmt::format("{:011o}", size));
  put(header, 136, fmt::format("{:011o}", mtime_s));
  put(header, checksum_at, std::string(8, ' '));  // Counts as blanks in itself.
  put(header, 156, "0");                          // A plain file.
  put(header, 257, std::string_view("ustar\00000", 8));
  const auto sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned total, char c) {
    return total + static_cast<unsigned char>(c);
  });
  put(header, checksum_at, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return header;
}

}  // namespace

void Tar::add(const std::string& name, std::string_view content, std::int64_t mtime_s) {
  if (name.size() > longest_name)
    throw Error(Reason::internal, fmt::format("too long for an archive: '{}'", name));
  bytes_ += header_of(name, content.size(), mtime_s);
  bytes_ += content;
  pad(bytes_);
}

std::string Tar::finish() && {
  bytes_.append(2 * block, '\0');
  return std::move(bytes_);
}

}  // namespace metactl
