// SPDX-License-Identifier: Apache-2.0
#include "commands/past.h"

#include <fmt/format.h>

#include <optional>

#include "commands/lookup.h"
#include "commands/stored_rows.h"
#include "commands/touched.h"

namespace metactl::commands {

std::unique_ptr<client::History> history_of(cli::Session& session) {
  if (auto history = session.client().history()) return history;
  throw Error(Reason::usage,
              "what is changed on servers is not noted: the environment has no HOME for it",
              "set XDG_STATE_HOME");
}

void refuse_raw_changes(const cli::Session& session) {
  if (session.style().format == render::Format::raw)
    throw Error(Reason::usage, "changes have no -o raw: no service wrote them");
}

std::uint64_t parse_revision(const std::string& word) {
  const auto number = parse_number(word, "REVISION");
  if (number < 0)
    throw Error(Reason::usage, fmt::format("not a revision: '{}'", word), "metactl history");
  return static_cast<std::uint64_t>(number);
}

client::PastChange change_of(client::History& history, std::uint64_t revision) {
  std::optional<client::PastChange> found;
  history.each([&](client::PastChange& change) {
    const bool is_newer = change.revision > revision;
    if (change.revision == revision) found = std::move(change);
    return is_newer;
  });
  if (!found)
    throw Error(Reason::not_found, fmt::format("no change with revision {} is known", revision),
                "metactl history");
  return std::move(*found);
}

std::string told(const client::PastChange& change) {
  const auto objects = objects_text(touched_by(change), " ");
  return fmt::format("revision {}: {}{}{} by {} at {}", change.revision, change.operation,
                     objects.empty() ? "" : " ", objects, change.actor,
                     time_text_ms(change.time_ms));
}

}  // namespace metactl::commands
