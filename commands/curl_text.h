// SPDX-License-Identifier: Apache-2.0
// Shell texts as they are pasted, and the calls in them that are not read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/curl_request.h"

namespace metactl::commands {

/// Reads the text. A line that is no shell text and no call of curl, such as `it's broken`, is left
/// out and told in `mistakes`. Throws Error, usage, as cli::ShellScript does.
cli::ShellScript read_pasted(std::string text, const std::string& name,
                             std::vector<Mistake>& mistakes);

/// The mistake when these words of a command, which are no call of curl by themselves, seem to make
/// one: bash -c "curl ...", ssh HOST "curl ...", xargs curl.
std::optional<Mistake> find_unread_call(const std::vector<cli::ShellText>& words);

/// The mistake when something in the call is not read: a second URL, all behind --next.
std::optional<Mistake> find_unread_part(const cli::CurlCall& call);

}  // namespace metactl::commands
