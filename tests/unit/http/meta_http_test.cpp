// SPDX-License-Identifier: Apache-2.0
// Bodies and replies of the Meta Service. Source: meta-service-api.md, section 1.

#include "http/meta_http.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "api/meta_errors.h"
#include "http/wire.h"

namespace api = metactl::api;
namespace http = metactl::http;
namespace pb = metactl::pb;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using metactl::Error;
using metactl::Reason;

namespace {

const std::string base = "/MetaService/http/";
const std::string rpc_base = "/MetaService/";

http::Request with_body(const std::string& body) {
  http::Request request;
  request.body = body;
  return request;
}

http::Request with_query(const std::string& query, const std::string& body = "") {
  auto request = with_body(body);
  request.query = query;
  return request;
}

std::unique_ptr<Message> decode(std::string_view operation, const http::Request& request) {
  return http::decode_request(*api::find_operation(operation), request);
}

/// The request in a body of add_cluster, as JSON.
std::string read(const std::string& body) {
  return api::to_json(*decode("add_cluster", with_body(body)));
}

template <class Call>
Error failure(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("nothing thrown");
}

void fill(Message& message);

void fill_field(Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  const auto text = fmt::format("{}<&\"{}\xc3\xa4", field.name(), index);
  const auto number = (std::int64_t{1} << 60) + field.number() + index;
  const auto* last =
      field.enum_type() ? field.enum_type()->value(field.enum_type()->value_count() - 1) : nullptr;
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection->AddString(&message, &field, text)
                  : reflection->SetString(&message, &field, text);
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? reflection->AddInt32(&message, &field, 7 + index)
                  : reflection->SetInt32(&message, &field, 7 + index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? reflection->AddInt64(&message, &field, number)
                  : reflection->SetInt64(&message, &field, number);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, &field, false);
    case FieldDescriptor::CPPTYPE_ENUM:
      return many ? reflection->AddEnum(&message, &field, last)
                  : reflection->SetEnum(&message, &field, last);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(many ? *reflection->AddMessage(&message, &field)
                       : *reflection->MutableMessage(&message, &field));
    default:
      FAIL("no value for " + field.full_name());
  }
}

/// Sets every field at every depth; lists get two members, maps one.
void fill(Message& message) {
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto& field = *descriptor->field(i);
    const int count = field.is_repeated() && !field.is_map() ? 2 : 1;
    for (int index = 0; index < count; ++index) fill_field(message, field, index);
  }
}

std::unique_ptr<Message> filled(const Message& prototype) {
  std::unique_ptr<Message> message(prototype.New());
  fill(*message);
  return message;
}

template <class Request, class Response>
http::Reply reply_to(const api::Operation<Request, Response>& operation, const char* request,
                     const char* response, const std::optional<Error>& error = std::nullopt) {
  Request asked;
  Response answer;
  api::from_json(request, asked);
  api::from_json(response, answer);
  return http::encode_reply(operation.info, asked, answer, error);
}

template <class Request, class Response>
Error refused(const api::Operation<Request, Response>& operation, const http::Reply& reply) {
  Request request;
  Response response;
  return failure([&] { http::decode_reply(operation.info, request, reply, response); });
}

}  // namespace

TEST_CASE("bodies are read leniently", "[http][meta]") {
  const auto [body, json] = GENERATE(table<std::string, std::string>({
      {"{}", "{}"},
      {" \n{ } \n", "{}"},
      {R"({"instance_id":"i",})", R"({"instance_id":"i"})"},
      {R"({"cluster":{"mysql_user_name":["a","b",],},})",
       R"({"cluster":{"mysql_user_name":["a","b"]}})"},
      {"{'instance_id': 'i'}", R"({"instance_id":"i"})"},
      {"{instance_id: \"i\"}", R"({"instance_id":"i"})"},
      {R"({"instanceId":"i","cloudUniqueId":"c"})", R"({"instance_id":"i","cloud_unique_id":"c"})"},
      {R"({"cluster":{"ctime":"5","mtime":6}})", R"({"cluster":{"ctime":"5","mtime":"6"}})"},
      {R"({"cluster":{"ctime":"9223372036854775807"}})",
       R"({"cluster":{"ctime":"9223372036854775807"}})"},
      {R"({"cluster":{"nodes":[{"heartbeat_port":"9050"},{"heartbeat_port":9051}]}})",
       R"({"cluster":{"nodes":[{"heartbeat_port":9050},{"heartbeat_port":9051}]}})"},
      {R"({"cluster":{"type":0}})", R"({"cluster":{"type":"SQL"}})"},
      {R"({"cluster":{"type":"COMPUTE"}})", R"({"cluster":{"type":"COMPUTE"}})"},
      {R"({"cluster":{"type":"compute"}})", R"({"cluster":{}})"},
      {R"({"cluster":{"type":"NO_SUCH","cluster_id":"c"}})", R"({"cluster":{"cluster_id":"c"}})"},
      {R"({"cluster":{"type":17,"cluster_id":"c"}})", R"({"cluster":{"cluster_id":"c"}})"},
      {R"({"cluster":{"nodes":[{"node_type":99,"status":"X","ip":"i"}]}})",
       R"({"cluster":{"nodes":[{"ip":"i"}]}})"},
      {R"({"op":99,"instance_id":"i"})", R"({"instance_id":"i"})"},
      {R"({"instance_id":null,"cluster":null,"op":null})", "{}"},
      {R"({"cluster":{"nodes":null,"type":null}})", R"({"cluster":{}})"},
      {R"({"x":1,"cluster":{"y":{"z":[1,{"q":null}]},"nodes":[{"w":"v","ip":"i"}],"cluster_policy":{"u":true}}})",
       R"({"cluster":{"nodes":[{"ip":"i"}],"cluster_policy":{}}})"},
      {R"({"replace_if_existing_empty_target_cluster":true})",
       R"({"replace_if_existing_empty_target_cluster":true})"},
      {R"({"replace_if_existing_empty_target_cluster":"true"})",
       R"({"replace_if_existing_empty_target_cluster":true})"},
      {R"({"replaceIfExistingEmptyTargetCluster":"false"})",
       R"({"replace_if_existing_empty_target_cluster":false})"},
      {R"({"cluster":{"properties":{"k":"v"}}})", R"({"cluster":{"properties":{"k":"v"}}})"},
      {R"({"instance_id":"\u00e4\n"})", "{\"instance_id\":\"\xc3\xa4\\n\"}"},
  }));
  CAPTURE(body);
  CHECK(read(body) == json);
}

TEST_CASE("bodies that cannot be read are refused with the route's name", "[http][meta]") {
  const std::string body =
      GENERATE(as<std::string>(), "", " ", "x", "[]", "\"text\"", "5", "{", "{\"instance_id\":}",
               R"({"cluster":{"ctime":1.5}})", R"({"cluster":{"ctime":"1.5"}})",
               R"({"cluster":{"ctime":"x"}})", R"({"cluster":{"ctime":9223372036854775808}})",
               R"({"cluster":{"nodes":[{"heartbeat_port":2147483648}]}})",
               R"({"cluster":{"nodes":[{"heartbeat_port":"2147483648"}]}})",
               R"({"cluster":{"nodes":[{"heartbeat_port":true}]}})", R"({"instance_id":5})",
               R"({"instance_id":true})", R"({"instance_id":{}})", R"({"instance_id":["i"]})",
               R"({"cluster":{"mysql_user_name":[5]}})", R"({"cluster":"c"})", R"({"cluster":5})",
               R"({"replace_if_existing_empty_target_cluster":1})",
               R"({"replace_if_existing_empty_target_cluster":"maybe"})",
               R"({"cluster":{"properties":{"k":1}}})", R"({"instance_id":"i"} x)",
               R"({"instance_id":"i"}{})", "{\"instance_id\":\"i\" /* c */}",
               "// c\n{\"instance_id\":\"i\"}", "instance_id=i");
  CAPTURE(body);
  const auto error = failure([&] { read(body); });
  CHECK(error.answer()->http == 400);
  CHECK(error.answer()->code == "INVALID_ARGUMENT");
  CHECK(error.answer()->status == "PROTOBUF_PARSE_ERR");
  CHECK_THAT(error.answer()->message, Catch::Contains("add_cluster"));
}

TEST_CASE("a setting of HDFS needs key and value", "[http][meta]") {
  const auto* pair = GENERATE(R"({"value":"v"})", R"({"key":"k"})", "{}");
  const auto body =
      fmt::format(R"({{"vault":{{"hdfs_info":{{"build_conf":{{"hdfs_confs":[{}]}}}}}}}})", pair);
  const auto error = failure([&] { decode("create_instance", with_body(body)); });
  CHECK(error.answer()->status == "PROTOBUF_PARSE_ERR");
  CHECK(error.answer()->http == 400);
  CHECK_THAT(error.answer()->message, Catch::Contains("create_instance"));
}

TEST_CASE("routes with query parameters never read the body", "[http][meta]") {
  const auto request =
      decode("get_instance", with_query("token=t&cloud_unique_id=1%3Ai%3Ax+y&nope=1", "{not json"));
  CHECK(api::to_json(*request) == R"({"cloud_unique_id":"1:i:x+y"})");
  CHECK(api::to_json(*decode("get_instance", {})) == "{}");
}

TEST_CASE("routes with a body never read the query", "[http][meta]") {
  CHECK(api::to_json(*decode("drop_instance", with_query("instance_id=i", "{}"))) == "{}");
}

TEST_CASE("an envelope is printed byte for byte", "[http][meta]") {
  const auto ok = reply_to(api::add_cluster, "{}", "{}");
  CHECK(ok.status == 200);
  CHECK(ok.content_type == "application/json");
  CHECK(ok.body == "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n");
  CHECK(http::encode_ok().body == ok.body);
  CHECK(http::encode_ok().status == 200);

  const auto failed = reply_to(api::add_cluster, "{}", "{}",
                               api::meta_failure(pb::ALREADY_EXISTED, "a \"b\" \n<\xc3\xa4>"));
  CHECK(failed.status == 409);
  CHECK(failed.body ==
        "{\n    \"code\": \"ALREADY_EXISTED\",\n    \"msg\": \"a \\\"b\\\" \\n<\xc3\xa4>\"\n}\n");
}

TEST_CASE("a message that is no UTF-8 does not break the reply", "[http][meta]") {
  const auto failed =
      reply_to(api::add_cluster, "{}", "{}", api::meta_failure(pb::INVALID_ARGUMENT, "id=\xff"));
  CHECK(failed.status == 400);
  CHECK_THAT(failed.body, Catch::Contains("id="));
}

TEST_CASE("every code travels with its HTTP status", "[http][meta]") {
  const auto [code, http_status, word] = GENERATE(table<pb::MetaServiceCode, int, std::string>({
      {pb::INVALID_ARGUMENT, 400, "INVALID_ARGUMENT"},
      {pb::CLUSTER_NOT_FOUND, 404, "NOT_FOUND"},
      {pb::ALREADY_EXISTED, 409, "ALREADY_EXISTED"},
      {pb::KV_TXN_GET_ERR, 500, "INTERNAL_ERROR"},
      {pb::CLUSTER_ENDPOINT_MISSING, 500, "INTERNAL_ERROR"},
  }));
  const auto reply = reply_to(api::add_cluster, "{}", "{}", api::meta_failure(code, "m"));
  CHECK(reply.status == http_status);
  CHECK(reply.body == fmt::format("{{\n    \"code\": \"{}\",\n    \"msg\": \"m\"\n}}\n", word));
}

TEST_CASE("get_instance has the instance as result, {} on failure", "[http][meta]") {
  CHECK(
      reply_to(api::get_instance, "{}",
               "{instance: {user_id: '', instance_id: 'i', mtime: 1662695469, clusters: [{type: 0, "
               "nodes: [{ctime: 1, heartbeat_port: 0}]}], status: 0, sse_enabled: false}}")
          .body == R"({
    "code": "OK",
    "msg": "",
    "result": {
        "user_id": "",
        "instance_id": "i",
        "mtime": "1662695469",
        "clusters": [
            {
                "type": "SQL",
                "nodes": [
                    {
                        "ctime": "1",
                        "heartbeat_port": 0
                    }
                ]
            }
        ],
        "status": "NORMAL",
        "sse_enabled": false
    }
}
)");
  const auto failed = reply_to(api::get_instance, "{}", "{}",
                               api::meta_failure(pb::KV_TXN_GET_ERR, "instance not found, i"));
  CHECK(failed.status == 500);
  CHECK(failed.body ==
        "{\n    \"code\": \"INTERNAL_ERROR\",\n    \"msg\": \"instance not found, i\",\n    "
        "\"result\": {}\n}\n");
}

TEST_CASE("get_cluster has one cluster as result, or the whole response", "[http][meta]") {
  const auto* selector =
      GENERATE("{cluster_id: 'c'}", "{cluster_name: 'c'}", "{mysql_user_name: 'u'}");
  const auto* response = "{cluster: [{cluster_id: 'c'}], enable_storage_vault: false}";
  CHECK(reply_to(api::get_cluster, selector, response).body == R"({
    "code": "OK",
    "msg": "",
    "result": {
        "cluster_id": "c"
    }
}
)");
  CHECK(reply_to(api::get_cluster, "{cloud_unique_id: 'u', cluster_id: ''}", response).body == R"({
    "code": "OK",
    "msg": "",
    "result": {
        "status": {
            "code": "OK",
            "msg": ""
        },
        "cluster": [
            {
                "cluster_id": "c"
            }
        ],
        "enable_storage_vault": false
    }
}
)");
  const auto failed = reply_to(api::get_cluster, selector, "{}",
                               api::meta_failure(pb::CLUSTER_NOT_FOUND, "fail to get cluster"));
  CHECK(failed.status == 404);
  CHECK(failed.body ==
        "{\n    \"code\": \"NOT_FOUND\",\n    \"msg\": \"fail to get cluster\"\n}\n");
}

TEST_CASE("get_cluster_status has a status member, on failure with the full code", "[http][meta]") {
  CHECK(reply_to(api::get_cluster_status, "{}", "{}").body == R"({
    "code": "OK",
    "msg": "",
    "result": {
        "status": {
            "code": "OK",
            "msg": ""
        }
    }
}
)");
  const auto failed =
      reply_to(api::get_cluster_status, "{}", "{}", api::meta_failure(pb::KV_TXN_GET_ERR, "m"));
  CHECK(failed.status == 500);
  CHECK(failed.body == R"({
    "code": "INTERNAL_ERROR",
    "msg": "m",
    "result": {
        "status": {
            "code": "KV_TXN_GET_ERR",
            "msg": "m"
        }
    }
}
)");
}

TEST_CASE("every request goes through HTTP unchanged", "[http][meta]") {
  for (const auto& operation : api::meta_operations) {
    CAPTURE(operation.info->name);
    const auto sent = filled(operation.request());
    const bool has_fields = operation.request().GetDescriptor()->field_count() > 0;
    const auto wire = http::encode_request(*operation.info, *sent);
    CHECK(wire.path == (operation.info->form() == api::Form::rpc ? rpc_base : base) +
                           std::string(operation.info->name));
    CHECK(wire.method == operation.info->method());
    const bool by_query =
        operation.info->input == api::Input::query || operation.info->input == api::Input::document;
    CHECK(wire.query.empty() == (!by_query || !has_fields));
    CHECK(wire.body.empty() == (operation.info->input == api::Input::query));
    CHECK(http::find_route(wire.path).operation == &operation);
    CHECK(http::find_route(wire.path).form == operation.info->form());
    const auto received = http::decode_request(operation, wire);
    CHECK(MessageDifferencer::Equals(*sent, *received));
    const auto empty = http::encode_request(*operation.info, operation.request());
    CHECK(MessageDifferencer::Equals(operation.request(), *http::decode_request(operation, empty)));
  }
}

TEST_CASE("every response goes through HTTP unchanged", "[http][meta]") {
  for (const auto& operation : api::meta_operations) {
    CAPTURE(operation.info->name);
    const auto sent = filled(operation.response());
    const auto* status = sent->GetDescriptor()->FindFieldByName("status");
    if (operation.info->reply == api::Reply::json)
      dynamic_cast<pb::JsonResponse&>(*sent).set_result(R"({"a":[1,"x"]})");
    const auto reply =
        http::encode_reply(*operation.info, operation.request(), *sent, std::nullopt);
    const std::unique_ptr<Message> received(operation.response().New());
    http::decode_reply(*operation.info, operation.request(), reply, *received);
    // What a service remarks on a success does not travel in an envelope.
    if (operation.info->reply == api::Reply::envelope) {
      CHECK(api::status_of(*received).msg().empty());
      continue;
    }
    sent->GetReflection()->ClearField(sent.get(), status);
    received->GetReflection()->ClearField(received.get(), status);
    CHECK(MessageDifferencer::Equals(*sent, *received));
  }
}

TEST_CASE("an RPC answers the response message, with HTTP 200 for refusals too", "[http][meta]") {
  pb::AbortTxnRequest request;
  pb::AbortTxnResponse response;
  response.mutable_txn_info()->set_txn_id(5);
  const auto rpc = [&](const std::optional<Error>& error) {
    return http::encode_reply(api::Form::rpc, api::abort_txn.info, request, response, error);
  };
  CHECK(rpc(std::nullopt).status == 200);
  CHECK(rpc(std::nullopt).content_type == "application/json");
  CHECK(rpc(std::nullopt).body ==
        "{\"status\":{\"code\":\"OK\",\"msg\":\"\"},\"txn_info\":{\"txn_id\":\"5\"}}\n");
  const auto refused = rpc(api::meta_failure(pb::TXN_ALREADY_ABORTED, "m"));
  CHECK(refused.status == 200);
  CHECK(refused.body ==
        "{\"status\":{\"code\":\"TXN_ALREADY_ABORTED\",\"msg\":\"m\"},"
        "\"txn_info\":{\"txn_id\":\"5\"}}\n");
  const auto unreadable = http::encode_unreadable_rpc(
      pb::BeginTxnResponse(), api::meta_failure(pb::PROTOBUF_PARSE_ERR, "p"));
  CHECK(unreadable.status == 400);
  CHECK(unreadable.body == "{\"status\":{\"code\":\"PROTOBUF_PARSE_ERR\",\"msg\":\"p\"}}\n");
}

TEST_CASE("a body that cannot be read is refused without a result, whatever the reply is",
          "[http][meta]") {
  const auto* name = GENERATE("get_cluster_status", "get_obj_store_info", "show_storage_vaults",
                              "get_stage", "list_snapshot", "get_tablet_stats", "add_cluster");
  CAPTURE(name);
  const auto& operation = *api::find_operation(name);
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  try {
    http::meta::decode_request(operation, {"PUT", "/", "", "{} x"});
    FAIL("it was read");
  } catch (const Error& error) {
    const auto reply =
        http::encode_reply(api::Form::http, *operation.info, operation.request(), *response, error);
    CHECK(reply.status == 400);
    CHECK(reply.content_type == "application/json");
    const auto document = nlohmann::json::parse(reply.body);
    CHECK(document.size() == 2);
    CHECK(document["code"] == "INVALID_ARGUMENT");
    CHECK_THAT(document["msg"].get<std::string>(), Catch::Contains(name));
  }
}

TEST_CASE("the same refusal has the same reason in both forms", "[http][meta]") {
  const auto core = api::meta_failure(pb::TXN_LABEL_ALREADY_USED,
                                      "Label [not found] has already been used, relate to txn [1], "
                                      "status=[TXN_STATUS_VISIBLE]");
  CHECK(core.reason() == Reason::conflict);
  const auto rpc = refused(api::begin_txn, reply_to(api::begin_txn, "{}", "{}", core));
  CHECK(rpc.reason() == Reason::conflict);
  CHECK(rpc.answer()->http == 200);
  CHECK(rpc.answer()->code == "TXN_LABEL_ALREADY_USED");
  CHECK(rpc.answer()->status == "TXN_LABEL_ALREADY_USED");
}

TEST_CASE("replies that are none of an RPC are told apart", "[http][meta]") {
  CHECK(refused(api::begin_txn, {403, "", "wrong token\n"}).reason() == Reason::denied);
  CHECK_THAT(refused(api::begin_txn, {404, "", "not found\n"}).what(),
             Catch::Contains("begin_txn"));
  const auto* body = GENERATE("", "[]", "{}", R"({"status":5})", R"({"status":{"code":[]}})");
  CHECK(refused(api::begin_txn, {200, "", body}).reason() == Reason::internal);
  CHECK(refused(api::begin_txn, {200, "", R"({"status":{"code":"NEW_CODE","msg":"m"}})"})
            .answer()
            ->status == "UNDEFINED_ERR");
  // Other servers write codes as numbers.
  CHECK(
      refused(api::get_txn, {200, "", R"({"status":{"code":2006,"msg":"not found"}})"}).reason() ==
      Reason::not_found);
}

TEST_CASE("a selected cluster comes back as the only one", "[http][meta]") {
  pb::GetClusterRequest request;
  request.set_cluster_id("c");
  pb::GetClusterResponse sent;
  fill(*sent.add_cluster());
  pb::GetClusterResponse received;
  http::decode_reply(api::get_cluster.info, request,
                     http::encode_reply(api::get_cluster.info, request, sent, std::nullopt),
                     received);
  CHECK(MessageDifferencer::Equals(sent, received));
}

TEST_CASE("a client gets the failure that the core gave", "[http][meta]") {
  const auto core = api::meta_failure(pb::CLUSTER_NOT_FOUND, "failed to find cluster to drop, c");
  const auto client = refused(api::drop_cluster, reply_to(api::drop_cluster, "{}", "{}", core));
  CHECK(client.reason() == Reason::not_found);
  CHECK(client.answer()->http == 404);
  CHECK(client.answer()->code == "NOT_FOUND");
  CHECK(client.answer()->message == "failed to find cluster to drop, c");
}

TEST_CASE("a client tests the code, not the HTTP status", "[http][meta]") {
  const auto older =
      refused(api::add_cluster, {200, "", R"({"code":"INTERANAL_ERROR","msg":"m"})"});
  CHECK(older.answer()->code == "INTERNAL_ERROR");
  CHECK(older.answer()->http == 200);
  CHECK(older.answer()->message == "m");
  CHECK(older.reason() == Reason::internal);
  const auto other =
      refused(api::add_cluster, {200, "", R"({"code":"ALREADY_EXISTED","msg":"m"})"});
  CHECK(other.reason() == Reason::conflict);
  CHECK(refused(api::add_cluster, {500, "", R"({"code":"NEW_CODE"})"}).reason() ==
        Reason::internal);
}

TEST_CASE("failure_in finds what decode_reply would throw", "[http][meta]") {
  const auto& info = api::drop_cluster.info;
  CHECK_FALSE(http::failure_in(info, http::encode_ok()));
  CHECK(http::failure_in(info, {404, "", R"({"code":"NOT_FOUND","msg":"m"})"})->reason() ==
        Reason::not_found);
  CHECK(http::failure_in(info, {500, "", R"({"code":"OK","msg":""})"}));
  CHECK(http::failure_in(info, {403, "", "no\n"})->reason() == Reason::denied);
  CHECK(http::failure_in(info, {200, "", "<html>"})->reason() == Reason::internal);
}

TEST_CASE("the text of a success does not matter", "[http][meta]") {
  const auto* body =
      GENERATE(R"({"code":"OK","msg":"OK"})", R"({"code":"OK"})", R"({"msg":5,"code":"OK","x":[]})",
               R"({"code":"OK","msg":"","result":{}})");
  pb::AlterClusterResponse response;
  CHECK_NOTHROW(http::decode_reply(api::add_cluster.info, pb::AlterClusterRequest(),
                                   {200, "", body}, response));
}

TEST_CASE("replies that are no envelope are told apart", "[http][meta]") {
  CHECK(refused(api::add_cluster, {403, "text/plain", "incorrect token, token=x\n"}).reason() ==
        Reason::denied);
  const auto unknown = refused(api::add_cluster, {404, "", "not found\n"});
  CHECK(unknown.reason() == Reason::internal);
  CHECK_THAT(unknown.what(), Catch::Contains("add_cluster"));
  CHECK_FALSE(refused(api::list_instances, {404, "", "not found\n"}).hint().empty());

  const auto* body = GENERATE("", "<html>\x1b[31m</html>", "[]", "5", "{}", R"({"code":5})",
                              R"({"msg":"OK"})", R"({"code":"OK")");
  const auto foreign = refused(api::add_cluster, {200, "", body});
  CHECK(foreign.reason() == Reason::internal);
  CHECK_FALSE(foreign.answer());
  CHECK_THAT(foreign.what(), Catch::Contains("200") && !Catch::Contains("\x1b"));
}

TEST_CASE("OK without a result is no answer to a question", "[http][meta]") {
  const http::Reply reply{200, "", R"({"code":"OK","msg":""})"};
  CHECK(refused(api::get_instance, reply).reason() == Reason::internal);
  CHECK(refused(api::get_cluster, reply).reason() == Reason::internal);
  CHECK(refused(api::get_cluster_status, reply).reason() == Reason::internal);
  pb::AlterInstanceResponse response;
  CHECK_NOTHROW(
      http::decode_reply(api::drop_instance.info, pb::AlterInstanceRequest(), reply, response));
}

TEST_CASE("a client passes over what newer servers add", "[http][meta]") {
  pb::GetInstanceResponse response;
  http::decode_reply(
      api::get_instance.info, pb::GetInstanceRequest(),
      {200, "",
       R"({"code":"OK","msg":"","result":{"instance_id":"i","new":{"x":1},"status":"NEW"}})"},
      response);
  CHECK(api::to_json(response) == R"({"instance":{"instance_id":"i"}})");
}

TEST_CASE("a result that cannot be read is a failure of the server", "[http][meta]") {
  const auto* result = GENERATE("5", "[]", "\"x\"", R"({"instance_id":5})");
  const auto error = refused(
      api::get_instance, {200, "", fmt::format(R"({{"code":"OK","msg":"","result":{}}})", result)});
  CHECK(error.reason() == Reason::internal);
}
