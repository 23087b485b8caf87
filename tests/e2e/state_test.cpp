// SPDX-License-Identifier: Apache-2.0
// The state file under load: backups while others write, and writers that are killed.
#include <catch2/catch.hpp>
#include <csignal>
#include <random>
#include <thread>

#include "api/meta.h"
#include "app/embedded_client.h"
#include "app/local.h"
#include "app/state_tools.h"
#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

app::EmbeddedClient client_on(const std::string& state) {
  return app::EmbeddedClient(std::make_shared<store::SqliteStore>(state),
                             app::local_environment({.state = state}, {}),
                             core::Origin("tester@host"));
}

/// Adds a COMPUTE node to cluster "c" of an instance; fine when it is there already.
void add_node(client::Client& client, const std::string& instance, int address, int port) {
  pb::AlterClusterRequest request;
  request.set_instance_id(instance);
  request.mutable_cluster()->set_cluster_id("c");
  request.mutable_cluster()->set_type(pb::ClusterPB::COMPUTE);
  auto& node = *request.mutable_cluster()->add_nodes();
  node.set_ip(fmt::format("10.0.0.{}", address));
  node.set_heartbeat_port(port);
  node.set_cloud_unique_id(fmt::format("1:{}:{}", instance, port));
  try {
    client.call(api::add_node, request);
  } catch (const Error& error) {
    if (error.reason() != Reason::conflict) throw;
  }
}

void create(client::Client& client, const std::string& instance) {
  pb::CreateInstanceRequest request;
  request.set_instance_id(instance);
  request.set_user_id("u");
  client.call(api::create_instance, request);
  pb::AlterClusterRequest cluster;
  cluster.set_instance_id(instance);
  cluster.mutable_cluster()->set_cluster_id("c");
  cluster.mutable_cluster()->set_cluster_name("c");
  cluster.mutable_cluster()->set_type(pb::ClusterPB::COMPUTE);
  client.call(api::add_cluster, cluster);
}

std::set<int> ports(const std::string& state, const std::string& instance) {
  store::SqliteStore store(state);
  pb::InstanceInfoPB record;
  record.ParseFromString(store.read(
      [&](store::View& view) { return view.get(keys::instance_key(instance)).value_or(""); }));
  std::set<int> ports;
  for (const auto& cluster : record.clusters())
    for (const auto& node : cluster.nodes()) ports.insert(node.heartbeat_port());
  return ports;
}

/// A process that adds nodes to an instance of its own, and tells each that was acknowledged.
class Writer {
 public:
  explicit Writer(std::string instance) : instance_(std::move(instance)) {}

  void start(const std::string& state) {
    const int first = acknowledged_ + 1;
    pipe_ = std::make_unique<Pipe>();
    child_ = start_child([&] {
      try {
        auto client = client_on(state);
        for (int port = first;; ++port) {
          add_node(client, instance_, 1, port);
          if (write(pipe_->writer(), &port, sizeof port) != sizeof port) return 1;
        }
      } catch (const std::exception& error) {
        fmt::print(stderr, "writer of {}: {}\n", instance_, error.what());
        return 2;
      }
    });
    pipe_->close_writer();
  }

  void kill() {
    ::kill(child_, SIGKILL);
    const int status = wait_for(child_);
    if (status != -SIGKILL) throw std::runtime_error(fmt::format("a writer ended: {}", status));
    child_ = -1;
    int port = 0;
    while (read(pipe_->reader(), &port, sizeof port) == sizeof port) acknowledged_ = port;
  }

  ~Writer() {
    if (child_ > 0) ::kill(child_, SIGKILL);
  }
  Writer(Writer&&) = default;

  const std::string& instance() const { return instance_; }
  int acknowledged() const { return acknowledged_; }

 private:
  std::string instance_;
  int acknowledged_ = 0;
  std::unique_ptr<Pipe> pipe_;
  pid_t child_ = -1;
};

std::vector<store::Pair> rows_of(const std::string& state) {
  return store::SqliteStore(state).read([](store::View& view) { return view.scan("", ""); });
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "writers that are killed 200 times lose nothing they were told",
                 "[e2e][state][kill]") {
  constexpr int kills = 200;
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::vector<Writer> writers;
  {
    auto client = client_on(state);
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back(fmt::format("i{}", i));
      create(client, writers.back().instance());
    }
  }
  for (auto& writer : writers) writer.start(state);
  for (int i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    auto& writer = writers[random() % writers.size()];
    writer.kill();
    writer.start(state);
  }
  for (auto& writer : writers) writer.kill();

  int total = 0;
  for (const auto& writer : writers) {
    const auto there = ports(state, writer.instance());
    INFO(writer.instance() << " was told of " << writer.acknowledged());
    for (int port = 1; port <= writer.acknowledged(); ++port) REQUIRE(there.contains(port));
    CHECK(static_cast<int>(there.size()) <= writer.acknowledged() + 1);
    total += writer.acknowledged();
  }
  CHECK(total > kills);
  const auto verified = run(metactl({"state", "verify"}));
  INFO(verified.out << verified.err);
  CHECK(verified.status == 0);
}

TEST_CASE_METHOD(MetactlFixture, "a backup while 8 writers write is the state of one moment",
                 "[e2e][state]") {
  constexpr int writer_count = 8;
  {
    auto client = client_on(state);
    for (int i = 0; i < writer_count; ++i) create(client, fmt::format("i{}", i));
  }
  const auto base = store::SqliteStore(state).read([](auto& view) { return view.revision(); });
  std::vector<Writer> writers;
  for (int i = 0; i < writer_count; ++i) writers.emplace_back(fmt::format("i{}", i));
  for (auto& writer : writers) writer.start(state);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(50ms);
    out({"state", "backup", folder / fmt::format("{}.backup", i)});
  }
  for (auto& writer : writers) writer.kill();

  for (int i = 0; i < 5; ++i) {
    const std::string copy = folder / fmt::format("{}.db", i);
    out({"state", "restore", folder / fmt::format("{}.backup", i), "--state", copy});
    CHECK(run(metactl({"state", "verify", "--state", copy})).status == 0);
    // Each commit is a revision and a node; the restore itself is one more.
    std::size_t nodes = 0;
    for (int k = 0; k < writer_count; ++k) nodes += ports(copy, fmt::format("i{}", k)).size();
    const auto revision = store::SqliteStore(copy).read([](auto& view) { return view.revision(); });
    CHECK(nodes > 0);
    CHECK(nodes == revision - 1 - base);
  }
}

TEST_CASE_METHOD(MetactlFixture, "a backup through pipes comes back row by row", "[e2e][state]") {
  create_cluster();
  out({"node", "add", "--cluster", "c", "10.0.0.1:9050"});
  const std::string copy = folder / "copy.db";
  const auto piped =
      run(shell("\"$METACTL\" state backup - | \"$METACTL\" state restore - --state " + copy));
  INFO(piped.err);
  REQUIRE(piped.status == 0);
  auto restored = rows_of(copy);
  REQUIRE(keys::parse_journal_key(restored.back().key).has_value() == false);
  std::erase_if(restored, [](const store::Pair& row) {
    pb::JournalRecord record;
    return keys::parse_journal_key(row.key) && record.ParseFromString(row.value) &&
           record.operation() == "restore";
  });
  auto saved = rows_of(state);
  for (auto* rows : {&restored, &saved})  // The head is that of the record of the restore.
    std::erase_if(*rows, [](const auto& row) { return row.key == keys::journal_head_key(); });
  CHECK((restored == saved));
}

TEST_CASE_METHOD(MetactlFixture, "a restore that is killed leaves the old state or the new one",
                 "[e2e][state][kill]") {
  create_cluster();
  const std::string backup = folder / "one.backup";
  out({"state", "backup", backup});
  for (int i = 0; i < 5; ++i)
    out({"node", "add", "--cluster", "c", fmt::format("10.0.0.1:{}", 9000 + i)});
  const auto before = nodes();
  for (int round = 0; round < 15; ++round) {
    Process restoring(metactl({"state", "restore", backup, "--force", "--yes", "-q"}));
    std::this_thread::sleep_for(round * 8ms);
    restoring.signal(SIGKILL);
    const bool finished = restoring.wait().status == 0;
    const auto there = nodes();
    CHECK((there == before || there.empty()));
    if (finished) CHECK(there.empty());
    if (there.empty()) break;
  }
  CHECK(run(metactl({"state", "verify"})).status == 0);
}

TEST_CASE_METHOD(MetactlFixture, "a server goes on after a restore under it", "[e2e][state]") {
  create_cluster();
  const std::string backup = folder / "one.backup";
  out({"state", "backup", backup});
  Serving serving(*this);
  CHECK(call(serving.url(), "add_node", node_body("10.0.0.1", 9000)).status == 200);
  out({"state", "restore", backup, "--force", "--yes"});
  CHECK_FALSE(contains(call(serving.url(), "get_cluster", R"({"cloud_unique_id": "1:i:x"})").body,
                       "heartbeat_port"));
  CHECK(call(serving.url(), "add_node", node_body("10.0.0.2", 9001)).status == 200);
  CHECK(nodes() == std::set<std::string>{"10.0.0.2:9001"});
  CHECK(journaled("restore") == 1);
  CHECK(run(metactl({"state", "verify"})).status == 0);
}

}  // namespace metactl::tests
