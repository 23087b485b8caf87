// SPDX-License-Identifier: Apache-2.0
// The users of the cloud who own keys. Source: meta-service-api.md, sections 4 and 8.6.
#pragma once

#include <string>

#include "proto/storage.pb.h"
#include "store/store.h"

namespace metactl::core::meta {

/// The service-wide iam user with its sealed secret. When none was ever set: the configured
/// fallback, which is empty here, with the instance's id as external_id.
pb::RamUserPB iam_user(store::View& view, const std::string& instance_id);

}  // namespace metactl::core::meta
