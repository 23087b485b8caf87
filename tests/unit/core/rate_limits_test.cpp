// SPDX-License-Identifier: Apache-2.0
// Limits of calls a second: setting, showing, keeping them. Source: meta-service-api.md, sections
// 8.11 and 10.

#include "core/meta/rate_limits.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/meta/rate_limiter.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace pb = metactl::pb;
using core::meta::RateLimiter;
using metactl::Error;
using metactl::Reason;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

class RateFixture : public CoreFixture {
 public:
  void limit(std::string_view members) {
    call(api::adjust_rate_limit, fmt::format("{{{}}}", members));
  }

  nlohmann::json limits() {
    return nlohmann::json::parse(call(api::list_rate_limit, "{}").result());
  }
  std::int64_t limit_of(const std::string& rpc) { return limits().at(rpc).at("RPC qps limit"); }
  nlohmann::json special_limits_of(const std::string& rpc) {
    return limits().at(rpc).at("instance specific qps limit");
  }
};

/// Counts with a clock of the test.
class LimiterFixture : public RateFixture {
 public:
  RateLimiter limiter{memory, [this] { return now_ms; }};

  template <class Request>
  void admit(std::string_view json) {
    limiter.admit(from<Request>(json));
  }

  /// How many calls are let through, of at most 10.
  template <class Request>
  int admitted(std::string_view json) {
    for (int count = 0; count < 10; ++count) {
      try {
        admit<Request>(json);
      } catch (const Error&) {
        return count;
      }
    }
    return 10;
  }

  void next_second() { now_ms += 1000; }
};

}  // namespace

TEST_CASE_METHOD(RateFixture, "adjust_rate_limit refuses the first broken rule",
                 "[core][rate_limits]") {
  const auto [members, text] = GENERATE(table<const char*, const char*>({
      {"", "qps_limit"},
      {"qps_limit: ''", "qps_limit"},
      {"rpc_name: 'nope'", "qps_limit"},
      {"instance_id: 'i'", "qps_limit"},
      {"qps_limit: 'x', rpc_name: 'nope'", "qps_limit"},
      {"qps_limit: '1.5'", "qps_limit"},
      {"qps_limit: '1x'", "qps_limit"},
      {"qps_limit: '9223372036854775808'", "qps_limit"},
      {"qps_limit: '-1', rpc_name: 'nope'", "negative"},
      {"qps_limit: '1', rpc_name: 'nope'", "nope"},
      {"qps_limit: '1', rpc_name: 'nope', instance_id: 'i'", "nope"},
      {"qps_limit: '1', rpc_name: 'add_cluster'", "add_cluster"},        // No RPC, but a route.
      {"qps_limit: '1', rpc_name: 'list_instances'", "list_instances"},  // No RPC of the service.
      {"qps_limit: '1', rpc_name: 'adjust_rate_limit'", "adjust_rate_limit"},
  }));
  CAPTURE(members);
  CHECK_REFUSED(api::adjust_rate_limit, fmt::format("{{{}}}", members), "INVALID_ARGUMENT", 400,
                text);
}

TEST_CASE_METHOD(RateFixture, "limits are listed by RPC", "[core][rate_limits]") {
  const auto all = limits();
  const auto names = core::meta::rpc_names();
  CHECK(all.size() == names.size());
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (const auto* name :
       {"create_instance", "alter_instance", "get_instance", "alter_cluster", "get_cluster",
        "get_cluster_status", "get_obj_store_info", "alter_obj_store_info", "update_ak_sk",
        "alter_ram_user", "alter_iam", "get_stage"})
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  for (const auto& name : names)
    CHECK(all.at(name).dump() == R"({"RPC qps limit":1000000,"instance specific qps limit":{}})");
}

TEST_CASE_METHOD(RateFixture, "a limit alone is for all RPCs", "[core][rate_limits]") {
  limit("qps_limit: '7', rpc_name: 'get_cluster'");
  CHECK(shown(api::adjust_rate_limit, "{qps_limit: '5'}") == "{}");
  for (const auto& name : core::meta::rpc_names()) {
    CHECK(limit_of(name) == 5);
    CHECK(special_limits_of(name).empty());
  }
}

TEST_CASE_METHOD(RateFixture, "a limit for an RPC is for that one only", "[core][rate_limits]") {
  limit("qps_limit: '5', rpc_name: 'get_cluster'");
  CHECK(limit_of("get_cluster") == 5);
  CHECK(limit_of("get_instance") == 1000000);
  limit("qps_limit: '0', rpc_name: 'get_cluster'");
  CHECK(limit_of("get_cluster") == 0);
  limit("qps_limit: '9223372036854775807', rpc_name: 'get_cluster'");
  CHECK(limit_of("get_cluster") == 9223372036854775807);
}

TEST_CASE_METHOD(RateFixture, "a limit for an instance is listed beside that for all",
                 "[core][rate_limits]") {
  limit("qps_limit: '5', instance_id: 'i'");
  limit("qps_limit: '6', instance_id: 'nobody', rpc_name: 'get_cluster'");
  CHECK(special_limits_of("get_instance").dump() == R"({"i":5})");
  CHECK(special_limits_of("get_cluster").dump() == R"({"i":5,"nobody":6})");
  CHECK(limit_of("get_cluster") == 1000000);
  limit("qps_limit: '8', instance_id: 'i', rpc_name: 'get_cluster'");
  CHECK(special_limits_of("get_instance").dump() == R"({"i":5})");
  CHECK(special_limits_of("get_cluster").dump() == R"({"i":8,"nobody":6})");
  limit("qps_limit: '9', instance_id: 'i'");
  CHECK(special_limits_of("get_cluster").dump() == R"({"i":9,"nobody":6})");
  CHECK(special_limits_of("get_instance").dump() == R"({"i":9})");
}

TEST_CASE_METHOD(LimiterFixture, "a call over the limit is refused until the second is over",
                 "[core][rate_limits]") {
  limit("qps_limit: '2', rpc_name: 'get_instance'");
  now_ms = 1'700'000'000'000;
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 2);
  now_ms += 999;
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 0);
  now_ms += 1;
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 2);
}

TEST_CASE_METHOD(LimiterFixture, "the refusal names the limit and may be tried again",
                 "[core][rate_limits]") {
  limit("qps_limit: '2', rpc_name: 'get_instance', instance_id: 'i'");
  admitted<pb::GetInstanceRequest>("{instance_id: 'i'}");
  try {
    admit<pb::GetInstanceRequest>("{instance_id: 'i'}");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::unreachable);
    CHECK(info(error.reason()).retryable);
    CHECK(error.answer()->status == "MAX_QPS_LIMIT");
    CHECK(error.answer()->code == "INTERNAL_ERROR");
    CHECK(error.answer()->http == 500);
    for (const auto* text : {"2", "get_instance", "i"})
      CHECK_THAT(error.answer()->message, Catch::Contains(text));
  }
}

TEST_CASE_METHOD(LimiterFixture, "a limit of 0 refuses every call", "[core][rate_limits]") {
  limit("qps_limit: '0', rpc_name: 'get_instance'");
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 0);
  next_second();
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 0);
}

TEST_CASE_METHOD(LimiterFixture, "each RPC is counted on its own", "[core][rate_limits]") {
  limit("qps_limit: '3'");
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 3);
  CHECK(admitted<pb::GetClusterRequest>("{}") == 3);
  // All routes of an RPC are counted together.
  CHECK(admitted<pb::AlterClusterRequest>("{op: 'ADD_CLUSTER'}") == 3);
  CHECK(admitted<pb::AlterClusterRequest>("{op: 'DROP_CLUSTER'}") == 0);
}

TEST_CASE_METHOD(LimiterFixture, "the limit of an RPC is for all instances together",
                 "[core][rate_limits]") {
  limit("qps_limit: '3', rpc_name: 'get_instance'");
  admit<pb::GetInstanceRequest>("{instance_id: 'i'}");
  admit<pb::GetInstanceRequest>("{instance_id: 'j'}");
  CHECK(admitted<pb::GetInstanceRequest>("{instance_id: 'k'}") == 1);
}

TEST_CASE_METHOD(LimiterFixture, "the limit of an instance is for that one only",
                 "[core][rate_limits]") {
  const auto* rpc = GENERATE("", ", rpc_name: 'get_instance'");
  limit(fmt::format("qps_limit: '2', instance_id: 'i'{}", rpc));
  CHECK(admitted<pb::GetInstanceRequest>("{instance_id: 'i'}") == 2);
  CHECK(admitted<pb::GetInstanceRequest>("{cloud_unique_id: '1:i:x'}") == 0);
  CHECK(admitted<pb::GetInstanceRequest>("{instance_id: 'j'}") == 10);
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 10);
  CHECK(admitted<pb::GetClusterRequest>("{instance_id: 'i'}") == (*rpc == '\0' ? 2 : 10));
  next_second();
  CHECK(admitted<pb::GetInstanceRequest>("{cloud_unique_id: '1:i:x'}") == 2);
}

TEST_CASE_METHOD(LimiterFixture, "both limits hold", "[core][rate_limits]") {
  limit("qps_limit: '3', rpc_name: 'get_instance'");
  limit("qps_limit: '5', rpc_name: 'get_instance', instance_id: 'i'");
  CHECK(admitted<pb::GetInstanceRequest>("{instance_id: 'i'}") == 3);
}

TEST_CASE_METHOD(LimiterFixture, "another limit is in force from the next second on",
                 "[core][rate_limits]") {
  limit("qps_limit: '2', rpc_name: 'get_instance'");
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 2);
  limit("qps_limit: '4', rpc_name: 'get_instance'");
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 0);
  next_second();
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 4);
}

TEST_CASE_METHOD(LimiterFixture, "the default limit is kept too", "[core][rate_limits]") {
  call(api::update_config, "{configs: 'default_max_qps_limit=3'}");
  CHECK(admitted<pb::GetInstanceRequest>("{}") == 3);
}

TEST_CASE_METHOD(LimiterFixture, "calls that manage the service are never refused",
                 "[core][rate_limits]") {
  limit("qps_limit: '0'");
  limit("qps_limit: '0', instance_id: 'i'");
  CHECK(admitted<pb::AdjustRateLimitRequest>("{instance_id: 'i'}") == 10);
  CHECK(admitted<pb::ListRateLimitRequest>("{}") == 10);
  CHECK(admitted<pb::UpdateConfigRequest>("{}") == 10);
  CHECK(admitted<pb::ShowConfigRequest>("{}") == 10);
  CHECK(admitted<pb::GetInstanceRequest>("{instance_id: 'i'}") == 0);
}

TEST_CASE_METHOD(LimiterFixture, "calls of several threads are counted together",
                 "[core][rate_limits]") {
  limit("qps_limit: '7', rpc_name: 'get_instance'");
  std::atomic<int> total = 0;
  const auto run = [&] { total += admitted<pb::GetInstanceRequest>("{}"); };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(run);
  for (auto& thread : threads) thread.join();
  CHECK(total == 7);
}
