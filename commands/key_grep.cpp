// SPDX-License-Identifier: Apache-2.0
// metactl key grep: keys in log lines.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "api/secret_text.h"
#include "base/harmless.h"
#include "base/line_blocks.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "keys/catalogue.h"
#include "keys/fields.h"
#include "keys/grep.h"

namespace metactl::commands {
namespace {

using keys::FoundKey;
using nlohmann::ordered_json;

/// Longer lines are read in pieces.
constexpr std::size_t longest_line = std::size_t{16} * 1024 * 1024;
/// At the end of a piece so much is left for the next, that it may hold the rest of a key or
/// secret.
constexpr std::size_t overlap = std::size_t{64} * 1024;

struct GrepOptions {
  std::vector<std::string> files;
  std::string type;
  std::optional<std::int64_t> tablet;
  std::optional<std::int64_t> txn;
  bool all = false;
  bool count = false;
  bool only = false;
};

/// Which keys are wanted.
struct Filter {
  const keys::KeyType* type = nullptr;  // nullptr: any.
  std::vector<keys::NamedField> fields;

  bool takes(const FoundKey& key) const {
    const auto& matches = key.explanation.matches;
    return std::any_of(matches.begin(), matches.end(), [&](const keys::Match& match) {
      return (!type || match.type == type) &&
             std::all_of(fields.begin(), fields.end(), [&](const keys::NamedField& field) {
               return std::find(match.fields.begin(), match.fields.end(), field) !=
                      match.fields.end();
             });
    });
  }
};

Filter make_filter(const cli::Globals& globals, const GrepOptions& options) {
  Filter filter;
  if (!options.type.empty()) filter.type = &keys::require_type(options.type);
  // That of the context is no filter, for then lines would be missing that nobody left out.
  const auto instance = globals.settings.find("instance");
  if (instance != globals.settings.end())
    filter.fields.push_back({"instance_id", instance->second});
  if (options.tablet) filter.fields.push_back({"tablet_id", *options.tablet});
  if (options.txn) filter.fields.push_back({"txn_id", *options.txn});
  return filter;
}

/// A line, or a piece of one, and what is in it. No key lies in a secret.
struct Line {
  std::string_view text;
  std::vector<FoundKey> keys;
  std::vector<api::TextSecret> secrets;
};

Line read_line(std::string_view text, bool show_secrets) {
  Line line{text, keys::find_keys(text), {}};
  if (!show_secrets) line.secrets = api::find_secrets(text);
  std::erase_if(line.keys, [&](const FoundKey& key) {
    return std::any_of(line.secrets.begin(), line.secrets.end(), [&](const auto& secret) {
      return secret.value < key.end && key.begin < secret.end;
    });
  });
  return line;
}

/// Where a piece may end: not inside of what must be seen as a whole.
std::size_t end_of_piece(const Line& line) {
  const std::size_t end = line.text.size() - overlap;
  auto result = end;
  for (const auto& key : line.keys)
    if (key.begin < end && end < key.end) result = std::min(result, key.begin);
  for (const auto& secret : line.secrets)
    if (secret.begin < end && end < secret.end) result = std::min(result, secret.begin);
  return result > 0 ? result : end;
}

ordered_json field_json(const keys::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number ? ordered_json(*number) : ordered_json(keys::to_field_text(value));
}

ordered_json type_json(const keys::Explanation& key) {
  if (key.matches.size() == 1) return key.matches.front().type->name;
  auto names = ordered_json::array();
  for (const auto& match : key.matches) names.push_back(match.type->name);
  return names;
}

ordered_json key_json(const FoundKey& key) {
  const auto& match = key.explanation.matches.front();
  auto fields = ordered_json::object();
  for (const auto& field : match.fields) fields[std::string(field.name)] = field_json(field.value);
  return {{"type", type_json(key.explanation)},
          {"fields", fields},
          {"hex", text::hex(key.bytes)},
          {"text", keys::short_text(key.explanation)}};
}

/// Prints what is wanted of the lines of one file after the other.
class Search {
 public:
  Search(cli::Session& session, const GrepOptions& options)
      : session_(session),
        options_(options),
        filter_(make_filter(session.globals(), options)),
        as_json_(session.style().format == render::Format::json ||
                 session.style().format == render::Format::ndjson) {}

  void run(const std::string& file) {
    if (options_.files.size() > 1) file_ = file;
    number_ = 0;
    LineBlocks blocks(
        longest_line, [&](std::string_view text) { lines(text); },
        [&](std::string_view front) { return end_of_piece(read(front)); });
    cli::read_blocks(session_.io(), file, [&](std::string_view block) {
      blocks.add(block);
      if (block.size() < cli::block_size || session_.io().out_is_terminal) flush();
    });
    blocks.finish();
    flush();
  }

  std::size_t count() const { return count_; }

 private:
  Line read(std::string_view text) const {
    return read_line(text, session_.globals().show_secrets);
  }

  void lines(std::string_view text);
  void without_keys(std::string_view text);
  void line(const Line& line);
  void print_json(const Line& line);
  void print_only(const Line& line);
  void print(const Line& line);
  template <class Take>
  void change(const Line& line, const Take& take) const;
  std::string json_text(const Line& line) const;
  void print_text(const Line& line);
  void flush();

  cli::Session& session_;
  std::ostream& out_ = session_.io().out;
  const GrepOptions& options_;
  const Filter filter_;
  const bool as_json_;
  std::string file_;        // "": there is only one.
  std::size_t number_ = 0;  // Of the last line; counted for JSON only.
  std::size_t count_ = 0;
};

/// Takes whole lines, and looks closely at those that may have a key only.
void Search::lines(std::string_view text) {
  while (!text.empty()) {
    const auto candidate = keys::find_candidate(text, 0);
    const auto begin = std::min(text.size(), text.rfind('\n', candidate) + 1);
    if (candidate == std::string_view::npos) return without_keys(text);
    without_keys(text.substr(0, begin));
    const auto end = std::min(text.find('\n', candidate), text.size() - 1) + 1;
    line(read(text.substr(begin, end - begin)));
    text.remove_prefix(end);
  }
}

void Search::without_keys(std::string_view text) {
  if (!as_json_ && !options_.all) return;
  if (!options_.all) {
    number_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  } else if (!as_json_ && file_.empty()) {
    print_text(read(text));
  } else {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
      line(read(text.substr(0, end)));
      text.remove_prefix(end);
    }
  }
}

void Search::line(const Line& line) {
  ++number_;
  const bool is_wanted = std::any_of(line.keys.begin(), line.keys.end(),
                                     [&](const FoundKey& key) { return filter_.takes(key); });
  if (is_wanted) ++count_;
  if (options_.count || (!is_wanted && !options_.all)) return;
  if (as_json_) return print_json(line);
  if (options_.only) return print_only(line);
  print(line);
}

void Search::print_json(const Line& line) {
  ordered_json json;
  if (!file_.empty()) json["file"] = file_;
  json["line"] = number_;
  json["keys"] = ordered_json::array();
  for (const auto& key : line.keys)
    if (!options_.only || filter_.takes(key)) json["keys"].push_back(key_json(key));
  if (!options_.only) json["text"] = json_text(line);
  out_ << json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

void Search::print_only(const Line& line) {
  for (const auto& key : line.keys) {
    if (!filter_.takes(key)) continue;
    if (!file_.empty()) out_ << file_ << ':';
    out_ << keys::short_text(key.explanation) << '\n';
  }
}

void Search::print(const Line& line) {
  if (!file_.empty()) out_ << file_ << ':';
  print_text(line);
  if (line.text.ends_with('\n')) return;
  // Pieces stay together only where all of them are printed.
  const bool is_piece = line.text.size() >= longest_line - overlap;
  if (!file_.empty() || (is_piece && !options_.all)) out_ << '\n';
}

/// The text with keys decoded and secrets masked, piece by piece.
template <class Take>
void Search::change(const Line& line, const Take& take) const {
  using Change = std::tuple<std::size_t, std::size_t, std::string>;
  std::vector<Change> changes;
  for (const auto& key : line.keys)
    changes.emplace_back(key.begin, key.end, keys::short_text(key.explanation));
  for (const auto& secret : line.secrets)
    changes.emplace_back(secret.value, secret.end, api::masked(secret, line.text));
  std::sort(changes.begin(), changes.end());
  std::size_t done = 0;
  for (const auto& [begin, end, text] : changes) {
    take(line.text.substr(done, begin - done));
    take(text);
    done = end;
  }
  take(line.text.substr(done));
}

std::string Search::json_text(const Line& line) const {
  std::string text;
  change(line, [&](std::string_view piece) { text += piece; });
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

void Search::print_text(const Line& line) {
  const bool is_shown = session_.io().out_is_terminal;
  change(line, [&](std::string_view piece) {
    if (is_shown) {
      out_ << text::harmless(piece);
    } else {
      out_ << piece;
    }
  });
}

void Search::flush() {
  out_.flush();
  if (!out_) throw Error(Reason::internal, "cannot write the result to standard output");
}

void check(const cli::Session& session, const GrepOptions& options) {
  if (int{options.all} + int{options.count} + int{options.only} > 1)
    throw Error(Reason::usage, "only one of --all, --count and --only is possible");
  const auto format = session.style().format;
  constexpr std::array possible = {render::Format::table, render::Format::wide,
                                   render::Format::json, render::Format::ndjson};
  if (std::find(possible.begin(), possible.end(), format) == possible.end())
    throw Error(Reason::usage, "key grep prints lines as text, json or ndjson only");
}

void grep(cli::Session& session, const GrepOptions& options) {
  check(session, options);
  if (options.files.empty() && session.io().in_is_terminal)
    throw Error(Reason::usage, "standard input is a terminal, but key grep reads a log from it",
                "metactl key grep < LOG; '-' reads what is typed");
  Search search(session, options);
  if (options.files.empty()) search.run("-");
  for (const auto& file : options.files) search.run(file);
  if (options.count) session.io().out << search.count() << '\n';
}

}  // namespace

void add_key_grep_command(cli::Group& key) {
  key.command<GrepOptions>("grep", "Print the lines of a log that hold keys, decoded", grep)
      .positional("FILE", &GrepOptions::files, "Log files; '-' or none: standard input")
      .option("--type", &GrepOptions::type, "Only lines with a key of this type", "TYPE",
              cli::Names::key_type)
      .option("--tablet", &GrepOptions::tablet, "Only lines with a key of this tablet_id", "N")
      .option("--txn", &GrepOptions::txn, "Only lines with a key of this txn_id", "N")
      .flag("--all", &GrepOptions::all, "Print the other lines too")
      .flag("--count", &GrepOptions::count, "Print the number of lines only")
      .flag("--only", &GrepOptions::only, "Print the keys only, each on a line")
      .details(
          "A key is hexadecimal digits, or \\x escapes as fdbcli prints them, anywhere in a line.\n"
          "It begins with a key space and the tag of a text (0110, 0210, 0310, 8010), and must be\n"
          "a key of a known type, the beginning of one (...), or the boundary of a range (+00,\n"
          "+ff). Keys that are cut off stay as they are.")
      .details(
          "--instance, --tablet, --txn and --type must fit one and the same key. --instance is a\n"
          "filter only when it is typed: that of the context is not. With several files the lines\n"
          "begin with FILE: and --count is about all of them.")
      .details(
          "Access keys, secret keys, tokens and passwords (sk=, \"sk\": \"\", token: ...) in "
          "lines\n"
          "that are printed are masked, unless --show-secrets is given. On a terminal, bytes that\n"
          "it would act on are written as \\xNN.")
      .details(
          "-o json and ndjson print an object a line: line (its number), keys, text.\n"
          "Lines over 16 MiB are read in pieces, each of which counts as a line. What comes\n"
          "through a pipe is printed at once.")
      .details("The exit status is 0, also when there is no such line.")
      .example("metactl key grep --txn 126419752960 < meta_service.log")
      .example("tail -f meta_service.log | metactl key grep --instance prod --type MetaRowsetKey")
      .example("metactl key grep --only -o ndjson meta_service.log.1 meta_service.log");
}

}  // namespace metactl::commands
