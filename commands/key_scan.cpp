// SPDX-License-Identifier: Apache-2.0
// metactl key scan: the rows of a store.
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/key_words.h"
#include "commands/stored_rows.h"
#include "commands/stored_value_json.h"
#include "keys/catalogue.h"
#include "keys/grep.h"
#include "keys/instance_rows.h"
#include "keys/keys.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

struct ScanOptions {
  std::string type;
  std::string prefix;
  std::string limit = "100";
};

/// A stored value; that of a split one stands in several rows.
struct Entry {
  std::string key;
  std::string value;
  keys::Explanation meaning;
};

/// The first and last keys of a scan, as hexadecimal digits.
pb::ScanKeysRequest request_between(const keys::Range& range) {
  pb::ScanKeysRequest request;
  request.set_first(text::hex(range.first));
  request.set_last(text::hex(range.last));
  return request;
}

/// The keys that begin with these bytes, which may end in the middle of a field.
keys::Range beginning_with(const std::string& prefix) {
  std::string last = prefix;
  while (!last.empty() && last.back() == '\xff') last.pop_back();
  if (!last.empty()) ++last.back();
  return {prefix, last};
}

keys::Range intersection(const keys::Range& a, const keys::Range& b) {
  if (a.last.empty() || b.last.empty())
    return {std::max(a.first, b.first), a.last.empty() ? b.last : a.last};
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

std::vector<pb::ScanKeysRequest> requests_of(cli::Session& session, const ScanOptions& options) {
  const auto prefix = options.prefix.empty()
                          ? keys::Range{}
                          : beginning_with(keys::parse_key(options.prefix).bytes);
  std::vector<pb::ScanKeysRequest> requests;
  if (!options.type.empty()) {
    auto request = request_between(prefix);
    const auto& type = keys::require_type(options.type);
    request.set_key_type(std::string(type.name));
    if (keys::has_instance(type) && !session.named_instance().empty())
      (*request.mutable_fields())["instance_id"] = session.named_instance();
    requests.push_back(request);
  } else if (session.named_instance().empty()) {
    requests.push_back(request_between(prefix));
  } else {
    for (const auto& range : keys::rows_of_instance(session.named_instance()))
      requests.push_back(request_between(intersection(range, prefix)));
  }
  return requests;
}

Entry entry_of(const pb::StoredRowPB& row) {
  // What is no key at all is listed with its bytes.
  return {row.key(), row.value(), keys::try_explain(row.key()).value_or(keys::Explanation())};
}

/// The key of the whole value when the row is a part of one.
std::optional<std::string> split_key(const Entry& entry) {
  const auto& matches = entry.meaning.matches;
  if (matches.empty() || !matches.front().chunk) return std::nullopt;
  return base_key(matches.front());
}

/// Where the rows behind an entry begin.
std::string behind(const Entry& entry) {
  const auto key = split_key(entry);
  return key ? keys::rows_of_value(*key).last : keys::only(entry.key).last;
}

/// Adds what a request finds, until there are `limit` entries.
void add_entries(cli::Session& session, pb::ScanKeysRequest request, std::size_t limit,
                 std::vector<Entry>& entries) {
  while (entries.size() < limit) {
    const auto wanted = limit - entries.size();
    const auto rows = scan_rows(session, request, wanted);
    for (const auto& row : rows) {
      auto entry = entry_of(row);
      const auto key = split_key(entry);
      if (key && !entries.empty() && key == split_key(entries.back())) continue;
      if (key) entry.value = stored_value(session, *key).value_or(row.value());
      entries.push_back(std::move(entry));
    }
    if (rows.size() < wanted) break;
    request.set_first(text::hex(behind(entries.back())));
  }
}

std::vector<Entry> find_entries(cli::Session& session, const ScanOptions& options,
                                std::size_t limit) {
  std::vector<Entry> entries;
  for (const auto& request : requests_of(session, options))
    if (request.last().empty() || request.first() < request.last())
      add_entries(session, request, limit, entries);
  return entries;
}

ordered_json entry_json(const cli::Session& session, const Entry& entry, bool& has_encrypted) {
  auto json = explanation_json(entry.meaning, entry.key);
  if (entry.meaning.matches.empty()) {
    json["value"] = text::hex(entry.value);
    return json;
  }
  try {
    json["value"] =
        value_json(session, api::parse_value(*entry.meaning.matches.front().type, entry.value));
    has_encrypted = has_encrypted || has_encrypted_secret(json["value"]);
  } catch (const Error& error) {
    json["value"] = nullptr;
    json["problem"] = error.what();
  }
  return json;
}

std::string key_text(const Entry& entry) {
  return entry.meaning.fields.empty() ? text::hex(entry.key) : keys::short_text(entry.meaning);
}

/// `has_encrypted` becomes true when a value with an encrypted secret is printed.
render::List list_of(const cli::Session& session, const std::vector<Entry>& entries,
                     bool& has_encrypted) {
  render::List list{"Key", {{"KEY"}, {"BYTES"}, {"HEX", true}}, {}};
  for (const auto& entry : entries)
    list.rows.push_back(
        {text::hex(entry.key),
         {key_text(entry), std::to_string(entry.value.size()), text::hex(entry.key)},
         [&session, entry, &has_encrypted] { return entry_json(session, entry, has_encrypted); }});
  return list;
}

void scan(cli::Session& session, const ScanOptions& options) {
  refuse_raw(session);
  const auto limit = parse_limit(options.limit);
  auto entries = find_entries(session, options, limit + 1);
  if (entries.empty() && !session.named_instance().empty()) require_instance(session);
  const bool more = entries.size() > limit;
  if (more) entries.resize(limit);
  bool has_encrypted = false;
  session.print(list_of(session, entries, has_encrypted));
  if (has_encrypted && session.globals().show_secrets) note_encrypted(session);
  if (more) session.note(fmt::format("note: there are more rows than --limit {}", limit));
}

}  // namespace

void add_key_scan_command(cli::Group& group) {
  group
      .command<ScanOptions>("scan", "List stored keys, and as JSON their values, secrets masked",
                            scan)
      .option("--type", &ScanOptions::type, "Only keys of this type", "TYPE", cli::Names::key_type)
      .option("--prefix", &ScanOptions::prefix, "Only keys that begin with these digits", "HEX")
      .option("--limit", &ScanOptions::limit, "Number of rows; default 100", "N")
      .example("metactl key scan --type TxnInfoKey -i prod")
      .example("metactl key scan -i prod -o ndjson --limit 1000")
      .runs(api::scan_keys);
}

}  // namespace metactl::commands
