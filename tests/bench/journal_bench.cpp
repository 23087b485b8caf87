// SPDX-License-Identifier: Apache-2.0
// Makes a state with an instance of 10,000 nodes in 200 clusters, and tells what one change costs,
// and what a year of changes leaves.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "api/meta.h"
#include "app/embedded_client.h"
#include "app/local.h"
#include "core/journal.h"
#include "core/state/measure.h"
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

/// The node that change `i` adds, which change `i + 1` drops again.
void change(client::Client& client, int i) {
  const auto request = cluster_request(i / 2 % cluster_count, 120 + i / 2 / cluster_count % 100, 1);
  if (i % 2 == 0)
    client.call(api::add_node, request);
  else
    client.call(api::drop_node, request);
}

struct Size {
  std::uintmax_t file = 0;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
};

Size size_of(store::Store& store, const std::string& path) {
  Size size{std::filesystem::file_size(path)};
  store.read([&](store::View& view) {
    for (const auto& part : core::measure(view).parts)
      if (part.key_type == keys::journal_type.name)
        size = {size.file, part.rows, part.key_bytes + part.value_bytes};
  });
  return size;
}

void print(std::string_view what, const Size& size) {
  fmt::print("{:<28} {:>12} {:>9} {:>14} {:>13}\n", what, size.file, size.records,
             size.record_bytes, size.records == 0 ? 0 : size.record_bytes / size.records);
}

/// A year has 52,560 changes when there is one every ten minutes. The file holds the present rows
/// and the newest 10,000 records, so it must not grow from the moment on when these are there.
void run_a_year(client::Client& client, store::Store& store, const std::string& path) {
  fmt::print("\n{:<28} {:>12} {:>9} {:>14} {:>13}\n", "small changes, one instance", "file bytes",
             "records", "journal bytes", "bytes/record");
  print("none", size_of(store, path));
  int done = 0;
  std::uint64_t per_record = 0;
  for (const int count : {2'000, 10'000, 15'000, 20'000, 25'000}) {
    for (; done < count; ++done) change(client, done);
    const auto size = size_of(store, path);
    per_record = size.record_bytes / size.records;
    print(fmt::format("{}", count), size);
  }
  constexpr std::uint64_t year = 52'560;
  fmt::print(
      "a year, one change every 10 minutes: {} changes x {} bytes = {:.1f} MB written, of which "
      "{} x {} bytes = {:.1f} MB stay\n",
      year, per_record, static_cast<double>(year * per_record) / 1e6, core::journal_capacity,
      per_record, static_cast<double>(core::journal_capacity * per_record) / 1e6);
}

void run(const std::string& path) {
  const auto store = std::make_shared<store::SqliteStore>(path);
  app::EmbeddedClient client(store, app::local_environment({.state = path}, {}),
                             core::Origin("bench@localhost"));
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
  run_a_year(client, *store, path);
}

}  // namespace
}  // namespace metactl

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  metactl::run(argv[1]);
  return 0;
}
