// SPDX-License-Identifier: Apache-2.0
// Nodes and backups as they are stored. Throws Error: not_found when no nodes were imported so far,
// integrity for damaged rows.
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
  explicit Rows(store::View& view) : view_(view) {}

  void require_made();
  std::vector<Node> nodes();
  bool has_backup(std::string_view file);

 protected:
  std::vector<Node> stored_nodes();

  store::View& view_;
};

class Changes : public Rows {
 public:
  explicit Changes(store::Txn& txn) : Rows(txn), txn_(txn) {}

  void store(const Node& node);
  void store_backup(std::string_view file, const pb::NodemgrBackupPB& backup);
  /// Makes the node_mgr, if there is none.
  void replace_nodes(const std::vector<pb::NodemgrStoredNodePB>& nodes);

 private:
  store::Txn& txn_;
};

}  // namespace metactl::core::nodemgr
