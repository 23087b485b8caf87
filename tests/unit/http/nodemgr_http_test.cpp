// SPDX-License-Identifier: Apache-2.0
// Jobs and replies of node_mgr, of all its versions. Source: node-mgr-api.md.
#include <catch2/catch.hpp>

#include "api/json.h"
#include "api/nodemgr_errors.h"
#include "api/nodemgr_json.h"
#include "http/nodemgr_http.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

template <class Request, class Response>
Response read(const api::Operation<Request, Response>& operation, const std::string& body,
              int status = 200) {
  Response response;
  http::nodemgr::decode_reply(operation.info, Request(), {status, "", body}, response);
  return response;
}

}  // namespace

TEST_CASE("a job is one line of JSON in a form", "[http][nodemgr]") {
  pb::NodemgrGetNodeRequest request;
  request.set_node_type("meta_node");
  request.add_node_ip("127.0.0.1");
  request.add_node_ip("192.168.207.145");
  request.set_cluster_mgr(true);
  const auto sent = http::nodemgr::encode_request(api::nodemgr_get_node.info, request);
  CHECK(sent.method == "POST");
  CHECK(sent.path == "/");
  CHECK(sent.header("content-type") == "application/x-www-form-urlencoded");
  CHECK(sent.body ==
        R"({"ver":"0.1","job_type":"get_node","node_type":"meta_node","node_ip0":"127.0.0.1",)"
        R"("node_ip1":"192.168.207.145"})");
}

TEST_CASE("every job comes back from its JSON", "[http][nodemgr]") {
  for (const auto& operation : api::nodemgr_operations) {
    if (api::nodemgr_job_type(*operation.info).empty()) continue;
    CAPTURE(operation.info->name);
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    const auto* type = request->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      using Field = google::protobuf::FieldDescriptor;
      const auto* reflection = request->GetReflection();
      if (field->is_repeated())
        reflection->AddString(request.get(), field, "x");
      else if (field->cpp_type() == Field::CPPTYPE_UINT64)
        reflection->SetUInt64(request.get(), field, 6001);
      else if (field->cpp_type() == Field::CPPTYPE_STRING)
        reflection->SetString(request.get(), field, "100% +\"\n");
    }
    const auto sent = http::nodemgr::encode_request(*operation.info, *request);
    CHECK(sent.body.find('\n') == std::string::npos);
    CHECK(&api::find_nodemgr_job(sent.body) == &operation);
    CHECK(http::nodemgr::decode_request(operation, sent)->SerializeAsString() ==
          request->SerializeAsString());
  }
}

TEST_CASE("replies of other versions are understood", "[http][nodemgr]") {
  const auto nodes = read(api::nodemgr_get_node,
                          R"({"storage_node10":{"port":2},"storage_node9":{"port":"1","new":{}},)"
                          R"("meta_node0":{"ip":"h","port":3},"storage_nodes":1,"other":[]})");
  REQUIRE(nodes.nodes_size() == 3);
  CHECK(nodes.nodes(0).type() == "meta_node");
  CHECK(nodes.nodes(1).port() == 1);
  CHECK(nodes.nodes(2).port() == 2);
  CHECK(read(api::nodemgr_get_info, R"({"meta_node":"2","cpu_used":"1%"})").meta_node() == 2);
  read(api::nodemgr_coldbackup, "{\"result\":\"succeed\"}\r\n");
  const auto [reply, status] = GENERATE(table<const char*, const char*>({
      {R"({"job_id":"a","job_status":"coldbackup working"})", "coldbackup working"},
      {R"({"result":"busy","info":"coldbackup working"})", "coldbackup working"},
      {R"({"result":"succeed","info":"coldbackup succeed"})", "coldbackup succeed"},
      {R"({"result":"succeed","info":"done"})", "done succeed"},
      {R"({"result":"succeed","info":""})", "job succeed"},
      {R"({"result":"error","info":"get_cnf_path error"})", "get_cnf_path error"},
      {R"({"result":"error","info":"job id no find"})", "none"},
  }));
  CHECK(read(api::nodemgr_get_status, reply).job_status() == status);
}

TEST_CASE("what is refused is told", "[http][nodemgr]") {
  const auto refused = thrown_by(
      [] { read(api::nodemgr_delete, R"({"result":"error","info":"'file_type' is missing"})"); });
  CHECK(refused.reason() == Reason::usage);
  CHECK(refused.answer().value().http == 200);
  CHECK(thrown_by([] {
          read(api::nodemgr_mysql_cmd,
               R"({"result":"error","info":"shell commands are refused: the core"})");
        }).reason() == Reason::denied);
  CHECK(thrown_by([] {
          read(api::nodemgr_get_status, R"({"result":"error","info":"'job_id' is empty"})");
        }).reason() == Reason::usage);
  CHECK(std::string(thrown_by([] { read(api::nodemgr_get_node, "", 400); }).what()) ==
        "node_mgr could not read the request, and does not say why");
  CHECK(std::string(thrown_by([] {
                      read(api::nodemgr_get_node, R"({"result":"error","info":"why"})", 400);
                    }).what()) == "why");
}

TEST_CASE("a state that cannot be used is no refusal of a node_mgr", "[http][nodemgr]") {
  const auto reply_to = [](Reason reason) {
    return http::nodemgr::refusal(api::nodemgr_answered(Error(reason, "why")));
  };
  CHECK(reply_to(Reason::internal).status == 200);
  for (const auto reason : {Reason::integrity, Reason::unreachable}) {
    const auto reply = reply_to(reason);
    CHECK(reply.status == 503);
    CHECK(reply.body == R"({"result":"error","info":"node_mgr failed: why"})");
    const auto seen = thrown_by([&] { read(api::nodemgr_get_node, reply.body, reply.status); });
    CHECK(seen.reason() == Reason::unreachable);
    CHECK(std::string(seen.what()) == "node_mgr failed: why");
  }
}

TEST_CASE("a reply of something else is told", "[http][nodemgr]") {
  const auto* body = GENERATE("", "<html>", "[]", "1", R"({"meta_node0":1})",
                              R"({"meta_node0":{"port":"x"}})", R"({"meta_node0":{"ip":1}})");
  const auto error = thrown_by([&] { read(api::nodemgr_get_node, body); });
  CHECK(error.reason() == Reason::internal);
  CHECK(std::string(error.what()).starts_with("the reply is none of a node_mgr: "));
  CHECK(thrown_by([] { read(api::nodemgr_update_node, "{}"); }).reason() == Reason::internal);
  CHECK(thrown_by([] { read(api::nodemgr_get_status, "{}"); }).reason() == Reason::internal);
  for (const auto* other : {R"({"result":"succeed"})", R"({"result":5})", R"({"info":"a"})"}) {
    CAPTURE(other);
    CHECK(thrown_by([&] { read(api::nodemgr_get_node, other); }).reason() == Reason::internal);
    CHECK(thrown_by([&] { read(api::nodemgr_get_status, other); }).reason() == Reason::internal);
    CHECK(thrown_by([&] { read(api::nodemgr_get_info, other); }).reason() == Reason::internal);
  }
  CHECK(read(api::nodemgr_get_node, "{}").nodes().empty());
  CHECK(thrown_by([] { read(api::nodemgr_send_file, R"({"result":5})"); }).reason() ==
        Reason::internal);
  CHECK(thrown_by([] { read(api::nodemgr_get_node, "", 404); }).reason() == Reason::internal);
}

TEST_CASE("N18: the page has ranges", "[http][nodemgr]") {
  const auto get = [](const std::string& range) {
    http::Request request{.method = "GET", .path = "/hello", .query = "", .body = ""};
    if (!range.empty()) request.headers["Range"] = range;
    CHECK(http::nodemgr::is_page(request));
    return http::nodemgr::page(request);
  };
  const auto whole = get("");
  const auto size = std::to_string(whole.body.size());
  CHECK(whole.status == 200);
  CHECK(whole.content_type == "text/html");
  CHECK(whole.body.find("hello node http") != std::string::npos);
  CHECK(get("bytes=0-0").body == whole.body.substr(0, 1));
  CHECK(get("bytes=2-5").body == whole.body.substr(2, 4));
  CHECK(get("bytes=2-5").status == 206);
  CHECK(get("bytes=2-5").headers.at("Content-Range") == "bytes 2-5/" + size);
  CHECK(get("bytes=2-").body == whole.body.substr(2));
  CHECK(get("bytes=2-99999").body == whole.body.substr(2));
  const auto outside = GENERATE("bytes=99999-", "bytes=5-2", "bytes=-5", "bytes=a-b", "bytes=1",
                                "lines=1-2", "bytes=1-2,4-5", "bytes=+1-+3", "bytes=1-+3");
  CHECK(get(outside).status == 400);
}

}  // namespace metactl::tests
