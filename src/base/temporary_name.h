// SPDX-License-Identifier: Apache-2.0
// What a file is called while it is written, before it gets its own name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace metactl {

/// A template for mkostemp in the folder of `path`: its name, of which a long one is cut so that
/// this one is not too long where that is not, a dot, and what mkostemp replaces.
std::string temporary_template(const std::filesystem::path& path);

/// True when mkostemp may have made the file name `found` of the template of `path`.
bool is_temporary_of(const std::filesystem::path& path, std::string_view found);

}  // namespace metactl
