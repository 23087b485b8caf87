// SPDX-License-Identifier: Apache-2.0
// Messages that hold secrets at rest: which of their texts are sealed together, and how.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/storage.pb.h"

namespace metactl::api {

/// A message with a member encryption_info: an object store or a user, whose sk is sealed, or the
/// settings of HDFS, of which the principal, the keytab and all values are. Sealing, opening,
/// masking, verifying and a change of the key know secrets at rest by this class alone. It refers
/// to the message, which must live longer.
class SecretHolder {
 public:
  explicit SecretHolder(google::protobuf::Message& message) : message_(&message) {}

  google::protobuf::Message& message() const { return *message_; }

  /// True when its texts are sealed, or were withheld, as its encryption_info says.
  bool is_sealed() const;
  /// How they are sealed; empty when they are not.
  const pb::EncryptionInfoPB& info() const;
  void set_info(const pb::EncryptionInfoPB& info);
  void clear_info();
  /// False for HDFS: the service's own message has no such member, so that replies never show it
  /// beside what is open.
  bool shows_info() const;

  /// True when one of the texts is not empty.
  bool has_secret() const;
  /// Puts in place of each text that is there, empty or not, what `replacement(name, text)` gives:
  /// the name is that of the field, or of the setting of HDFS.
  using Replacement = std::function<std::string(const std::string&, const std::string&)>;
  void replace(const Replacement& replacement);
  /// Takes away all the texts; of HDFS also the names of the settings.
  void withhold();
  /// True when the texts are sealed and were taken away.
  bool is_withheld() const { return is_sealed() && !has_secret(); }
  /// What people know it by: "access key 'xbx'", "HDFS 'hdfs://nn:8020'".
  std::string title() const;

 private:
  google::protobuf::Message* message_;
};

/// The holders in `message`, itself included, at any depth.
std::vector<SecretHolder> secret_holders(google::protobuf::Message& message);

/// True when a message of this type may have one of type `part` in it, at any depth, or is one.
bool may_contain(const google::protobuf::Descriptor& type,
                 const google::protobuf::Descriptor& part);

}  // namespace metactl::api
