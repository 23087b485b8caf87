// SPDX-License-Identifier: Apache-2.0
// What a user sees for whom the modes of files count: root may do everything.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "tests/support/children.h"

namespace metactl::tests {

inline constexpr uid_t nobody = 65534;

/// What `body` returns, run in a child process as a user who is not root: this one, or nobody.
/// Nothing when root cannot become another user here. The body must not use Catch2; its exception
/// is returned as its text. Call it while this process has one thread and no open store.
inline std::optional<std::string> as_other_user(const std::function<std::string()>& body) {
  constexpr int cannot_drop_root = 77;
  Pipe result;
  const auto child = start_child([&] {
    if (geteuid() == 0 && setuid(nobody) != 0) return cannot_drop_root;
    std::string text;
    try {
      text = body();
    } catch (const std::exception& error) {
      text = error.what();
    }
    return write(result.writer(), text.data(), text.size()) == ssize_t(text.size()) ? 0 : 1;
  });
  result.close_writer();
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(result.reader(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, std::size_t(count));
  const int status = wait_for(child);
  if (status == cannot_drop_root) return std::nullopt;
  return status == 0 ? text : text + " (status " + std::to_string(status) + ")";
}

}  // namespace metactl::tests
