// SPDX-License-Identifier: Apache-2.0
#include "cli/prepared_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/temporary_file.h"
#include "base/text.h"

namespace metactl::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t fingerprint_size = 16;
constexpr std::size_t old_random_size = 7;  // A dot and six letters or digits.

/// The fingerprint at the beginning of what a name has behind that of the key file; "" for others.
std::string fingerprint_in(std::string_view rest) {
  const auto digits = rest.substr(0, fingerprint_size);
  const bool is_whole = rest.size() == fingerprint_size;
  const bool is_part = rest.size() == fingerprint_size + old_random_size &&
                       rest[fingerprint_size] == '.' &&
                       text::consists_of(rest.substr(fingerprint_size + 1), "");
  const bool is_hex = digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hex && (is_whole || is_part) ? std::string(digits) : "";
}

}  // namespace

std::string prepared_key_path(const std::string& path, std::string_view fingerprint) {
  return fmt::format("{}.{}", path, fingerprint);
}

std::vector<PreparedKey> unused_prepared_keys(const std::string& path) {
  const fs::path key(path);
  const auto front = key.filename().string() + ".";
  const auto folder = key.has_parent_path() ? key.parent_path() : fs::path(".");
  std::vector<PreparedKey> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(front)) continue;
    const auto rest = std::string_view(name).substr(front.size());
    const auto fingerprint = fingerprint_in(rest);
    if (!fingerprint.empty() && FileLock(entry.path()).is_held())
      found.push_back({key.parent_path() / name, fingerprint, rest.size() == fingerprint_size});
  }
  return found;
}

}  // namespace metactl::cli
