// SPDX-License-Identifier: Apache-2.0
#include "base/line_blocks.h"

namespace metactl {

void LineBlocks::add(std::string_view block) {
  if (!kept_.empty()) {
    const auto end = block.find('\n');
    const auto size = end == std::string_view::npos ? block.size() : end + 1;
    keep(block.substr(0, size));
    block.remove_prefix(size);
    if (end == std::string_view::npos) return;
    finish();
  }
  const auto whole = block.rfind('\n') + 1;  // 0 when there is none.
  if (whole > 0) take_(block.substr(0, whole));
  keep(block.substr(whole));
}

void LineBlocks::finish() {
  if (!kept_.empty()) take_(kept_);
  kept_.clear();
}

void LineBlocks::keep(std::string_view text) {
  kept_ += text;
  while (kept_.size() > limit_) {
    const auto size = cut_(kept_);
    take_(std::string_view(kept_).substr(0, size));
    kept_.erase(0, size);
  }
}

}  // namespace metactl
