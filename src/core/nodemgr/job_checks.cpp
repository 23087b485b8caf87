// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/job_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ip_address.h"

namespace metactl::core::nodemgr {
namespace {

constexpr std::string_view loopback = "127.0.0.1";

}  // namespace

const google::protobuf::FieldDescriptor& Side::field(std::string_view name) const {
  return *request_.GetDescriptor()->FindFieldByName(fmt::format("{}{}", prefix_, name));
}

std::string Side::text(std::string_view name) const {
  return request_.GetReflection()->GetString(request_, &field(name));
}

std::uint64_t Side::port() const {
  return request_.GetReflection()->GetUInt64(request_, &field("port"));
}

bool Side::has(std::string_view name) const {
  if (name == "port") return ip::is_port(port());
  if (name == "pwd") return request_.GetReflection()->HasField(request_, &field(name));
  return !text(name).empty();
}

void Side::require(std::string_view name) const {
  if (!has(name)) throw JobFailed{fmt::format("get {}{} error", prefix_, name)};
}

void Side::check_address(const std::vector<Node>& nodes) const {
  require("ip");
  require("port");
  const auto ip = text("ip");
  const bool is_local = ip == loopback || std::any_of(nodes.begin(), nodes.end(), [&](auto& node) {
                          return node.record.ip() == ip;
                        });
  if (!is_local) throw JobFailed{ip + " is no local_ip"};
}

void Side::check_user() const {
  require("user");
  require("pwd");
}

void Side::check_table() const {
  require("dbname");
  require("table_name");
}

Node& Side::log_in(std::vector<Node>& nodes, std::string_view failure) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
    return node.record.type() != "computer_node" && node.record.ip() == text("ip") &&
           node.record.port() == port();
  });
  if (found == nodes.end() || found->record.user() != text("user") ||
      !is_password_of(found->record, text("pwd")))
    throw JobFailed{std::string(failure)};
  return *found;
}

}  // namespace metactl::core::nodemgr
