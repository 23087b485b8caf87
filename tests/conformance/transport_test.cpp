// SPDX-License-Identifier: Apache-2.0
// What comes before a handler: token, route, method, body. Source: meta-service-api.md, section 1.
#include <catch2/catch.hpp>

#include "api/meta.h"
#include "base/text.h"
#include "tests/conformance/served_core.h"

namespace metactl::tests {
namespace {

constexpr auto ok = "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n";
constexpr auto create = R"({"instance_id": "i", "user_id": "u"})";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// One line of plain text.
void check_text(const RawReply& reply, int status, std::string_view part) {
  CHECK(reply.status == status);
  CHECK(reply.headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK(contains(reply.body, part));
  CHECK(reply.body.find('\n') == reply.body.size() - 1);
}

void check_refused(const RawReply& reply, std::string_view code, std::string_view part) {
  INFO(reply.body);
  CHECK(reply.status == 400);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(contains(reply.body, fmt::format("\"code\": \"{}\"", code)));
  CHECK(contains(reply.body, part));
}

}  // namespace

TEST_CASE("a wrong token is told before anything else is looked at", "[conformance][http]") {
  const ServedCore core("secret", GENERATE(false, true));
  const std::string route = GENERATE("create_instance", "v1/create_instance", "get_instance",
                                     "no_such_call", "v2/create_instance");
  const auto send = [&](const std::string& query, std::string_view headers = "") {
    return exchange(core.port(),
                    raw_request("PUT", "/MetaService/http/" + route + query, create, headers));
  };
  check_text(send("?token=wrong"), 403, "wrong");
  check_text(send("?token=secre"), 403, "secre");
  check_text(send("?token=secret2"), 403, "secret2");
  check_text(send("?token=%0A%1B%5B31m"), 403, "token");
  check_text(send("?token="), 403, "token");
  check_text(send("?Token=secret"), 403, "token");
  check_text(send(""), 403, "token");
  check_text(send("", "token: secret\r\nAuthorization: Bearer secret\r\n"), 403, "token");
  CHECK(core.content() == core.first);
}

TEST_CASE("the token is compared after its percent escapes are resolved, '+' is a plus",
          "[conformance][http]") {
  const ServedCore core("a+b c/\xC3\xBC");
  const auto get = [&](const std::string& query) {
    return exchange(core.port(),
                    raw_request("GET", "/MetaService/http/list_instances?" + query, "{}"))
        .status;
  };
  CHECK(get("token=a+b%20c%2F%C3%BC") == 200);
  CHECK(get("token=%61%2Bb%20c/%c3%bc") == 200);
  CHECK(get("x=1&token=a+b%20c%2F%C3%BC&y") == 200);
  CHECK(get("token=a+b+c%2F%C3%BC") == 403);
  CHECK(get("token=a%20b%20c%2F%C3%BC") == 403);
}

TEST_CASE("of several tokens the last one counts", "[conformance][http]") {
  const ServedCore core;
  const auto status = [&](const std::string& query) {
    return exchange(core.port(),
                    raw_request("GET", "/MetaService/http/list_instances?" + query, "{}"))
        .status;
  };
  CHECK(status("token=wrong&token=secret") == 200);
  CHECK(status("token=secret&token=wrong") == 403);
  CHECK(status("token=secret&token") == 403);
  CHECK(status("token=secret;token=wrong") == 403);  // ';' is no separator.
}

TEST_CASE("what follows '#' in a target is cut off", "[conformance][http]") {
  const ServedCore core;
  CHECK(exchange(core.port(),
                 raw_request("GET", "/MetaService/http/list_instances?token=secret#x", "{}"))
            .status == 200);
  CHECK(exchange(core.port(),
                 raw_request("GET", "/MetaService/http/list_instances#?token=secret", "{}"))
            .status == 403);
}

TEST_CASE("an unknown route is a line of text, or OK as older servers answer",
          "[conformance][http]") {
  const std::string route = GENERATE("no_such_call", "v2/add_cluster", "v1/v1/add_cluster",
                                     "ADD_CLUSTER", "v1add_cluster", "v1/", "", "recycle_instance");
  const auto request = raw_request("PUT", ServedCore::target(route), create);

  check_text(exchange(ServedCore().port(), request), 404, "not found");
  const auto older = exchange(ServedCore("secret", true).port(), request);
  CHECK(older.status == 200);
  CHECK(older.body == ok);
}

TEST_CASE("a path outside the service is not found, whatever unknown routes are",
          "[conformance][http]") {
  const ServedCore core("secret", GENERATE(false, true));
  const std::string path = GENERATE("/", "/create_instance", "/MetaService/create_instance",
                                    "/metaservice/http/create_instance", "*");
  CHECK(exchange(core.port(), raw_request("PUT", path + "?token=secret", create)).status == 404);
  CHECK(core.content() == core.first);
}

TEST_CASE("method, content type and version prefix do not matter", "[conformance][http]") {
  const ServedCore core;
  const std::string method = GENERATE("GET", "DELETE", "POST", "PUT", "PATCH", "FOO");
  const std::string type = GENERATE("", "Content-Type: application/x-www-form-urlencoded\r\n",
                                    "Content-Type: multipart/form-data; boundary=x\r\n");
  const std::string prefix = GENERATE("", "v1/");
  const auto send = [&](const std::string& call, std::string_view body) {
    return exchange(core.port(),
                    raw_request(method, ServedCore::target(prefix + call), body, type));
  };
  CHECK(send("create_instance", create).body == ok);
  CHECK(send("create_instance", create).status == 409);
  const auto shown = send("get_instance", "not JSON, and not looked at");
  CHECK(shown.status == 400);  // Its parameters are in the query.
  CHECK(send("list_instances", "{}").status == 200);
}

TEST_CASE("a body that is no request is an invalid argument that names the route",
          "[conformance][http]") {
  const ServedCore core;
  const std::string body = GENERATE(
      "", " ", "null", "[]", "\"x\"", "12", "{", "}", "{]", "{\"instance_id\": \"i\"",
      "{\"instance_id\": \"i\"} x", "{\"instance_id\": 5}", "{\"instance_id\": [\"i\"]}",
      "{\"sse_enabled\": \"maybe\"}", "{\"vault\": \"v\"}", "{\"vault\": [{}]}",
      "instance_id=i&user_id=u", "{\"instance_id\": \"i\", // comment\n}", "\x1f\x8b\x08",
      "{\"instance_id\": \"i\xff\"}",
      "{\"vault\": {\"hdfs_info\": {\"build_conf\": {\"hdfs_confs\": [{\"key\": \"k\"}]}}}}");
  CAPTURE(body);
  check_refused(core.put("create_instance", body), "INVALID_ARGUMENT", "create_instance");
  CHECK(core.content() == core.first);
}

TEST_CASE("the lenient forms of JSON are understood", "[conformance][http]") {
  const ServedCore core;
  const std::string body =
      GENERATE("{instance_id: 'i', user_id: 'u'}", "{\"instanceId\": \"i\", \"userId\": \"u\",}",
               "{\"instance_id\": \"i\", \"no_such_field\": {\"a\": [1, 2,]}, \"name\": null}",
               "\n{\"instance_id\"\n:\"\\u0069\", \"sse_enabled\": \"true\"}\n\n");
  CAPTURE(body);
  CHECK(core.put("create_instance", body).body == ok);
  CHECK(core.put("drop_instance", "{\"instance_id\": \"i\"}").body == ok);
}

TEST_CASE("a very deep body is refused", "[conformance][http]") {
  const ServedCore core;
  const auto repeated = [](std::string_view piece) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += piece;
    return text;
  };
  check_refused(core.put("create_instance", repeated("[")), "INVALID_ARGUMENT", "create_instance");
  check_refused(core.put("create_instance", repeated("{\"a\":")), "INVALID_ARGUMENT",
                "create_instance");
  check_refused(core.put("create_instance", "{\"x\":" + repeated("[")), "INVALID_ARGUMENT",
                "create_instance");
  CHECK(core.put("create_instance", create).status == 200);
}

TEST_CASE("no call does anything with an empty message", "[conformance][http]") {
  const ServedCore core;
  REQUIRE(core.put("create_instance", create).status == 200);
  const auto before = core.content();
  const std::string body = GENERATE("{}", "{\"instance_id\": \"\", \"cluster\": {}}");
  for (const auto& name : api::operation_names()) {
    INFO(name);
    const auto& info = *api::find_operation(name)->info;
    if (info.service != api::Service::meta || info.surface == api::Surface::rpc) continue;
    const auto reply = core.put(name, body);
    if (name == "list_instances" || name == "list_rate_limit" || name == "show_config" ||
        name == "scan_keys") {
      CHECK(reply.status == 200);
    } else if (info.reply == api::Reply::debug_text) {
      CHECK(reply.status == 400);
    } else {
      check_refused(reply, "INVALID_ARGUMENT", "");
    }
  }
  CHECK(core.content() == before);
}

TEST_CASE("missing fields are told one by one and change nothing", "[conformance][http]") {
  const ServedCore core;
  REQUIRE(core.put("create_instance", create).status == 200);
  const auto before = core.content();
  const auto [call, body] = GENERATE(table<const char*, const char*>({
      {"add_cluster", R"({"instance_id": "i"})"},
      {"add_cluster",
       R"({"cluster": {"cluster_id": "c", "cluster_name": "c", "type": "COMPUTE"}})"},
      {"add_cluster",
       R"({"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c"}})"},
      {"add_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "type": "COMPUTE"}})"},
      {"add_cluster",
       R"({"instance_id": "i", "cluster": {"cluster_name": "c", "type": "COMPUTE"}})"},
      {"add_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c",
          "type": "COMPUTE", "nodes": [{"cloud_unique_id": "n", "ip": "10.0.0.1"}]}})"},
      {"add_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c",
          "type": "COMPUTE", "nodes": [{"cloud_unique_id": "n", "heartbeat_port": 9050}]}})"},
      {"add_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c",
          "type": "SQL", "nodes": [{"ip": "10.0.0.1", "node_type": "FE_MASTER"}]}})"},
      {"add_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "cluster_name": "c",
          "type": "SQL", "nodes": [{"ip": "10.0.0.1", "edit_log_port": 9010}]}})"},
      {"drop_cluster", R"({"instance_id": "i", "cluster": {"cluster_name": "c"}})"},
      {"rename_cluster", R"({"instance_id": "i", "cluster": {"cluster_id": "c"}})"},
      {"set_cluster_status", R"({"instance_id": "i", "cluster": {"cluster_status": "SUSPENDED"}})"},
      {"add_node", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "type": "COMPUTE"}})"},
      {"drop_node", R"({"instance_id": "i", "cluster": {"cluster_id": "c", "type": "COMPUTE"}})"},
      {"decommission_node", R"({"instance_id": "i", "cluster": {"type": "COMPUTE", "nodes": []}})"},
      {"rename_instance", R"({"instance_id": "i"})"},
      {"set_instance_status", R"({"instance_id": "i"})"},
      {"get_cluster", R"({"instance_id": "i"})"},
      {"get_cluster_status", R"({"status": "NORMAL"})"},
  }));
  INFO(call << " " << body);
  check_refused(core.put(call, body), "INVALID_ARGUMENT", "");
  CHECK(core.content() == before);
}

TEST_CASE("query values are decoded, and '+' stays a plus", "[conformance][http]") {
  const ServedCore core;
  const std::string id = GENERATE("a+b c/\xC3\xA9&x=%41?#", "1:x:y", "%", "%zz", "=");
  const auto escaped = text::percent_encode(id);
  REQUIRE(core.put("create_instance", fmt::format(R"({{"instance_id": "{}"}})", id)).body == ok);
  const auto get = [&](const std::string& query) {
    return exchange(core.port(),
                    raw_request("GET", ServedCore::target("get_instance") + "&" + query));
  };
  const auto found = get("instance_id=" + escaped);
  CHECK(found.status == 200);
  CHECK(contains(found.body, fmt::format("\"instance_id\": \"{}\"", id)));
  CHECK(get("instance_id=" + escaped + "%00").status == 500);
  CHECK(get("instance_ID=" + escaped).status == 400);
}

TEST_CASE("an unescaped '+' and a malformed escape in a query stand for themselves",
          "[conformance][http]") {
  const ServedCore core;
  REQUIRE(core.put("create_instance", R"({"instance_id": "a+b%zz%4"})").body == ok);
  CHECK(exchange(core.port(),
                 raw_request("GET", ServedCore::target("get_instance") + "&instance_id=a+b%zz%4"))
            .status == 200);
}

}  // namespace metactl::tests
