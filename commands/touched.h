// SPDX-License-Identifier: Apache-2.0
// What a change of the past was about.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "client/history.h"

namespace metactl::commands {

struct TouchedObject {
  std::string kind;  // cluster
  std::vector<std::string>
      names;  // Its name and id, as far as the change tells; the first is shown.

  std::string title() const { return kind + "/" + names.front(); }
};

struct Touched {
  std::vector<std::string> instances;  // In order of their appearance, each once.
  std::vector<TouchedObject> objects;  // What the change was about.
  std::vector<TouchedObject> others;   // What else it changed, as far as that is known.

  bool is_about(const std::string& instance) const {
    return std::find(instances.begin(), instances.end(), instance) != instances.end();
  }
};

Touched touched_by(const client::PastChange& change);

/// What a change was about, the first three: "cluster/etl, node/a, node/b and 8 more".
std::string objects_text(const Touched& touched, std::string_view separator = ", ");
std::string instances_text(const Touched& touched);

}  // namespace metactl::commands
