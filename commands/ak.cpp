// SPDX-License-Identifier: Apache-2.0
// metactl ak: replace the keys of object stores, vaults and users, and try them out first.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/store_options.h"
#include "http/s3_bucket.h"

namespace metactl::commands {
namespace {

/// What gets new keys; none of them: the only thing that the instance has.
struct TargetOptions : KeyOptions {
  std::optional<std::string> vault;
  std::optional<std::string> obj;
  std::optional<std::string> bucket_user;
  bool ram_user = false;
};

struct RotateOptions : TargetOptions {
  std::string verify;
};

/// A holder of keys, and the object stores that they open.
struct Target {
  enum class Kind : std::uint8_t { vault, obj, bucket_user, ram_user };
  Kind kind = Kind::vault;
  std::string name;   // Of the vault, or the id of the object store or user.
  std::string place;  // Of an object store.
  std::vector<pb::ObjectStoreInfoPB> stores;
};

std::string_view kind_name(Target::Kind kind) {
  constexpr std::array<std::string_view, 4> names = {"vault", "object-store", "bucket-user",
                                                     "ram-user"};
  return names.at(static_cast<std::size_t>(kind));
}

Target vault_target(cli::Session& session, const std::string& name) {
  const auto vault = get_vault(session, name);
  if (!vault.has_obj_info())
    throw Error(Reason::precondition, fmt::format("vault '{}' is on HDFS and has no keys", name));
  return {Target::Kind::vault, name, "", {vault.obj_info()}};
}

Target obj_target(cli::Session& session, const std::string& id) {
  const auto placed = get_store(session, id);
  return {Target::Kind::obj, id, placed.place, {placed.store}};
}

Target bucket_user_target(cli::Session& session, const std::string& user) {
  Target target{Target::Kind::bucket_user, user, "", {}};
  const auto stores = stores_of(session);
  // The service gives the keys to stores without an owner too, and makes him their owner.
  for (const auto& store : stores.obj_info())
    if (store.user_id() == user || !store.has_user_id()) target.stores.push_back(store);
  if (target.stores.empty())
    throw Error(Reason::not_found, fmt::format("no object store of bucket user '{}'", user),
                "metactl obj list -o wide");
  return target;
}

Target ram_user_target(cli::Session& session) {
  const auto instance = get_instance(session, session.instance());
  if (!instance.has_ram_user())
    throw Error(Reason::not_found, fmt::format("instance '{}' has no ram user", session.instance()),
                "metactl ram-user set --help");
  return {Target::Kind::ram_user, instance.ram_user().user_id(), "", {}};
}

/// The flags that would each choose one of the things with keys.
std::vector<std::string> possible_flags(const pb::GetObjStoreInfoResponse& stores,
                                        bool has_ram_user) {
  std::vector<std::string> flags;
  for (const auto& vault : stores.storage_vault())
    if (!vault.obj_info().ak().empty()) flags.push_back("--vault " + vault.name());
  for (const auto& store : stores.obj_info()) {
    const auto flag =
        store.user_id().empty() ? "--obj " + store.id() : "--bucket-user " + store.user_id();
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  }
  if (flags.empty() && has_ram_user) flags.emplace_back("--ram-user");
  return flags;
}

Target only_target(cli::Session& session) {
  const auto stores = stores_of(session);
  const bool has_ram_user = get_instance(session, session.instance()).has_ram_user();
  const auto flags = possible_flags(stores, has_ram_user);
  if (flags.empty())
    throw Error(Reason::not_found, "the instance has no object store, vault or user with keys");
  if (flags.size() > 1)
    throw Error(Reason::usage, "the instance has several things with keys",
                "name one: " + text::listed(flags));
  if (flags.front() == "--ram-user") return ram_user_target(session);
  for (const auto& vault : stores.storage_vault())
    if (!vault.obj_info().ak().empty()) return vault_target(session, vault.name());
  const auto& store = stores.obj_info(0);
  return store.user_id().empty() ? obj_target(session, store.id())
                                 : bucket_user_target(session, store.user_id());
}

Target find_target(cli::Session& session, const TargetOptions& options) {
  const int given = (options.vault ? 1 : 0) + (options.obj ? 1 : 0) +
                    (options.bucket_user ? 1 : 0) + (options.ram_user ? 1 : 0);
  if (given > 1)
    throw Error(Reason::usage,
                "only one of --vault, --obj, --bucket-user and --ram-user is possible");
  if (options.vault) return vault_target(session, *options.vault);
  if (options.obj) return obj_target(session, *options.obj);
  if (options.bucket_user) {
    return bucket_user_target(session, *options.bucket_user);
  }
  return options.ram_user ? ram_user_target(session) : only_target(session);
}

/// Throws Error unless the object store takes the keys for its bucket.
void head_bucket(cli::Session& session, const pb::ObjectStoreInfoPB& store, const std::string& ak,
                 const std::string& sk) {
  const auto provider = store.provider();
  if (provider == pb::ObjectStoreInfoPB::AZURE)
    throw Error(Reason::usage, "keys of provider AZURE cannot be verified: it does not speak S3");
  const auto& address =
      store.external_endpoint().empty() ? store.endpoint() : store.external_endpoint();
  http::head_bucket({.endpoint = address,
                     .region = store.region(),
                     .bucket = store.bucket(),
                     .path_style = store.use_path_style(),
                     .ak = ak,
                     .sk = sk},
                    session.connection().timeout);
}

void require_stores(const Target& target) {
  if (target.stores.empty())
    throw Error(Reason::usage, "the keys of a ram user cannot be verified: no bucket is known");
}

void verify_new(cli::Session& session, const Target& target, const std::string& ak,
                const std::string& sk) {
  for (const auto& store : target.stores) head_bucket(session, store, ak, sk);
}

/// "" when all that the target opens has these keys.
std::string key_difference(cli::Session& session, const Target& target, const std::string& ak,
                           const std::string& sk) {
  if (target.kind == Target::Kind::ram_user) {
    const auto user = get_instance(session, session.instance()).ram_user();
    return user.ak() == ak && user.sk() == sk ? "" : "it has other keys";
  }
  pb::ObjectStoreInfoPB wanted;
  wanted.set_ak(ak);
  wanted.set_sk(sk);
  const auto now = target.kind == Target::Kind::vault ? vault_target(session, target.name)
                   : target.kind == Target::Kind::obj ? obj_target(session, target.name)
                                                      : bucket_user_target(session, target.name);
  for (const auto& store : now.stores)
    if (!credential_difference(store, wanted).empty()) return "it has other keys";
  return "";
}

/// Older services do not know alter_obj_info: they answer 404, or OK without doing anything. An
/// empty request tells, because who knows the call refuses it.
bool knows_alter_obj_info(cli::Session& session) {
  if (!session.is_remote()) return true;
  try {
    session.client().call(api::alter_obj_info, pb::AlterObjStoreInfoRequest());
    return false;
  } catch (const Error& error) {
    return error.answer() && error.answer()->http == 400;
  }
}

void send_keys(cli::Session& session, const Target& target, const std::string& ak,
               const std::string& sk, const cli::ChangeText& text, const cli::Change& change) {
  pb::AlterObjStoreInfoRequest of_store;
  of_store.set_cloud_unique_id(session.instance_reference());
  pb::UpdateAkSkRequest of_user;
  of_user.set_instance_id(session.instance());
  const auto set_keys = [&](auto& holder) {
    holder.set_ak(ak);
    holder.set_sk(sk);
  };
  switch (target.kind) {
    case Target::Kind::vault:
      of_store.mutable_vault()->set_name(target.name);
      set_keys(*of_store.mutable_vault()->mutable_obj_info());
      return session.change(api::alter_s3_vault, of_store, text, change);
    case Target::Kind::obj:
      of_store.mutable_obj()->set_id(target.place);
      set_keys(*of_store.mutable_obj());
      return session.change(
          knows_alter_obj_info(session) ? api::alter_obj_info : api::legacy_update_ak_sk, of_store,
          text, change);
    case Target::Kind::bucket_user:
      of_user.add_internal_bucket_user()->set_user_id(target.name);
      set_keys(*of_user.mutable_internal_bucket_user(0));
      return session.change(api::update_ak_sk, of_user, text, change);
    case Target::Kind::ram_user:
      of_user.mutable_ram_user()->set_user_id(target.name);
      set_keys(*of_user.mutable_ram_user());
      return session.change(api::update_ak_sk, of_user, text, change);
  }
}

/// Asks before a role is lost, and tells of object stores that get an owner.
void confirm_effects(cli::Session& session, const Target& target) {
  for (const auto& store : target.stores) {
    if (!store.role_arn().empty())
      session.confirm(
          fmt::format("replace the role of {} '{}' by keys", kind_name(target.kind), target.name));
    if (target.kind == Target::Kind::bucket_user && !store.has_user_id())
      session.note(
          fmt::format("note: object store {} has no owner, and gets the keys and owner '{}'",
                      store.id(), target.name));
  }
}

/// The service refuses a user of whom one object store has the new keys already.
std::string other_way(const Target& target, const std::string& ak, const std::string& sk) {
  std::vector<std::string> others;
  for (const auto& store : target.stores)
    if (store.ak() != ak || store.sk() != sk) others.push_back("--obj " + store.id());
  const bool is_mixed = target.kind == Target::Kind::bucket_user &&
                        others.size() < target.stores.size() && !others.empty();
  return is_mixed ? "one by one: " + text::listed(others) : "";
}

void rotate(cli::Session& session, const RotateOptions& options) {
  if (!options.verify.empty() && options.verify != "head-bucket")
    throw Error(Reason::usage, fmt::format("no way to verify '{}'", options.verify),
                "write --verify head-bucket");
  const auto target = find_target(session, options);
  if (!options.verify.empty()) require_stores(target);
  const auto sk = read_secret_key(session, options);
  const cli::ChangeText text{"rotate the keys of", "rotated", kind_name(target.kind), target.name};
  const auto difference = [&] { return key_difference(session, target, options.ak, sk); };
  if (difference().empty()) return session.unchanged(text);
  if (!options.verify.empty()) verify_new(session, target, options.ak, sk);
  confirm_effects(session, target);
  send_keys(session, target, options.ak, sk, text,
            {.difference = difference, .hint = other_way(target, options.ak, sk)});
}

/// The keys that are stored.
void verify_stored(cli::Session& session, const Target& target) {
  for (const auto& store : target.stores) {
    if (!store.role_arn().empty())
      throw Error(Reason::usage, "a role cannot be verified from here, only keys can");
    session.require_opened(store);
    head_bucket(session, store, store.ak(), store.sk());
  }
}

void verify(cli::Session& session, const TargetOptions& options) {
  const auto target = find_target(session, options);
  require_stores(target);
  if (options.any()) {
    cli::require(options.ak, "--ak", "metactl ak verify --ak AK --sk-file FILE");
    verify_new(session, target, options.ak, read_secret_key(session, options));
  } else {
    verify_stored(session, target);
  }
  session.checked({"verify", "verified", kind_name(target.kind), target.name});
}

template <class Options>
void add_target_options(cli::Command<Options>& command) {
  command.option("--vault", &TargetOptions::vault, "Vault on S3", "NAME", cli::Names::vault)
      .option("--obj", &TargetOptions::obj, "Object store", "ID")
      .option("--bucket-user", &TargetOptions::bucket_user, "Owner of buckets: all that he has",
              "ID")
      .flag("--ram-user", &TargetOptions::ram_user, "The cloud user of the instance");
  add_key_options(command);
}

void fill(cli::Group& group) {
  auto rotate_command = group.command<RotateOptions>("rotate", "Replace keys", rotate);
  add_target_options(rotate_command);
  need_secret_key(rotate_command);
  rotate_command
      .option("--verify", &RotateOptions::verify,
              "head-bucket: ask the object store first whether it takes the new keys", "HOW")
      .needs({"--ak"})
      .example("metactl ak rotate --vault cold --ak AKID --sk-file key.txt --verify head-bucket")
      .runs(api::update_ak_sk, api::legacy_update_ak_sk, api::alter_obj_info, api::alter_s3_vault);
  auto verify_command = group.command<TargetOptions>(
      "verify", "Ask the object store whether it takes keys: those that are given, or the stored",
      verify);
  add_target_options(verify_command);
  verify_command.example("metactl ak verify --vault cold").runs(api::get_obj_store_info);
}

}  // namespace

void add_ak_commands(cli::Tree& tree) {
  tree.group("ak", "Replace and verify the keys of object stores", fill);
}

}  // namespace metactl::commands
