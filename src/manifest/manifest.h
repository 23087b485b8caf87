// SPDX-License-Identifier: Apache-2.0
// Manifests: objects as people write them in YAML or JSON, read against src/proto/manifest.proto.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "proto/manifest.pb.h"

namespace metactl::manifest {

inline constexpr std::string_view api_version = "metactl/v1";

/// What `kind` may be, and the message of its `spec`.
struct Kind {
  std::string_view name;                       // Cluster
  std::string_view word;                       // cluster, as commands name it
  const google::protobuf::Message& (*spec)();  // an empty one
  bool in_instance = true;                     // metadata.instance is needed.
  api::Service service = api::Service::meta;   // Whose objects they are.
  bool is_at_endpoint = false;                 // Its objects are named by their endpoints.
};

std::span<const Kind> kinds();
/// By `name` or `word`, in any case; nullptr when there is none.
const Kind* find_kind(std::string_view name);

/// A place in a text; line and column count from 1, 0 when not known.
struct Place {
  std::string file;  // "-" for standard input.
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "cluster.yaml:3:5".
std::string to_text(const Place& place);

/// One object of a manifest.
struct Object {
  const Kind* kind = nullptr;
  std::string instance;  // Of the kind Instance: its own id. Of other services' objects "".
  std::string name;
  std::shared_ptr<const google::protobuf::Message> spec;
  /// Paths of the fields that were written, such as "nodes", also when they are empty lists.
  std::set<std::string, std::less<>> given;
  Place place;
  /// Where the values stand, by path: "metadata.name", "failover.active"; not those inside lists.
  std::map<std::string, Place, std::less<>> places;

  template <class Spec>
  const Spec& as() const {
    return dynamic_cast<const Spec&>(*spec);
  }
  /// "cluster/etl".
  std::string title() const;
  /// Of the value at that path; of the whole manifest when it is not known.
  const Place& place_of(std::string_view path) const;
};

/// A text to be read, of at most yaml::max_size bytes.
struct Source {
  std::string name;  // Path, or "-".
  std::string text;
};

/// What was read, and what is to be said about it.
struct Manifests {
  std::vector<Object> objects;     // In the order of the texts.
  std::vector<std::string> notes;  // Such as the kind that a JSON body was taken for.
};

/// Reads all documents of all texts. Throws Error, usage, whose details() are all problems, each
/// with its place: malformed YAML, unknown fields and kinds with the nearest known name, wrong
/// types and enum values, missing names, two manifests of one object, fields that exclude each
/// other.
Manifests read(const std::vector<Source>& sources);

}  // namespace metactl::manifest
