// SPDX-License-Identifier: Apache-2.0
// The search for plain secrets in everything that metactl prints during the tests.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::tests {

/// In every secret that a test gives to metactl: secret keys, passwords, tokens, Kerberos material,
/// settings of HDFS.
inline constexpr std::string_view secret_mark = "plain-s";

/// Throws runtime_error when a program shows a secret without having been asked to.
inline void refuse_plain_secrets(const std::vector<std::string>& arguments,
                                 std::string_view output) {
  const bool is_asked =
      std::find(arguments.begin(), arguments.end(), "--show-secrets") != arguments.end();
  if (!is_asked && output.find(secret_mark) != std::string_view::npos)
    throw std::runtime_error("a plain secret is shown: " + std::string(output));
}

}  // namespace metactl::tests
