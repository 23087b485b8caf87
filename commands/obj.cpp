// SPDX-License-Identifier: Apache-2.0
// metactl obj: the object stores of instances without vaults.
#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/present.h"
#include "commands/request_body.h"
#include "commands/store_options.h"
#include "commands/told_call.h"

namespace metactl::commands {
namespace {

struct ListOptions {};

struct AddOptions : StoreOptions {
  std::string body;
};

struct AlterOptions : CredentialOptions {
  std::string id;
};

void list(cli::Session& session, const ListOptions&) {
  pb::GetObjStoreInfoRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::get_obj_store_info.info, request);
  session.print(store_list(session, stores_of(session)));
}

/// The id of the last object store at this place; "" when there is none.
std::string id_of(cli::Session& session, const pb::ObjectStoreInfoPB& wanted) {
  const auto stores = stores_of(session);
  std::string id;
  for (const auto& store : stores.obj_info())
    if (store.bucket() == wanted.bucket() && store.endpoint() == wanted.endpoint()) id = store.id();
  return id;
}

void add(cli::Session& session, const AddOptions& options) {
  pb::AlterObjStoreInfoRequest request;
  if (!options.body.empty()) {
    only_body({{"an option of the object store", options.any()}});
    request = read_store_body(session, options.body);
  } else {
    *request.mutable_obj() = read_store(session, options);
    request.set_cloud_unique_id(session.instance_reference());
  }
  const auto& wanted = request.has_obj() ? request.obj() : request.vault().obj_info();
  const auto name = wanted.bucket().empty() ? "-" : wanted.bucket();
  cli::ChangeText text{"add", "added", "bucket", name};
  const bool has_vaults = stores_of(session).enable_storage_vault();
  try {
    call_told(session, api::add_obj_info, request, text, [&](const auto&) {
      const auto id = id_of(session, wanted);
      session.require_shown(text, [&] { return id.empty() ? "it is not there" : ""; });
      text.fact = {"id", id, true};
      session.done(text);
    });
  } catch (const Error& error) {
    auto told = error;
    if (has_vaults) told.set_hint("metactl vault add s3 --help");
    throw told;
  }
}

void alter(cli::Session& session, const AlterOptions& options) {
  const auto placed = get_store(session, options.id);
  pb::AlterObjStoreInfoRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  auto& wanted = *request.mutable_obj();
  wanted.set_id(placed.place);
  set_credentials(session, options, wanted);
  wanted.clear_cred_provider_type();
  const auto difference = [&] {
    return credential_difference(get_store(session, options.id).store, wanted);
  };
  const cli::ChangeText text{"change", "changed", "object-store", options.id};
  if (difference().empty()) return session.unchanged(text);
  session.change(api::alter_obj_info, request, text, {.difference = difference});
}

void fill(cli::Group& group) {
  group.command<ListOptions>("list", "List object stores", list)
      .watchable()
      .example("metactl obj list")
      .runs(api::get_obj_store_info);
  auto add_command = group.command<AddOptions>("add", "Add an object store", add);
  add_store_options(add_command);
  add_command.option("--body", &AddOptions::body, body_help, "FILE")
      .needs({"--prefix"}, {"--body"});
  need_store_options(add_command, {"--body"});
  add_command
      .example(
          "metactl obj add --bucket data --prefix doris --endpoint s3.example --region eu-1 "
          "--provider S3 --ak AKID --sk-file key.txt")
      .runs(api::add_obj_info);
  auto alter_command =
      group.command<AlterOptions>("alter", "Give an object store other keys or a role", alter);
  alter_command.positional("ID", &AlterOptions::id, "Id of the object store");
  add_credential_options(alter_command);
  alter_command.needs({"ID"}).needs({"--ak"}, {"--role-arn", "--external-id"});
  need_secret_key(alter_command, {"--role-arn", "--external-id"});
  alter_command.example("metactl obj alter 1 --ak AKID --sk-file key.txt")
      .runs(api::alter_obj_info);
}

}  // namespace

void add_obj_commands(cli::Tree& tree) {
  tree.group("obj", "Object stores of instances without vaults", fill);
}

}  // namespace metactl::commands
