// SPDX-License-Identifier: Apache-2.0
// The table of operations. Source: meta-service-api.md, section 7.

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "api/json.h"
#include "api/meta.h"
#include "base/error.h"

namespace api = metactl::api;
namespace pb = metactl::pb;

TEST_CASE("names of operations are unique, and each is found by its own", "[api][operations]") {
  std::set<std::string_view> names;
  for (const auto* operation : api::operations()) {
    CHECK(names.insert(operation->info->name).second);
    CHECK(api::find_operation(operation->info->name) == operation);
    CHECK_FALSE(operation->info->summary.empty());
    CHECK_FALSE(operation->info->summary.ends_with('.'));
  }
  const auto listed = api::operation_names();
  CHECK(std::is_sorted(listed.begin(), listed.end()));
  CHECK(std::set<std::string_view>(listed.begin(), listed.end()) == names);
  CHECK(listed.size() == names.size());
}

TEST_CASE("there is no operation of another name", "[api][operations]") {
  const auto* name = GENERATE("", "add_clusters", "ADD_CLUSTER", "add_cluster ", "v1/add_cluster");
  CHECK(api::find_operation(name) == nullptr);
}

TEST_CASE("the routes of sections 8.1 to 8.4 are all there", "[api][operations]") {
  const auto* name = GENERATE(
      "create_instance", "drop_instance", "rename_instance", "enable_instance_sse",
      "disable_instance_sse", "set_instance_status", "get_instance", "add_cluster", "drop_cluster",
      "rename_cluster", "update_cluster_mysql_user_name", "update_cluster_endpoint",
      "set_cluster_status", "alter_vcluster_info", "add_node", "drop_node", "decommission_node",
      "notify_decommissioned", "get_cluster", "get_cluster_status");
  CAPTURE(name);
  const auto* operation = api::find_operation(name);
  REQUIRE(operation);
  CHECK_FALSE(operation->info->extension);
  const auto prefix = std::string(name).substr(0, 4);
  CHECK((operation->info->effect == api::Effect::read) == (prefix == "get_"));
  CHECK((operation->info->effect == api::Effect::destroy) == (prefix == "drop"));
  CHECK((operation->info->input == api::Input::query) == (std::string(name) == "get_instance"));
  CHECK((operation->info->reply == api::Reply::envelope) == (prefix != "get_"));
}

TEST_CASE("reading parameters from the query is GET, from the body PUT", "[api][operations]") {
  CHECK(api::get_instance.info.method() == "GET");
  CHECK(api::get_cluster.info.method() == "PUT");
  CHECK(api::add_cluster.info.method() == "PUT");
}

TEST_CASE("replies with a result have the message for it", "[api][operations]") {
  CHECK(api::get_instance.info.reply == api::Reply::instance);
  CHECK(api::get_cluster.info.reply == api::Reply::cluster);
  CHECK(api::get_cluster_status.info.reply == api::Reply::message);
  CHECK(api::list_instances.info.reply == api::Reply::message);
  CHECK(api::list_instances.info.extension);
  for (const auto& operation : api::meta_operations) {
    CAPTURE(operation.info->name);
    const auto* status = operation.response().GetDescriptor()->FindFieldByName("status");
    REQUIRE(status);
    CHECK(status->message_type() == pb::MetaServiceResponseStatus::descriptor());
    // The requests of service.proto are parameters of a query, without the caller's address.
    const bool by_query =
        operation.request().GetDescriptor()->file() == pb::StatusResponse::descriptor()->file();
    CHECK(by_query == !operation.request().GetDescriptor()->FindFieldByName("request_ip"));
  }
}

TEST_CASE("JSON follows presence, names and widths of protobuf", "[api][json]") {
  pb::NodeInfoPB node;
  CHECK(api::to_json(node) == "{}");
  api::from_json(R"({"cloudUniqueId":"","ctime":9007199254740993,"heartbeat_port":"0",)"
                 R"("isSmoothUpgrade":false,"node_type":0})",
                 node);
  CHECK(api::to_json(node) ==
        R"({"cloud_unique_id":"","ctime":"9007199254740993","heartbeat_port":0,)"
        R"("node_type":"UNKNOWN","is_smooth_upgrade":false})");
}

TEST_CASE("JSON that cannot be read is the caller's fault", "[api][json]") {
  pb::NodeInfoPB node;
  try {
    api::from_json("{ip: 1}", node);
    FAIL("read");
  } catch (const metactl::Error& error) {
    CHECK(error.reason() == metactl::Reason::usage);
    CHECK_FALSE(std::string(error.what()).empty());
  }
}
