// SPDX-License-Identifier: Apache-2.0
// A node_mgr for one test, behind its front: its own store, clock and settings.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/nodemgr.h"
#include "core/nodemgr/handlers.h"
#include "keys/keys.h"
#include "proto/journal.pb.h"
#include "server/nodemgr_front.h"
#include "store/memory.h"

namespace metactl::tests {

inline constexpr auto succeed = R"({"result":"succeed"})";

class NodemgrFixture {
 public:
  using Json = nlohmann::ordered_json;

  store::MemoryStore memory;
  store::Store* target = &memory;
  std::int64_t now_ms = 1'637'595'783'000;
  core::Settings settings;
  std::vector<std::string> log;

  NodemgrFixture() {
    auto quiet = environment();
    quiet.journal = false;  // The sample machine is there before the test begins.
    pb::NodemgrImportRequest request;
    request.set_sample(true);
    pb::NodemgrNodesResponse nodes;
    const core::Dispatcher dispatcher(memory, quiet, handlers_);
    const auto error = dispatcher.call(api::nodemgr_import.info, request, nodes, "tester@host");
    if (error) throw Error(*error);
    first = content();
  }

  /// All that is stored when the test begins.
  std::vector<store::Pair> first;

  core::Environment environment() {
    return {.now_ms = [this] { return now_ms; },
            .random_bytes = [](std::size_t count) { return std::string(count, 'r'); },
            .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
            .settings = settings};
  }

  http::Reply send(http::Request request) {
    const core::Dispatcher dispatcher(*target, environment(), handlers_);
    const server::NodemgrFront front(dispatcher,
                                     {[this](const auto& line) { log.push_back(line); }});
    request.headers.emplace("Content-Length", std::to_string(request.body.size()));
    return front.answer(request);
  }
  http::Reply post(std::string body,
                   const std::string& type = "application/x-www-form-urlencoded") {
    return send({.method = "POST",
                 .path = "/",
                 .query = "",
                 .body = std::move(body),
                 .headers = {{"Content-Type", type}}});
  }
  /// The body of the reply to a job.
  std::string post(const Json& job) { return post(job.dump()).body; }

  /// Why a job was refused; "" when it was not.
  std::string refused(const std::string& body) {
    const auto before = content();
    const auto reply = Json::parse(post(body).body);
    if (reply.value("result", "") != "error") return "";
    return content() == before ? reply["info"].get<std::string>() : "it changed something";
  }

  std::string status(const std::string& id = "id1") {
    const auto reply = Json::parse(post(Json{{"job_type", "get_status"}, {"job_id", id}}));
    return reply.at("job_id") == id ? reply.at("job_status").get<std::string>() : "another job";
  }
  /// The status of a job at its end.
  std::string run(const Json& job) {
    const auto reply = post(job);
    return reply == succeed ? status(job.at("job_id")) : reply;
  }

  // Jobs that succeed on the sample machine.

  static Json job(std::string_view type, int port) {
    return {{"job_id", "id1"}, {"job_type", type}, {"s_ip", "127.0.0.1"},
            {"s_port", port},  {"s_user", "pgx"},  {"s_pwd", "pgx_pwd"}};
  }
  static Json with(Json job, std::initializer_list<std::pair<const char*, Json>> members) {
    for (const auto& [name, value] : members) job[name] = value;
    return job;
  }
  static Json without(Json job, const std::string& member) {
    job.erase(member);
    return job;
  }
  static Json delete_table() {
    return with(
        job("delete", 6007),
        {{"file_type", "table"}, {"s_dbname", "postgres_$$_public"}, {"s_table_name", "t13"}});
  }
  static Json delete_binlog() { return with(job("delete", 6007), {{"file_type", "binlog"}}); }
  static Json send_table() {
    return with(job("send", 6004), {{"file_type", "table"},
                                    {"s_dbname", "postgres_$$_public"},
                                    {"s_table_name", "t12"},
                                    {"d_ip", "127.0.0.1"},
                                    {"d_port", 6007},
                                    {"d_user", "pgx"},
                                    {"d_pwd", "pgx_pwd"},
                                    {"d_dbname", "postgres_$$_public"},
                                    {"d_table_name", "t17"}});
  }
  static Json backup() { return job("coldbackup", 6004); }
  static Json restore() {
    return with(job("coldrestore", 6004),
                {{"file", "/coldbackup/clust1/shard1/coldback_20211122_234303.tgz"}});
  }

  /// Everything that is stored.
  std::vector<store::Pair> content() {
    return memory.read([](store::View& view) { return view.scan("", ""); });
  }
  /// All journal records, oldest first.
  std::vector<pb::JournalRecord> journal() {
    const auto range = keys::journal();
    std::vector<pb::JournalRecord> records;
    for (const auto& pair :
         memory.read([&](store::View& view) { return view.scan(range.first, range.last); }))
      records.emplace_back().ParseFromString(pair.value);
    return records;
  }

 private:
  const std::vector<core::Handler> handlers_ = core::nodemgr::handlers();
};

}  // namespace metactl::tests
