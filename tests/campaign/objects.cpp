// SPDX-License-Identifier: Apache-2.0
#include "tests/campaign/objects.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metactl::campaign {
namespace {

using Words = std::vector<std::string>;

http::Request meta_request(std::string_view operation, std::string body) {
  http::Request request;
  request.method = "PUT";
  request.path = fmt::format("/MetaService/http/{}", operation);
  request.query = "token=secret";
  request.body = std::move(body);
  return request;
}

http::Request node_request(bool adds, int number) {
  return meta_request(
      adds ? "add_node" : "drop_node",
      fmt::format(
          R"({{"instance_id": "i", "cluster": {{"cluster_id": "c", "type": "COMPUTE", "nodes": [)"
          R"({{"cloud_unique_id": "1:i:n{0}", "ip": "10.0.0.1", "heartbeat_port": {0}}}]}}}})",
          number));
}

http::Request cluster_request(bool adds, int number) {
  return meta_request(adds ? "add_cluster" : "drop_cluster",
                      fmt::format(R"({{"instance_id": "i", "cluster": {{"cluster_id": "k{0}", )"
                                  R"("cluster_name": "k{0}", "type": "COMPUTE"}}}})",
                                  number));
}

http::Request proxy_request(bool adds, const std::string& address, int number) {
  http::Request request;
  request.method = adds ? "POST" : "DELETE";
  request.path = "/api/v3/proxies/meta";
  if (adds)
    request.body = fmt::format(
        R"({{"proxy_address": "{0}", "nodes": ["10.1.0.{1}:6001", "10.1.0.{1}:6002"]}})", address,
        number);
  else
    request.path += "/" + address;
  return request;
}

}  // namespace

std::string Object::name() const {
  switch (kind_) {
    case Kind::node:
      return fmt::format("10.0.0.1:{}", number_);
    case Kind::cluster:
      return fmt::format("k{}", number_);
    case Kind::proxy:
      return fmt::format("10.1.0.{}:7001", number_);
  }
  return "";
}

Words Object::command() const {
  switch (kind_) {
    case Kind::node:
      if (!is_there_)
        return {
            "node", "add", "-i", "i", "--cluster", "c", fmt::format("{}@1:i:n{}", name(), number_)};
      return {"node", "drop", "-i", "i", "--cluster", "c", name(), "--yes"};
    case Kind::cluster:
      if (!is_there_) return {"cluster", "add", "-i", "i", name()};
      return {"cluster", "drop", "-i", "i", name(), "--yes"};
    case Kind::proxy:
      if (!is_there_)
        return {"broker", "proxy",
                "add",    name(),
                "--node", fmt::format("10.1.0.{}:6001", number_),
                "--node", fmt::format("10.1.0.{}:6002", number_)};
      return {"broker", "proxy", "remove", name(), "--yes"};
  }
  return {};
}

http::Request Object::request() const {
  switch (kind_) {
    case Kind::node:
      return node_request(!is_there_, number_);
    case Kind::cluster:
      return cluster_request(!is_there_, number_);
    case Kind::proxy:
      return proxy_request(!is_there_, name(), number_);
  }
  return {};
}

bool Object::acknowledges(Kind kind, const http::Reply& reply) {
  if (reply.status != 200) return false;
  return kind == Kind::proxy || reply.body.find(R"("code": "OK")") != std::string::npos;
}

void Object::acknowledge() {
  is_there_ = !is_there_;
  is_open_ = false;
}

bool Object::settle(bool is_seen) {
  const bool is_right = is_seen == is_there_ || is_open_;
  is_there_ = is_seen;
  is_open_ = false;
  return is_right;
}

Words list_command(Kind kind) {
  switch (kind) {
    case Kind::node:
      return {"node", "list", "-i", "i", "-o", "name"};
    case Kind::cluster:
      return {"cluster", "list", "-i", "i", "-o", "name"};
    case Kind::proxy:
      return {"broker", "proxy", "list", "-o", "name"};
  }
  return {};
}

std::set<std::string> names_in(const std::string& list) {
  std::set<std::string> names;
  for (const auto& line : text::split(list, '\n'))
    if (!line.empty()) names.insert(line.substr(line.find('/') + 1));
  return names;
}

std::vector<Words> preparations() {
  return {{"instance", "create", "i", "--user-id", "u"}, {"cluster", "add", "-i", "i", "c"}};
}

}  // namespace metactl::campaign
