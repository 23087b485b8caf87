// SPDX-License-Identifier: Apache-2.0
// Copies of a served broker's metadata.
#include "app/replica_sync.h"

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "api/broker.h"
#include "app/serve.h"
#include "client/http_client.h"
#include "store/memory.h"
#include "tests/support/command_world.h"

namespace api = metactl::api;
namespace app = metactl::app;
namespace client = metactl::client;
namespace pb = metactl::pb;
namespace server = metactl::server;
namespace store = metactl::store;
using metactl::tests::CommandWorld;
using namespace std::chrono_literals;

namespace {

struct Broker {
  explicit Broker(app::ServedServices services)
      : server(std::make_shared<store::MemoryStore>(), CommandWorld::core_environment(),
               std::move(services), "127.0.0.1", 0),
        client(server.url(), "", 30s, "v2") {}

  app::StateServer server;
  client::HttpClient client;
};

app::ServedServices plain() {
  app::ServedServices services;
  services.broker.emplace();
  return services;
}

app::ServedServices copying(std::function<void(const std::string&)> log) {
  auto services = plain();
  services.replica_sync = app::ReplicaSyncOptions{1ms, std::move(log)};
  return services;
}

/// Looks again until it is so; false when it does not become so in a minute.
bool becomes(const std::function<bool()>& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

void replicate_to(Broker& master, const std::string& url) {
  pb::BrokerSettingsPB settings;
  settings.add_replica_addresses(url.substr(std::string("http://").size()));
  master.client.call(api::broker_set_settings, settings);
}

void bump(Broker& broker, std::uint64_t epoch) {
  pb::BrokerEpochRequest request;
  request.set_epoch(epoch);
  broker.client.call(api::broker_bump_epoch, request);
}

std::uint64_t epoch_of(Broker& broker) {
  return broker.client.call(api::broker_get_epoch, {}).epoch();
}

}  // namespace

TEST_CASE("a broker copies its metadata to its replicas", "[app][broker]") {
  Broker replica(plain());
  std::mutex mutex;
  std::vector<std::string> log;
  Broker master(copying([&](const std::string& line) {
    const std::lock_guard lock(mutex);
    log.push_back(line);
  }));
  bump(master, 7);
  replicate_to(master, replica.server.url());
  CHECK(becomes([&] { return epoch_of(replica) == 7; }));
  bump(master, 8);
  CHECK(becomes([&] { return epoch_of(replica) == 8; }));

  // A replica that is ahead keeps what it has, and that is told once.
  bump(replica, 100);
  CHECK(becomes([&] {
    const std::lock_guard lock(mutex);
    return log.size() == 2;
  }));
  CHECK(epoch_of(replica) == 100);
  const std::lock_guard lock(mutex);
  const auto address = replica.server.url().substr(7);
  CHECK(log ==
        std::vector<std::string>{"metadata to " + address + ": copied",
                                 "metadata to " + address + ": the broker's epoch is not smaller"});
}
