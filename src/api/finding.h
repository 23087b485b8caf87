// SPDX-License-Identifier: Apache-2.0
// Something that is wrong with a state or a service, as `state verify` and `doctor` tell it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace metactl::api {

enum class Severity : std::uint8_t {
  info,     // Worth knowing; nothing is wrong yet.
  warning,  // It works, but not as it should.
  error,    // It does not work, or will not.
};

/// Their names, in the order of the enum.
inline constexpr std::array<std::string_view, 3> severity_names = {"info", "warning", "error"};

struct Finding {
  std::string id;  // What kind of problem, in words with dashes: "duplicate-endpoint".
  Severity severity = Severity::error;
  std::string object;   // Where it is: "cluster/etl", "file/PATH".
  std::string message;  // What is wrong there.
  std::string mend;     // The command that mends it, or what to do; "" when nothing is known.
};

}  // namespace metactl::api
