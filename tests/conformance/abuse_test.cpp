// SPDX-License-Identifier: Apache-2.0
// A served core and clients that break off, send garbage, are slow, or are many.
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "http/transport.h"
#include "tests/conformance/served_core.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A served core with instance "i" and its COMPUTE cluster "c".
class Served : public ServedCore {
 public:
  Served() {
    REQUIRE(put("create_instance", R"({"instance_id": "i"})").status == 200);
    REQUIRE(put("add_cluster", add_cluster("c")).status == 200);
  }

  static std::string add_cluster(std::string_view name) {
    return fmt::format(
        R"({{"instance_id": "i", "cluster": {{"cluster_id": "{0}", "cluster_name": "{0}", "type": "COMPUTE"}}}})",
        name);
  }
  static std::string on_node(std::string_view ip, int port) {
    return fmt::format(
        R"({{"instance_id": "i", "cluster": {{"cluster_id": "c", "type": "COMPUTE", "nodes": [)"
        R"({{"cloud_unique_id": "{0}_{1}", "ip": "{0}", "heartbeat_port": {1}}}]}}}})",
        ip, port);
  }

  bool is_alive() const {
    return put("get_cluster", R"({"cloud_unique_id": "1:i:x", "cluster_id": "c"})").status == 200;
  }
};

/// Adds nodes of its own address and drops every second one again; the number of calls that failed.
int add_and_drop(const std::string& url, const std::string& ip, int nodes) {
  http::CurlTransport transport(url, 60s);
  int failures = 0;
  const auto call = [&](std::string_view name, int port) {
    const auto reply = transport.send({.method = "PUT",
                                       .path = fmt::format("/MetaService/http/{}", name),
                                       .query = "token=secret",
                                       .body = Served::on_node(ip, port),
                                       .peer = {}});
    if (reply.status != 200) ++failures;
  };
  for (int i = 0; i < nodes; ++i) {
    call("add_node", 9000 + i);
    if (i % 2 == 1) call("drop_node", 9000 + i);
  }
  return failures;
}

}  // namespace

TEST_CASE("a request that breaks off is not carried out", "[conformance][http]") {
  const Served core;
  const auto before = core.content();
  const auto request =
      raw_request("PUT", ServedCore::target("add_cluster"), Served::add_cluster("d"));
  const auto cut = GENERATE(1, 2, 40, 90);  // So many bytes are missing.
  const bool half_closed = GENERATE(false, true);
  {
    Connection client(core.port());
    client.send(
        std::string_view(request).substr(0, request.size() - static_cast<std::size_t>(cut)));
    if (half_closed) {
      client.finish();
      CHECK(client.receive().status != 200);
    }
  }
  CHECK(core.is_alive());
  CHECK(core.content() == before);
}

TEST_CASE("garbage harms nobody", "[conformance][http]") {
  const Served core;
  const auto before = core.content();
  const auto long_path = "PUT /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n";
  const auto long_header =
      "PUT / HTTP/1.1\r\nHost: x\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n";
  const auto bytes = GENERATE_REF(
      "\0\xff\x16\x03\x01garbage\r\n\r\n\n\n"s, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,
      "\r\n\r\n\r\n"s, "GET\r\n\r\n"s, "PUT /MetaService/http/add_cluster?token=secret\r\n\r\n"s,
      "PUT /MetaService/http/add_cluster?token=secret HTTP/1.1\r\nContent-Length: -1\r\n\r\n{}"s,
      "PUT /%00%00?token=secret&%00=%00 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"s,
      "PUT /MetaService/http/add_cluster?token=secret HTTP/1.1\r\nHost: x\r\n"
      "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}"s,
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s, long_path, long_header);
  for (int i = 0; i < 5; ++i) {
    Connection client(core.port());
    client.send(bytes);
    client.finish();
    client.receive_rest();
  }
  CHECK(core.is_alive());
  CHECK(core.content() == before);
}

TEST_CASE("what follows an ambiguous request is never run", "[conformance][http]") {
  const Served core;
  const auto before = core.content();
  const auto second =
      raw_request("PUT", ServedCore::target("add_cluster"), Served::add_cluster("d"));
  const auto length = fmt::format("Content-Length: {}\r\n", second.size());
  const std::string headers = GENERATE_REF(
      "Content-Length: 0\r\n" + length, length + "Content-Length: 0\r\n",
      "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "Content-Length : 0\r\n"s,
      "Transfer-Encoding: chunked, identity\r\n"s,
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"s,
      "Content-Length: 0\r\nX: a\0b\r\n"s, "Content-Length: 0\r\nHost: y\r\n"s,
      "Content-Length: +0\r\n"s, "Content-Length: 0x0\r\n"s, "Content-Length: -1\r\n"s);
  Connection client(core.port());
  client.send("PUT / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n0\r\n\r\n" + second);
  client.finish();
  CHECK(client.receive().status == 400);
  CHECK(client.receive_rest().empty());
  CHECK(core.content() == before);
}

TEST_CASE("a body over 64 MiB is refused before it is sent", "[conformance][http]") {
  const Served core;
  Connection client(core.port());
  client.send(fmt::format("PUT {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
                          ServedCore::target("add_cluster"), (64 << 20) + 1));
  CHECK(client.receive().status == 413);
  CHECK(core.is_alive());
}

TEST_CASE("a large request is an ordinary one", "[conformance][http]") {
  const Served core;
  std::string nodes;
  for (int i = 0; i < 5000; ++i)
    nodes += fmt::format(
        R"({{"cloud_unique_id": "n{0}", "ip": "10.0.0.1", "heartbeat_port": {0}}},)", i + 1);
  const auto body = fmt::format(
      R"({{"instance_id": "i", "cluster": {{"cluster_id": "c", "type": "COMPUTE", "nodes": [{}]}}}})",
      nodes);
  CHECK(core.put("add_node", body).status == 200);
  CHECK(core.nodes().size() == 5000);
}

TEST_CASE("requests that are sent before the answers to others come are answered in order",
          "[conformance][http]") {
  const Served core;
  Connection client(core.port());
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += raw_request("PUT", ServedCore::target(i % 2 == 0 ? "add_node" : "drop_node"),
                       Served::on_node("10.0.0.1", 9000 + i / 4));
  client.send(all);
  // Adds and drops take turns, so all go well only in this order.
  for (int i = 0; i < 20; ++i) CHECK(client.receive().status == 200);
  CHECK(core.nodes().empty());
}

TEST_CASE("a chunked body and HTTP/1.0 are understood", "[conformance][http]") {
  const Served core;
  const auto body = Served::on_node("10.0.0.1", 9050);
  CHECK(exchange(core.port(),
                 fmt::format("PUT {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "5\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                             ServedCore::target("add_node"), body.substr(0, 5), body.size() - 5,
                             body.substr(5)))
            .status == 200);
  CHECK(exchange(core.port(), fmt::format("POST {} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{}",
                                          ServedCore::target("drop_node"), body.size(), body))
            .status == 200);
}

TEST_CASE("a slow client holds up nobody and is served", "[conformance][http]") {
  const Served core;
  Connection slow(core.port());
  const auto request =
      raw_request("PUT", ServedCore::target("add_node"), Served::on_node("10.0.0.1", 9050));
  for (std::size_t i = 0; i < request.size(); ++i) {
    REQUIRE(slow.send({&request[i], 1}));
    if (i % 20 == 0) CHECK(core.is_alive());
  }
  CHECK(slow.receive().status == 200);
}

TEST_CASE("clients that connect and say nothing hold up nobody", "[conformance][http]") {
  const Served core;
  std::vector<std::unique_ptr<Connection>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<Connection>(core.port()));
    if (i % 2 == 0) silent.back()->send("PUT /MetaService/http/add_no");
  }
  CHECK(core.is_alive());
}

TEST_CASE("a client that does not wait for its answer harms nobody", "[conformance][http]") {
  const Served core;
  for (int i = 0; i < 20; ++i) {
    Connection client(core.port());
    client.send(raw_request("PUT", ServedCore::target("list_instances"), "{}"));
  }
  CHECK(core.is_alive());
}

TEST_CASE("64 clients that add and drop nodes of one instance lose no update",
          "[conformance][http]") {
  constexpr int clients = 64;
  constexpr int nodes = 4;
  const Served core;
  const auto url = fmt::format("http://127.0.0.1:{}", core.port());
  const auto records_before = core.journal().size();

  std::vector<std::future<int>> failures;
  for (int i = 0; i < clients; ++i)
    failures.push_back(
        std::async(std::launch::async, add_and_drop, url, fmt::format("10.0.1.{}", i), nodes));
  for (auto& each : failures) CHECK(each.get() == 0);

  std::set<std::string> expected;
  for (int i = 0; i < clients; ++i)
    for (int port = 9000; port < 9000 + nodes; port += 2)
      expected.insert(fmt::format("10.0.1.{}:{}", i, port));
  CHECK(core.nodes() == expected);

  const auto journal = core.journal();
  CHECK(journal.size() - records_before == clients * (nodes + nodes / 2));
  std::map<std::string, int> counts;
  for (const auto& record : journal) ++counts[record.operation()];
  CHECK(counts["add_node"] == clients * nodes);
  CHECK(counts["drop_node"] == clients * nodes / 2);
}

TEST_CASE("of many clients that add the same node one succeeds", "[conformance][http]") {
  const Served core;
  const auto records_before = core.journal().size();
  std::vector<std::future<int>> statuses;
  for (int i = 0; i < 32; ++i)
    statuses.push_back(std::async(std::launch::async, [&core] {
      return core.put("add_node", Served::on_node("10.0.0.1", 9050)).status;
    }));
  std::map<int, int> counts;
  for (auto& each : statuses) ++counts[each.get()];
  CHECK(counts == std::map<int, int>{{200, 1}, {400, 31}});
  CHECK(core.nodes().size() == 1);
  CHECK(core.journal().size() - records_before == 1);
}

TEST_CASE("the journal names the peer, the origin and the masked request", "[conformance][http]") {
  const Served core;
  REQUIRE(core.put("create_instance",
                   R"({"instance_id": "j", "request_ip": "192.0.2.7", "vault": {"obj_info":
      {"ak": "ak", "sk": "very-secret", "bucket": "b", "endpoint": "e", "external_endpoint": "e",
       "region": "r", "provider": "S3"}}})")
              .status == 200);
  const auto record = core.journal().back();
  CHECK(record.actor() == "127.0.0.1");
  CHECK(record.request_ip() == "192.0.2.7");
  CHECK(record.operation() == "create_instance");
  CHECK(record.outcome() == "OK");
  CHECK(contains(record.request(), "\"j\""));
  for (const auto& pair : core.content()) CHECK_FALSE(contains(pair.value, "very-secret"));
}

}  // namespace metactl::tests
