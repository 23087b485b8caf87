// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/sample.h"

#include <array>

#include "core/nodemgr/rows.h"

namespace metactl::core::nodemgr {
namespace {

struct Sample {
  std::string_view type;
  std::uint64_t port;
  std::string_view cluster;
  std::string_view shard;
  std::string_view table;
};

constexpr std::array samples = {
    Sample{"meta_node", 6001, "", "", ""},
    Sample{"storage_node", sample_backup_port, "clust1", "shard1", "t12"},
    Sample{"storage_node", 6007, "clust1", "shard2", "t13"},
    Sample{"computer_node", 5401, "clust1", "", ""},
};

}  // namespace

pb::NodemgrBackupPB sample_backup_record() {
  pb::NodemgrBackupPB backup;
  backup.set_ip(std::string(sample_ip));
  backup.set_port(sample_backup_port);
  return backup;
}

std::vector<pb::NodemgrStoredNodePB> sample_nodes(const Context& context) {
  std::vector<pb::NodemgrStoredNodePB> nodes;
  for (const auto& sample : samples) {
    pb::NodemgrNodePB told;
    told.set_type(std::string(sample.type));
    told.set_ip(std::string(sample_ip));
    told.set_port(sample.port);
    told.set_user("pgx");
    told.set_pwd("pgx_pwd");
    if (!sample.cluster.empty()) told.set_cluster(std::string(sample.cluster));
    if (!sample.shard.empty()) told.set_shard(std::string(sample.shard));
    auto& node = nodes.emplace_back(new_node(context, told));
    if (sample.table.empty()) continue;
    auto& table = *node.add_tables();
    table.set_database("postgres_$$_public");
    table.set_table(std::string(sample.table));
  }
  return nodes;
}

}  // namespace metactl::core::nodemgr
