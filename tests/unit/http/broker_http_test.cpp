// SPDX-License-Identifier: Apache-2.0
// Calls of the memory broker by HTTP. Source: broker-api.md, sections 0, 1, 2, 3 and 19.
#include "http/broker_http.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>

#include "api/broker_errors.h"
#include "api/broker_json.h"
#include "api/operations.h"
#include "tests/support/broker_documents.h"
#include "tests/support/thrown.h"

namespace metactl::http::broker {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using tests::compact;
using tests::thrown_by;

/// A request with something in each field, such that a path must escape it.
std::unique_ptr<Message> filled(const Message& type) {
  std::unique_ptr<Message> message(type.New());
  const auto from = [&](const char* document) {
    api::read_broker_json(std::string_view(document), *message);
    return std::move(message);
  };
  if (type.GetTypeName() == "metactl.pb.BrokerMetadataPB") return from(tests::metadata);
  if (type.GetTypeName() == "metactl.pb.BrokerCommitRequest") return from(tests::commit);
  if (type.GetTypeName() == "metactl.pb.BrokerClusterConfigRequest")
    message = from(R"({"compression_strategy": "allow_all", "x/y": ""})");
  const auto* fields = type.GetDescriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto* field = fields->field(i);
    const auto* reflection = message->GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
      reflection->SetUInt64(message.get(), field, UINT64_MAX - 3);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const auto text = fmt::format("{}:1@/?&=%41+ \xc3\xa4\"{}", field->name(), i);
      if (!field->is_repeated()) reflection->SetString(message.get(), field, text);
      for (int k = 0; field->is_repeated() && k < 2; ++k)
        reflection->AddString(message.get(), field, text);
    }
  }
  return message;
}

Request with(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& query = "") {
  Request request;
  request.method = method;
  request.path = "/api/v2" + path;
  request.body = body;
  request.query = query;
  return request;
}

/// The request message as JSON, all fields of it, or "STATUS" and why not.
std::string outcome(const Request& request) {
  const auto route = find_route(request.method, request.path);
  if (!route.operation) return fmt::format("{} no route", route.status);
  try {
    return decode_request(*route.operation, request)->ShortDebugString();
  } catch (const Error& error) {
    return fmt::format("{} {}", error.answer()->http, error.what());
  }
}

template <class Request, class Response>
Reply reply_to(const api::Operation<Request, Response>& operation, const Response& response) {
  return encode_reply(operation.info, Request(), response, std::nullopt);
}

template <class Request, class Response>
Response decoded(const api::Operation<Request, Response>& operation, const Reply& reply,
                 const Request& request = {}) {
  Response response;
  decode_reply(operation.info, request, reply, response);
  return response;
}

template <class M>
M parsed(const char* document) {
  M message;
  api::read_broker_json(std::string_view(document), message);
  return message;
}

Reply json_reply(const std::string& body) {
  return {200, "application/json", body};
}

}  // namespace

TEST_CASE("every operation finds its route and its request again", "[http][broker]") {
  for (const auto& operation : api::broker_operations) {
    CAPTURE(operation.info->name);
    const auto message = filled(operation.request());
    const auto request = encode_request(*operation.info, *message);
    CHECK(request.path.find_first_of(" ?#\"") == request.path.npos);
    for (const auto& sent : {request, as_v3(request)}) {
      const auto route = find_route(sent.method, sent.path);
      REQUIRE(route.operation);
      CHECK(route.operation->info == operation.info);
      CHECK(MessageDifferencer::Equals(*decode_request(operation, sent), *message));
    }
  }
}

TEST_CASE("requests look as the documents have them", "[http][broker]") {
  pb::BrokerFailureRequest report;
  report.set_address("10.0.0.1:7001");
  report.set_reporter("coord 1");
  const auto sent = encode_request(api::broker_report_failure.info, report);
  CHECK(sent.method == "POST");
  CHECK(sent.path == "/api/v2/failures/10.0.0.1:7001/coord%201");
  CHECK(sent.body.empty());
  CHECK(as_v3(sent).path == "/api/v3/failures/10.0.0.1:7001/coord%201");

  pb::BrokerNodeNumberRequest number;
  number.set_name("demo");
  number.set_node_number(4);
  CHECK(encode_request(api::broker_add_nodes.info, number).body == R"({"node_number":4})");
  CHECK(encode_request(api::broker_shrink.info, number).path ==
        "/api/v2/clusters/migrations/shrink/demo/4");
  CHECK(encode_request(api::broker_shrink.info, number).body.empty());

  pb::BrokerPageRequest page;
  CHECK(encode_request(api::broker_list_clusters.info, page).query.empty());
  page.set_offset(0);
  page.set_limit(100);
  CHECK(encode_request(api::broker_list_clusters.info, page).query == "offset=0&limit=100");
}

TEST_CASE("an empty name is not sent, for it would be another path", "[http][broker]") {
  const auto error =
      thrown_by([] { encode_request(api::broker_get_cluster.info, pb::BrokerClusterRequest()); });
  CHECK(error.reason() == Reason::usage);
  CHECK(error.what() == std::string("'name' is empty"));
}

TEST_CASE("what no operation has as its path is not found", "[http][broker]") {
  const auto* path = GENERATE("", "/", "/x", "/clusters", "/clusters/meta", "/clusters/meta/",
                              "/clusters/meta/a/b", "//version", "/version/", "/Version",
                              "/failures/a:1", "/epoch/", "/clusters/migrations/auto/a");
  CHECK(outcome(with("GET", path)).substr(0, 3) == "404");
  CHECK_FALSE(find_route("GET", std::string("/api/v1") + path).operation);
  CHECK_FALSE(find_route("GET", std::string("/api/v2x") + path).operation);
}

TEST_CASE("a wrong method is 404, in version 3 405", "[http][broker]") {
  CHECK(find_route("GET", "/api/v2/epoch/recovery").status == 404);
  CHECK(find_route("GET", "/api/v3/epoch/recovery").status == 405);
  CHECK(find_route("POST", "/api/v3/version").status == 405);
  CHECK(find_route("HEAD", "/api/v2/version").status == 404);
  CHECK(find_route("get", "/api/v2/version").status == 404);
  CHECK(find_route("GET", "/api/v3/nothing").status == 404);
}

TEST_CASE("recovery stands in front of an epoch", "[http][broker]") {
  CHECK(find_route("PUT", "/api/v2/epoch/recovery").operation->info->name ==
        "broker_recover_epoch");
  CHECK(outcome(with("PUT", "/epoch/7")) == "epoch: 7");
}

TEST_CASE("pieces of a path are decoded, and numbers must be numbers", "[http][broker]") {
  CHECK(outcome(with("GET", "/clusters/meta/a%2Fb%40")) == R"(name: "a/b@")");
  CHECK(outcome(with("GET", "/%63lusters/meta/a")) == R"(name: "a")");
  CHECK(outcome(with("GET", "/clusters/meta/%ff")) == "404 no such path");
  CHECK(outcome(with("PUT", "/epoch/+5")) == "epoch: 5");
  CHECK(outcome(with("PUT", "/epoch/18446744073709551615")) == "epoch: 18446744073709551615");
  for (const auto* bad : {"abc", "-1", "1.0", "1e3", "%205", "18446744073709551616", "+", "++1"}) {
    CHECK(outcome(with("PUT", fmt::format("/epoch/{}", bad))) == "404 no such path");
    CHECK(outcome(with("POST", fmt::format("/clusters/migrations/shrink/x/{}", bad))) ==
          "404 no such path");
  }
}

TEST_CASE("numbers of a query must be numbers", "[http][broker]") {
  const auto list = [](const char* query) {
    return outcome(with("GET", "/clusters/names", "", query));
  };
  CHECK(list("").empty());
  CHECK(list("x=1&token=t&token=u").empty());
  CHECK(list("limit=0&offset=7") == "offset: 7 limit: 0");
  CHECK(list("limit=%2B3") == "limit: 3");
  CHECK(list("offset=abc") == "400 'offset' cannot be 'abc'");
  CHECK(list("limit=-1") == "400 'limit' cannot be '-1'");
  CHECK(list("limit=+1") == "400 'limit' cannot be ' 1'");
  CHECK(list("limit=") == "400 'limit' cannot be ''");
  CHECK(list("limit") == "400 'limit' cannot be ''");
  CHECK(list("limit=1&limit=2") == "400 'limit' is given twice");
}

TEST_CASE("a body must be JSON and say so", "[http][broker]") {
  auto request = with("POST", "/clusters/meta/demo", R"({"node_number": 4})");
  request.headers["content-type"] =
      GENERATE("", "application/json", "Application/JSON", "application/json; charset=utf-8",
               "application/json ;x");
  CHECK(outcome(request) == R"(name: "demo" node_number: 4)");
  request.headers["content-type"] =
      GENERATE("text/plain", "application/x-www-form-urlencoded", "application/jsonp",
               "application", ";", "application/xml");
  CHECK(outcome(request) == "400 the content type is not application/json");
}

TEST_CASE("calls without a body take any", "[http][broker]") {
  auto request = with("POST", "/clusters/migrations/expand/demo", GENERATE("", "garbage", "{}"));
  request.headers["content-type"] = GENERATE("", "text/plain");
  CHECK(outcome(request) == R"(name: "demo")");
}

TEST_CASE("malformed bodies are refused", "[http][broker]") {
  const auto create = [](const char* body) {
    return outcome(with("POST", "/clusters/meta/demo", body));
  };
  CHECK(create("") == "400 the document is not JSON");
  CHECK(create("null") == "400 the document is not an object");
  CHECK(create("{}") == "400 'node_number' is missing");
  CHECK(create(R"({"node_number": null})").substr(0, 3) == "400");
  CHECK(create(R"({"node_number": "4"})").substr(0, 3) == "400");
  CHECK(create(R"({"node_number": -4})").substr(0, 3) == "400");
  CHECK(create(R"({"node_number": 4.0})").substr(0, 3) == "400");
  CHECK(create(R"({"node_number": 4, "more": null})") == R"(name: "demo" node_number: 4)");
  CHECK(outcome(with("PUT", "/config", "{}")) == "400 'replica_addresses' is missing");
  CHECK(outcome(with("PUT", "/config", R"({"replica_addresses": [1]})")) ==
        "400 'replica_addresses[0]' is not a string");
  CHECK(outcome(with("PATCH", "/clusters/config/demo", R"({"a": 1})")) ==
        "400 'a' is not a string");
  CHECK(outcome(with("PATCH", "/clusters/config/demo", "{}")) == R"(name: "demo")");
  CHECK(outcome(with("POST", "/proxies/meta", R"({"proxy_address": "a", "nodes": ["b"]})")) ==
        "400 'nodes' has 1 entries instead of 2");
  CHECK(outcome(with("PUT", "/clusters/migrations",
                     R"({"cluster_name": "a b", "slot_range": {"range_list": [], "tag": "None"}})"))
            .substr(0, 3) == "400");
  CHECK(outcome(with("PUT", "/metadata", std::string(1 << 20, '['))) ==
        "400 the document has too many levels");
}

TEST_CASE("replies have the forms of the broker", "[http][broker]") {
  const auto empty = reply_to(api::broker_expand, {});
  CHECK(empty.status == 200);
  CHECK(empty.body.empty());
  pb::BrokerEpochResponse epoch;
  epoch.set_epoch(UINT64_MAX);
  CHECK(reply_to(api::broker_get_epoch, epoch).body == "18446744073709551615");
  CHECK(reply_to(api::broker_get_epoch, epoch).content_type == "text/plain; charset=utf-8");
  CHECK(decoded(api::broker_get_epoch, {200, "", "18446744073709551615\n"}).epoch() == UINT64_MAX);
  pb::BrokerTextResponse version;
  version.set_text("0.3.0");
  CHECK(reply_to(api::broker_version, version).body == "0.3.0");
  CHECK(decoded(api::broker_version, {200, "", "0.5.0"}).text() == "0.5.0");
  const auto cluster = parsed<pb::BrokerClusterResponse>(tests::demo_cluster);
  const auto reply = reply_to(api::broker_get_cluster, cluster);
  CHECK(reply.content_type == "application/json");
  CHECK(reply.body == compact(tests::demo_cluster));
  CHECK(MessageDifferencer::Equals(decoded(api::broker_get_cluster, reply), cluster));
}

TEST_CASE("refusals have their code and come back as what they were", "[http][broker]") {
  const auto& info = api::broker_create_cluster.info;
  const auto refuse = [&](const Error& error) {
    return encode_reply(info, pb::BrokerNodeNumberRequest(), pb::BrokerEmptyResponse(), error);
  };
  const auto reply = refuse(api::broker_failure("NO_AVAILABLE_RESOURCE"));
  CHECK(reply.status == 409);
  CHECK(reply.content_type == "application/json");
  CHECK(reply.body == R"({"error":"NO_AVAILABLE_RESOURCE"})");
  const auto failure = failure_in(info, reply);
  REQUIRE(failure);
  CHECK(failure->reason() == Reason::precondition);
  CHECK(failure->answer()->code == "NO_AVAILABLE_RESOURCE");

  const auto config = refuse(api::broker_config_failure("K", "v\"", "INVALID_VALUE"));
  CHECK(config.status == 400);
  CHECK(config.body ==
        R"({"error":"INVALID_CONFIG","key":"K","value":"v\"","message":"INVALID_VALUE"})");
  CHECK(failure_in(info, config)->answer()->body == config.body);

  const auto malformed = refuse(api::broker_malformed("'a' is missing"));
  CHECK(malformed.status == 400);
  CHECK(malformed.body == "'a' is missing\n");
  CHECK(failure_in(info, malformed)->reason() == Reason::usage);
  CHECK_FALSE(failure_in(info, {200, "text/html", "<html>"}));
}

TEST_CASE("a call that an older broker does not know is told so", "[http][broker]") {
  const Reply reply = GENERATE(Reply{404, "", ""}, Reply{404, "text/html", "<h1>Not Found</h1>"},
                               Reply{405, "", ""});
  const auto failure = failure_in(api::broker_get_cluster_info.info, reply);
  REQUIRE(failure);
  CHECK(failure->reason() == Reason::precondition);
  CHECK(failure->what() ==
        std::string("this broker does not know the call 'GET /clusters/info/{name}'"));
  CHECK(failure->answer()->http == reply.status);
}

TEST_CASE("a reply of another server is none of a broker", "[http][broker]") {
  const auto* body = GENERATE("", "<html>", "[]", "{}", "1", R"({"cluster": 1})",
                              R"({"cluster": {"name": "a"}})", R"({"cluster": []})");
  const auto error = thrown_by([&] { decoded(api::broker_get_cluster, json_reply(body)); });
  CHECK(error.reason() == Reason::internal);
  CHECK_THAT(error.what(), Catch::StartsWith("the reply is none of a memory broker: "));
  CHECK_FALSE(error.hint().empty());
  CHECK_THROWS_AS(decoded(api::broker_get_proxy, json_reply("{}")), Error);
  CHECK_THROWS_AS(decoded(api::broker_get_epoch, json_reply("<html>")), Error);
  CHECK_THROWS_AS(decoded(api::broker_get_metadata, json_reply("[]")), Error);
  CHECK_THROWS_AS(decoded(api::broker_get_metadata, json_reply(R"({"version": 1})")), Error);
}

TEST_CASE("replies that follow the documents or come from older brokers are read",
          "[http][broker]") {
  CHECK(decoded(api::broker_add_nodes, {200, "", ""}).nodes_size() == 0);
  decoded(api::broker_commit_migration, json_reply(R"({"addresses": ["a"]})"));
  CHECK(decoded(api::broker_failover,
                json_reply(R"({"proxy": {"address": "a:1", "epoch": 3, "nodes": []}})"))
            .proxy()
            .epoch() == 3);
  CHECK_FALSE(decoded(api::broker_failover, json_reply(R"({"proxy": null})")).has_proxy());
  const auto cluster = decoded(api::broker_get_cluster,
                               json_reply(R"({"cluster": {"name": "a", "epoch": 1, "nodes": [],
                             "config": {"compression_strategy": "allow_all"}}})"));
  CHECK(cluster.cluster().config().migration_config().scan_count() == 16);
  const auto metadata =
      decoded(api::broker_get_metadata,
              json_reply(R"({"version": "mem-broker-0.1", "global_epoch": 1, "clusters": {},
                     "all_proxies": {"a:1": {"proxy_address": "a:1", "node_addresses": ["b", "c"],
                                             "host": "a", "cluster": null}},
                     "failed_proxies": [], "failures": {}})"));
  CHECK(metadata.version() == "mem-broker-0.1");
  CHECK(metadata.all_proxies().at("a:1").index() == 0);
}

TEST_CASE("replies of version 3 lack some names and have others", "[http][broker]") {
  const auto& get = api::broker_get_proxy.info;
  CHECK(to_v3(get, json_reply(compact(tests::free_proxy))).body == compact(R"(
    {"proxy": {"cluster_name": null, "address": "10.0.0.1:7001", "epoch": 2, "nodes": [
      {"address": "10.0.0.1:6001", "proxy_address": "10.0.0.1:7001", "slots": [],
       "repl": {"role": "master", "peers": []}},
      {"address": "10.0.0.1:6002", "proxy_address": "10.0.0.1:7001", "slots": [],
       "repl": {"role": "master", "peers": []}}], "peers": [], "cluster_config": null}})"));
  const auto used = nlohmann::ordered_json::parse(
      to_v3(get, json_reply(compact(tests::used_proxy))).body)["proxy"];
  CHECK(used["cluster_name"] == "demo");
  CHECK(used["cluster_config"].dump() == compact(tests::default_config));
  CHECK_FALSE(used.contains("free_nodes"));
  CHECK_FALSE(used.contains("clusters_config"));
  CHECK_FALSE(used["nodes"][0].contains("cluster_name"));
  CHECK_FALSE(used["peers"][0].contains("cluster_name"));
  CHECK(to_v3(get, json_reply(R"({"proxy":null})")).body == R"({"proxy":null})");
  CHECK(to_v3(api::broker_version.info, {200, "", "0.3.0"}).body == "0.3.0");
  CHECK(to_v3(get, {404, "", R"({"error":"X"})"}).body == R"({"error":"X"})");
}

TEST_CASE("a reply of version 3 becomes that of version 2 again", "[http][broker]") {
  const auto check = [](const api::OperationInfo& operation, const char* document,
                        const Message& request) {
    const auto reply = json_reply(compact(document));
    CHECK(from_v3(operation, request, to_v3(operation, reply)).body == reply.body);
  };
  check(api::broker_get_cluster.info, tests::demo_cluster, pb::BrokerClusterRequest());
  check(api::broker_get_cluster.info, R"({"cluster": null})", pb::BrokerClusterRequest());
  check(api::broker_get_proxy.info, tests::free_proxy, pb::BrokerProxyRequest());
  check(api::broker_get_proxy.info, tests::used_proxy, pb::BrokerProxyRequest());
  check(api::broker_failover.info, tests::used_proxy, pb::BrokerProxyRequest());
  check(api::broker_get_metadata.info, tests::metadata, pb::BrokerEmptyRequest());
  pb::BrokerNodeNumberRequest request;
  request.set_name("demo");
  check(api::broker_add_nodes.info, tests::added_nodes, request);
}

TEST_CASE("a reply of version 3 that is none of a broker is refused, not fatal", "[http][broker]") {
  const auto* body =
      GENERATE("", "[]", "{}", "1", "null", R"({"proxy": 1})", R"({"proxy": {}})",
               R"({"proxy": {"nodes": 1, "peers": {"a": 1}}})",
               R"({"proxy": {"cluster_name": "a", "nodes": [1], "peers": [null]}})",
               R"({"proxy": {"cluster_name": 1, "nodes": [1], "address": "a", "epoch": 1,
                             "peers": []}})");
  const pb::BrokerProxyRequest request;
  CHECK_THROWS_AS(decoded(api::broker_get_proxy,
                          from_v3(api::broker_get_proxy.info, request, json_reply(body))),
                  Error);
  const pb::BrokerNodeNumberRequest added;
  from_v3(api::broker_add_nodes.info, added, json_reply(body));
  from_v3(api::broker_get_cluster.info, pb::BrokerClusterRequest(),
          json_reply(R"({"cluster": {"nodes": 1}})"));
  from_v3(api::broker_add_nodes.info, added, json_reply(std::string(1 << 20, '[')));
  from_v3(api::broker_add_nodes.info, added,
          json_reply(std::string(1 << 20, '[') + std::string(1 << 20, ']')));
}

}  // namespace metactl::http::broker
