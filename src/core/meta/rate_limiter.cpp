// SPDX-License-Identifier: Apache-2.0
#include "core/meta/rate_limiter.h"

#include <fmt/format.h>

#include "api/meta_errors.h"
#include "core/meta/instances.h"

namespace metactl::core::meta {
namespace {

std::string text_of(const google::protobuf::Message& request, const char* name) {
  const auto* field = request.GetDescriptor()->FindFieldByName(name);
  return field ? request.GetReflection()->GetString(request, field) : "";
}

std::string instance_of(const google::protobuf::Message& request) {
  const auto id = text_of(request, "instance_id");
  return id.empty() ? encoded_instance(text_of(request, "cloud_unique_id")) : id;
}

}  // namespace

void RateLimiter::admit(const google::protobuf::Message& request) {
  const auto rpc = rpc_of(*request.GetDescriptor());
  if (rpc.empty()) return;
  const auto instance_id = instance_of(request);
  const std::lock_guard lock(mutex_);
  start_second(now_ms_() / 1000);
  if (!limits_->enabled()) return;
  count(rpc, limits_->limit(rpc));
  if (const auto limit = limits_->limit(rpc, instance_id))
    count(fmt::format("{} of instance {}", rpc, instance_id), *limit);
}

void RateLimiter::start_second(std::int64_t second) {
  if (second == second_) return;
  limits_.emplace(store_.read([](store::View& view) { return RateLimits(view); }));
  counts_.clear();
  second_ = second;
}

void RateLimiter::count(const std::string& what, std::int64_t limit) {
  if (++counts_[what] > limit)
    throw api::meta_failure(pb::MAX_QPS_LIMIT,
                            fmt::format("reached the limit of {} calls a second: {}", limit, what));
}

}  // namespace metactl::core::meta
