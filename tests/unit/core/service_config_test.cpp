// SPDX-License-Identifier: Apache-2.0
// Settings of the service, and what they change. Source: meta-service-api.md, sections 5, 8.11 and
// 10.

#include "core/meta/service_config.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/meta/rate_limiter.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::from;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

std::string setting(std::string_view configs) {
  return fmt::format("{{configs: '{}'}}", configs);
}

class ConfigFixture : public CoreFixture {
 public:
  void set(std::string_view configs) { call(api::update_config, setting(configs)); }

  nlohmann::json config(std::string_view key = "") {
    return nlohmann::json::parse(
        call(api::show_config, fmt::format("{{conf_key: '{}'}}", key)).result());
  }
  std::string value_of(std::string_view key) { return config(key).at(0).at(2); }
};

}  // namespace

TEST_CASE_METHOD(ConfigFixture, "update_config names the item that it refuses",
                 "[core][service_config]") {
  const auto [configs, item] = GENERATE(table<const char*, const char*>({
      {"", "configs"},
      {"nonsense", "nonsense"},
      {"=true", "=true"},
      {"no_such_name=1", "no_such_name=1"},
      {"Enable_rate_limit=true", "Enable_rate_limit=true"},
      {" enable_rate_limit=true", " enable_rate_limit=true"},
      {"arn_ak=x", "arn_ak"},
      {"arn_id=x", "arn_id=x"},
      {"arn_sk=plain-sk", "arn_sk"},
      {"encryption_method=AES_256_ECB", "encryption_method=AES_256_ECB"},
      {"enable_rate_limit=1", "enable_rate_limit=1"},
      {"enable_rate_limit=TRUE", "enable_rate_limit=TRUE"},
      {"enable_rate_limit=", "enable_rate_limit="},
      {"snapshot_max_reserved_num=x", "snapshot_max_reserved_num=x"},
      {"snapshot_max_reserved_num=", "snapshot_max_reserved_num="},
      {"snapshot_max_reserved_num=1.5", "snapshot_max_reserved_num=1.5"},
      {"snapshot_max_reserved_num=2147483648", "snapshot_max_reserved_num=2147483648"},
      {"default_max_qps_limit=true", "default_max_qps_limit=true"},
      {"default_max_qps_limit=9223372036854775808", "default_max_qps_limit=9223372036854775808"},
      {"enable_rate_limit=false,nonsense", "nonsense"},
      {"enable_rate_limit=false,", "config="},
      {"nonsense,enable_rate_limit=false", "nonsense"},
  }));
  CAPTURE(configs);
  CHECK_REFUSED(api::update_config, setting(configs), "INVALID_ARGUMENT", 400, item);
}

TEST_CASE_METHOD(ConfigFixture, "the first item that is bad decides", "[core][service_config]") {
  CHECK_REFUSED(api::update_config, setting("enable_rate_limit=x,arn_ak=y"), "INVALID_ARGUMENT",
                400, "enable_rate_limit=x");
  CHECK_REFUSED(api::update_config, "{}", "INVALID_ARGUMENT", 400, "configs");
}

TEST_CASE_METHOD(ConfigFixture, "update_config changes several settings together",
                 "[core][service_config]") {
  CHECK(shown(api::update_config,
              "{configs: 'snapshot_max_reserved_num=2147483647,default_max_qps_limit="
              "9223372036854775807,enable_rate_limit=false', persist: 'true', reason: 'why'}") ==
        "{}");
  CHECK(value_of("snapshot_max_reserved_num") == "2147483647");
  CHECK(value_of("default_max_qps_limit") == "9223372036854775807");
  CHECK(value_of("enable_rate_limit") == "false");
  CHECK(value_of("snapshot_min_interval_seconds") == "3600");
  set("enable_rate_limit=true");
  CHECK(value_of("enable_rate_limit") == "true");
  CHECK(value_of("snapshot_max_reserved_num") == "2147483647");
}

TEST_CASE_METHOD(ConfigFixture, "show_config shows name, type, value and whether it may be changed",
                 "[core][service_config]") {
  const auto shown_entry = [&](std::string_view key) { return config(key).dump(); };
  CHECK(shown_entry("enable_rate_limit") == R"([["enable_rate_limit","bool","true",true]])");
  CHECK(shown_entry("snapshot_max_reserved_num") ==
        R"([["snapshot_max_reserved_num","int32_t","35",true]])");
  CHECK(shown_entry("default_max_qps_limit") ==
        R"([["default_max_qps_limit","int64_t","1000000",true]])");
  CHECK(shown_entry("arn_ak") == R"([["arn_ak","std::string","",false]])");
  set("snapshot_max_reserved_num=7");
  CHECK(shown_entry("snapshot_max_reserved_num") ==
        R"([["snapshot_max_reserved_num","int32_t","7",true]])");
}

TEST_CASE_METHOD(ConfigFixture, "show_config shows nothing for an unknown name, else all",
                 "[core][service_config]") {
  CHECK(config("no_such_name") == nlohmann::json::array());
  CHECK(config("enable_rate") == nlohmann::json::array());
  const auto all = config();
  REQUIRE(all.size() == core::meta::service_config.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i][0] == core::meta::service_config.at(i).name);
    CHECK(all[i] == config(std::string(core::meta::service_config.at(i).name)).at(0));
  }
}

TEST_CASE_METHOD(ConfigFixture, "settings begin with the values of the service",
                 "[core][service_config]") {
  const auto [name, initial] = GENERATE(table<const char*, const char*>({
      {"arn_ak", ""},
      {"arn_id", ""},
      {"arn_sk", ""},
      {"default_max_qps_limit", "1000000"},
      {"enable_check_fe_drop_in_safe_time", "false"},  // The one that differs, see ConfigEntry.
      {"enable_check_instance_id", "true"},
      {"enable_cluster_name_check", "false"},
      {"enable_cluster_snapshot", "false"},
      {"enable_distinguish_hdfs_path", "true"},
      {"enable_multi_version_status", "false"},
      {"enable_rate_limit", "true"},
      {"snapshot_max_reserved_num", "35"},
      {"snapshot_min_interval_seconds", "3600"},
  }));
  CAPTURE(name);
  CHECK(value_of(name) == initial);
}

TEST_CASE_METHOD(ConfigFixture, "enable_cluster_name_check checks names of clusters",
                 "[core][service_config]") {
  create("i");
  const auto request = on_cluster("cluster_id: 'c1', cluster_name: 'a-b', type: 'COMPUTE'");
  set("enable_cluster_name_check=true");
  CHECK_REFUSED(api::add_cluster, request, "INVALID_ARGUMENT", 400, "a-b");
  set("enable_cluster_name_check=false");
  CHECK(refusal(api::add_cluster, request, {}) == "accepted");
  // The service does not check new names.
  set("enable_cluster_name_check=true");
  CHECK(refusal(api::rename_cluster, on_cluster("cluster_id: 'c1', cluster_name: 'c-d'"), {}) ==
        "accepted");
}

TEST_CASE_METHOD(ConfigFixture, "enable_check_instance_id lets ids of unknown instances resolve",
                 "[core][service_config]") {
  const auto* request = "{cloud_unique_id: '1:nobody:x'}";
  CHECK_REFUSED(api::get_obj_store_info, request, "INVALID_ARGUMENT", 400, "empty instance_id");
  set("enable_check_instance_id=false");
  CHECK_REFUSED(api::get_obj_store_info, request, "KV_TXN_GET_ERR", 500, "nobody");
  set("enable_check_instance_id=true");
  CHECK_REFUSED(api::get_obj_store_info, request, "INVALID_ARGUMENT", 400, "empty instance_id");
}

TEST_CASE_METHOD(ConfigFixture, "enable_distinguish_hdfs_path puts a GUID behind HDFS prefixes",
                 "[core][service_config]") {
  create("i");
  const auto add_vault = [&](std::string_view name) {
    call(api::add_hdfs_vault,
         fmt::format("{{cloud_unique_id: '1:i:x', vault: {{name: '{}', hdfs_info: {{prefix: '/p/', "
                     "build_conf: {{fs_name: 'f'}}}}}}}}",
                     name));
  };
  set("enable_distinguish_hdfs_path=false");
  add_vault("a");
  set("enable_distinguish_hdfs_path=true");
  add_vault("b");
  CHECK(stored_vault("1").hdfs_info().prefix() == "p");
  CHECK_THAT(stored_vault("2").hdfs_info().prefix(), Catch::Matches("p_[0-9a-f-]{36}"));
}

TEST_CASE_METHOD(ConfigFixture, "enable_check_fe_drop_in_safe_time keeps young FE nodes",
                 "[core][service_config]") {
  settings.fe_drop_protection_seconds = GENERATE(0, 10);
  constexpr std::int64_t start = 1662695469;
  set_now(start);
  create("i");
  add(sql("f", fe("m", "10.0.0.9", "FE_MASTER") + ", " + fe("o", "10.0.0.8", "FE_OBSERVER")));
  const auto node = on_cluster(sql("f", fe("o", "10.0.0.8", "FE_OBSERVER")));
  const auto* cluster = "{instance_id: 'i', cluster: {cluster_id: 'f'}}";
  SECTION("for 300 seconds") {
    set("enable_check_fe_drop_in_safe_time=true");
    set_now(start + 299);
    CHECK_REFUSED(api::drop_node, node, "INVALID_ARGUMENT", 400, "300 s");
    CHECK_REFUSED(api::drop_cluster, cluster, "CLUSTER_NOT_FOUND", 404, "300 s");
    set_now(start + 300);
    CHECK(refusal(api::drop_node, node, {}) == "accepted");
    CHECK(refusal(api::drop_cluster, cluster, {}) == "accepted");
  }
  SECTION("only when it is on") {
    set_now(start + 10);
    CHECK(refusal(api::drop_node, node, {}) == "accepted");
    CHECK(refusal(api::drop_cluster, cluster, {}) == "accepted");
  }
  SECTION("and nothing else") {
    set("enable_check_fe_drop_in_safe_time=true");
    add(compute("c", be("n", "10.0.0.1")));
    CHECK(refusal(api::drop_node, on_cluster(compute("c", be("n", "10.0.0.1"))), {}) == "accepted");
    CHECK(refusal(api::drop_cluster, on_cluster("cluster_id: 'c'"), {}) == "accepted");
  }
}

TEST_CASE_METHOD(ConfigFixture, "serve may protect FE nodes for longer than 300 seconds",
                 "[core][service_config]") {
  settings.fe_drop_protection_seconds = 1000;
  set("enable_check_fe_drop_in_safe_time=true");
  set_now(1662695469);
  create("i");
  add(sql("f", fe("m", "10.0.0.9", "FE_MASTER")));
  set_now(1662695469 + 999);
  CHECK_REFUSED(api::drop_cluster, on_cluster("cluster_id: 'f'"), "CLUSTER_NOT_FOUND", 404,
                "1000 s");
}

TEST_CASE_METHOD(ConfigFixture, "new instances get the members that are switched on",
                 "[core][service_config]") {
  create("before");
  set("enable_multi_version_status=true");
  create("versions");
  set("enable_cluster_snapshot=true,snapshot_min_interval_seconds=60");
  create("snapshots");
  set("enable_multi_version_status=false");
  create("neither");
  CHECK_FALSE(stored("before").has_multi_version_status());
  CHECK_FALSE(stored("before").has_snapshot_switch_status());
  CHECK(stored("versions").multi_version_status() == pb::MULTI_VERSION_READ_WRITE);
  CHECK(stored("versions").snapshot_switch_status() == pb::SNAPSHOT_SWITCH_OFF);
  CHECK_FALSE(stored("versions").has_snapshot_interval_seconds());
  CHECK(stored("snapshots").multi_version_status() == pb::MULTI_VERSION_READ_WRITE);
  CHECK(stored("snapshots").snapshot_switch_status() == pb::SNAPSHOT_SWITCH_ON);
  CHECK(stored("snapshots").snapshot_interval_seconds() == 60);
  CHECK(stored("snapshots").max_reserved_snapshot() == 1);
  CHECK_FALSE(stored("neither").has_multi_version_status());
  CHECK_FALSE(stored("neither").has_snapshot_switch_status());
}

TEST_CASE_METHOD(ConfigFixture, "the bounds of snapshot properties are settings",
                 "[core][service_config]") {
  create("i");
  set("snapshot_max_reserved_num=40,snapshot_min_interval_seconds=60");
  const auto [name, number, outcome] = GENERATE(table<const char*, int, const char*>({
      {"max_reserved_snapshots", 40, "accepted"},
      {"max_reserved_snapshots", 41, "INVALID_ARGUMENT 400"},
      {"snapshot_interval_seconds", 60, "accepted"},
      {"snapshot_interval_seconds", 59, "INVALID_ARGUMENT 400"},
  }));
  CAPTURE(name, number);
  CHECK(refusal(api::set_snapshot_property,
                fmt::format("{{instance_id: 'i', properties: {{'{}': '{}'}}}}", name, number),
                {}) == outcome);
}

TEST_CASE_METHOD(ConfigFixture, "default_max_qps_limit holds for calls without a limit",
                 "[core][service_config]") {
  call(api::adjust_rate_limit, "{qps_limit: '9', rpc_name: 'get_cluster'}");
  set("default_max_qps_limit=5");
  const auto limits = nlohmann::json::parse(call(api::list_rate_limit, "{}").result());
  CHECK(limits.at("get_instance").at("RPC qps limit") == 5);
  CHECK(limits.at("get_cluster").at("RPC qps limit") == 9);
}

TEST_CASE_METHOD(ConfigFixture, "enable_rate_limit switches all limits", "[core][service_config]") {
  call(api::adjust_rate_limit, "{qps_limit: '0'}");
  call(api::adjust_rate_limit, "{qps_limit: '0', instance_id: 'i'}");
  core::meta::RateLimiter limiter(memory, [this] { return now_ms; });
  const auto request = from<pb::GetInstanceRequest>("{instance_id: 'i'}");
  CHECK_THROWS_AS(limiter.admit(request), Error);
  set("enable_rate_limit=false");
  now_ms += 1000;
  CHECK_NOTHROW(limiter.admit(request));
  set("enable_rate_limit=true");
  now_ms += 1000;
  CHECK_THROWS_AS(limiter.admit(request), Error);
}
