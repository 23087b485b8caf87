// SPDX-License-Identifier: Apache-2.0
// What a campaign changes: objects of several services that are there or not, each changed by one
// worker at a time, so that what must be seen afterwards is known.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "http/message.h"

namespace metactl::campaign {

enum class Kind : std::uint8_t { node, cluster, proxy };

/// One object, and what is known of it.
class Object {
 public:
  Object(Kind kind, int number) : kind_(kind), number_(number) {}

  Kind kind() const { return kind_; }
  /// How lists show it: the endpoint of a node, the id of a cluster, the address of a proxy.
  std::string name() const;

  /// The next change: what is there is removed, what is not is added. As the words of a command,
  /// and as a request to a server.
  std::vector<std::string> command() const;
  http::Request request() const;

  /// Whether a reply to request() acknowledges it.
  static bool acknowledges(Kind kind, const http::Reply& reply);

  /// A change is begun: until it is acknowledged, both may be seen.
  void begin() { is_open_ = true; }
  void acknowledge();

  /// Takes what a list shows for the truth. False when that is not what was acknowledged.
  bool settle(bool is_seen);
  /// True when a change was begun and nobody said how it ended.
  bool is_open() const { return is_open_; }

 private:
  Kind kind_;
  int number_;
  bool is_there_ = false;
  bool is_open_ = false;
};

inline constexpr std::array kinds = {Kind::node, Kind::cluster, Kind::proxy};

/// The command that prints the names of all objects of a kind, and these names.
std::vector<std::string> list_command(Kind kind);
std::set<std::string> names_in(const std::string& list);

/// The commands that make what the objects stand in.
std::vector<std::vector<std::string>> preparations();

}  // namespace metactl::campaign
