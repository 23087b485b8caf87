// SPDX-License-Identifier: Apache-2.0
#include "api/hdfs_settings.h"

#include <algorithm>
#include <array>

namespace metactl::api {
namespace {

/// A name, or the beginning of names when it ends with `*`. Source: core-default.xml and
/// hdfs-default.xml of Hadoop 3.4. Not here, although they hold no secret themselves: principals,
/// keytabs, and the places of key stores and credential files.
constexpr auto harmless_settings = std::to_array<std::string_view>({
    "dfs.block.access.token.enable",
    "dfs.blocksize",
    "dfs.bytes-per-checksum",
    "dfs.checksum.type",
    "dfs.client.block.write.*",
    "dfs.client.cached.conn.retry",
    "dfs.client.datanode-restart.timeout",
    "dfs.client.failover.*",
    "dfs.client.hedged.read.*",
    "dfs.client.read.*",
    "dfs.client.retry.*",
    "dfs.client.socket-timeout",
    "dfs.client.socketcache.*",
    "dfs.client.use.*",
    "dfs.client.write.*",
    "dfs.data.transfer.protection",
    "dfs.datanode.socket.write.timeout",
    "dfs.datanode.use.datanode.hostname",
    "dfs.domain.socket.path",
    "dfs.encrypt.data.transfer",
    "dfs.encrypt.data.transfer.cipher.suites",
    "dfs.ha.automatic-failover.enabled*",
    "dfs.ha.namenode.id",
    "dfs.ha.namenodes.*",
    "dfs.http.policy",
    "dfs.internal.nameservices",
    "dfs.namenode.http-address*",
    "dfs.namenode.https-address*",
    "dfs.namenode.rpc-address*",
    "dfs.namenode.servicerpc-address*",
    "dfs.nameservice.id",
    "dfs.nameservices",
    "dfs.permissions.enabled",
    "dfs.replication",
    "dfs.replication.max",
    "dfs.stream-buffer-size",
    "fs.AbstractFileSystem.hdfs.impl",
    "fs.defaultFS",
    "fs.hdfs.impl",
    "fs.hdfs.impl.disable.cache",
    "fs.s3a.connection.ssl.enabled",
    "fs.s3a.endpoint",
    "fs.s3a.endpoint.region",
    "fs.s3a.path.style.access",
    "hadoop.rpc.protection",
    "hadoop.security.authentication",
    "hadoop.security.authorization",
    "hadoop.security.token.service.use_ip",
    "hadoop.tmp.dir",
    "hadoop.user.name",
    "hadoop.username",
    "io.file.buffer.size",
    "ipc.client.*",
    "ipc.maximum.data.length",
    "ipc.maximum.response.length",
});

constexpr auto hadoop_beginnings = std::to_array<std::string_view>(
    {"dfs.", "fs.", "hadoop.", "io.", "ipc.", "mapreduce.", "yarn.", "httpfs.", "javax.", "ssl."});

}  // namespace

bool is_harmless_hdfs_setting(std::string_view name) {
  return std::any_of(harmless_settings.begin(), harmless_settings.end(),
                     [&](std::string_view each) {
                       if (!each.ends_with('*')) return name == each;
                       each.remove_suffix(1);
                       return name.starts_with(each);
                     });
}

bool is_hadoop_setting(std::string_view name) {
  return std::any_of(hadoop_beginnings.begin(), hadoop_beginnings.end(),
                     [&](std::string_view each) { return name.starts_with(each); });
}

}  // namespace metactl::api
