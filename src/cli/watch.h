// SPDX-License-Identifier: Apache-2.0
// Lists that are printed again and again: --watch.
#pragma once

#include <map>
#include <ostream>
#include <string>

#include "render/render.h"

namespace metactl::cli {

/// Prints of each list what is not as in the one before, with a column EVENT in front: ADDED,
/// CHANGED, REMOVED.
class Watch {
 public:
  /// Throws Error, usage, for a format in which a list cannot go on.
  void print(std::ostream& out, const render::List& list, render::Style style);

 private:
  std::map<std::string, render::Row> last_;
  bool is_first_ = true;
};

}  // namespace metactl::cli
