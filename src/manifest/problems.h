// SPDX-License-Identifier: Apache-2.0
// What is wrong with manifests: all of it is found before any of it is told.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "manifest/manifest.h"

namespace metactl::manifest {

using yaml::Node;

class Problems {
 public:
  void add(Place place, std::string text);
  bool empty() const { return count_ == 0; }
  /// Throws Error, usage, when there are problems: one a line, by place, 50 at most.
  void refuse() const;

 private:
  static constexpr std::size_t shown = 50;
  static constexpr std::size_t kept = 1000;

  std::vector<std::pair<Place, std::string>> list_;  // The first `kept`.
  std::size_t count_ = 0;
};

/// Problems of one document.
class Report {
 public:
  Report(Problems& problems, const Source& source) : problems_(problems), file_(source.name) {}

  void add(const Node& at, std::string text) { problems_.add(place(at), std::move(text)); }
  /// A problem with a part of `map`, which is then not asked for what it lacks.
  void add_in(const Node& map, const Node& at, std::string text) {
    broken_.insert(&map);
    add(at, std::move(text));
  }
  /// A problem with what `map` lacks, unless something else is wrong with it.
  void add_lack(const Node& map, std::string text) {
    if (!broken_.contains(&map)) add(map, std::move(text));
  }
  Place place(const Node& at) const { return {file_, at.line, at.column}; }

 private:
  Problems& problems_;
  const std::string& file_;
  std::set<const Node*> broken_;
};

}  // namespace metactl::manifest
