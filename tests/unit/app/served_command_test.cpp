// SPDX-License-Identifier: Apache-2.0
// Which command the changes of a server belong to.
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "api/broker.h"
#include "api/meta.h"
#include "app/serve.h"
#include "client/http_client.h"
#include "core/history.h"
#include "store/memory.h"
#include "tests/support/command_world.h"
#include "tests/support/core_fixture.h"
#include "tests/support/nodemgr_fixture.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

class Served {
 public:
  std::string url() const { return server_.url(); }

  /// The ids of the commands in the journal, the newest change first.
  std::vector<std::string> commands() {
    std::vector<std::string> ids;
    store_->read([&](store::View& view) {
      core::each_record(view, [&](const core::PastRecord& past) {
        ids.push_back(past.record.command_id());
        return true;
      });
    });
    return ids;
  }

 private:
  static app::ServedServices services() {
    server::FrontOptions meta;
    meta.token = "token";
    return {.meta = meta, .broker = server::BrokerFrontOptions()};
  }

  std::shared_ptr<store::MemoryStore> store_ = std::make_shared<store::MemoryStore>();
  app::StateServer server_{store_, CommandWorld::core_environment(), services(), "127.0.0.1", 0};
};

const auto prod = from<pb::CreateInstanceRequest>("{instance_id: 'prod'}");
const auto other = from<pb::CreateInstanceRequest>("{instance_id: 'other'}");

pb::BrokerAddProxyRequest proxy() {
  pb::BrokerAddProxyRequest request;
  request.set_proxy_address("10.0.0.1:7001");
  request.add_nodes("10.0.0.1:6001");
  request.add_nodes("10.0.0.1:6002");
  return request;
}

}  // namespace

TEST_CASE_METHOD(Served, "the changes of one command have its id on a server", "[app][history]") {
  const std::string id = "0123456789abcdef";
  client::HttpClient one(url(), "token", 10s, "v2");
  one.set_command(id);
  one.call(api::create_instance, prod);
  one.call(api::create_instance, other);
  one.call(api::broker_add_proxy, proxy());
  CHECK(commands() == std::vector{id, id, id});
}

TEST_CASE_METHOD(Served, "a request without a sound id is a command of its own", "[app][history]") {
  const auto id = GENERATE(""s, "0123456789abcde"s, "0123456789abcdef0"s, "0123456789ABCDEF"s,
                           "0123456789abcdeg"s, "0123456789abcde "s);
  client::HttpClient one(url(), "token", 10s, "v2");
  one.set_command(id);
  one.call(api::create_instance, prod);
  one.call(api::create_instance, other);
  const auto found = commands();
  REQUIRE(found.size() == 2);
  CHECK(found[0] != found[1]);
  for (const auto& each : found) {
    CHECK(core::is_command_id(each));
    CHECK(each != id);
  }
}

TEST_CASE_METHOD(NodemgrFixture, "all changes of one request are of one command",
                 "[app][history]") {
  CHECK(run(delete_table()).ends_with(" succeed"));
  std::vector<std::string> ids;
  memory.read([&](store::View& view) {
    core::each_record(view, [&](const core::PastRecord& past) {
      ids.push_back(past.record.command_id());
      return true;
    });
  });
  CHECK(ids.size() > 1);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  CHECK(core::is_command_id(ids.front()));
}

}  // namespace metactl::tests
