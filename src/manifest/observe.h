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
#include "proto/qluster.pb.h"

namespace metactl::manifest {

/// What a qluster shows.
struct ObservedQluster {
  bool is_missing = false;  // A local state in which none was made.
  pb::QlusterMapResponse map;
  /// Where the leader is asked; empty when the server itself leads.
  pb::QlusterAskedPB leader;
};

struct ObservedInstance {
  std::optional<pb::InstanceInfoPB> record;  // Nothing: there is no such instance.
  std::vector<pb::StorageVaultPB> vaults;    // With plain secrets, where the service shows them.
  // Of the id "": what services show whose objects are of no instance.
  std::optional<pb::BrokerMetadataPB> broker;
  std::optional<ObservedQluster> qluster;

  bool exists() const;  // And is not DELETED.
};

/// By instance id; under "" all other services.
using Observed = std::map<std::string, ObservedInstance>;

/// What must be observed.
struct Subjects {
  std::set<std::string> instances;       // Ids; no "".
  std::set<api::Service> services = {};  // Others than the Meta Service.
};

/// Reads through calls that every service has. Throws what the service refuses, but not when there
/// is no such instance.
Observed observe(client::Client& client, const Subjects& subjects);

/// One object, told from any other that has its name later or had it before.
struct Identity {
  std::string kind;  // Cluster
  std::string instance;
  std::string id;          // That never changes.
  std::int64_t ctime = 0;  // Unix time in seconds at which it was made.

  auto operator<=>(const Identity&) const = default;
};

/// All instances, vaults and clusters, each with its title, such as "cluster/etl". What a memory
/// broker has is known by its name only, and a node of a qluster by its id: they tell no times.
std::map<Identity, std::string> identities(const Observed& observed);

/// True when the object would be among the identities if it were there.
bool is_observed(const Observed& observed, const Identity& identity);

/// All of it but times of changes, secrets masked.
nlohmann::ordered_json to_json(const Observed& observed);

}  // namespace metactl::manifest
