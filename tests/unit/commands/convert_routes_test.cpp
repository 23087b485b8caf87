// SPDX-License-Identifier: Apache-2.0
// convert curl leaves out no call of a service that metactl knows: it converts the call, or tells
// why it does not.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "api/operations.h"
#include "base/text.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

/// The route with a value in place of each field.
std::string filled(std::string_view route) {
  std::string path;
  bool is_field = false;
  for (const char c : route) {
    if (c == '{') path += "7";
    is_field = c == '{' || (is_field && c != '}');
    if (!is_field && c != '}') path += c;
  }
  return path;
}

/// A call of curl; "" for an operation that no server has.
std::string call_of(const api::OperationInfo& info) {
  const auto* const query = "instance_id=a&snapshot_id=b&key_type=InstanceKey&key=01";
  if (info.service == api::Service::meta) {
    const bool is_rpc = info.surface == api::Surface::rpc;
    return fmt::format("curl -f \"http://h:5000/MetaService/{}{}?token=$T&{}\" -d '{{}}'\n",
                       is_rpc ? "" : "http/", info.name, query);
  }
  if (info.service == api::Service::nodemgr)
    return info.is_local()
               ? ""
               : fmt::format("curl http://h:9998/ -d '{{\"ver\":\"0.1\",\"job_type\":\"{}\"}}'\n",
                             info.name);
  if (info.route.empty()) return "";
  const auto path = filled(info.route.substr(info.route.find(' ') + 1));
  const auto* const front = info.service == api::Service::broker ? "/api/v2" : "";
  return fmt::format("curl -X {} http://h:7799{}{}\n", info.method(), front, path);
}

nlohmann::json converted(CommandWorld& world, const std::string& text) {
  const auto result = world.run({"convert", "curl", "-o", "json"}, text);
  CAPTURE(text, result.err);
  REQUIRE(result.status != 2);
  auto items = nlohmann::json::parse(result.out).at("items");
  REQUIRE(items.size() == 1);
  // Without a command it is told why, and not all is done.
  if (items[0]["command"].is_null()) {
    CHECK(result.status == 8);
    CHECK_FALSE(items[0]["mistakes"].empty());
  }
  return items[0];
}

}  // namespace

TEST_CASE_METHOD(CommandWorld, "every operation of every service is converted or told",
                 "[convert][contract]") {
  for (const auto* operation : api::operations()) {
    const auto& info = *operation->info;
    const auto text = call_of(info);
    if (text.empty()) continue;
    CAPTURE(info.name);
    const auto item = converted(*this, text);
    if (info.service == api::Service::meta) {
      CHECK(item["operation"] == std::string(info.name));
      CHECK(item["command"].is_string());
    } else {
      CHECK(item["mistakes"][0]["id"] == "other-service");
    }
  }
}

TEST_CASE_METHOD(CommandWorld, "every route of the recycler is told", "[convert][contract]") {
  for (const auto* route : {"recycle_instance", "statistics_recycle", "recycle_copy_jobs",
                            "recycle_job_info", "check_job_info", "check_instance", "check_meta",
                            "adjust_rate_limiter", "show_config", "update_config", "a_later_one"})
    for (const auto* front : {"http/", "http/v1/", "http?", "http/v1/?", ""}) {
      const auto text =
          fmt::format("curl -f \"$RC/RecyclerService/{}{}?token=$T\"\n", front, route);
      CHECK(converted(*this, text)["mistakes"][0]["message"] ==
            "a call of the recycler, for which metactl has no command");
    }
}

TEST_CASE_METHOD(CommandWorld, "a route behind a question mark is named", "[convert][contract]") {
  for (const auto* operation : api::operations()) {
    const auto& info = *operation->info;
    if (info.service != api::Service::meta) continue;
    for (const auto* front : {"/http/v1/?", "/http/?", "/http/v1?", "/http?", "/?", "?"}) {
      const auto text =
          fmt::format("curl \"ms:5000/MetaService{}{}?token=$T\" -d '{{}}'\n", front, info.name);
      const auto item = converted(*this, text);
      CAPTURE(text);
      CHECK(item["command"].is_null());
      CHECK(item["mistakes"].size() == 1);
      CHECK(item["mistakes"][0]["id"] == "unknown-route");
      const auto message = item["mistakes"][0]["message"].get<std::string>();
      CHECK(message.find(fmt::format("the route '{}' is after a '?'", info.name)) !=
            std::string::npos);
    }
  }
}

TEST_CASE_METHOD(CommandWorld, "no command holds the name of a variable that quotes keep",
                 "[convert][contract]") {
  for (const auto* written : {"$x", "${x}", "$X1", "${x_y}", "${x:-a}", "${x:?}", "${x%b}", "$1"})
    for (const auto* set : {"", "x=w0\n", "export X1=w0\n"})
      for (const auto* form :
           {"curl '{}/MetaService/http/get_instance?token=t&instance_id=a'\n",
            "curl 'h/MetaService/http/get_instance?token=t&instance_id={}'\n",
            "curl 'h/MetaService/http/get_instance?instance_id={}'\n",
            "curl h/MetaService/http/drop_instance?token=$T -d '{{\"instance_id\":\"{}\"}}'\n",
            "curl h/MetaService/http/drop_instance?token=$T --data-binary '@{}'\n",
            "curl h/MetaService/http/drop_instance?token=$T -d $'{{\"instance_id\":\"{}\"}}'\n",
            "curl h/MetaService/http/drop_instance?token=$T -d @- <<'E'\n"
            "{{\"instance_id\":\"{}\"}}\nE\n",
            "curl -H 'X-Id: {}' h/MetaService/http/list_instances?token=$T -d '{{}}'\n"}) {
        const auto text = set + fmt::format(fmt::runtime(form), written);
        CAPTURE(text);
        const auto item = converted(*this, text);
        const auto& mistakes = item["mistakes"];
        CHECK(std::any_of(mistakes.begin(), mistakes.end(),
                          [](const auto& each) { return each["id"] == "unexpanded-variable"; }));
        // What stays a variable stops the command where it is not set; nothing is quoted.
        if (item["command"].is_string())
          CHECK(item["command"].template get<std::string>().find('\'' + std::string(written)) ==
                std::string::npos);
      }
}

}  // namespace metactl::tests
