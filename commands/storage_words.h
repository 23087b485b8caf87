// SPDX-License-Identifier: Apache-2.0
// Vaults as they are typed: KEY=VALUE,KEY=VALUE.
#pragma once

#include <string>

#include "cli/session.h"

namespace metactl::commands {

/// An object store. `sk-file`, `sk-env` and `sk-file=-` name where the secret key is; `sk` itself
/// warns. An absent external_endpoint becomes the endpoint; with role_arn the credentials come from
/// the instance's profile. Throws Error, usage, for what does not exist or is missing.
pb::ObjectStoreInfoPB parse_s3_words(cli::Session& session, const std::string& words);

/// A vault on HDFS; keys that the message does not have become hdfs_confs.
pb::HdfsVaultInfo parse_hdfs_words(const std::string& words);

}  // namespace metactl::commands
