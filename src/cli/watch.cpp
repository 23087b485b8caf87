// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/error.h"

namespace metactl::cli {
namespace {

using render::Format;
using render::Row;

/// The same row with what happened to it.
Row with_event(const std::string& event, const Row& row) {
  Row result{row.name, {event}, nullptr};
  result.cells.insert(result.cells.end(), row.cells.begin(), row.cells.end());
  result.value = [event, value = row.value()] {
    nlohmann::ordered_json json = {{"event", event}};
    json.update(value);
    return json;
  };
  return result;
}

/// Rows with their names; those with the name of another one get a number.
std::vector<std::pair<std::string, Row>> with_names(const std::vector<Row>& rows) {
  std::vector<std::pair<std::string, Row>> named;
  std::map<std::string, int> count;
  for (const auto& row : rows) {
    const int number = ++count[row.name];
    named.emplace_back(number == 1 ? row.name : fmt::format("{} {}", row.name, number), row);
  }
  return named;
}

}  // namespace

void Watch::print(std::ostream& out, const render::List& list, render::Style style) {
  if (style.format == Format::json || style.format == Format::yaml)
    throw Error(Reason::usage, "a list that goes on cannot be one document",
                "--watch with -o table, wide, csv, name or ndjson");
  const auto rows = with_names(render::selected(list, style).rows);
  std::map<std::string, Row> now(rows.begin(), rows.end());
  style.where.clear();
  render::List events{list.kind, list.columns, {}};
  events.columns.insert(events.columns.begin(), {"EVENT"});
  for (const auto& [name, row] : rows) {
    const auto before = last_.find(name);
    if (before == last_.end()) {
      events.rows.push_back(with_event("ADDED", row));
    } else if (before->second.cells != row.cells || before->second.value() != row.value()) {
      events.rows.push_back(with_event("CHANGED", row));
    }
  }
  for (const auto& [name, row] : last_)
    if (!now.contains(name)) events.rows.push_back(with_event("REMOVED", row));
  last_ = std::move(now);
  // With columns that were asked for, the event still says what a line is about.
  if (!style.columns.empty()) style.columns.insert(style.columns.begin(), "EVENT");
  if (!is_first_) style.headers = false;
  if (is_first_ || !events.rows.empty()) render::print(out, events, style);
  is_first_ = false;
  out.flush();
}

}  // namespace metactl::cli
