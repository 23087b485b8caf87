// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <algorithm>
#include <array>

#include "api/broker_errors.h"
#include "api/meta_errors.h"
#include "api/nodemgr_errors.h"
#include "api/qluster_errors.h"
#include "base/no_space.h"

namespace metactl::api {

Error incomplete(Service service, const std::string& message) {
  return service == Service::meta ? meta_failure(pb::PROTOBUF_PARSE_ERR, message)
                                  : refused(service, message);
}

Error refused(Service service, const std::string& message) {
  switch (service) {
    case Service::broker:
      return broker_malformed(message);
    case Service::qluster:
      return qluster_malformed(message);
    case Service::nodemgr:
      return nodemgr_refused(message);
    default:
      return meta_failure(pb::INVALID_ARGUMENT, message);
  }
}

int failure_status(const Error& error) {
  switch (error.reason()) {
    case Reason::integrity:
    case Reason::unreachable:
      return 503;
    case Reason::no_space:
      return no_space_status;
    default:
      return 500;
  }
}

std::optional<Reason> reason_of_status(int http, std::string_view message) {
  // Of store/file_identity.h and store/sqlite_store.h.
  constexpr std::array lost_state = {"while it was open", "lacks changes that were written"};
  const auto says = [&](const char* part) { return message.find(part) != message.npos; };
  switch (http) {
    case 503:
      return std::any_of(lost_state.begin(), lost_state.end(), says) ? Reason::integrity
                                                                     : Reason::unreachable;
    case 429:
    case 502:
    case 504:
      return Reason::unreachable;
    case no_space_status:
      return Reason::no_space;
    default:
      return std::nullopt;
  }
}

bool may_repeat(const OperationInfo& operation, const Error& failure) {
  if (!failure.answer() || !info(failure.reason()).retryable) return false;
  switch (failure.answer()->http) {
    case 429:
    case 503:
      return true;
    case 502:
    case 504:
      return operation.effect == Effect::read;
    default:
      // Of a qluster only who asks for it waits (qluster-api.md, section 10); a broker that could
      // not reach its proxies may have changed something.
      return operation.service == Service::meta || failure.answer()->code == broker_busy;
  }
}

Error answered(Service service, const Error& error) {
  if (!error.answer() && error.reason() == Reason::usage) {
    auto failure = error;
    failure.set_answer(refused(service, error.what()).answer().value());
    return failure;
  }
  switch (service) {
    case Service::broker:
      return broker_answered(error);
    case Service::qluster:
      return qluster_answered(error);
    case Service::nodemgr:
      return nodemgr_answered(error);
    default:
      return meta_answered(error);
  }
}

}  // namespace metactl::api
