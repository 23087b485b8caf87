// SPDX-License-Identifier: Apache-2.0
#include "app/replica_sync.h"

#include <fmt/format.h>

#include <utility>

#include "api/broker.h"
#include "api/secret_text.h"
#include "base/text.h"
#include "http/transport.h"
#include "http/wire.h"

namespace metactl::app {
namespace {

constexpr std::chrono::seconds time_limit{5};  // For one replica.

template <class Request, class Response>
Response call(const core::Dispatcher& dispatcher,
              const api::Operation<Request, Response>& operation) {
  Response response;
  if (const auto failure = dispatcher.call(operation.info, Request(), response, "serve"))
    throw Error(*failure);
  return response;
}

/// "copied", or why it was not.
std::string copy(const std::string& address, const http::Request& request) {
  try {
    const auto reply = http::CurlTransport("http://" + address, time_limit).send(request);
    const auto failure = http::failure_in(api::broker_restore_metadata.info, reply);
    return failure ? failure->what() : "copied";
  } catch (const Error& error) {
    return error.what();
  }
}

/// The address without the password that its user part may have.
std::string shown(const std::string& address) {
  constexpr std::string_view scheme = "http://";
  return text::printable(api::mask_text(std::string(scheme) + address).substr(scheme.size()));
}

}  // namespace

ReplicaSync::ReplicaSync(const core::Dispatcher& dispatcher, ReplicaSyncOptions options)
    : dispatcher_(dispatcher), options_(std::move(options)), thread_([this] { run(); }) {}

ReplicaSync::~ReplicaSync() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void ReplicaSync::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, options_.interval, [this] { return is_stopped_; })) {
    lock.unlock();
    copy_to_all();
    lock.lock();
  }
}

void ReplicaSync::copy_to_all() {
  try {
    const auto settings = call(dispatcher_, api::broker_get_settings);
    if (settings.replica_addresses().empty()) return;
    const auto metadata = call(dispatcher_, api::broker_get_metadata);
    const auto request = http::encode_request(api::broker_restore_metadata.info, metadata);
    for (const auto& address : settings.replica_addresses()) tell(address, copy(address, request));
  } catch (const Error& error) {
    tell("", error.what());
  }
}

void ReplicaSync::tell(const std::string& address, const std::string& outcome) {
  auto& last = outcomes_[address];
  if (!options_.log || outcome == last) return;
  last = outcome;
  options_.log(address.empty() ? fmt::format("metadata is not copied to replicas: {}", outcome)
                               : fmt::format("metadata to {}: {}", shown(address), outcome));
}

}  // namespace metactl::app
