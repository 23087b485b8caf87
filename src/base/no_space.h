// SPDX-License-Identifier: Apache-2.0
// What is said when a file cannot grow, also over HTTP.
#pragma once

#include <string_view>

namespace metactl {

inline constexpr std::string_view no_space_hint =
    "free some space there, then try again; state compact needs space itself";

/// "Insufficient Storage", RFC 4918, section 11.5.
inline constexpr int no_space_status = 507;

/// Why a file cannot grow, in the words of a message, for an errno that says so: a full disk, a
/// quota that is used up, or the limit of the process. "" for other numbers.
std::string_view no_space_text(int number);

}  // namespace metactl
