// SPDX-License-Identifier: Apache-2.0
#include "commands/storage_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "commands/lookup.h"
#include "commands/secret_options.h"

namespace metactl::commands {
namespace {

std::vector<std::pair<std::string, std::string>> parse_pairs(const std::string& words) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& word : text::split(words, ',')) pairs.push_back(split_pair(word));
  return pairs;
}

/// Throws Error, usage, for a field that may not be typed; sk-file and sk-env stand for the secret
/// key.
void check_s3_key(const std::string& key) {
  static const std::vector<std::string> known = {
      "bucket",  "prefix", "endpoint",       "external_endpoint",  "region",   "provider",   "ak",
      "sk-file", "sk-env", "use_path_style", "cred_provider_type", "role_arn", "external_id"};
  if (key == "sk" || std::find(known.begin(), known.end(), key) != known.end()) return;
  throw Error(Reason::usage, fmt::format("no setting '{}'{}", key, text::did_you_mean(key, known)),
              "settings: " + text::join(known, ", "));
}

}  // namespace

pb::ObjectStoreInfoPB parse_s3_words(cli::Session& session, const std::string& words) {
  pb::ObjectStoreInfoPB store;
  SecretOptions secret;
  for (const auto& [key, value] : parse_pairs(words)) {
    check_s3_key(key);
    if (key == "sk") {
      secret.sk = value;
    } else if (key == "sk-file") {
      secret.sk_file = value;
    } else if (key == "sk-env") {
      secret.sk_env = value;
    } else {
      set_field(store, key, value);
    }
  }
  if (!store.has_external_endpoint()) store.set_external_endpoint(store.endpoint());
  if (!store.role_arn().empty() && !store.has_cred_provider_type())
    store.set_cred_provider_type(pb::INSTANCE_PROFILE);
  std::vector<std::string> missing;
  const auto need = [&](bool is_given, const char* key) {
    if (!is_given) missing.emplace_back(key);
  };
  const bool has_role = !store.role_arn().empty();
  need(!store.bucket().empty(), "bucket");
  need(!store.endpoint().empty(), "endpoint");
  need(!store.region().empty(), "region");
  need(store.has_provider(), "provider");
  need(has_role || !store.ak().empty(), "ak");
  if (!missing.empty())
    throw Error(Reason::usage, "--s3 lacks " + text::join(missing, ", "),
                "--s3 bucket=NAME,endpoint=HOST,region=REGION,provider=S3,ak=AK,sk-file=FILE");
  if (!has_role || secret.any()) store.set_sk(read_secret_key(session, secret));
  return store;
}

pb::HdfsVaultInfo parse_hdfs_words(const std::string& words) {
  pb::HdfsVaultInfo hdfs;
  auto& build_conf = *hdfs.mutable_build_conf();
  for (const auto& [key, value] : parse_pairs(words)) {
    if (key == "prefix") {
      hdfs.set_prefix(value);
    } else if (build_conf.GetDescriptor()->FindFieldByName(key)) {
      set_field(build_conf, key, value);
    } else if (key.find('.') != std::string::npos) {
      auto& pair = *build_conf.add_hdfs_confs();
      pair.set_key(key);
      pair.set_value(value);
    } else {
      throw Error(Reason::usage, fmt::format("no setting '{}' in --hdfs", key),
                  "settings: prefix, fs_name, user, hdfs_kerberos_principal, hdfs_kerberos_keytab, "
                  "and Hadoop's own with a dot in their name");
    }
  }
  if (build_conf.fs_name().empty())
    throw Error(Reason::usage, "--hdfs lacks fs_name", "--hdfs fs_name=hdfs://HOST:PORT,user=NAME");
  return hdfs;
}

}  // namespace metactl::commands
