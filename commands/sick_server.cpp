// SPDX-License-Identifier: Apache-2.0
#include "commands/sick_server.h"

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/text.h"
#include "http/curl_url.h"

namespace metactl::commands {

std::string service_object(const cli::Session& session) {
  return session.is_remote()
             ? "server/" + http::parse_server_url(session.setting("server").value).shown
             : "file/" + session.setting("state").value;
}

std::string answer_text(const Error& error) {
  const auto& answer = error.answer();
  if (!answer) return error.what();
  return fmt::format("HTTP {}, {}: '{}'", answer->http, text::printable(answer->code),
                     text::printable(answer->message));
}

api::Finding sick_server(const cli::Session& session, const std::string& what) {
  return {"sick-server", api::Severity::error, service_object(session), what,
          "look at the address, at the log of the service, and whether its storage runs"};
}

std::optional<api::Finding> find_sickness(cli::Session& session) {
  pb::GetInstanceRequest request;
  request.set_instance_id("unknown_" + text::hex(crypto::random_bytes(8)));
  try {
    session.client().call(api::get_instance, request);
    return sick_server(session, "it answers OK when asked for an instance that cannot exist");
  } catch (const Error& error) {
    const bool is_answered = error.answer().has_value();
    if (is_answered && error.reason() == Reason::not_found) return std::nullopt;
    if (error.reason() == Reason::unreachable || error.reason() == Reason::denied) throw;
    return sick_server(session, fmt::format("asked for an instance that cannot exist, it does not "
                                            "say that there is none: {}",
                                            answer_text(error)));
  }
}

}  // namespace metactl::commands
