// SPDX-License-Identifier: Apache-2.0
// metactl key decode, encode, types and explain: keys without any store.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/key_words.h"
#include "keys/catalogue.h"
#include "keys/drawing.h"

namespace metactl::commands {
namespace {

struct DecodeOptions {
  std::vector<std::string> keys;
  bool ascii = false;
};

struct EncodeOptions {
  std::string type;
  std::vector<std::string> fields;
  bool ascii = false;
};

struct TypesOptions {};

struct ExplainOptions {
  std::string key;
  bool ascii = false;
};

struct Given {
  keys::KeyText text;
  keys::Explanation meaning;
};

keys::Marks marks(bool ascii) {
  return ascii ? keys::Marks::ascii : keys::Marks::unicode;
}

/// What a program reads instead of a drawing.
bool wants_document(const cli::Session& session) {
  const auto format = session.style().format;
  return format != render::Format::table && format != render::Format::wide &&
         format != render::Format::raw;
}

/// Contents of keys stand in drawings as they are, and must not act on a terminal or cut a line;
/// a zero byte is seen as \x00. (`metactl api decode_key` prints what the service does.)
void print_lines(cli::Session& session, const std::vector<std::string>& lines) {
  for (const auto& line : lines) session.io().out << text::printable(line) << '\n';
}

std::vector<std::string> drawing_of(const Given& key, bool ascii) {
  return keys::drawing_lines(key.meaning.space, key.meaning.fields, key.text.hex, marks(ascii));
}

render::Object object_of(const Given& key) {
  render::Object object;
  object.kind = "Key";
  object.name = type_text(key.meaning);
  object.value = explanation_json(key.meaning, key.text.bytes);
  object.fields = {{"type", object.name}, {"hex", text::hex(key.text.bytes)}};
  return object;
}

/// The keys that were typed, or the lines of standard input.
std::vector<std::string> given_words(cli::Session& session, const std::vector<std::string>& words) {
  const bool has_input = std::find(words.begin(), words.end(), "-") != words.end();
  if (has_input && words.size() > 1)
    throw Error(Reason::usage, "only one of KEY and - is possible");
  if (!words.empty() && !has_input) return words;
  std::vector<std::string> lines;
  for (const auto& line : text::split(cli::read_input(session.io(), "-"), '\n'))
    if (const auto word = text::trim(line); !word.empty()) lines.emplace_back(word);
  if (lines.empty()) throw Error(Reason::usage, "KEY is missing");
  return lines;
}

Given read_key(const std::string& word) {
  Given key{keys::parse_key(word), {}};
  key.meaning = keys::explain(key.text.bytes);
  return key;
}

/// The keys in words. Throws Error, usage, which says which of several is wrong.
std::vector<Given> read_keys(const std::vector<std::string>& words) {
  std::vector<Given> keys;
  for (const auto& word : words) try {
      keys.push_back(read_key(word));
      keys::refuse_boundary(keys.back().meaning);
    } catch (const Error& error) {
      if (words.size() == 1) throw;
      throw error.explained(fmt::format("key {}", keys.size() + 1));
    }
  return keys;
}

void decode(cli::Session& session, const DecodeOptions& options) {
  const auto keys = read_keys(given_words(session, options.keys));
  if (!wants_document(session)) {
    for (const auto& key : keys) print_lines(session, drawing_of(key, options.ascii));
    return;
  }
  if (keys.size() == 1) return session.print(object_of(keys.front()));
  render::List list{"Key", {{"TYPE"}, {"MEANING"}, {"HEX"}}, {}};
  for (const auto& key : keys)
    list.rows.push_back(
        {type_text(key.meaning),
         {type_text(key.meaning), keys::describe(key.meaning), text::hex(key.text.bytes)},
         [key] { return explanation_json(key.meaning, key.text.bytes); }});
  session.print(list);
}

void encode(cli::Session& session, const EncodeOptions& options) {
  const auto& type = keys::require_type(options.type);
  const auto bytes = keys::encode(type, parse_fields(options.fields));
  const Given key{{bytes, text::hex(bytes)}, keys::explain(bytes)};
  if (wants_document(session)) {
    auto object = object_of(key);
    object.name = type.name;
    object.value["type"] = type.name;
    object.value["escaped"] = keys::to_escaped(bytes);
    return session.print(object);
  }
  print_lines(session, drawing_of(key, options.ascii));
  session.io().out << keys::to_escaped(bytes) << '\n';
}

std::string field_names(const keys::KeyType& type) {
  std::vector<std::string> names;
  for (const auto& part : keys::fields_of(type)) names.emplace_back(part.text);
  if (type.versioned) names.emplace_back("[versionstamp]");
  return text::join(names, " ");
}

void types(cli::Session& session, const TypesOptions&) {
  render::List list{
      "KeyType", {{"NAME"}, {"SPACE"}, {"FIELDS"}, {"VALUE"}, {"WRITTEN_BY", true}}, {}};
  for (const auto& type : keys::catalogue) {
    const auto space = fmt::format("{:02x}", static_cast<unsigned>(type.space));
    list.rows.push_back(
        {std::string(type.name),
         {std::string(type.name), space, field_names(type), stored_text(type),
          std::string(type.written_by)},
         [&type] {
           auto fields = nlohmann::ordered_json::array();
           for (const auto& part : keys::fields_of(type))
             fields.push_back({{"name", part.text}, {"kind", keys::kind_name(part)}});
           return nlohmann::ordered_json{
               {"name", type.name},          {"key_space", static_cast<unsigned>(type.space)},
               {"fields", fields},           {"versioned", type.versioned},
               {"value", stored_text(type)}, {"written_by", type.written_by}};
         }});
  }
  session.print(list);
}

/// The drawing with the names of the fields in front of their values.
std::vector<std::string> named_drawing(const Given& key, bool ascii) {
  auto lines = drawing_of(key, ascii);
  if (!key.meaning.matches.empty()) {
    std::size_t line = 1;  // Behind that of the key space.
    std::size_t next = 0;
    const auto& match = key.meaning.matches.front();
    for (const auto& part : match.type->parts) {
      if (part.kind == keys::Part::Kind::none || line > key.meaning.fields.size()) break;
      if (part.is_field() && next++ < match.fields.size()) {
        const auto value = keys::to_text(key.meaning.fields[line - 1].value);
        lines[line].insert(lines[line].size() - value.size(), fmt::format("{} = ", part.text));
      }
      ++line;
    }
  }
  return lines;
}

/// How to ask for the value of a key; "" when the service cannot be asked for it, or there is none.
std::string get_value_line(const keys::Explanation& key) {
  const auto& match = key.matches.front();
  const auto& type = *match.type;
  const bool is_row = key.boundary == keys::Boundary::none && match.missing.empty() &&
                      match.trailing.empty() && (type.versioned || !match.versionstamp);
  if (!is_row || !type.in_http) return "";
  const auto stamp = match.versionstamp
                         ? fmt::format("&versionstamp={}", just_behind(*match.versionstamp))
                         : std::string();
  return fmt::format(
      "curl -sS \"$METACTL_SERVER/MetaService/http/get_value?token=$METACTL_TOKEN&key_type={}"
      "&key={}{}\"",
      type.name, text::hex(base_key(match)), stamp);
}

void explain(cli::Session& session, const ExplainOptions& options) {
  const auto key = read_key(options.key);
  auto object = object_of(key);
  object.fields = {{"meaning", keys::describe(key.meaning)}};
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    object.fields.emplace_back(name, value);
    object.value[name] = value;
  };
  if (key.meaning.matches.size() == 1) {
    const auto& type = *key.meaning.matches.front().type;
    add("value", stored_text(type));
    add("written_by", std::string(type.written_by));
    add("get_value", get_value_line(key.meaning));
  }
  if (key.meaning.failure) add("refused_by_decode_key", keys::malformed(*key.meaning.failure));
  if (!wants_document(session)) print_lines(session, named_drawing(key, options.ascii));
  session.print(object);
}

void fill(cli::Group& group) {
  group
      .command<DecodeOptions>(
          "decode", "Draw keys: hexadecimal, with \\x escapes, or as fdbcli prints", decode)
      .positional("KEY", &DecodeOptions::keys, "Keys; without one, or -, lines of standard input")
      .flag("--ascii", &DecodeOptions::ascii, "Draw with ASCII characters")
      .example("metactl key decode 0110696e7374616e6365000110746573740001")
      .example("metactl key decode -o json < keys.txt");
  group.command<EncodeOptions>("encode", "Make a key from its type and fields", encode)
      .positional("TYPE", &EncodeOptions::type, "Type, as metactl key types lists them",
                  cli::Names::key_type)
      .positional("FIELD=VALUE", &EncodeOptions::fields,
                  "Fields; raw bytes as FIELD=hex:00ff; versionstamp=DIGITS adds a versionstamp",
                  cli::Names::key_field)
      .flag("--ascii", &EncodeOptions::ascii, "Draw with ASCII characters")
      .needs({"TYPE"})
      .example("metactl key encode TxnInfoKey instance_id=prod db_id=1001 txn_id=126419752960");
  group.command<TypesOptions>("types", "List the types of keys with their fields", types)
      .example("metactl key types -o wide");
  group
      .command<ExplainOptions>(
          "explain", "Tell what a key is, what is stored under it, and who wrote it", explain)
      .positional("KEY", &ExplainOptions::key, "Key, part of a key, or boundary of a range")
      .flag("--ascii", &ExplainOptions::ascii, "Draw with ASCII characters")
      .needs({"KEY"})
      .example("metactl key explain 0110696e7374616e6365000110746573740001");
  add_key_store_commands(group);
  add_key_scan_command(group);
  add_key_grep_command(group);
}

}  // namespace

void add_key_commands(cli::Tree& tree) {
  tree.group("key", "Keys of the store: decode, encode, find and explain them", fill);
}

}  // namespace metactl::commands
