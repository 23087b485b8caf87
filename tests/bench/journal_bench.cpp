// SPDX-License-Identifier: Apache-2.0
// Makes a state with an instance of 10,000 nodes in 200 clusters, and tells what one change costs.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "api/meta.h"
#include "app/embedded_client.h"
#include "app/local.h"
#include "keys/keys.h"
#include "store/sqlite.h"

namespace metactl {
namespace {

constexpr int cluster_count = 200;
constexpr int nodes_per_cluster = 50;
constexpr int change_count = 200;

pb::AlterClusterRequest cluster_request(int cluster, int first_node, int count) {
  pb::AlterClusterRequest request;
  request.set_instance_id("large");
  auto& wanted = *request.mutable_cluster();
  wanted.set_cluster_id(fmt::format("cluster_{:03}", cluster));
  wanted.set_cluster_name(wanted.cluster_id());
  wanted.set_type(pb::ClusterPB::COMPUTE);
  for (int i = first_node; i < first_node + count; ++i) {
    auto& node = *wanted.add_nodes();
    node.set_ip(fmt::format("10.{}.{}.{}", cluster / 250, cluster % 250, i));
    node.set_heartbeat_port(9050);
    node.set_cloud_unique_id(fmt::format("1:large:{}_{}", cluster, i));
  }
  return request;
}

void fill(client::Client& client) {
  pb::CreateInstanceRequest instance;
  instance.set_instance_id("large");
  instance.set_user_id("bench");
  client.call(api::create_instance, instance);
  for (int i = 0; i < cluster_count; ++i)
    client.call(api::add_cluster, cluster_request(i, 0, nodes_per_cluster));
}

void run(const std::string& path) {
  const auto store = std::make_shared<store::SqliteStore>(path);
  app::EmbeddedClient client(store, app::local_environment({.state = path}, {}), "bench@localhost");
  fill(client);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < change_count; ++i)
    client.call(api::add_node, cluster_request(i % cluster_count, 100 + i / cluster_count, 1));
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;

  const auto [records, instance_bytes] = store->read([](store::View& view) {
    const auto journal = keys::journal();
    return std::pair(view.scan(journal.first, journal.last),
                     view.get(keys::instance_key("large")).value_or("").size());
  });
  std::size_t bytes = 0;
  for (std::size_t i = records.size() - change_count; i < records.size(); ++i)
    bytes += records[i].key.size() + records[i].value.size();
  fmt::print("instance record with {} nodes: {} bytes\n", cluster_count * nodes_per_cluster,
             instance_bytes);
  fmt::print(
      "journal, one node added: {} bytes a change, {:.4f} % of the record\n", bytes / change_count,
      100.0 * static_cast<double>(bytes) / change_count / static_cast<double>(instance_bytes));
  fmt::print("one durable change of that instance: {:.2f} ms\n", spent.count() / change_count);
}

}  // namespace
}  // namespace metactl

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  metactl::run(argv[1]);
  return 0;
}
