// SPDX-License-Identifier: Apache-2.0
// What tests of manifests share: one text read, and what is wrong with it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "manifest/manifest.h"

namespace metactl::tests {

inline manifest::Manifests read_text(const std::string& text) {
  return manifest::read({{"m.yaml", text}});
}

/// The problems of texts that are called a.yaml, b.yaml and so on, without the headline.
inline std::vector<std::string> problems_of(const std::vector<std::string>& texts) {
  std::vector<manifest::Source> sources;
  for (const auto& text : texts)
    sources.push_back({std::string(1, static_cast<char>('a' + sources.size())) + ".yaml", text});
  try {
    manifest::read(sources);
  } catch (const Error& error) {
    return error.details().empty() ? std::vector<std::string>{error.what()} : error.details();
  }
  return {};
}

/// A manifest of a Cluster in three lines, behind which the fields of its spec follow: the first
/// stands in line 4, column 3.
inline std::string cluster_text(const std::string& spec, const std::string& name = "etl") {
  return "{apiVersion: metactl/v1, kind: Cluster,\n metadata: {instance: prod, name: " + name +
         "},\n spec: {\n  " + spec + "}}\n";
}

using Lines = std::vector<std::string>;

}  // namespace metactl::tests
