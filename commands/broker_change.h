// SPDX-License-Identifier: Apache-2.0
// Changes of a memory broker: its refusals, and what to type then.
#pragma once

#include <string>
#include <string_view>

#include "api/broker.h"
#include "cli/session.h"

namespace metactl::commands {

/// The broker's code in a failure, such as MIGRATION_RUNNING; "" when it has none.
std::string_view code_of(const Error& error);

/// The failure with the next thing to type, by its code. `name` is the cluster or proxy.
Error with_broker_hint(const Error& error, const std::string& name);

/// The same, told as "cannot VERB KIND 'NAME': ...".
Error broker_refusal(const Error& error, const cli::ChangeText& text);

/// What may be said about a change beside its text.
struct BrokerChange {
  std::string_view done_code = {};  // The refusal that means that all is as it is wanted.
  /// As in cli::Change.
  std::function<std::string()> difference = nullptr;
};

/// Session::change with the hints of a broker.
template <class Request, class Response>
void change_broker(cli::Session& session, const api::Operation<Request, Response>& operation,
                   const Request& request, const cli::ChangeText& text,
                   const BrokerChange& more = {}) {
  try {
    session.change(operation, request, text, {.difference = more.difference});
  } catch (const Error& error) {
    if (!more.done_code.empty() && code_of(error) == more.done_code) return session.unchanged(text);
    throw with_broker_hint(error, text.name);
  }
}

/// The response to a change that is told later; under `-o raw` it is printed, and empty here.
template <class Request, class Response>
Response call_broker(cli::Session& session, const api::Operation<Request, Response>& operation,
                     const Request& request, const cli::ChangeText& text,
                     const std::function<std::string()>& difference) {
  Response response;
  try {
    if (session.style().format == render::Format::raw) {
      session.print_raw(operation.info, request);
    } else {
      response = session.client().call(operation, request);
    }
  } catch (const Error& error) {
    throw broker_refusal(error, text);
  }
  session.require_shown(text, difference);
  return response;
}

}  // namespace metactl::commands
