// SPDX-License-Identifier: Apache-2.0
// What is there, as manifests.
#pragma once

#include "manifest/manifest.h"
#include "manifest/observe.h"

namespace metactl::manifest {

struct Export {
  std::vector<Object> objects;  // The instance, its vaults, its clusters.
  /// What manifests cannot say, such as "2 object stores without a vault".
  std::vector<std::string> left_out;
};

/// Where the secret key of a vault stands is written as a reference to an environment variable, or
/// not at all: then a plan leaves the key as it is.
enum class SecretNames : std::uint8_t { none, environment };

/// Manifests of an instance that exists, from which a plan finds nothing to change.
Export export_instance(const ObservedInstance& instance, SecretNames secrets);

/// Manifests of all proxies and clusters of a memory broker, likewise; but not of nodes without
/// slots, which a plan gives some.
std::vector<Object> export_broker(const pb::BrokerMetadataPB& broker);

/// Manifests of the settings and all nodes of a qluster, likewise.
std::vector<Object> export_qluster(const pb::QlusterMapResponse& map);

/// What a node of a qluster is called: its ip, with its API port when it has one.
std::string node_name(const pb::QlusterNodePB& node);

/// The environment variable for the secret key of a vault: METACTL_SK_PROD_HOT.
std::string secret_variable(const std::string& instance_id, const std::string& vault);

}  // namespace metactl::manifest
