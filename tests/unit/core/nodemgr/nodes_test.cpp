// SPDX-License-Identifier: Apache-2.0
// The list of nodes. Source: node-mgr-api.md, N11 to N14, N16 and N17.
#include <catch2/catch.hpp>

#include "api/nodemgr.h"
#include "http/nodemgr_http.h"
#include "tests/support/nodemgr_fixture.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

using Json = NodemgrFixture::Json;

class Machine : public NodemgrFixture {
 public:
  Json nodes(Json job = Json::object()) {
    job["job_type"] = "get_node";
    return Json::parse(post(job));
  }
  std::vector<std::string> names(const Json& job = Json::object()) {
    std::vector<std::string> names;
    const auto all = nodes(job);
    for (const auto& [name, node] : all.items()) names.push_back(name);
    return names;
  }

  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, const Request& request) {
    const auto handlers = core::nodemgr::handlers();
    const core::Dispatcher dispatcher(memory, environment(), handlers);
    Response response;
    if (const auto error = dispatcher.call(operation.info, request, response, "tester"))
      throw Error(*error);
    return response;
  }
  /// Imports a reply to get_node.
  void import(const Json& nodes) {
    const auto message = http::nodemgr::decode_request(
        *std::find_if(
            api::nodemgr_operations.begin(), api::nodemgr_operations.end(),
            [](const auto& each) { return each.info->name == api::nodemgr_import.info.name; }),
        {.method = "POST", .path = "/", .query = "", .body = nodes.dump()});
    call(api::nodemgr_import, dynamic_cast<const pb::NodemgrImportRequest&>(*message));
  }
};

}  // namespace

TEST_CASE_METHOD(Machine, "N11: a fresh machine is the one of the README", "[core][nodemgr]") {
  CHECK(nodes().dump() ==
        R"({"meta_node0":{"ip":"127.0.0.1","port":6001,"user":"pgx","pwd":"******",)"
        R"("path":"/sim/6001/data/dbdata/","disk_used":"error","disk_free":"error"},)"
        R"("storage_node0":{"ip":"127.0.0.1","port":6004,"user":"pgx","pwd":"******",)"
        R"("cluster":"clust1","shard":"shard1","path":"/sim/6004/data/dbdata/",)"
        R"("disk_used":"error","disk_free":"error"},)"
        R"("storage_node1":{"ip":"127.0.0.1","port":6007,"user":"pgx","pwd":"******",)"
        R"("cluster":"clust1","shard":"shard2","path":"/sim/6007/data/dbdata/",)"
        R"("disk_used":"error","disk_free":"error"},)"
        R"("computer_node0":{"ip":"127.0.0.1","port":5401,"user":"pgx","pwd":"******",)"
        R"("cluster":"clust1","path":"/sim/5401/data/dbdata/","disk_used":"error",)"
        R"("disk_free":"error"}})");
  CHECK(content() == first);
  const auto before = nodes();
  run(backup());
  CHECK(nodes() == before);
}

TEST_CASE_METHOD(Machine, "N11: nodes are imported from a reply, or are none", "[core][nodemgr]") {
  import({{"storage_node1",
           { {"ip", "10.0.0.9"},
             {"port", 1},
             {"user", "a"},
             { "pwd",
               "b" } }},
          {"storage_node0",
           { {"ip", "10.0.0.8"},
             {"port", "2"},
             {"user", "a"},
             {"pwd", "b"},
             {"cluster", "c"},
             { "shard",
               "s" } }},
          { "meta_node0",
            { {"ip", "10.0.0.7"},
              {"port", 3},
              {"user", "a"},
              { "pwd",
                "******" } } }});
  CHECK(names() == std::vector<std::string>{"meta_node0", "storage_node0", "storage_node1"});
  CHECK(nodes()["storage_node0"]["ip"] == "10.0.0.8");
  const auto job = with(backup(), {{"s_ip", "10.0.0.8"}, {"s_port", 2}, {"s_user", "a"}});
  CHECK(run(with(job, {{"s_pwd", "b"}})) == "coldbackup succeed");
  // N12: a masked password is nobody's.
  const auto masked = with(job, {{"s_ip", "10.0.0.7"}, {"s_port", 3}, {"s_pwd", "******"}});
  CHECK(run(masked) == "get_cnf_path error");
  CHECK(run(backup()) == "get_cnf_path error");
  import(Json::object());
  CHECK(nodes().dump() == "{}");
}

TEST_CASE_METHOD(Machine, "N11: an import that cannot be is refused", "[core][nodemgr]") {
  const auto [json, why] = GENERATE(table<Json, std::string>({
      {Json::array(), "the document is not an object"},
      {{{"meta_node0", 1}}, "'meta_node0' is not an object"},
      {{{"meta_node0", {{"port", 1}}}}, "a node has no 'ip'"},
      {{{"meta_node0", {{"ip", "x"}, {"port", 1}}}}, "the 'ip' of a node is no address: 'x'"},
      {{{"meta_node0", {{"ip", "10.0.0.256"}, {"port", 1}}}},
       "the 'ip' of a node is no address: '10.0.0.256'"},
      {{{"meta_node0", {{"ip", "fd00::7"}}}},
       "the 'port' of a node on 'fd00::7' is not 1 to 65535"},
      {{{"meta_node0", {{"ip", "10.0.0.7"}, {"port", 70000}}}},
       "the 'port' of a node on '10.0.0.7' is not 1 to 65535"},
      {{{"meta_node0", {{"ip", "10.0.0.7"}, {"port", 1}}},
        {"computer_node0", {{"ip", "10.0.0.7"}, {"port", 1}}}},
       "two nodes have the address '10.0.0.7:1'"},
  }));
  CHECK(std::string(thrown_by([&, &json = json] { import(json); }).what()) == why);
  CHECK(content() == first);
}

TEST_CASE_METHOD(Machine, "N13: get_node shows one type, or nodes of some addresses",
                 "[core][nodemgr]") {
  using Names = std::vector<std::string>;
  CHECK(names({{"node_type", "storage_node"}}) == Names{"storage_node0", "storage_node1"});
  CHECK(names({{"node_type", "computer_node"}}) == Names{"computer_node0"});
  CHECK(names({{"node_ip0", "10.0.0.1"}}).empty());
  CHECK(names({{"node_ip0", "10.0.0.1"}, {"node_ip1", "127.0.0.1"}}).size() == 4);
  CHECK(names({{"node_ip0", "10.0.0.1"}, {"node_ip2", "127.0.0.1"}}).empty());
  CHECK(names({{"node_ip1", "10.0.0.1"}}).size() == 4);
}

TEST_CASE_METHOD(Machine, "N13: get_info tells what was measured, and counts nodes",
                 "[core][nodemgr]") {
  const Json job{{"job_type", "get_info"}};
  CHECK(post(job) == R"({"meta_node":1,"storage_node":2,"computer_node":1})");
  settings.measure = [](pb::NodemgrInfoResponse& info) {
    info.set_cpu_used("12.34%");
    info.set_disk_free("76G");
  };
  CHECK(post(job) == R"({"cpu_used":"12.34%","disk_free":"76G","meta_node":1,"storage_node":2,)"
                     R"("computer_node":1})");
}

TEST_CASE_METHOD(Machine, "N14: update_node changes nothing", "[core][nodemgr]") {
  const auto type = GENERATE("", "meta_node", "storage_node", "computer_node");
  Json job{{"job_type", "update_node"}};
  if (*type != '\0') job["node_type"] = type;
  CHECK(post(job) == succeed);
  CHECK(content() == first);
}

TEST_CASE_METHOD(Machine, "N16: a file goes to its area", "[core][nodemgr]") {
  std::string kept;
  settings.keep_file = [&](const auto& area, const auto& name, std::string_view content) {
    kept = fmt::format("{}/{}: {}", area, name, content);
  };
  pb::NodemgrFileRequest file;
  file.set_name("a b.json");
  file.set_content("text");
  const auto [type, area] = GENERATE(table<const char*, const char*>({{"mysql", "mysql"},
                                                                      {"pgsql", "pgsql"},
                                                                      {"cluster", "cluster"},
                                                                      {"table", "upload"},
                                                                      {"../x", "upload"},
                                                                      {"", "upload"}}));
  file.set_file_type(type);
  const auto response = call(api::nodemgr_send_file, file);
  CHECK(response.area() == area);
  CHECK(response.size() == 4);
  CHECK(kept == fmt::format("{}/a b.json: text", area));
  CHECK(content() == first);
}

TEST_CASE_METHOD(Machine, "N17: names that could lead elsewhere are refused", "[core][nodemgr]") {
  settings.keep_file = [](const auto&, const auto&, std::string_view) { FAIL("kept"); };
  const auto name =
      GENERATE(std::string(), std::string("."), std::string(".."), std::string(".hidden"),
               std::string("a/b"), std::string("../x"), std::string("a\\b"), std::string("a\nb"),
               std::string("a\0b", 3), std::string("a\x7f"), std::string(256, 'n'));
  pb::NodemgrFileRequest file;
  file.set_name(name);
  file.set_content("");
  const auto error = thrown_by([&] { call(api::nodemgr_send_file, file); });
  CHECK(error.answer().value().http == 400);
}

}  // namespace metactl::tests
