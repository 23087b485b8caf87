// SPDX-License-Identifier: Apache-2.0
// What a job looks at before it changes anything. Source: node-mgr-api.md, N12 and N15.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/nodemgr/rows.h"

namespace metactl::core::nodemgr {

/// Why a job failed: its status.
struct JobFailed {
  std::string status;
};

/// One side of a job: the fields of the request that begin with `s_` or `d_`. All throw JobFailed
/// for the first field, in this order, that is missing or empty; only a password may be empty.
class Side {
 public:
  Side(const google::protobuf::Message& request, std::string_view prefix)
      : request_(request), prefix_(prefix) {}

  /// ip and port are there, and the address is one of this machine.
  void check_address(const std::vector<Node>& nodes) const;
  void check_user() const;   // user and pwd
  void check_table() const;  // dbname and table_name

  /// The meta or storage node, with the user and the password that are given. Throws JobFailed with
  /// this status otherwise.
  Node& log_in(std::vector<Node>& nodes, std::string_view failure) const;

  std::string text(std::string_view name) const;
  std::uint64_t port() const;

 private:
  bool has(std::string_view name) const;
  void require(std::string_view name) const;
  const google::protobuf::FieldDescriptor& field(std::string_view name) const;

  const google::protobuf::Message& request_;
  std::string prefix_;
};

}  // namespace metactl::core::nodemgr
