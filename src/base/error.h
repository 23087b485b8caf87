// SPDX-License-Identifier: Apache-2.0
// The one exception type of metactl, its reasons and their exit statuses.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metactl {

/// Why something failed. The same reason leads to the same exit status in every command and mode.
enum class Reason : std::uint8_t {
  internal,
  usage,
  not_found,
  conflict,
  denied,
  unreachable,
  precondition,
  partial,
  integrity,
  unhealthy,
  interrupted,
  no_space,
  unknown_outcome,
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;
  int exit_status;
  bool retryable;
  std::string_view when;
};

/// Every reason, in the order of the enum. `help exit-codes` and the man page print this table.
inline constexpr std::array reasons = {
    ReasonInfo{Reason::internal, "internal", 1, false,
               "the service or the tool failed; for diff: there are differences; for qluster "
               "is-leader: another node leads"},
    ReasonInfo{Reason::usage, "usage", 2, false,
               "bad flag, value or file; refused without --yes; for plan --detailed-exitcode only: "
               "changes present"},
    ReasonInfo{Reason::not_found, "not_found", 3, false,
               "the named thing does not exist (an empty list is 0)"},
    ReasonInfo{Reason::conflict, "conflict", 4, false, "exists already, name or endpoint taken"},
    ReasonInfo{Reason::denied, "denied", 5, false, "token, TLS identity, file permission"},
    ReasonInfo{Reason::unreachable, "unreachable", 6, true,
               "no answer, timeout, a busy service, a wait that was not met: try again"},
    ReasonInfo{Reason::precondition, "precondition", 7, false,
               "wrong status, stale plan, lock held, the object still has members"},
    ReasonInfo{Reason::partial, "partial", 8, false,
               "some of several were done; the report says which"},
    ReasonInfo{Reason::integrity, "integrity", 9, false,
               "damaged or foreign state file, failed verification"},
    ReasonInfo{Reason::unhealthy, "unhealthy", 10, false, "reached, and problems were found"},
    ReasonInfo{Reason::interrupted, "interrupted", 130, true, "interrupted by a signal"},
    ReasonInfo{Reason::no_space, "no_space", 6, false,
               "no space left for the state or another file: free some, then try again"},
    ReasonInfo{
        Reason::unknown_outcome, "unknown_outcome", 6, false,
        "a change was sent, and nobody knows whether it was made: look before you repeat it"},
};

constexpr const ReasonInfo& info(Reason reason) {
  return reasons.at(static_cast<std::size_t>(reason));
}

/// What a service said when it refused a call.
struct ServiceAnswer {
  int http = 0;         // HTTP status, also for calls that never left this process.
  std::string code;     // The code on the wire, such as ALREADY_EXISTED.
  std::string status;   // The service's own finer code, such as KV_TXN_GET_ERR; empty from remote.
  std::string message;  // The service's text.
  std::string body = {};  // The reply, where it holds more than code and text; else "".
  std::optional<std::chrono::seconds> retry_after = {};  // When to call again, if it says so.
};

/// `what()` says what failed, then why, in lower case; `hint()` is the next thing to type or "".
class Error : public std::runtime_error {
 public:
  explicit Error(Reason reason, const std::string& message, std::string hint = {})
      : std::runtime_error(message), reason_(reason), hint_(std::move(hint)) {}
  Error(Reason reason, ServiceAnswer answer)
      : std::runtime_error(answer.message), reason_(reason), answer_(std::move(answer)) {}

  Reason reason() const { return reason_; }
  const std::string& hint() const { return hint_; }
  /// What the service answered; absent when the tool itself refused.
  const std::optional<ServiceAnswer>& answer() const { return answer_; }
  /// The operation that failed, such as add_cluster; "" when there was none.
  const std::string& operation() const { return operation_; }
  /// The object that the command was about, such as cluster/etl; "" when there was none.
  const std::string& object() const { return object_; }

  /// Lines behind `what()`, such as one for each of several problems; usually none.
  const std::vector<std::string>& details() const { return details_; }

  void set_operation(std::string_view name) { operation_ = name; }
  void set_object(std::string_view name) { object_ = name; }
  void set_hint(std::string_view hint) { hint_ = hint; }
  void set_details(std::vector<std::string> lines) { details_ = std::move(lines); }
  void set_answer(ServiceAnswer answer) { answer_ = std::move(answer); }

  /// The same failure, told with `before` in front: "cannot add cluster 'etl': ...".
  Error explained(const std::string& before) const {
    return copied(reason_, before + ": " + what(), hint_);
  }
  /// The same failure, told with `after` behind it.
  Error extended(const std::string& after) const { return copied(reason_, what() + after, hint_); }
  /// The same failure for another reason.
  Error with_reason(Reason reason) const { return copied(reason, what(), hint_); }

 private:
  Error copied(Reason reason, const std::string& message, const std::string& hint) const {
    Error result(reason, message, hint);
    result.answer_ = answer_;
    result.operation_ = operation_;
    result.object_ = object_;
    result.details_ = details_;
    return result;
  }

  Reason reason_;
  std::string hint_;
  std::string operation_;
  std::string object_;
  std::vector<std::string> details_;
  std::optional<ServiceAnswer> answer_;
};

}  // namespace metactl
