// SPDX-License-Identifier: Apache-2.0
// Paths and parameters of the Meta Service. Source: meta-service-api.md, section 1.
#include <catch2/catch.hpp>

#include "http/meta_http.h"

namespace api = metactl::api;
namespace http = metactl::http;
namespace pb = metactl::pb;

namespace {

const std::string base = "/MetaService/http/";
const std::string rpc_base = "/MetaService/";

}  // namespace

TEST_CASE("every route works without a version and with v1", "[http][meta]") {
  for (const auto& operation : api::meta_operations) {
    const std::string name(operation.info->name);
    CAPTURE(name);
    const auto* by_http = operation.info->surface == api::Surface::rpc ? nullptr : &operation;
    CHECK(http::find_route(base + name).operation == by_http);
    CHECK(http::find_route(base + "v1/" + name).operation == by_http);
    CHECK_FALSE(http::find_route(base + "v2/" + name).operation);
    CHECK_FALSE(http::find_route(base + "v1/v1/" + name).operation);
  }
}

TEST_CASE("slashes behind a route and doubled ones do not matter", "[http][meta]") {
  for (const auto& operation : api::meta_operations) {
    const std::string name(operation.info->name);
    CAPTURE(name);
    const bool has_http = operation.info->surface != api::Surface::rpc;
    const bool has_rpc = operation.info->surface != api::Surface::http;
    for (const auto& path : {base + name + "/", base + "/" + name, base + "v1//" + name + "//",
                             "/" + base + name, "//MetaService//http/v1/" + name + "/"})
      CHECK(http::find_route(path).operation == (has_http ? &operation : nullptr));
    for (const auto& path : {rpc_base + name + "/", rpc_base + "/" + name, "/" + rpc_base + name})
      CHECK(http::find_route(path).operation == (has_rpc ? &operation : nullptr));
  }
  // What is found is what a token is asked for.
  for (const auto* path : {"//MetaService/http/x", "/MetaService//http/x", "/MetaService",
                           "/%4detaService/http/x", "/MetaService/x"})
    CHECK(http::is_meta_path(path));
  for (const auto* path : {"/", "*", "MetaService/http/x", "/x/MetaService/http/x"})
    CHECK_FALSE(http::is_meta_path(path));
}

TEST_CASE("only operations with an RPC form are found under it", "[http][meta]") {
  for (const auto& operation : api::meta_operations) {
    const std::string name(operation.info->name);
    CAPTURE(name);
    const bool has_rpc = operation.info->surface != api::Surface::http;
    CHECK(http::find_route(rpc_base + name).operation == (has_rpc ? &operation : nullptr));
    CHECK_FALSE(http::find_route(rpc_base + "v1/" + name).operation);
    CHECK(http::find_route(rpc_base + name).form == (has_rpc ? api::Form::rpc : api::Form::http));
  }
}

TEST_CASE("no escape makes one form look like the other", "[http][meta]") {
  CHECK(http::is_rpc_path("/MetaService/begin_txn"));
  CHECK(http::is_rpc_path("/MetaService/nope"));
  CHECK_FALSE(http::is_rpc_path("/MetaService/http/drop_instance"));
  CHECK_FALSE(http::is_rpc_path("/MetaService/%68ttp/drop_instance"));
  CHECK_FALSE(http::is_rpc_path("/MetaService%2Fhttp%2fdrop_instance"));
  CHECK_FALSE(http::is_rpc_path("/MetaService"));
  CHECK(http::find_route("/MetaService/%68ttp/drop_instance").form == api::Form::http);
}

TEST_CASE("other paths are unknown", "[http][meta]") {
  const auto* path =
      GENERATE("", "/", "/MetaService/http", "/MetaService/http/", "/MetaService/http/v1",
               "/MetaService/http/v1/", "/MetaService/http/nope", "/MetaService/http//",
               "/MetaService/http/v/add_cluster", "/MetaService/http/v11/add_cluster",
               "/MetaService/http/V1/add_cluster", "/MetaService/http/v1/v1/add_cluster",
               "/MetaService/http/v1add_cluster", "/MetaService/http/ADD_CLUSTER",
               "/metaservice/http/add_cluster", "/MetaService/add_cluster",
               "MetaService/http/add_cluster", "/x/MetaService/http/add_cluster",
               "/MetaService/http/check_meta", "/MetaService/http/recycle_instance");
  CAPTURE(path);
  CHECK_FALSE(http::find_route(path).operation);
}

TEST_CASE("a parameter is taken from the query, escapes resolved", "[http][meta]") {
  const http::Request request{"GET", "/", "a=1&token=first&empty=&bare&token=x%20y%26+z", ""};
  CHECK(http::parameter(request, "token") == "x y&+z");
  CHECK(http::parameter(request, "empty") == "");
  CHECK(http::parameter(request, "bare") == "");
  CHECK_FALSE(http::parameter(request, "tok"));
  CHECK_FALSE(http::parameter({"POST", "/", "", "token=x"}, "token"));
}

TEST_CASE("of several parameters of a name the last one counts, the token too", "[http][meta]") {
  const http::Request request{"GET", "/", "token=a&instance_id=1&token=b&instance_id=2", ""};
  CHECK(http::parameter(request, "token") == "b");
  CHECK(http::parameter(request, "none") == std::nullopt);
  const auto message = http::meta::decode_request(*api::find_operation("get_instance"), request);
  CHECK(dynamic_cast<const pb::GetInstanceRequest&>(*message).instance_id() == "2");
}
