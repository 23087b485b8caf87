// SPDX-License-Identifier: Apache-2.0
#include "client/history.h"

#include <algorithm>
#include <map>
#include <utility>

namespace metactl::client {
namespace {

/// Learns from each change, the newest first, which older ones it takes back.
class UndoneChanges {
 public:
  void mark(PastChange& change) {
    const auto found = undone_by_.find(change.revision);
    if (found != undone_by_.end()) change.undone_by = found->second;
    // An undo that was undone itself, or of which nobody knows whether it was made, undoes nothing.
    if (change.undone_by != 0 || change.undoes_in_part || change.outcome != "OK") return;
    for (const auto revision : change.undoes) undone_by_.try_emplace(revision, change.revision);
  }

 private:
  std::map<std::uint64_t, std::uint64_t> undone_by_;
};

struct Member {
  std::uint64_t revision = 0;
  std::string command_id;
  bool is_known = true;  // As opposed to an unknown outcome.
  bool is_in_effect = true;
};

}  // namespace

void History::each(const Visit& visit) {
  UndoneChanges undone;
  do_each([&](PastChange& change) {
    undone.mark(change);
    return visit(change);
  });
}

std::vector<std::uint64_t> History::command_of(std::uint64_t revision) {
  std::vector<Member> members;
  std::string command_id;
  each([&](PastChange& change) {
    if (change.revision == revision) command_id = change.command_id;
    members.push_back({change.revision, std::move(change.command_id), change.outcome == "OK",
                       change.undone_by == 0});
    return change.revision != revision || !command_id.empty();
  });
  if (command_id.empty()) return {revision};
  std::erase_if(members, [&](const Member& each) {
    return each.revision != revision && (each.command_id != command_id || !each.is_known);
  });
  const bool is_any_in_effect = std::any_of(members.begin(), members.end(),
                                            [](const auto& each) { return each.is_in_effect; });
  std::vector<std::uint64_t> revisions;
  for (const auto& each : members)
    if (each.is_in_effect || !is_any_in_effect) revisions.push_back(each.revision);
  return revisions;
}

}  // namespace metactl::client
