// SPDX-License-Identifier: Apache-2.0
// metactl value: values copied out of a store.
#include <fmt/format.h>

#include <optional>

#include "api/stored_value.h"
#include "base/crypto.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/stored_value_json.h"
#include "keys/catalogue.h"

namespace metactl::commands {
namespace {

struct DecodeOptions {
  std::string type;
  std::string file;
  std::optional<std::string> hex;
  std::string key_file;
};

std::string read_value(cli::Session& session, const DecodeOptions& options) {
  if (options.hex && !options.file.empty())
    throw Error(Reason::usage, "only one of FILE and --hex is possible");
  if (!options.hex) return cli::read_input(session.io(), options.file);
  auto bytes = text::unhex(*options.hex);
  if (!bytes)
    throw Error(Reason::usage, "--hex takes an even number of hexadecimal digits and nothing else");
  return std::move(*bytes);
}

[[noreturn]] void refuse_type(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& type : keys::catalogue) {
    names.emplace_back(type.name);
    if (api::new_message(type.value.message)) names.emplace_back(type.value.message);
  }
  throw Error(Reason::usage, fmt::format("there is no key type or message '{}'{}", name,
                                         text::did_you_mean(name, names)));
}

/// The type of a key, or a type that only a message is known of.
keys::KeyType find_type(const std::string& name) {
  if (const auto* type = keys::find_type(name)) return *type;
  if (!api::new_message(name)) refuse_type(name);
  return {.name = name,
          .space = keys::Space::user,
          .parts = {},
          .value = {keys::Stored::Form::message, name},
          .written_by = ""};
}

std::string service_key(const DecodeOptions& options) {
  if (options.key_file.empty()) return std::string(api::default_service_key);
  return crypto::from_base64(cli::read_named_secret(options.key_file));
}

/// Secrets in plain, if that is possible; else as they are stored. Returns the method of those that
/// are in plain, "" when there are none.
std::string_view open_secrets(cli::Session& session, const DecodeOptions& options,
                              google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> stored(message.New());
  stored->CopyFrom(message);
  try {
    api::open_service_secrets(message, service_key(options));
    return api::service_method;
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
    message.CopyFrom(*stored);
    session.warn("secrets stay encrypted: " + std::string(error.what()));
    return {};
  }
}

void decode(cli::Session& session, const DecodeOptions& options) {
  const auto type = find_type(options.type);
  auto value = api::parse_value(type, read_value(session, options));
  const auto opened =
      value.message ? open_secrets(session, options, *value.message) : std::string_view();
  print_value(session, "value/" + options.type, type, value_json(session, value, opened), opened);
}

void fill(cli::Group& group) {
  group.command<DecodeOptions>("decode", "Show a stored value as JSON, secrets masked", decode)
      .positional("TYPE", &DecodeOptions::type,
                  "Type of its key, as metactl key types lists them, or of its message",
                  cli::Names::key_type)
      .positional("FILE", &DecodeOptions::file, "File with the bytes of the value, or -")
      .option("--hex", &DecodeOptions::hex, "The value in hexadecimal digits, in place of FILE",
              "DIGITS")
      .may_be_empty("--hex")
      .option("--service-key-file", &DecodeOptions::key_file,
              "File with the service's encryption_key (base64), if it is not the default", "FILE")
      .needs({"TYPE"})
      .needs({"FILE"}, {"--hex"})
      .example("metactl value decode InstanceKey value.bin")
      .example("metactl value decode TxnInfoKey --hex 0801");
}

}  // namespace

void add_value_commands(cli::Tree& tree) {
  tree.group("value", "Values of the store", fill);
}

}  // namespace metactl::commands
