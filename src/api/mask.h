// SPDX-License-Identifier: Apache-2.0
// Hides secrets in messages before anybody sees them.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace metactl::api {

/// Replaces every secret in `message`, at any depth: access keys keep their middle, secret keys,
/// Kerberos material, encryption keys and all HDFS settings but harmless ones become a
/// fingerprint, passwords of node_mgr `masked_password`. Empty values stay, and what is masked
/// already.
void mask_secrets(google::protobuf::Message& message);

/// The same for a message as it is stored: what is encrypted, as its encryption_info says, becomes
/// "encrypted", because a fingerprint of that says nothing of the secret. What is encrypted by the
/// method `opened` is in plain already.
void mask_stored_secrets(google::protobuf::Message& message, std::string_view opened = {});

/// Calls `visit` with `message`, then with every message inside it.
void visit_messages(google::protobuf::Message& message,
                    const std::function<void(google::protobuf::Message&)>& visit);

/// True when a secret is stored but could not be opened, as its encryption_info tells.
bool has_unopened_secret(const google::protobuf::Message& message);

/// Replaces every non-empty secret in `message` by what `replacement(name of the field, value)`
/// gives.
void replace_secrets(
    google::protobuf::Message& message,
    const std::function<std::string(const std::string&, const std::string&)>& replacement);

/// Most of an access key as `x`: over 7 characters keep 6, 3 to 7 keep all but 2, fewer keep none;
/// of the hidden ones the larger half is on the left. Source: meta-service-api.md, section 4.
std::string mask_access_key(std::string_view key);

/// Where `message` has what masking makes of a secret in place of one, such as "obj_info.sk"; the
/// last of several places, nothing when there is none. Whoever stores that loses the secret.
std::optional<std::string> find_masked_secret(const google::protobuf::Message& message);

/// What stands in place of a password: people choose them, so that a fingerprint would be guessed.
inline constexpr std::string_view masked_password = "******";

/// True for fields such as `sk`, whose content must not be shown.
bool is_secret_name(std::string_view field);

/// `sha256:` and eight hexadecimal digits, so that two secrets can be compared.
std::string fingerprint(std::string_view secret);
bool is_fingerprint(std::string_view text);

}  // namespace metactl::api
