// SPDX-License-Identifier: Apache-2.0
// Takes changes back: puts the values there that stood in front of them.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/context.h"
#include "core/history.h"

namespace metactl::core {

/// How changes are taken back: what stands there now, and what will.
struct Undo {
  std::vector<std::uint64_t> revisions;  // Whose changes those are, newest first.
  std::vector<KeyChange> changes;        // In order of keys.

  bool operator==(const Undo&) const = default;
};

/// Takes back the changes of these revisions, the newest first, as one. Throws as changes_at, and
/// Error, precondition, when a value that they left is another one now: details() names what and
/// by which revisions.
Undo undo_changes(store::View& view, const std::vector<std::uint64_t>& revisions);

/// Takes back all changes after `revision`. Throws Error: not_found when the journal does not reach
/// back so far, integrity as above, also when one of their records was altered.
Undo undo_to(store::View& view, std::uint64_t revision);

/// Makes the changes that `plan` gives in one transaction, when they are `shown`. Throws Error,
/// precondition, when they are others by now, or would leave secrets that no longer open or what
/// `state verify` objects to.
void undo(Context& context, const std::function<Undo(store::View&)>& plan, const Undo& shown);

}  // namespace metactl::core
