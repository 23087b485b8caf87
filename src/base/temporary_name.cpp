// SPDX-License-Identifier: Apache-2.0
#include "base/temporary_name.h"

#include "base/text.h"

namespace metactl {
namespace {

constexpr std::size_t random_size = 6;  // So many letters X at the end are what mkostemp replaces.

/// The name without what is random in it.
std::string fixed_part(const std::filesystem::path& path) {
  constexpr std::size_t longest = 100;
  return path.filename().string().substr(0, longest) + ".";
}

}  // namespace

std::string temporary_template(const std::filesystem::path& path) {
  auto whole = path;
  return whole.replace_filename(fixed_part(path) + std::string(random_size, 'X')).string();
}

bool is_temporary_of(const std::filesystem::path& path, std::string_view found) {
  const auto fixed = fixed_part(path);
  return found.size() == fixed.size() + random_size && found.starts_with(fixed) &&
         text::consists_of(found.substr(fixed.size()), "");
}

}  // namespace metactl
