// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "manifest/manifest.h"

namespace metactl::manifest {
namespace {

template <class Spec>
const google::protobuf::Message& empty() {
  return Spec::default_instance();
}

constexpr std::array all_kinds = {
    Kind{"Instance", "instance", empty<pb::InstanceSpec>, false},
    Kind{"StorageVault", "vault", empty<pb::StorageVaultSpec>},
    Kind{"Cluster", "cluster", empty<pb::ClusterSpec>},
    Kind{"ClusterUsers", "cluster-users", empty<pb::ClusterUsersSpec>},
    Kind{"BrokerProxy", "broker-proxy", empty<pb::BrokerProxySpec>, false, api::Service::broker,
         true},
    Kind{"BrokerCluster", "broker-cluster", empty<pb::BrokerClusterSpec>, false,
         api::Service::broker},
    Kind{"QlusterConfig", "qluster-config", empty<pb::QlusterConfigSpec>, false,
         api::Service::qluster},
    Kind{"QlusterNode", "qluster-node", empty<pb::QlusterNodeSpec>, false, api::Service::qluster},
};

}  // namespace

std::span<const Kind> kinds() {
  return all_kinds;
}

const Kind* find_kind(std::string_view name) {
  const auto wanted = text::upper(name);
  const auto* const found = std::find_if(all_kinds.begin(), all_kinds.end(), [&](const Kind& kind) {
    return text::upper(kind.name) == wanted || text::upper(kind.word) == wanted;
  });
  return found == all_kinds.end() ? nullptr : found;
}

std::string to_text(const Place& place) {
  if (place.line == 0) return place.file;
  if (place.column == 0) return fmt::format("{}:{}", place.file, place.line);
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string Object::title() const {
  return fmt::format("{}/{}", kind->word, name);
}

const Place& Object::place_of(std::string_view path) const {
  const auto found = places.find(path);
  return found == places.end() ? place : found->second;
}

}  // namespace metactl::manifest
