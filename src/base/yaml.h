// SPDX-License-Identifier: Apache-2.0
// YAML, and so JSON, as a tree in which every part knows where it was written.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::yaml {

/// The most that one text may have: bytes, levels, and nodes when aliases and merges are resolved.
inline constexpr std::size_t max_size = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t max_depth = 100;
inline constexpr std::size_t max_nodes = 1'000'000;

struct Node {
  enum class Kind : std::uint8_t { scalar, list, map };
  struct Member {
    const Node* name;  // A scalar.
    const Node* value;
  };

  Kind kind = Kind::scalar;
  bool quoted = false;       // A scalar that is a text, whatever it looks like.
  std::uint16_t height = 1;  // Levels, this one included.
  std::uint32_t size = 1;    // Nodes, this one included, those behind aliases each time.
  std::uint32_t line = 0;    // From 1, as column.
  std::uint32_t column = 0;
  std::string text;
  std::vector<const Node*> items;
  std::vector<Member> members;  // Own ones as they stand, then merged ones; no name twice.

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  /// An empty place, ~ or null.
  bool is_null() const;
  /// The value of a member; nullptr when there is none. Looks at one member after the other.
  const Node* find(std::string_view name) const;
};

/// The documents of one text. The nodes live as long as this.
struct Documents {
  std::deque<Node> nodes;
  std::vector<const Node*> roots;
};

/// Something in a text that is wrong. Line and column count from 1, 0 when not known.
struct Problem {
  std::size_t line;
  std::size_t column;
  std::string text;
};
using OnProblem = std::function<void(Problem)>;

/// Reads a text up to the first thing that is no YAML or more than the limits allow, which is a
/// problem, as is a name that stands twice in a map. Aliases share nodes; merge keys (<<) are
/// resolved. Takes stack for no level and memory for max_nodes at most.
Documents parse(std::string_view text, const OnProblem& on_problem);

}  // namespace metactl::yaml
