// SPDX-License-Identifier: Apache-2.0
// Cuts a feed, which arrives in pieces, into what stands in it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace metactl::commands {

/// Gets all the pieces of a feed in order, and hands on its parts: JSON objects, whether they stand
/// in a list, in lines or just so, and lines of text that is no JSON. Nothing about the real feeds
/// of qluster is documented.
class FeedCutter {
 public:
  using Take = std::function<void(const std::string& part)>;

  /// The most bytes that a part may have.
  static constexpr std::size_t longest_part = std::size_t{16} << 20;

  explicit FeedCutter(Take take) : take_(std::move(take)) {}

  /// Throws Error, internal, for a part that is too long.
  void add(std::string_view bytes);
  /// The feed is over: hands on what has no end.
  void finish();

 private:
  void add_to_object(char c);
  void add_outside(char c);
  void keep(char c);
  void hand_on();

  Take take_;
  std::string part_;
  std::size_t level_ = 0;  // Of objects; lists inside them do not count.
  bool in_string_ = false;
  bool is_escaped_ = false;
};

}  // namespace metactl::commands
