// SPDX-License-Identifier: Apache-2.0
// Changes whose answer decides how they are told.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "cli/session.h"

namespace metactl::commands {

/// As Session::show, but says what failed when the service refuses: "cannot begin txn 'a': ...".
template <class Request, class Response, class Present>
void call_told(cli::Session& session, const api::Operation<Request, Response>& operation,
               const Request& request, const cli::ChangeText& text, Present&& present) {
  try {
    session.show(operation, request, std::forward<Present>(present));
  } catch (const Error& error) {
    auto told = error.explained(fmt::format("cannot {} {} '{}'", text.verb, text.kind, text.name));
    told.set_object(fmt::format("{}/{}", text.kind, text.name));
    throw told;
  }
}

}  // namespace metactl::commands
