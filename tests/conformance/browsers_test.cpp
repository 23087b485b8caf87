// SPDX-License-Identifier: Apache-2.0
// What a page in a browser on the same machine may do to a server of all services: nothing.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/conformance/served_core.h"
#include "tests/support/made_state.h"

namespace metactl::tests {
namespace {

class ServedAll {
 public:
  explicit ServedAll(std::vector<std::string> host_names = {}, bool open_rpc = false)
      : server_(store_, app::local_environment({.state = state_}, {}),
                {.meta = server::FrontOptions{.token = "secret", .open_rpc = open_rpc},
                 .broker = server::BrokerFrontOptions(),
                 .qluster = server::QlusterFrontOptions(),
                 .nodemgr = server::NodemgrFrontOptions(),
                 .host_names = std::move(host_names)},
                "127.0.0.1", 0) {
    first = content();
  }

  std::uint16_t port() const { return port_of(server_.url()); }
  std::string address() const { return fmt::format("127.0.0.1:{}", port()); }
  std::vector<store::Pair> content() const {
    return store_->read([](store::View& view) { return view.scan("", ""); });
  }
  /// All that is stored when the test begins.
  std::vector<store::Pair> first;
  bool has_files() const { return std::filesystem::exists(state_ + ".files"); }

 private:
  const TempDir folder_;
  const std::string state_ = folder_ / "state.db";
  const std::shared_ptr<store::Store> store_ = made_state(state_);
  const app::StateServer server_;
};

struct Call {
  std::string method;
  std::string target;
  std::string body = {};
  std::string type = "text/plain";
};

RawReply send(std::uint16_t port, const Call& call, const std::string& headers) {
  return tests::exchange(
      port, fmt::format("{} {} HTTP/1.1\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
                        "{}\r\n{}",
                        call.method, call.target, call.type, call.body.size(), headers, call.body));
}

const std::string form_file =
    "--B\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"evil.sh\"\r\n\r\nx\r\n"
    "--B--\r\n";
const std::string delete_job =
    R"({"job_id":"id1","job_type":"delete","file_type":"table","s_ip":"127.0.0.1","s_port":6007,)"
    R"("s_user":"pgx","s_pwd":"pgx_pwd","s_dbname":"postgres_$$_public","s_table_name":"t13"})";

/// What a form sends without a preflight, and what needs one.
const std::vector<Call> calls = {
    {"POST", "/node?ip=10.6.6.6&role=listener"},
    {"POST", "/node-down/1"},
    {"POST", "/", form_file, "multipart/form-data; boundary=B"},
    {"POST", "/", delete_job, "application/x-www-form-urlencoded"},
    {"POST", "/api/v2/failures/10.0.0.1:1/10.0.0.2:1"},
    {"POST", "/api/v3/proxies/failover/10.0.0.1:1"},
    {"GET", "/api/v2/metadata"},
    {"POST", "/api/v2/proxies/meta", R"({"proxy_address":"10.0.0.1:1","nodes":["a:1","b:1"]})",
     "application/json"},
    {"DELETE", "/api/v2/proxies/meta/10.0.0.1:1"},
    {"PUT", "/api/v2/epoch/99"},
    {"DELETE", "/node/2"},
    {"GET", "/map"},
    {"GET", "/"},
    {"GET", "/no/such/path"},
    {"OPTIONS", "/node?ip=10.6.6.6&role=listener"},
    {"OPTIONS", "/api/v2/epoch/99"},
};

bool has_cors(const RawReply& reply) {
  const auto first = reply.headers.lower_bound("access-control-");
  return first != reply.headers.end() && first->first.starts_with("access-control-");
}

}  // namespace

TEST_CASE("a page of another site changes and reads nothing", "[conformance][browsers]") {
  const ServedAll served;
  const auto own = "Host: " + served.address() + "\r\n";
  const std::vector<std::string> shapes = {
      own + "Origin: http://evil.example\r\n",
      own + "Origin: null\r\n",
      own + "Sec-Fetch-Site: cross-site\r\n",
      own + "Sec-Fetch-Site: same-site\r\n",
      own + "Origin: http://127.0.0.1:1\r\n",
      // Its name leads to this machine (DNS rebinding): page and server are one origin.
      "Host: evil.example\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n",
      fmt::format("Host: evil.example:{0}\r\nOrigin: http://evil.example:{0}\r\n", served.port()),
      "Host: evil.example\r\n",
  };
  for (const auto& call : calls)
    for (const auto& shape : shapes) {
      INFO(call.method << " " << call.target << "\n" << shape);
      const auto reply = send(served.port(), call, shape);
      CHECK(reply.status == 403);
      CHECK(reply.body.find(shape.starts_with(own) ? "another site" : "--allow-host") !=
            std::string::npos);
      CHECK_FALSE(has_cors(reply));
    }
  CHECK(served.content() == served.first);
  CHECK_FALSE(served.has_files());
}

TEST_CASE("a client and a page of the server itself are answered", "[conformance][browsers]") {
  const ServedAll served;
  const auto own = "Host: " + served.address() + "\r\n";
  const auto shape = GENERATE(range(0, 4));
  const std::vector<std::string> shapes = {own, own + "Origin: http://" + served.address() + "\r\n",
                                           own + "Sec-Fetch-Site: none\r\n",
                                           "Host: localhost:7\r\n"};
  const auto& headers = shapes.at(static_cast<std::size_t>(shape));
  for (const auto& call : calls) {
    INFO(call.method << " " << call.target << "\n" << headers);
    const auto reply = send(served.port(), call, headers);
    CHECK(reply.status != 403);
    CHECK_FALSE(has_cors(reply));
  }
  CHECK(served.content() != served.first);
  CHECK(served.has_files());
}

TEST_CASE("a name that serve is given is one of its own", "[conformance][browsers]") {
  const ServedAll served({"meta.example"});
  CHECK(send(served.port(), {"GET", "/map"}, "Host: meta.example:80\r\n").status == 200);
  CHECK(send(served.port(), {"GET", "/map"}, "Host: other.example\r\n").status == 403);
}

TEST_CASE("what needs a token takes any host", "[conformance][browsers]") {
  const auto foreign = "Host: evil.example\r\nOrigin: http://evil.example\r\n";
  const ServedAll served;
  const auto status = [&](const ServedAll& server, const std::string& target) {
    return send(server.port(), {"POST", target, "{}"}, foreign).status;
  };
  CHECK(status(served, "/MetaService/http/list_instances?token=secret") == 200);
  CHECK(status(served, "/MetaService/get_tablet_stats?token=secret") == 200);

  const ServedAll open({}, true);
  CHECK(status(open, "/MetaService/http/list_instances?token=secret") == 200);
  CHECK(status(open, "/MetaService/get_tablet_stats?token=secret") == 200);
  CHECK(status(open, "/MetaService/get_tablet_stats?token=wrong") == 403);
  CHECK(status(open, "/MetaService/get_tablet_stats") == 403);
  CHECK(exchange(open.port(), raw_request("POST", "/MetaService/get_tablet_stats", "{}")).status ==
        200);
}

TEST_CASE("each service refuses pages in its own form", "[conformance][browsers]") {
  const ServedAll served;
  const auto get = [&](const std::string& method, const std::string& target) {
    return send(served.port(), {method, target}, "Host: evil.example\r\n");
  };
  const std::string why =
      "host 'evil.example' is not a name of this server; metactl serve --allow-host NAME allows it";
  CHECK(get("GET", "/api/v2/version").body == why + "\n");
  const auto qluster = get("GET", "/map");
  CHECK(qluster.headers.at("x-qluster-node") == "1");
  CHECK(nlohmann::json::parse(qluster.body) ==
        nlohmann::json{{"status", 403}, {"error", "forbidden"}, {"message", why}});
  const auto nodemgr = get("GET", "/");
  CHECK(nodemgr.headers.at("connection") == "close");
  CHECK(nlohmann::json::parse(nodemgr.body) == nlohmann::json{{"result", "error"}, {"info", why}});
}

TEST_CASE("all replies have safe headers", "[conformance][browsers]") {
  const ServedAll served;
  for (const auto* target :
       {"/map", "/api/v2/version", "/", "/nothing", "/MetaService/http/x", "/api/v2/nothing",
        "/MetaService/http/list_instances?token=secret", "/node"})
    for (const auto* host : {"Host: localhost\r\n", "Host: evil.example\r\n"}) {
      INFO(target << " " << host);
      const auto reply = send(served.port(), {"GET", target}, host);
      CHECK(reply.headers.at("x-content-type-options") == "nosniff");
      CHECK(reply.headers.at("cache-control") == "no-store");
      CHECK(reply.headers.at("referrer-policy") == "no-referrer");
      const bool is_page = reply.headers.at("content-type") == "text/html";
      CHECK(reply.headers.contains("content-security-policy") == is_page);
    }
}

}  // namespace metactl::tests
