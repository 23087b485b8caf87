// SPDX-License-Identifier: Apache-2.0
#include "api/nodemgr_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/foreign_json.h"
#include "api/service.h"

namespace metactl::api {
namespace {

constexpr std::string_view failed = "node_mgr failed: ";

struct Known {
  std::string_view beginning;
  Reason reason;
};

/// All other texts are about what the request says.
constexpr std::array known = {
    Known{"shell commands are refused", Reason::denied},
    Known{"there is no node", Reason::not_found},
    Known{"no space for files", Reason::no_space},
    Known{"files cannot be kept", Reason::denied},
    Known{failed, Reason::internal},
};

Reason reason_of(std::string_view why) {
  const auto* found = std::find_if(known.begin(), known.end(), [&](const Known& each) {
    return why.starts_with(each.beginning);
  });
  return found == known.end() ? Reason::usage : found->reason;
}

}  // namespace

Error nodemgr_refused(const std::string& why) {
  return Error(reason_of(why), ServiceAnswer{200, "", "", why});
}

Error nodemgr_missing() {
  auto error = nodemgr_refused("there is no node_mgr in the state");
  error.set_hint("metactl nodemgr node import --sample");
  return error;
}

Error nodemgr_malformed(const std::string& why) {
  return Error(Reason::usage, ServiceAnswer{400, "", "", why});
}

Error nodemgr_denied(const std::string& why) {
  return Error(Reason::denied, ServiceAnswer{403, "", "", why});
}

Error nodemgr_failure_in(int http, const std::string& body) {
  const auto json = parse_foreign_json(body);
  const bool tells = json.is_object() && json.contains("info") && json["info"].is_string();
  if (const auto reason = reason_of_status(http, body))
    return Error(*reason, ServiceAnswer{http, "", "",
                                        tells ? json["info"].get<std::string>()
                                              : fmt::format("HTTP status {}", http)});
  if (http == 400)
    return nodemgr_malformed(tells ? json["info"].get<std::string>()
                                   : "node_mgr could not read the request, and does not say why");
  if (http == 403 && tells) return nodemgr_denied(json["info"].get<std::string>());
  return Error(Reason::internal, fmt::format("the reply is none of a node_mgr: HTTP {}", http),
               "look at the address of the server: the port of a node_mgr is usually 9998 or 5001");
}

Error nodemgr_answered(const Error& error) {
  if (error.answer()) return error;
  const int status = failure_status(error);
  Error result = error;
  // A node_mgr knows no 500.
  result.set_answer(
      {status == 500 ? 200 : status, "", "", fmt::format("{}{}", failed, error.what())});
  return result;
}

}  // namespace metactl::api
