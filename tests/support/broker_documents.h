// SPDX-License-Identifier: Apache-2.0
// Documents of a broker as its sheet prints them. Source: broker-api.md, sections 2.3, 14.1 and 18.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace metactl::tests {

/// A document of the sheet without blanks, its members in the same order.
inline std::string compact(std::string_view document) {
  return nlohmann::ordered_json::parse(document).dump();
}

inline constexpr auto default_config =
    R"({"compression_strategy": "disabled", "migration_config": {"max_migration_time": 10800,
        "max_blocking_time": 10000, "scan_interval": 500, "scan_count": 16}})";

/// Section 18.1: `demo` of 4 nodes on two hosts.
inline constexpr auto demo_cluster = R"({"cluster": {"name": "demo", "epoch": 3, "nodes": [
  {"address": "10.0.0.1:6001", "proxy_address": "10.0.0.1:7001", "cluster_name": "demo",
   "slots": [{"range_list": [[0, 8191]], "tag": "None"}],
   "repl": {"role": "master", "peers": [{"node_address": "10.0.0.2:6002", "proxy_address": "10.0.0.2:7001"}]}},
  {"address": "10.0.0.1:6002", "proxy_address": "10.0.0.1:7001", "cluster_name": "demo", "slots": [],
   "repl": {"role": "replica", "peers": [{"node_address": "10.0.0.2:6001", "proxy_address": "10.0.0.2:7001"}]}},
  {"address": "10.0.0.2:6001", "proxy_address": "10.0.0.2:7001", "cluster_name": "demo",
   "slots": [{"range_list": [[8192, 16383]], "tag": "None"}],
   "repl": {"role": "master", "peers": [{"node_address": "10.0.0.1:6002", "proxy_address": "10.0.0.1:7001"}]}},
  {"address": "10.0.0.2:6002", "proxy_address": "10.0.0.2:7001", "cluster_name": "demo", "slots": [],
   "repl": {"role": "replica", "peers": [{"node_address": "10.0.0.1:6001", "proxy_address": "10.0.0.1:7001"}]}}],
 "config": {"compression_strategy": "disabled", "migration_config": {"max_migration_time": 10800,
            "max_blocking_time": 10000, "scan_interval": 500, "scan_count": 16}}}})";

inline constexpr auto free_proxy =
    R"({"proxy": {"address": "10.0.0.1:7001", "epoch": 2, "nodes": [],
        "free_nodes": ["10.0.0.1:6001", "10.0.0.1:6002"], "peers": [], "clusters_config": {}}})";

/// The second proxy of `demo`.
inline constexpr auto used_proxy = R"({"proxy": {"address": "10.0.0.2:7001", "epoch": 3, "nodes": [
  {"address": "10.0.0.2:6001", "proxy_address": "10.0.0.2:7001", "cluster_name": "demo",
   "slots": [{"range_list": [[8192, 16383]], "tag": "None"}],
   "repl": {"role": "master", "peers": [{"node_address": "10.0.0.1:6002", "proxy_address": "10.0.0.1:7001"}]}},
  {"address": "10.0.0.2:6002", "proxy_address": "10.0.0.2:7001", "cluster_name": "demo", "slots": [],
   "repl": {"role": "replica", "peers": [{"node_address": "10.0.0.1:6001", "proxy_address": "10.0.0.1:7001"}]}}],
  "free_nodes": [],
  "peers": [{"proxy_address": "10.0.0.1:7001", "cluster_name": "demo", "slots": [{"range_list": [[0, 8191]], "tag": "None"}]}],
  "clusters_config": {"demo": {"compression_strategy": "disabled", "migration_config": {"max_migration_time": 10800,
            "max_blocking_time": 10000, "scan_interval": 500, "scan_count": 16}}}}})";

/// Section 18.3: the reply to four more nodes.
inline constexpr auto added_nodes = R"(
[{"address": "10.0.0.3:6001", "proxy_address": "10.0.0.3:7001", "cluster_name": "demo", "slots": [],
  "repl": {"role": "master", "peers": [{"node_address": "10.0.0.4:6002", "proxy_address": "10.0.0.4:7001"}]}},
 {"address": "10.0.0.3:6002", "proxy_address": "10.0.0.3:7001", "cluster_name": "demo", "slots": [],
  "repl": {"role": "replica", "peers": [{"node_address": "10.0.0.4:6001", "proxy_address": "10.0.0.4:7001"}]}},
 {"address": "10.0.0.4:6001", "proxy_address": "10.0.0.4:7001", "cluster_name": "demo", "slots": [],
  "repl": {"role": "master", "peers": [{"node_address": "10.0.0.3:6002", "proxy_address": "10.0.0.3:7001"}]}},
 {"address": "10.0.0.4:6002", "proxy_address": "10.0.0.4:7001", "cluster_name": "demo", "slots": [],
  "repl": {"role": "replica", "peers": [{"node_address": "10.0.0.3:6001", "proxy_address": "10.0.0.3:7001"}]}}])";

/// Section 18.3: the commit of its first task.
inline constexpr auto commit =
    R"({"cluster_name": "demo", "slot_range": {"range_list": [[4096, 8191]],
  "tag": {"Migrating": {"epoch": 7,
  "src_proxy_address": "10.0.0.1:7001", "src_node_address": "10.0.0.1:6001",
  "dst_proxy_address": "10.0.0.3:7001", "dst_node_address": "10.0.0.3:6001"}}}})";

inline constexpr auto empty_metadata =
    R"({"version": "mem-broker-0.2", "global_epoch": 0, "clusters": {}, "all_proxies": {},
        "failed_proxies": [], "failures": {}, "enable_ordered_proxy": false})";

/// The chunks of section 18.3 while they migrate, with a proxy and failures as section 14.1 has
/// them.
inline constexpr auto metadata = R"({"version": "mem-broker-0.2", "global_epoch": 7, "clusters": {
 "demo": {"epoch": 7, "name": "demo", "chunks": [
 {"role_position": "Normal",
  "stable_slots": [{"range_list": [[0, 4095]], "tag": "None"}, {"range_list": [[8192, 12287]], "tag": "None"}],
  "migrating_slots": [
    [{"range_list": [[4096, 8191]], "is_migrating": true, "meta": {"epoch": 7, "src_chunk_index": 0,
      "src_chunk_part": 0, "dst_chunk_index": 1, "dst_chunk_part": 0}}],
    [{"range_list": [[12288, 16383]], "is_migrating": true, "meta": {"epoch": 7, "src_chunk_index": 0,
      "src_chunk_part": 1, "dst_chunk_index": 1, "dst_chunk_part": 1}}]],
  "proxy_addresses": ["10.0.0.1:7001", "10.0.0.2:7001"], "hosts": ["10.0.0.1", "10.0.0.2"],
  "node_addresses": ["10.0.0.1:6001", "10.0.0.1:6002", "10.0.0.2:6001", "10.0.0.2:6002"]},
 {"role_position": "SecondChunkMaster", "stable_slots": [null, null],
  "migrating_slots": [
    [{"range_list": [[4096, 8191]], "is_migrating": false, "meta": {"epoch": 7, "src_chunk_index": 0,
      "src_chunk_part": 0, "dst_chunk_index": 1, "dst_chunk_part": 0}}], []],
  "proxy_addresses": ["10.0.0.3:7001", "10.0.0.4:7001"], "hosts": ["10.0.0.3", "10.0.0.4"],
  "node_addresses": ["10.0.0.3:6001", "10.0.0.3:6002", "10.0.0.4:6001", "10.0.0.4:6002"]}],
  "config": {"compression_strategy": "set_get_only", "migration_config": {"max_migration_time": 10800,
            "max_blocking_time": 10000, "scan_interval": 500, "scan_count": 16}}}},
 "all_proxies": {
  "10.0.0.1:7001": {"proxy_address": "10.0.0.1:7001", "node_addresses": ["10.0.0.1:6001", "10.0.0.1:6002"],
    "host": "10.0.0.1", "index": 0, "cluster": "demo"},
  "10.0.0.5:7001": {"proxy_address": "10.0.0.5:7001", "node_addresses": ["10.0.0.5:6001", "10.0.0.5:6002"],
    "host": "10.0.0.5", "index": 0, "cluster": null}},
 "failed_proxies": ["10.0.0.5:7001"],
 "failures": {"10.0.0.1:7001": {"coord1": 1600000000, "coord2": 1600000001}},
 "enable_ordered_proxy": false})";

}  // namespace metactl::tests
