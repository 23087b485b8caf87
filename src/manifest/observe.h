// SPDX-License-Identifier: Apache-2.0
// What a service shows of the instances that manifests are about.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/client.h"
#include "proto/broker.pb.h"
#include "proto/instance.pb.h"

namespace metactl::manifest {

struct ObservedInstance {
  std::optional<pb::InstanceInfoPB> record;    // Nothing: there is no such instance.
  std::vector<pb::StorageVaultPB> vaults;      // With plain secrets, where the service shows them.
  std::optional<pb::BrokerMetadataPB> broker;  // Of the id "": what the memory broker stores.

  bool exists() const;  // And is not DELETED.
};

/// By instance id; under "" the memory broker.
using Observed = std::map<std::string, ObservedInstance>;

/// Reads through calls that every service has. Throws what the service refuses, but not when there
/// is no such instance.
Observed observe(client::Client& client, const std::set<std::string>& instance_ids);

/// One object, told from any other that has its name later or had it before.
struct Identity {
  std::string kind;  // Cluster
  std::string instance;
  std::string id;          // That never changes.
  std::int64_t ctime = 0;  // Unix time in seconds at which it was made.

  auto operator<=>(const Identity&) const = default;
};

/// All instances, vaults and clusters, each with its title, such as "cluster/etl". What a memory
/// broker has is known by its name only: it tells no times.
std::map<Identity, std::string> identities(const Observed& observed);

/// All of it but times of changes, secrets masked.
nlohmann::ordered_json to_json(const Observed& observed);

}  // namespace metactl::manifest
