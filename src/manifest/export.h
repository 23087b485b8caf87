// SPDX-License-Identifier: Apache-2.0
// What is there, as manifests.
#pragma once

#include "manifest/manifest.h"
#include "manifest/observe.h"

namespace metactl::manifest {

/// A secret that the manifest of a vault does not show.
struct HiddenSecret {
  std::string vault;     // Its name.
  std::string field;     // Where a manifest refers to it: "s3.skFrom", "hdfs.settingsFrom.x".
  std::string variable;  // METACTL_SK_PROD_HOT; "" when the manifest names none.
};

struct Export {
  std::vector<Object> objects;  // The instance, its vaults, its clusters.
  std::vector<HiddenSecret> hidden;
  /// What manifests cannot say, such as "2 object stores without a vault".
  std::vector<std::string> left_out;
};

/// How the secrets of vaults are written: as references to environment variables; not at all, so
/// that a plan leaves them as they are; in plain; or masked, for people to compare. Secret keys are
/// never written in plain or masked, because manifests have no field for them.
enum class SecretForm : std::uint8_t { none, environment, plain, masked };

/// Manifests of an instance that exists, from which a plan finds nothing to change.
Export export_instance(const ObservedInstance& instance, SecretForm secrets);

/// Manifests of all proxies and clusters of a memory broker, likewise; but not of nodes without
/// slots, which a plan gives some.
std::vector<Object> export_broker(const pb::BrokerMetadataPB& broker);

/// Manifests of the settings and all nodes of a qluster, likewise.
std::vector<Object> export_qluster(const pb::QlusterMapResponse& map);

/// What a node of a qluster is called: its ip, with its API port when it has one.
std::string node_name(const pb::QlusterNodePB& node);

}  // namespace metactl::manifest
