// SPDX-License-Identifier: Apache-2.0
// The only code that formats results: tables, JSON, YAML, CSV.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metactl::render {

enum class Format : std::uint8_t { table, wide, json, yaml, ndjson, csv, name, raw };

/// The names of all formats, in the order of the enum.
inline constexpr std::array<std::string_view, 8> format_names = {"table",  "wide", "json", "yaml",
                                                                 "ndjson", "csv",  "name", "raw"};

/// How a result is to be shown.
struct Style {
  Format format = Format::table;
  bool aligned = false;  // On a terminal: columns aligned and cut to `width`; else tabs.
  bool colour = false;
  std::size_t width = 0;  // Columns of the terminal; 0: do not cut.
  bool headers = true;
  std::vector<std::string> columns;  // Only these, in this order; empty: those of the format.
  std::vector<std::string> where;    // COLUMN=VALUE or COLUMN!=VALUE, all of which must hold.
  std::string sort;  // A column, `-` in front for descending; "": as the list comes.
};

struct Column {
  std::string name;   // Upper case.
  bool wide = false;  // Shown by `-o wide`, csv and by name only.
};

struct Row {
  std::string name;                // What `-o name` prints behind "kind/".
  std::vector<std::string> cells;  // As many as there are columns.
  std::function<nlohmann::ordered_json()> value;
};

/// A list of objects of one kind, such as "Cluster".
struct List {
  std::string kind;
  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// The rows that a style shows, in its order. Throws Error, usage, for a column that does not
/// exist.
List selected(const List& list, const Style& style);

/// One object: fields for people, the whole of it for programs, and the list of its parts, if any.
struct Object {
  std::string kind;
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;
  nlohmann::ordered_json value;
  List parts;
};

/// What a result says beside what all do, such as {"txn_id", 4096}.
struct Fact {
  std::string_view name = {};         // "": nothing.
  nlohmann::ordered_json value = {};  // A string or a number.
  bool is_answer = false;             // What was asked for, such as a new id.
};

/// A string without quotes, any other value as JSON.
std::string text_of(const Fact& fact);

/// What a change did: "created", "cluster/etl".
struct Change {
  bool changed = true;
  std::string action;  // A participle: created, dropped, renamed, unchanged.
  std::string object;  // kind/name, lower case.
  Fact fact = {};
  bool is_rehearsal = false;  // Nothing was changed.
  /// What it would have left: [{key, before, after}, ...]; of a rehearsal as a document only.
  nlohmann::ordered_json effects = nullptr;
  std::string effects_text = {};  // The same as lines for people; of a rehearsal only.
};

/// True for the formats that print a document for programs.
constexpr bool is_document(Format format) {
  return format == Format::json || format == Format::yaml || format == Format::ndjson;
}

/// Throw Error, usage, for a column that does not exist or a format that the thing does not have.
void print(std::ostream& out, const List& list, const Style& style);
void print(std::ostream& out, const Object& object, const Style& style);
/// One Result, or a ResultList of several.
void print(std::ostream& out, const std::vector<Change>& changes, const Style& style);

/// A document as JSON or YAML, with `api` and `kind` in front.
void print_document(std::ostream& out, std::string_view kind, const nlohmann::ordered_json& value,
                    Format format);

/// A document of others, as it stands: YAML if that is wanted, else JSON.
void print_value(std::ostream& out, const nlohmann::ordered_json& value, Format format);

/// The format of that name. Throws Error, usage, which names the nearest one and, unless it is "",
/// where the name is from.
Format parse_format(const std::string& name, const std::string& origin = {});

/// How lists stand in YAML: a line for each member of an item, or, where items have no parts, one
/// for each item: {host: be-1, heartbeatPort: 9050}.
enum class YamlLists : std::uint8_t { blocks, lines };

/// Block style YAML; texts that YAML would read as something else are quoted.
std::string to_yaml(const nlohmann::ordered_json& value, YamlLists lists = YamlLists::blocks);

}  // namespace metactl::render
