// SPDX-License-Identifier: Apache-2.0
#include "core/meta/rate_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/json.h"
#include "api/meta.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/service_config.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

std::string snake_case(std::string_view camel_case) {
  std::string result;
  for (const char c : camel_case) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && !result.empty()) result += '_';
    result += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

pb::RateLimitsPB load_limits(store::View& view) {
  return find_record<pb::RateLimitsPB>(view, keys::rate_limits_key(), "the rate limits")
      .value_or(pb::RateLimitsPB());
}

std::int64_t checked_limit(const std::string& text) {
  if (text.empty()) throw invalid_argument("qps_limit not set");
  const auto number = text::to_int(text);
  if (!number)
    throw invalid_argument(fmt::format("qps_limit is not an integer, qps_limit={}", text));
  if (*number < 0) throw invalid_argument(fmt::format("qps_limit is negative, qps_limit={}", text));
  return *number;
}

/// A limit for all RPCs takes the place of those for single ones.
void set_limit(pb::RateLimitsPB& limits, const pb::AdjustRateLimitRequest& request,
               std::int64_t qps_limit) {
  auto& list = *limits.mutable_limits();
  const auto is_replaced = [&](const pb::RateLimitsPB::Limit& limit) {
    return limit.instance_id() == request.instance_id() &&
           (request.rpc_name().empty() || limit.rpc_name() == request.rpc_name());
  };
  list.erase(std::remove_if(list.begin(), list.end(), is_replaced), list.end());
  auto& limit = *list.Add();
  limit.set_rpc_name(request.rpc_name());
  limit.set_instance_id(request.instance_id());
  limit.set_qps_limit(qps_limit);
}

}  // namespace

std::string rpc_of(const google::protobuf::Descriptor& request) {
  constexpr std::string_view suffix = "Request";
  const auto& name = request.name();
  if (request.file() != pb::StatusResponse::descriptor()->file() && name.ends_with(suffix))
    return snake_case(std::string_view(name).substr(0, name.size() - suffix.size()));
  return "";
}

std::vector<std::string> rpc_names() {
  std::set<std::string> names;
  for (const auto& operation : api::meta_operations) {
    const auto name = rpc_of(*operation.request().GetDescriptor());
    if (!name.empty() && !operation.info->extension) names.insert(name);
  }
  return {names.begin(), names.end()};
}

RateLimits::RateLimits(store::View& view)
    : limits_(load_limits(view)),
      initial_(config_number(view, "default_max_qps_limit")),
      enabled_(config_flag(view, "enable_rate_limit")) {}

std::optional<std::int64_t> RateLimits::find(std::string_view rpc,
                                             std::string_view instance_id) const {
  const auto find_for = [&](std::string_view name) -> std::optional<std::int64_t> {
    for (const auto& limit : limits_.limits())
      if (limit.rpc_name() == name && limit.instance_id() == instance_id) return limit.qps_limit();
    return std::nullopt;
  };
  const auto own = find_for(rpc);
  return own ? own : find_for("");
}

std::int64_t RateLimits::limit(std::string_view rpc) const {
  return find(rpc, "").value_or(initial_);
}

std::optional<std::int64_t> RateLimits::limit(std::string_view rpc,
                                              std::string_view instance_id) const {
  if (instance_id.empty()) return std::nullopt;
  return find(rpc, instance_id);
}

std::vector<std::string> RateLimits::instances() const {
  std::set<std::string> ids;
  for (const auto& limit : limits_.limits())
    if (!limit.instance_id().empty()) ids.insert(limit.instance_id());
  return {ids.begin(), ids.end()};
}

pb::StatusResponse adjust_rate_limit(Context& context, const pb::AdjustRateLimitRequest& request) {
  const auto qps_limit = checked_limit(request.qps_limit());
  const auto names = rpc_names();
  if (!request.rpc_name().empty() &&
      std::find(names.begin(), names.end(), request.rpc_name()) == names.end())
    throw invalid_argument(fmt::format("no such rpc, rpc_name={}", request.rpc_name()));
  context.transact([&](store::Txn& txn) {
    auto limits = load_limits(txn);
    set_limit(limits, request, qps_limit);
    txn.put(keys::rate_limits_key(), api::serialize(limits));
  });
  return {};
}

pb::JsonResponse list_rate_limit(Context& context, const pb::ListRateLimitRequest&) {
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  context.read([&](store::View& view) {
    const RateLimits limits(view);
    for (const auto& rpc : rpc_names()) {
      auto special = nlohmann::ordered_json::object();
      for (const auto& id : limits.instances())
        if (const auto limit = limits.limit(rpc, id)) special[id] = *limit;
      result[rpc] = {{"RPC qps limit", limits.limit(rpc)},
                     {"instance specific qps limit", std::move(special)}};
    }
  });
  pb::JsonResponse response;
  response.set_result(result.dump());
  return response;
}

}  // namespace metactl::core::meta
