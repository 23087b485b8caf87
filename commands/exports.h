// SPDX-License-Identifier: Apache-2.0
// What is there, read for export, edit and diff.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "manifest/export.h"

namespace metactl::commands {

/// What a service shows of one instance. Throws cli::no_instance, also when it was dropped.
manifest::ObservedInstance observe_instance(cli::Session& session, const std::string& id);

/// Manifests as YAML documents, or as a List in JSON.
std::string manifest_text(const std::vector<manifest::Object>& objects, render::Format format);

}  // namespace metactl::commands
