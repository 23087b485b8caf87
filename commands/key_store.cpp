// SPDX-License-Identifier: Apache-2.0
// metactl key get, put and delete: single values by their keys.
#include <fmt/format.h>

#include "api/instance_findings.h"
#include "api/json.h"
#include "api/mask.h"
#include "api/rules.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/key_words.h"
#include "commands/stored_rows.h"
#include "commands/stored_value_json.h"
#include "keys/catalogue.h"
#include "keys/forms.h"
#include "keys/grep.h"
#include "keys/instance_rows.h"
#include "keys/keys.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

struct GetOptions {
  std::vector<std::string> key;
};

struct PutOptions {
  std::vector<std::string> key;
  std::string value;
  std::string value_file;
};

struct DeleteOptions {
  std::vector<std::string> key;
};

constexpr auto key_help = "TYPE FIELD=VALUE..., or the key itself in hexadecimal digits";
constexpr auto get_help =
    "TYPE FIELD=VALUE..., or the key itself in hexadecimal digits; versionstamp=DIGITS is a field "
    "too, and means the value in front of that stamp";

struct TypedKey {
  const keys::KeyType* type;
  std::string bytes;       // Without versionstamp suffix, and without the number of a row.
  std::string limit = {};  // Of versioned values: a stamp behind the wanted one; "": the newest.
  std::string stamp = {};  // The one that is wanted, if it is known.

  std::string name() const { return keys::short_text(keys::explain(bytes)); }
};

bool looks_like_key(const std::string& word) {
  return word.starts_with('\\') || word.find_first_not_of("0123456789abcdefABCDEF") == word.npos;
}

bool is_whole(const keys::Explanation& key) {
  return !key.matches.empty() && key.matches.front().missing.empty() &&
         key.matches.front().trailing.empty();
}

/// A key as it is. Its type is the likeliest one.
TypedKey read_bytes(const std::string& word) {
  const auto meaning = keys::explain(keys::parse_key(word).bytes);
  keys::refuse_boundary(meaning);
  if (!is_whole(meaning))
    throw Error(Reason::usage, fmt::format("this is {}", keys::describe(meaning)),
                "metactl key explain KEY");
  const auto& match = meaning.matches.front();
  TypedKey key{match.type, base_key(match)};
  if (match.versionstamp) {
    key.limit = just_behind(*match.versionstamp);
    key.stamp = text::hex(keys::to_bytes(*match.versionstamp));
  }
  return key;
}

/// A key by its type and fields; the instance is that of --instance unless a field says another.
TypedKey read_fields(cli::Session& session, const std::vector<std::string>& words) {
  const auto& type = keys::require_type(words.front());
  auto fields = parse_fields({words.begin() + 1, words.end()});
  if (keys::has_instance(type) && !session.named_instance().empty())
    fields.emplace("instance_id", session.named_instance());
  TypedKey key{&type, ""};
  if (const auto stamp = fields.find(keys::stamp_field); stamp != fields.end() && type.versioned) {
    key.limit = stamp->second;
    keys::encode(type, fields);  // Looks at the stamp too.
    fields.erase(stamp);
  }
  key.bytes = keys::encode(type, fields);
  return key;
}

TypedKey read_key(cli::Session& session, const std::vector<std::string>& words) {
  if (words.size() == 1 && looks_like_key(words.front())) return read_bytes(words.front());
  return read_fields(session, words);
}

pb::KeyRequest request_of(const TypedKey& key) {
  pb::KeyRequest request;
  request.set_key_type(std::string(key.type->name));
  request.set_key(text::hex(key.bytes));
  if (!key.limit.empty()) request.set_versionstamp(key.limit);
  return request;
}

/// get_value of the service does not know all types, and prints bitmaps so that they cannot be
/// read.
bool is_readable_by_service(cli::Session& session, const keys::KeyType& type) {
  const bool is_bitmap = type.value.form == keys::Stored::Form::bitmap;
  const bool is_raw = session.style().format == render::Format::raw;
  return type.in_http && (session.is_remote() || !is_bitmap || is_raw);
}

Error nothing_under(const TypedKey& key) {
  return Error(Reason::not_found, "nothing is stored under " + key.name());
}

/// The newest value in front of the limit, if the key has versions.
std::optional<std::string> newest_value(cli::Session& session, const TypedKey& key) {
  const auto prefix = key.bytes + static_cast<char>(keys::Tag::versionstamp);
  const auto limit = key.limit.empty() ? std::string("\xff") : text::unhex(key.limit).value_or("");
  pb::ScanKeysRequest request;
  request.set_first(text::hex(prefix));
  request.set_last(text::hex(prefix + limit));
  auto rows = scan_rows(session, request);
  if (rows.empty()) return std::nullopt;
  return std::move(*rows.back().mutable_value());
}

ordered_json read_rows(cli::Session& session, const TypedKey& key) {
  const auto value =
      key.type->versioned ? newest_value(session, key) : stored_value(session, key.bytes);
  if (!value) throw nothing_under(key);
  return value_json(session, api::parse_value(*key.type, *value));
}

void show_value(cli::Session& session, const TypedKey& key) {
  const auto name = "key/" + text::hex(key.bytes);
  if (!is_readable_by_service(session, *key.type)) {
    refuse_raw(session);
    return print_value(session, name, *key.type, read_rows(session, key));
  }
  session.show(api::get_value, request_of(key), [&](const pb::TextResponse& response) {
    const auto value = value_json(session, *key.type, response.text());
    if (!key.stamp.empty() && value.value("versionstamp", "") != key.stamp)
      throw nothing_under(key);
    print_value(session, name, *key.type, value);
  });
}

void get(cli::Session& session, const GetOptions& options) {
  const auto key = read_key(session, options.key);
  try {
    show_value(session, key);
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
    throw error.explained("cannot read the value under " + key.name());
  }
}

std::string read_value(cli::Session& session, const PutOptions& options) {
  if (options.value.empty() == options.value_file.empty())
    throw Error(Reason::usage, "one of --value and --value-file is needed");
  return options.value_file.empty() ? options.value
                                    : cli::read_input(session.io(), options.value_file);
}

/// The message in a document; nullptr when it is none, of which the service says what is wrong.
std::unique_ptr<google::protobuf::Message> message_in(const keys::KeyType& type,
                                                      const std::string& document) {
  auto message = api::new_message(type.value.message);
  if (!message) return nullptr;
  try {
    api::from_strict_json(document, *message);
    return message;
  } catch (const Error&) {
    return nullptr;
  }
}

/// Not every service refuses what key get shows in place of a secret.
void refuse_masked(const google::protobuf::Message& message) {
  if (const auto path = api::find_masked_secret(message))
    throw Error(Reason::usage, *path + " is masked; get it with --show-secrets");
}

/// What `state verify` would say of the value alone.
void warn_of_rules(cli::Session& session, const google::protobuf::Message& message) {
  if (const auto place = api::find_control_characters(message); !place.empty())
    session.warn(fmt::format("'{}' has control characters", place));
  if (const auto* instance = dynamic_cast<const pb::InstanceInfoPB*>(&message))
    for (const auto& finding : api::integrity_findings(*instance))
      session.warn(fmt::format("{}: {}", finding.object, finding.message));
}

void put(cli::Session& session, const PutOptions& options) {
  const auto key = read_key(session, options.key);
  auto request = request_of(key);
  request.set_document(read_value(session, options));
  if (const auto message = message_in(*key.type, request.document())) {
    refuse_masked(*message);
    warn_of_rules(session, *message);
  }
  session.confirm("overwrite the value of " + key.name(), ", whatever that breaks");
  session.change(api::set_value, request, {"put", "put", "key", key.name()});
}

/// True for digits of a key that no sound row has, but that a damaged one may have.
bool is_impossible(const std::vector<std::string>& words) {
  if (words.size() != 1 || !looks_like_key(words.front())) return false;
  const auto meaning = keys::try_explain(keys::parse_key(words.front()).bytes);
  return !meaning || !is_whole(*meaning);
}

void remove_impossible(cli::Session& session, const std::string& word) {
  const auto bytes = keys::parse_key(word).bytes;
  const auto name = keys::short_text_of(bytes);
  pb::KeyRequest request;
  request.set_key(text::hex(bytes));
  session.confirm("delete the row under the unreadable key " + name);
  session.change(api::delete_value, request, {"delete", "deleted", "key", name});
}

void remove(cli::Session& session, const DeleteOptions& options) {
  if (is_impossible(options.key)) return remove_impossible(session, options.key.front());
  const auto key = read_key(session, options.key);
  session.confirm("delete " + key.name(), ", whatever that breaks");
  session.change(api::delete_value, request_of(key), {"delete", "deleted", "key", key.name()});
}

}  // namespace

void add_key_store_commands(cli::Group& group) {
  group.command<GetOptions>("get", "Show the value under a key as JSON, secrets masked", get)
      .positional("KEY", &GetOptions::key, get_help, cli::Names::key_type)
      .needs({"KEY"})
      .example("metactl key get TxnIndexKey instance_id=prod txn_id=126419752960")
      .example("metactl key get 0110696e7374616e6365000110746573740001")
      .runs(api::get_value)
      .runs(api::scan_keys);
  group.command<PutOptions>("put", "Overwrite the value under a key, whatever that breaks", put)
      .positional("KEY", &PutOptions::key, key_help, cli::Names::key_type)
      .option("--value", &PutOptions::value, "The new value as JSON", "JSON")
      .secret("--value")
      .option("--value-file", &PutOptions::value_file, "The same in a file, or -", "FILE")
      .needs({"KEY"})
      .example("metactl key put TableVersionKey instance_id=prod db_id=1 tbl_id=2 --value 7 --yes")
      .runs(api::set_value)
      .destructive();
  group
      .command<DeleteOptions>("delete", "Remove the value under a key, whatever that breaks",
                              remove)
      .positional("KEY", &DeleteOptions::key, key_help, cli::Names::key_type)
      .needs({"KEY"})
      .example("metactl key delete TxnIndexKey instance_id=prod txn_id=126419752960 --yes")
      .runs(api::delete_value)
      .destructive();
}

}  // namespace metactl::commands
