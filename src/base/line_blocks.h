// SPDX-License-Identifier: Apache-2.0
// Lines of a stream that comes in blocks of any size.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace metactl {

/// Gathers blocks and hands on whole lines, many at once where a block holds many. Keeps no more
/// than a line, and of that at most `limit` bytes and a block.
class LineBlocks {
 public:
  /// Whole lines with their ends; the last one of the stream, and pieces of long ones, may have
  /// none. The text lives as long as the call.
  using Take = std::function<void(std::string_view lines)>;
  /// At which byte the beginning of a line that is longer than `limit` is cut off, as a piece that
  /// is handed on like a line: 1 to the size of `front`.
  using Cut = std::function<std::size_t(std::string_view front)>;

  LineBlocks(std::size_t limit, Take take, Cut cut)
      : limit_(limit), take_(std::move(take)), cut_(std::move(cut)) {}

  void add(std::string_view block);
  /// The stream has ended.
  void finish();

 private:
  void keep(std::string_view text);

  const std::size_t limit_;
  const Take take_;
  const Cut cut_;
  std::string kept_;  // The beginning of a line.
};

}  // namespace metactl
