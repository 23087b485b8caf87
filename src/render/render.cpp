// SPDX-License-Identifier: Apache-2.0
#include "render/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "render/table.h"

namespace metactl::render {
namespace {

using nlohmann::ordered_json;

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// A kind as it stands in front of a name: "IamUser" as "iam-user".
std::string noun(std::string_view kind) {
  std::string result;
  for (const char c : kind) {
    if (!result.empty() && std::isupper(static_cast<unsigned char>(c)) != 0) result += '-';
    result += lower({&c, 1});
  }
  return result;
}

std::size_t column_index(const List& list, std::string_view wanted) {
  std::vector<std::string> names;
  for (const auto& column : list.columns) names.push_back(lower(column.name));
  const auto found = std::find(names.begin(), names.end(), lower(wanted));
  if (found == names.end())
    throw Error(Reason::usage,
                fmt::format("no column '{}'{}", wanted, text::did_you_mean(lower(wanted), names)),
                "columns: " + text::join(names, ", "));
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<std::size_t> shown_columns(const List& list, const Style& style) {
  std::vector<std::size_t> shown;
  for (const auto& name : style.columns) shown.push_back(column_index(list, name));
  if (!shown.empty()) return shown;
  const bool all = style.format == Format::wide || style.format == Format::csv;
  for (std::size_t i = 0; i < list.columns.size(); ++i)
    if (all || !list.columns[i].wide) shown.push_back(i);
  return shown;
}

struct Condition {
  std::size_t column;
  bool equal;
  std::string value;
};

Condition parse_condition(const List& list, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(Reason::usage, fmt::format("not a condition: '{}'", text),
                "write --where COLUMN=VALUE or COLUMN!=VALUE");
  const bool equal = text[equals - 1] != '!';
  return {column_index(list, text.substr(0, equal ? equals : equals - 1)), equal,
          text.substr(equals + 1)};
}

/// Indices of the rows that are to be shown, in order.
std::vector<std::size_t> shown_rows(const List& list, const Style& style) {
  std::vector<Condition> conditions;
  for (const auto& text : style.where) conditions.push_back(parse_condition(list, text));
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < list.rows.size(); ++i)
    if (std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
          return (list.rows[i].cells[condition.column] == condition.value) == condition.equal;
        }))
      rows.push_back(i);
  if (style.sort.empty()) return rows;
  const bool descending = style.sort.starts_with('-');
  const auto column = column_index(list, std::string_view(style.sort).substr(descending ? 1 : 0));
  const auto less = [&](std::size_t a, std::size_t b) {
    const auto& left = list.rows[a].cells[column];
    const auto& right = list.rows[b].cells[column];
    const auto left_number = text::to_int(left);
    const auto right_number = text::to_int(right);
    return left_number && right_number ? *left_number < *right_number : left < right;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return descending ? less(b, a) : less(a, b);
  });
  return rows;
}

void print_cells(std::ostream& out, const List& list, const std::vector<std::size_t>& rows,
                 const Style& style) {
  const auto columns = shown_columns(list, style);
  Cells header;
  if (style.headers)
    for (const auto column : columns) header.push_back(list.columns[column].name);
  std::vector<Cells> lines;
  lines.reserve(rows.size());
  for (const auto row : rows) {
    auto& line = lines.emplace_back();
    for (const auto column : columns) line.push_back(list.rows[row].cells[column]);
  }
  if (style.format == Format::csv) return print_csv(out, header, lines);
  print_table(out, header, lines, style);
}

ordered_json document(std::string_view kind, const ordered_json& value) {
  ordered_json result = {{"api", "metactl/v1"}, {"kind", kind}};
  result.update(value);
  return result;
}

std::string dump(const ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

void print_items(std::ostream& out, const List& list, const std::vector<std::size_t>& rows,
                 Format format) {
  if (format == Format::ndjson) {
    for (const auto row : rows)
      out << dump(document(list.kind, list.rows[row].value()), -1) << '\n';
    return;
  }
  ordered_json items = ordered_json::array();
  for (const auto row : rows) items.push_back(list.rows[row].value());
  print_document(out, list.kind + "List", {{"items", std::move(items)}}, format);
}

}  // namespace

Format parse_format(const std::string& name, const std::string& origin) {
  const auto* found = std::find(format_names.begin(), format_names.end(), name);
  if (found != format_names.end()) return static_cast<Format>(found - format_names.begin());
  const std::vector<std::string> names(format_names.begin(), format_names.end());
  throw Error(Reason::usage,
              fmt::format("no output format '{}'{}{}", name,
                          origin.empty() ? "" : fmt::format(" ({})", origin),
                          text::did_you_mean(name, names)),
              "formats: " + text::join(names, ", "));
}

void print_document(std::ostream& out, std::string_view kind, const ordered_json& value,
                    Format format) {
  print_value(out, document(kind, value), format);
}

void print_value(std::ostream& out, const ordered_json& value, Format format) {
  if (format == Format::yaml) {
    out << to_yaml(value);
  } else {
    out << dump(value, format == Format::ndjson ? -1 : 2) << '\n';
  }
}

List selected(const List& list, const Style& style) {
  List result{list.kind, list.columns, {}};
  for (const auto row : shown_rows(list, style)) result.rows.push_back(list.rows[row]);
  return result;
}

void print(std::ostream& out, const List& list, const Style& style) {
  const auto rows = shown_rows(list, style);
  switch (style.format) {
    case Format::json:
    case Format::yaml:
    case Format::ndjson:
      return print_items(out, list, rows, style.format);
    case Format::name:
      for (const auto row : rows)
        out << noun(list.kind) << '/' << text::printable(list.rows[row].name) << '\n';
      return;
    default:
      return print_cells(out, list, rows, style);
  }
}

void print(std::ostream& out, const Object& object, const Style& style) {
  switch (style.format) {
    case Format::json:
    case Format::yaml:
    case Format::ndjson:
      return print_document(out, object.kind, object.value, style.format);
    case Format::name:
      out << noun(object.kind) << '/' << text::printable(object.name) << '\n';
      return;
    default:
      break;
  }
  std::vector<Cells> lines;
  for (const auto& [name, value] : object.fields) lines.push_back({name, value});
  if (style.format == Format::csv) {
    print_csv(out, {}, lines);
  } else {
    print_table(out, {}, lines, style);
  }
  if (object.parts.rows.empty()) return;
  out << '\n';
  print(out, object.parts, style);
}

std::string text_of(const Fact& fact) {
  return fact.value.is_string() ? fact.value.get<std::string>() : fact.value.dump();
}

namespace {

ordered_json change_json(const Change& change) {
  ordered_json json = {
      {"changed", change.changed}, {"action", change.action}, {"object", change.object}};
  if (!change.fact.name.empty()) json[std::string(change.fact.name)] = change.fact.value;
  if (change.is_rehearsal) {
    json["dry_run"] = true;
    if (!change.effects.is_null()) json["effects"] = change.effects;
  }
  return json;
}

/// "cluster/etl changed, status SUSPENDED"; a new id is in the name of most objects already.
std::string change_line(const Change& change) {
  const auto& fact = change.fact;
  const bool is_told = fact.name.empty() || change.object.ends_with("/" + text_of(fact));
  return text::printable(
             fmt::format("{} {}{}", change.object, change.action,
                         is_told ? "" : fmt::format(", {} {}", fact.name, text_of(fact)))) +
         (change.is_rehearsal ? " (dry run)\n" : "\n");
}

void print_as_csv(std::ostream& out, const std::vector<Change>& changes, const Style& style) {
  const auto& fact = changes.front().fact;
  Cells header = {"CHANGED", "ACTION", "OBJECT"};
  if (!fact.name.empty()) header.push_back(text::upper(fact.name));
  std::vector<Cells> rows;
  for (const auto& change : changes) {
    rows.push_back({change.changed ? "true" : "false", change.action, change.object});
    if (!fact.name.empty()) rows.back().push_back(text_of(change.fact));
  }
  print_csv(out, style.headers ? header : Cells{}, rows);
}

void print_documents(std::ostream& out, const std::vector<Change>& changes, Format format) {
  constexpr auto kind = "Result";
  ordered_json items = ordered_json::array();
  for (const auto& change : changes) items.push_back(change_json(change));
  if (items.size() > 1 && format != Format::ndjson)
    return print_document(out, fmt::format("{}List", kind), {{"items", std::move(items)}}, format);
  for (const auto& item : items) print_document(out, kind, item, format);
}

}  // namespace

void print(std::ostream& out, const std::vector<Change>& changes, const Style& style) {
  if (is_document(style.format)) return print_documents(out, changes, style.format);
  if (style.format == Format::csv) return print_as_csv(out, changes, style);
  for (const auto& change : changes)
    out << (style.format == Format::name ? text::printable(change.object) + "\n"
                                         : change_line(change) + change.effects_text);
}

}  // namespace metactl::render
