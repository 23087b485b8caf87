// SPDX-License-Identifier: Apache-2.0
// A core on a state file of its own, behind HTTP on a free port of this machine.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/local.h"
#include "app/serve.h"
#include "keys/keys.h"
#include "proto/instance.pb.h"
#include "proto/journal.pb.h"
#include "tests/support/loopback.h"
#include "tests/support/made_state.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

class ServedCore {
 public:
  explicit ServedCore(std::string token = "secret", bool unknown_route_ok = false,
                      bool open_rpc = false)
      : server_(store_, app::local_environment({.state = state_}, {}),
                {.meta = server::FrontOptions{.token = std::move(token),
                                              .unknown_route_ok = unknown_route_ok,
                                              .open_rpc = open_rpc,
                                              .admit = nullptr,
                                              .log = nullptr},
                 .broker = server::BrokerFrontOptions(),
                 .qluster = server::QlusterFrontOptions()},
                "127.0.0.1", 0) {
    first = content();
  }

  std::uint16_t port() const { return port_of(server_.url()); }

  static std::string target(std::string_view call) {
    return fmt::format("/MetaService/http/{}?token=secret", call);
  }
  RawReply put(std::string_view call, std::string_view body) const {
    return exchange(port(), raw_request("PUT", target(call), body));
  }

  /// All that is stored when the test begins.
  std::vector<store::Pair> first;
  /// Everything that is stored.
  std::vector<store::Pair> content() const {
    return store_->read([](store::View& view) { return view.scan("", ""); });
  }

  /// The endpoints of all nodes of instance "i".
  std::set<std::string> nodes() const {
    std::set<std::string> endpoints;
    pb::InstanceInfoPB instance;
    instance.ParseFromString(store_->read(
        [](store::View& view) { return view.get(keys::instance_key("i")).value_or(""); }));
    for (const auto& cluster : instance.clusters())
      for (const auto& node : cluster.nodes())
        endpoints.insert(fmt::format("{}:{}", node.ip(), node.heartbeat_port()));
    return endpoints;
  }

  /// All journal records, oldest first.
  std::vector<pb::JournalRecord> journal() const {
    const auto range = keys::journal();
    std::vector<pb::JournalRecord> records;
    for (const auto& pair :
         store_->read([&](store::View& view) { return view.scan(range.first, range.last); }))
      records.emplace_back().ParseFromString(pair.value);
    return records;
  }

 private:
  const TempDir folder_;
  const std::string state_ = folder_ / "state.db";
  const std::shared_ptr<store::Store> store_ = made_state(state_);
  const app::StateServer server_;
};

}  // namespace metactl::tests
