// SPDX-License-Identifier: Apache-2.0
// Nodes and backups as they are stored. Until the first change nothing is, and then the machine is
// the sample of the service's README. Throws Error, integrity, for damaged rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.h"
#include "proto/nodemgr.pb.h"

namespace metactl::core::nodemgr {

struct Node {
  std::uint64_t number = 0;  // Nodes of a type are shown in this order.
  pb::NodemgrStoredNodePB record;
};

/// A node that is stored for one that a reply or the sample tells of: it runs, and has its file of
/// errors.
pb::NodemgrStoredNodePB new_node(const Context& context, const pb::NodemgrNodePB& told);

/// True when that is the password of the node. Nobody knows the one of a node without.
bool is_password_of(const pb::NodemgrStoredNodePB& node, std::string_view password);

class Rows {
 public:
  /// `context` gives salts for passwords of the sample.
  Rows(store::View& view, const Context& context) : view_(view), context_(context) {}

  std::vector<Node> nodes();
  bool has_backup(std::string_view file);

 protected:
  bool is_stored();

  store::View& view_;
  const Context& context_;
};

class Changes : public Rows {
 public:
  Changes(store::Txn& txn, const Context& context) : Rows(txn, context), txn_(txn) {}

  /// Stores the sample machine, if nothing is stored so far.
  void store_sample();
  void store(const Node& node);
  void store_backup(std::string_view file, const pb::NodemgrBackupPB& backup);
  void replace_nodes(const std::vector<pb::NodemgrStoredNodePB>& nodes);

 private:
  store::Txn& txn_;
};

}  // namespace metactl::core::nodemgr
