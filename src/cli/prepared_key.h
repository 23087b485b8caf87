// SPDX-License-Identifier: Apache-2.0
// The files in which a change of a state's key keeps the next one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::cli {

/// PATH.FINGERPRINT, for the key file PATH.
std::string prepared_key_path(const std::string& path, std::string_view fingerprint);

struct PreparedKey {
  std::filesystem::path path;
  std::string fingerprint;
  bool is_whole = true;  // False for what an older release left while it wrote one.
};

/// The prepared keys beside a key file that no process is about to use. A state may still need one
/// of them: that with the fingerprint of its own key.
std::vector<PreparedKey> unused_prepared_keys(const std::string& path);

}  // namespace metactl::cli
