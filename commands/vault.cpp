// SPDX-License-Identifier: Apache-2.0
// metactl vault: add, list, show, change and drop storage vaults.
#include <fmt/format.h>

#include <algorithm>

#include "base/ip_address.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/present.h"
#include "commands/request_body.h"
#include "commands/store_options.h"

namespace metactl::commands {
namespace {

struct ListOptions {};

struct VaultRef {
  std::string name;
};

struct AddOptions {
  std::string name;
  bool is_default = false;
  bool if_not_exists = false;
  std::string body;
};

struct S3Options : AddOptions, StoreOptions {};

struct HdfsOptions : AddOptions {
  std::string fs_name;
  std::string user;
  std::string prefix;
  std::string principal;
  std::string keytab;
  std::vector<std::string> conf;

  bool any() const {
    return !fs_name.empty() || !user.empty() || !prefix.empty() || !principal.empty() ||
           !keytab.empty() || !conf.empty();
  }
};

struct AlterOptions : CredentialOptions {
  std::string name;
  std::string new_name;
  bool path_style = false;
  bool virtual_host = false;
  std::string body;
};

struct DropOptions : VaultRef {
  bool if_exists = false;
  bool force = false;
};

void list(cli::Session& session, const ListOptions&) {
  pb::GetObjStoreInfoRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::show_storage_vaults.info, request);
  session.print(vault_list(session, stores_of(session)));
}

void get(cli::Session& session, const VaultRef& options) {
  if (session.style().format == render::Format::raw) return list(session, {});
  session.print(vault_object(session, get_vault(session, options.name), stores_of(session)));
}

/// The request of an add command, from its body or, by `fill`, from its options.
template <class Fill>
pb::AlterObjStoreInfoRequest add_request(cli::Session& session, const AddOptions& options,
                                         bool has_options, Fill&& fill) {
  pb::AlterObjStoreInfoRequest request;
  if (!options.body.empty()) {
    only_body({{"NAME", !options.name.empty()},
               {"--default", options.is_default},
               {"an option of the vault", has_options}});
    request = read_store_body(session, options.body);
    cli::require(request.vault().name(), "vault.name in the body", body_hint);
    return request;
  }
  check_new_vault_name(options.name);
  request.set_cloud_unique_id(session.instance_reference());
  request.mutable_vault()->set_name(options.name);
  if (options.is_default) request.set_set_as_default_storage_vault(true);
  fill(*request.mutable_vault());
  return request;
}

/// A path as the service stores it.
std::string_view trimmed(std::string_view path) {
  const auto first = std::min(path.find_first_not_of("/ \t"), path.size());
  path.remove_prefix(first);
  return path.substr(0, path.find_last_not_of("/ \t") + 1);
}

/// True when a stored vault is on the place that is wanted. The service lets the prefix of a vault
/// on HDFS end with something unique.
bool is_same_place(const pb::StorageVaultPB& stored, const pb::StorageVaultPB& wanted) {
  const auto& store = stored.obj_info();
  const auto& hdfs = stored.hdfs_info();
  return stored.has_obj_info() == wanted.has_obj_info() &&
         store.bucket() == wanted.obj_info().bucket() &&
         ip::comparable_endpoint(store.endpoint()) ==
             ip::comparable_endpoint(wanted.obj_info().endpoint()) &&
         store.prefix() == trimmed(wanted.obj_info().prefix()) &&
         hdfs.build_conf().fs_name() == trimmed(wanted.hdfs_info().build_conf().fs_name()) &&
         hdfs.prefix().starts_with(trimmed(wanted.hdfs_info().prefix()));
}

void add(
    cli::Session& session, const AddOptions& options,
    const api::Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>& operation,
    const pb::AlterObjStoreInfoRequest& request) {
  const auto& name = request.vault().name();
  const auto difference = [&]() -> std::string {
    const auto found = find_vault(session, name);
    if (!found) return "the vault is not there";
    if (!is_same_place(*found, request.vault())) return "it is at another place";
    const bool is_default = stores_of(session).default_storage_vault_name() == name;
    return request.set_as_default_storage_vault() && !is_default ? "it is not the default" : "";
  };
  cli::Change change{.difference = difference};
  if (options.if_not_exists) change.is_done = [&] { return difference().empty(); };
  session.change(operation, request, {"add", "added", "vault", name}, change);
}

void add_s3(cli::Session& session, const S3Options& options) {
  const auto request = add_request(session, options, options.any(), [&](pb::StorageVaultPB& vault) {
    *vault.mutable_obj_info() = read_store(session, options);
  });
  add(session, options, api::add_s3_vault, request);
}

void add_hdfs(cli::Session& session, const HdfsOptions& options) {
  const auto request = add_request(session, options, options.any(), [&](pb::StorageVaultPB& vault) {
    auto& hdfs = *vault.mutable_hdfs_info();
    if (!options.prefix.empty()) hdfs.set_prefix(options.prefix);
    auto& conf = *hdfs.mutable_build_conf();
    conf.set_fs_name(options.fs_name);
    if (!options.user.empty()) conf.set_user(options.user);
    if (!options.principal.empty()) conf.set_hdfs_kerberos_principal(options.principal);
    if (!options.keytab.empty()) conf.set_hdfs_kerberos_keytab(options.keytab);
    for (const auto& word : options.conf) {
      const auto [key, value] = split_pair(word);
      auto& pair = *conf.add_hdfs_confs();
      pair.set_key(key);
      pair.set_value(value);
    }
  });
  add(session, options, api::add_hdfs_vault, request);
}

pb::AlterObjStoreInfoRequest alter_request(cli::Session& session, const AlterOptions& options) {
  pb::AlterObjStoreInfoRequest request;
  if (!options.body.empty()) {
    only_body({{"NAME", !options.name.empty()},
               {"--rename", !options.new_name.empty()},
               {"keys or a role", options.any()},
               {"--path-style or --virtual-host", options.path_style || options.virtual_host}});
    request = read_store_body(session, options.body);
    cli::require(request.vault().name(), "vault.name in the body", body_hint);
    return request;
  }
  get_vault(session, options.name);  // Before a secret is asked for.
  if (options.path_style && options.virtual_host)
    throw Error(Reason::usage, "only one of --path-style and --virtual-host is possible");
  auto& vault = *request.mutable_vault();
  vault.set_name(options.name);
  auto& store = *vault.mutable_obj_info();
  if (options.path_style || options.virtual_host) store.set_use_path_style(options.path_style);
  if (!options.new_name.empty()) vault.set_alter_name(options.new_name);
  if (options.any()) set_credentials(session, options, store);
  if (store.ByteSizeLong() == 0 && !vault.has_alter_name())
    throw Error(Reason::usage, "nothing to change is given",
                "--rename, --ak with --sk-file, --role-arn, --path-style or --virtual-host");
  store.clear_cred_provider_type();
  request.set_cloud_unique_id(session.instance_reference());
  return request;
}

/// "" when the vault is as `wanted` asks for, else what is wrong.
std::string vault_difference(cli::Session& session, const pb::StorageVaultPB& wanted) {
  const auto& name = wanted.has_alter_name() ? wanted.alter_name() : wanted.name();
  const auto now = find_vault(session, name);
  if (!now) return fmt::format("there is no vault '{}'", name);
  if (name != wanted.name() && find_vault(session, wanted.name()))
    return "it has its old name still";
  auto store = wanted.obj_info();
  // A role without an external id leaves the one that is there.
  if (!store.has_external_id()) store.set_external_id(now->obj_info().external_id());
  if (store.has_use_path_style() && now->obj_info().use_path_style() != store.use_path_style())
    return "its addresses are in the other style";
  const bool has_credentials = store.has_ak() || store.has_role_arn();
  return has_credentials ? credential_difference(now->obj_info(), store) : "";
}

void alter(cli::Session& session, const AlterOptions& options) {
  const auto request = alter_request(session, options);
  const auto& wanted = request.vault();
  const cli::ChangeText text{"change", "changed", "vault", wanted.name()};
  const bool can_be_done = options.body.empty() && !wanted.has_alter_name();
  if (can_be_done && vault_difference(session, wanted).empty()) return session.unchanged(text);
  session.change(api::alter_s3_vault, request, text,
                 {.difference = [&] { return vault_difference(session, wanted); }});
}

void drop(cli::Session& session, const DropOptions& options) {
  const cli::ChangeText text{"drop", "dropped", "vault", options.name};
  if (options.if_exists && !find_vault(session, options.name)) return session.unchanged(text);
  const auto vault = get_vault(session, options.name);
  const bool is_default = stores_of(session).default_storage_vault_id() == vault.id();
  session.confirm(
      fmt::format("drop vault '{}'", options.name),
      is_default ? "; it is the default vault, and the instance will go on naming it" : "");
  pb::AlterObjStoreInfoRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  *request.mutable_vault() = vault;
  if (vault.has_obj_info()) {
    request.mutable_vault()->mutable_obj_info()->clear_encryption_info();
    if (!options.force)
      return session.change(
          api::drop_s3_vault, request, text,
          {.hint = "--force drops it by drop_hdfs_vault, which does not look at the kind"});
  }
  request.mutable_vault()->Clear();
  request.mutable_vault()->set_name(options.name);
  session.change(api::drop_hdfs_vault, request, text, {.difference = [&] {
                   return find_vault(session, options.name) ? "it is still there" : "";
                 }});
  if (is_default) session.warn("the instance goes on naming this vault as its default");
}

template <class Options>
void add_common(cli::Command<Options>& command) {
  command.positional("NAME", &AddOptions::name, "Unique name inside the instance")
      .flag("--default", &AddOptions::is_default, "Make it the default vault")
      .flag("--if-not-exists", &AddOptions::if_not_exists,
            "Succeed when it exists already at the same place")
      .option("--body", &AddOptions::body, body_help, "FILE")
      .needs({"NAME"}, {"--body"});
}

void fill_add(cli::Group& group) {
  auto s3 = group.command<S3Options>("s3", "Add a vault on an object store", add_s3);
  add_common(s3);
  add_store_options(s3);
  need_store_options(s3, {"--body"});
  s3.example(
        "metactl vault add s3 cold --bucket data --prefix doris --endpoint s3.example --region "
        "eu-1 --provider S3 --ak AKID --sk-file key.txt --default")
      .runs(api::add_s3_vault);

  auto hdfs = group.command<HdfsOptions>("hdfs", "Add a vault on HDFS", add_hdfs);
  add_common(hdfs);
  hdfs.option("--fs-name", &HdfsOptions::fs_name, "Address of the file system", "URL")
      .option("--user", &HdfsOptions::user, "HDFS user")
      .option("--prefix", &HdfsOptions::prefix, "Folder; the service adds a unique ending", "PATH")
      .option("--kerberos-principal", &HdfsOptions::principal, "Kerberos principal")
      .option("--kerberos-keytab", &HdfsOptions::keytab, "Keytab file on the nodes", "PATH")
      .option("--conf", &HdfsOptions::conf, "Setting of the HDFS client; repeatable", "KEY=VALUE")
      .secret("--kerberos-principal")
      .secret("--kerberos-keytab")
      .secret("--conf")
      .needs({"--fs-name"}, {"--body"})
      .example("metactl vault add hdfs archive --fs-name hdfs://10.0.0.9:8020 --user doris")
      .runs(api::add_hdfs_vault);
}

void fill_vault(cli::Group& group) {
  group.command<ListOptions>("list", "List vaults", list)
      .watchable()
      .example("metactl vault list -o wide")
      .runs(api::show_storage_vaults, api::get_obj_store_info);
  group.command<VaultRef>("get", "Show a vault", get)
      .positional("NAME", &VaultRef::name, "Vault", cli::Names::vault)
      .needs({"NAME"})
      .example("metactl vault get cold")
      .runs(api::get_obj_store_info);
  auto add = group.group("add", "Add a vault");
  fill_add(add);
  auto alter_command =
      group.command<AlterOptions>("alter", "Change name, keys or role of a vault on S3", alter);
  alter_command.positional("NAME", &AlterOptions::name, "Vault", cli::Names::vault)
      .option("--rename", &AlterOptions::new_name, "New name: a letter, letters, digits and '_'",
              "NAME")
      .flag("--path-style", &AlterOptions::path_style, "Addresses have the bucket in their path")
      .flag("--virtual-host", &AlterOptions::virtual_host, "Addresses have it in their host name")
      .option("--body", &AlterOptions::body, body_help, "FILE");
  add_credential_options(alter_command);
  alter_command.needs({"NAME"}, {"--body"})
      .example("metactl vault alter cold --rename frozen")
      .example("metactl vault alter cold --ak AKID --sk-file key.txt")
      .runs(api::alter_s3_vault);
  group.command<DropOptions>("drop", "Drop a vault; its data stays where it is", drop)
      .positional("NAME", &DropOptions::name, "Vault", cli::Names::vault)
      .flag("--if-exists", &DropOptions::if_exists, "Succeed when there is none")
      .flag("--force", &DropOptions::force, "A vault on S3 too, which services refuse otherwise")
      .needs({"NAME"})
      .example("metactl vault drop archive --yes")
      .destructive()
      .runs(api::drop_hdfs_vault, api::drop_s3_vault);
}

}  // namespace

void add_vault_commands(cli::Tree& tree) {
  tree.group("vault", "Add, list, change and drop storage vaults", fill_vault);
}

}  // namespace metactl::commands
