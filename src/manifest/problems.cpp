// SPDX-License-Identifier: Apache-2.0
#include "manifest/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/error.h"

namespace metactl::manifest {

void Problems::add(Place place, std::string text) {
  ++count_;
  if (list_.size() < kept) list_.emplace_back(std::move(place), std::move(text));
}

void Problems::refuse() const {
  if (empty()) return;
  auto sorted = list_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.file, a.first.line, a.first.column) <
           std::tie(b.first.file, b.first.line, b.first.column);
  });
  Error error(Reason::usage, count_ == 1 ? "1 problem in manifests"
                                         : fmt::format("{} problems in manifests", count_));
  std::vector<std::string> lines;
  for (const auto& [place, text] : sorted) {
    if (lines.size() == shown) break;
    lines.push_back(fmt::format("{}: {}", to_text(place), text));
  }
  if (count_ > lines.size()) lines.push_back(fmt::format("and {} more", count_ - lines.size()));
  error.set_details(std::move(lines));
  throw error;
}

}  // namespace metactl::manifest
