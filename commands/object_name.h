// SPDX-License-Identifier: Apache-2.0
// Objects as they are typed: KIND/NAME.
#pragma once

#include <string>

#include "cli/tree.h"
#include "manifest/manifest.h"

namespace metactl::commands {

struct ObjectName {
  std::string kind;  // cluster
  std::string name;  // etl

  std::string title() const { return kind + "/" + name; }
};

/// Throws Error, usage.
ObjectName parse_object_name(const std::string& word);

/// The kinds of manifests, for completion.
cli::Candidates kind_words(const std::string& word);

/// The kind of manifests with that name, in any case. Throws Error, usage, with the nearest one.
const manifest::Kind& require_kind(const std::string& name);

}  // namespace metactl::commands
