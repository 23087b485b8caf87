// SPDX-License-Identifier: Apache-2.0
// The route table of meta-service-api.md, section 7, walked over HTTP.
#include <catch2/catch.hpp>
#include <vector>

#include "tests/conformance/served_core.h"

namespace metactl::tests {
namespace {

/// All names of the table.
const std::vector<std::string> routes = {
    // 8.1 Instances
    "create_instance", "drop_instance", "rename_instance", "enable_instance_sse",
    "disable_instance_sse", "set_instance_status", "get_instance",
    // 8.2 Clusters
    "add_cluster", "drop_cluster", "rename_cluster", "update_cluster_mysql_user_name",
    "update_cluster_endpoint", "set_cluster_status", "alter_vcluster_info",
    // 8.3 Nodes
    "add_node", "drop_node", "decommission_node", "notify_decommissioned",
    // 8.4 Reading clusters
    "get_cluster", "get_cluster_status",
    // 8.5 Object-store info
    "get_obj_store_info", "show_storage_vaults", "add_obj_info", "legacy_update_ak_sk",
    "alter_obj_info",
    // 8.6 ak/sk
    "update_ak_sk", "alter_ram_user", "alter_iam",
    // 8.7 Storage vaults
    "add_s3_vault", "alter_s3_vault", "drop_s3_vault", "add_hdfs_vault", "drop_hdfs_vault",
    // 8.8 Stages
    "get_stage",
    // 8.9 Key tools
    "decode_key", "encode_key", "get_value", "set_value", "show_meta_ranges",
    // 8.10 Tablets and transactions
    "get_tablet_stats", "abort_txn", "abort_tablet_job", "txn_lazy_commit", "fix_tablet_stats",
    "fix_tablet_db_id",
    // 8.11 Service management
    "adjust_rate_limit", "list_rate_limit", "update_config", "show_config", "set_snapshot_property",
    "get_snapshot_property", "list_snapshot", "drop_snapshot", "compact_snapshot",
    "decouple_instance", "set_multi_version_status", "injection_point"};

/// Routes of the recycler, which a meta service does not know.
const std::vector<std::string> recycler_routes = {
    "recycle_instance", "statistics_recycle", "recycle_copy_jobs", "recycle_job_info",
    "check_instance",   "check_job_info",     "check_meta",        "adjust_rate_limiter"};

/// "known" or "unknown", which is a 404 whose text names the route; else what came instead.
std::string verdict(const ServedCore& core, std::string_view method, const std::string& route) {
  const auto reply = exchange(core.port(), raw_request(method, ServedCore::target(route), "{}"));
  if (reply.status == 404) return "unknown";
  const bool is_json = reply.body.starts_with("{\n    \"code\": \"") && reply.body.ends_with("}\n");
  const bool is_text = !reply.body.empty() && reply.body.ends_with("\n");
  const bool is_empty = route.find("get_tablet_stats") != std::string::npos && reply.body == "\n";
  const bool is_answer = reply.status == 200 ? is_text : is_json || is_empty;
  return reply.status >= 200 && reply.status <= 500 && is_answer
             ? "known"
             : fmt::format("{}: {}", reply.status, reply.body);
}

}  // namespace

TEST_CASE("every route of the table is known, with and without v1/, by each method",
          "[conformance][storage]") {
  const ServedCore core;
  const std::string method = GENERATE("PUT", "POST", "GET");
  CHECK(routes.size() == 57);
  for (const auto& route : routes) {
    INFO(method << ' ' << route);
    CHECK(verdict(core, method, route) == "known");
    CHECK(verdict(core, method, "v1/" + route) == "known");
  }
}

TEST_CASE("a slash behind a route or two before it are as one", "[conformance][storage]") {
  const ServedCore core;
  for (const auto& route : routes) {
    INFO(route);
    for (const auto& path : {route + "/", "/" + route, "v1//" + route})
      CHECK(verdict(core, "PUT", path) == "known");
  }
  const auto refused =
      exchange(core.port(), raw_request("PUT", "//MetaService/http/create_instance/", "{}"));
  CHECK(refused.status == 403);
}

TEST_CASE("other versions and names beside the table are unknown", "[conformance][storage]") {
  const ServedCore core;
  const auto before = core.content();
  for (const auto& route : routes) {
    INFO(route);
    for (const std::string prefix : {"v2/", "v1/v1/", "v0/", "V1/", "x/"})
      CHECK(verdict(core, "PUT", prefix + route) == "unknown");
    for (const std::string suffix : {"x", "/v1", "%20"})
      CHECK(verdict(core, "PUT", route + suffix) == "unknown");
  }
  for (const auto& route : recycler_routes) {
    INFO(route);
    CHECK(verdict(core, "PUT", route) == "unknown");
    CHECK(verdict(core, "PUT", "v1/" + route) == "unknown");
  }
  CHECK(core.content() == before);
}

TEST_CASE("a wrong token is refused before a route is looked at", "[conformance][storage]") {
  const ServedCore core;
  for (const auto& route : routes) {
    INFO(route);
    const auto reply =
        exchange(core.port(),
                 raw_request("PUT", fmt::format("/MetaService/http/{}?token=wrong", route), "{}"));
    CHECK(reply.status == 403);
  }
}

TEST_CASE("a body that is no JSON is refused by all routes that read one",
          "[conformance][storage]") {
  const ServedCore core;
  const auto before = core.content();
  // Their parameters stand in the query.
  const std::set<std::string> without_body = {"get_instance",
                                              "decode_key",
                                              "encode_key",
                                              "get_value",
                                              "show_meta_ranges",
                                              "txn_lazy_commit",
                                              "fix_tablet_stats",
                                              "fix_tablet_db_id",
                                              "adjust_rate_limit",
                                              "list_rate_limit",
                                              "update_config",
                                              "show_config",
                                              "get_snapshot_property",
                                              "list_snapshot",
                                              "drop_snapshot",
                                              "compact_snapshot",
                                              "decouple_instance",
                                              "set_multi_version_status",
                                              "injection_point"};
  for (const auto& route : routes) {
    if (without_body.contains(route)) continue;
    INFO(route);
    for (const std::string body : {"{\"a", "plain-s", ""})
      CHECK(core.put(route, body).status == 400);
  }
  CHECK(core.content() == before);
}

TEST_CASE("the reply to a body that cannot be read repeats no secret of it",
          "[conformance][storage]") {
  const ServedCore core;
  const auto reply = core.put("alter_iam", R"({"account_id": "1", "ak": "a", "sk": plain-s})");
  CHECK(reply.status == 400);
  CHECK(reply.body.find("alter_iam") != std::string::npos);
  INFO(reply.body);
  CHECK(reply.body.find("plain-s") == std::string::npos);
}

}  // namespace metactl::tests
