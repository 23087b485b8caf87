// SPDX-License-Identifier: Apache-2.0
// What the HTTP fronts of all services have in common: who is let in, the log, and that whatever
// goes wrong is a reply.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "api/operation.h"
#include "core/journal.h"
#include "http/browsers.h"
#include "http/message.h"

namespace metactl::server {

/// The HTTP front of one service. Both functions may be called from several threads at once.
class ServiceFront {
 public:
  using Log = std::function<void(const std::string& line)>;

  virtual ~ServiceFront() = default;
  ServiceFront(const ServiceFront&) = delete;
  ServiceFront& operator=(const ServiceFront&) = delete;

  /// The reply to a request that its header alone refuses, so that nobody reads its body: it lacks
  /// the token that it needs or, where none is needed, a page of another site may have sent it.
  /// Nothing when the request may be answered.
  std::optional<http::Reply> admit(const http::Request& head) const noexcept;

  /// The reply to a whole request, which need not have been admitted before.
  http::Reply answer(const http::Request& request) const noexcept;

 protected:
  /// `log` gets a line a request, secrets masked; it may be empty.
  ServiceFront(Log log, http::OwnHosts hosts) : log_(std::move(log)), hosts_(std::move(hosts)) {}

  /// Who sent a request, and the command that it belongs to: the one that its client names, or one
  /// of its own.
  static core::Origin origin_of(const http::Request& request, const api::OperationInfo& operation);

  bool has_log() const { return log_ != nullptr; }
  static http::Reply text_reply(int status, const std::string& line);

 private:
  virtual bool needs_token(const http::Request&) const { return false; }
  /// The refusal of a request that needs a token; nothing when it has the right one.
  virtual std::optional<http::Reply> check_token(const http::Request&) const { return {}; }
  /// A failure in the service's own form.
  virtual http::Reply refusal(int status, const std::string& why) const;
  /// Answers an admitted request. `logged` is added to its line in the log.
  virtual http::Reply route(const http::Request& request, std::string& logged) const = 0;
  virtual std::string target_in_log(const http::Request& request) const;
  /// Adds the headers that all replies of the service have.
  virtual void complete(const http::Request&, http::Reply&) const {}

  std::optional<http::Reply> refused(const http::Request& head) const;
  http::Reply completed(const http::Request& request, http::Reply reply,
                        const std::string& logged) const;

  Log log_;
  http::OwnHosts hosts_;
};

}  // namespace metactl::server
