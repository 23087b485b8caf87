// SPDX-License-Identifier: Apache-2.0
// The files of requests and replies beside this one; README.md describes them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace metactl::tests {

struct Step {
  std::string kind;      // "at", "prepare", "request" or "reply"
  std::string argument;  // what follows the kind on its line
  std::string text;      // the lines below it, without blank ones at the end
  int line = 0;          // where it starts
};

/// Throws runtime_error for a file that cannot be read or starts with another text.
std::vector<Step> read_example(const std::filesystem::path& path);

/// The request that stands in a step as the documents print it; `<token>` becomes `token`.
http::Request parse_request(const std::string& text, std::string_view token);

/// True when `text` is `pattern`, in which "[...]" stands for any text without a line end.
bool matches(std::string_view text, std::string_view pattern);

}  // namespace metactl::tests
