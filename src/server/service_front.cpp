// SPDX-License-Identifier: Apache-2.0
#include "server/service_front.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "api/service.h"
#include "base/error.h"
#include "base/text.h"

namespace metactl::server {

std::optional<http::Reply> ServiceFront::admit(const http::Request& head) const noexcept {
  std::optional<http::Reply> reply;
  try {
    reply = refused(head);
  } catch (const std::exception& error) {
    reply = refusal(500, error.what());
  }
  if (!reply) return std::nullopt;
  return completed(head, *std::move(reply), "");
}

http::Reply ServiceFront::answer(const http::Request& request) const noexcept {
  if (auto reply = admit(request)) return *std::move(reply);
  http::Reply reply;
  std::string logged;
  try {
    reply = route(request, logged);
  } catch (const Error& error) {
    reply = refusal(api::failure_status(error), error.what());
  } catch (const std::exception& error) {
    reply = refusal(500, error.what());
  }
  return completed(request, std::move(reply), logged);
}

core::Origin ServiceFront::origin_of(const http::Request& request,
                                     const api::OperationInfo& operation) {
  core::Origin origin(request.peer);
  if (operation.effect == api::Effect::read) return origin;
  const std::string named(request.header(http::command_header));
  origin.command_id = core::is_command_id(named) ? named : core::new_command_id();
  return origin;
}

std::optional<http::Reply> ServiceFront::refused(const http::Request& head) const {
  if (needs_token(head)) return check_token(head);
  const auto why = http::foreign_page(head, hosts_);
  return why.empty() ? std::nullopt : std::optional(refusal(403, why));
}

http::Reply ServiceFront::completed(const http::Request& request, http::Reply reply,
                                    const std::string& logged) const {
  complete(request, reply);
  if (log_)
    log_(fmt::format("{} {} {} {}{}", request.peer, text::printable(request.method),
                     target_in_log(request), reply.status, logged));
  return reply;
}

http::Reply ServiceFront::text_reply(int status, const std::string& line) {
  return {status, "text/plain; charset=utf-8", line + "\n"};
}

http::Reply ServiceFront::refusal(int status, const std::string& why) const {
  return text_reply(status, why);
}

std::string ServiceFront::target_in_log(const http::Request& request) const {
  return text::printable(request.path);
}

}  // namespace metactl::server
