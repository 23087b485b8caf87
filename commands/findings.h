// SPDX-License-Identifier: Apache-2.0
// How findings are told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/finding.h"
#include "cli/session.h"

namespace metactl::commands {

/// The text with the flags behind each `metactl` by which the operator named what is looked at; the
/// context in use and the default state need none. Words in quotes stay as they are.
std::string with_place(const cli::Session& session, std::string_view commands);

/// Throws Error, usage, under -o raw.
void refuse_raw_findings(const cli::Session& session);

/// The list, for a terminal one paragraph for each. `-o json` has the members of Finding; mends
/// name the place.
void print_findings(cli::Session& session, const std::vector<api::Finding>& findings);

/// A list of them with the members of Finding, as print_findings tells them.
nlohmann::ordered_json findings_json(const cli::Session& session,
                                     const std::vector<api::Finding>& findings);

/// "1 error, 2 warnings"; "" when there are none.
std::string count_text(const std::vector<api::Finding>& findings);

/// True when one is more than an info.
bool is_unhealthy(const std::vector<api::Finding>& findings);

}  // namespace metactl::commands
