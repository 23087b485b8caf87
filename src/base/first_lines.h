// SPDX-License-Identifier: Apache-2.0
// The first of many lines, and how many more there are.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace metactl::text {

/// Keeps the first ten lines of a list and counts the others, which may be hundreds of thousands.
class FirstLines {
 public:
  /// Adds a text, or what a function gives, which is called for a line that is kept only.
  template <class Line>
  void add(const Line& line) {
    if (++count_ > most) return;
    if constexpr (std::is_invocable_v<Line>)
      lines_.push_back(line());
    else
      lines_.emplace_back(line);
  }
  bool empty() const { return count_ == 0; }

  /// Returns the lines that are kept; the last one is "and N more" when there are others.
  std::vector<std::string> lines() const {
    auto lines = lines_;
    if (count_ > most) lines.push_back("and " + std::to_string(count_ - most) + " more");
    return lines;
  }

 private:
  static constexpr std::size_t most = 10;
  std::vector<std::string> lines_;
  std::size_t count_ = 0;
};

}  // namespace metactl::text
