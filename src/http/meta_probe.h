// SPDX-License-Identifier: Apache-2.0
// Asking a meta service which calls it knows, without making any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/operation.h"
#include "http/message.h"

namespace metactl::http {

/// A request by which nothing can be done, but that is answered in another way by a service that
/// knows the call: where parameters travel in a body, one that is no JSON, which is refused before
/// anything is looked at; for a read by query, one without parameters. Changes by query are asked
/// without parameters too, where the service is known to refuse that; nothing for all others.
/// Source: meta-service-api.md, sections 1.4, 8.9 and 8.11.
std::optional<Request> harmless_request(const api::AnyOperation& operation);

/// The same request to another call of that name.
Request renamed(const Request& request, std::string_view name);

/// True for an answer of the service itself, good or bad: a JSON object with the texts code and
/// msg.
bool is_envelope(const Reply& reply);

/// "HTTP 500", and behind it the text of an envelope.
std::string reply_text(const Reply& reply);

/// True when a reply says of `name` what another one says of `impossible_name`, which no service
/// can have.
bool same_reply(const Reply& reply, std::string_view name, const Reply& impossible,
                std::string_view impossible_name);

}  // namespace metactl::http
