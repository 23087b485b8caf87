// SPDX-License-Identifier: Apache-2.0
// metactl instance: create, list, show, rename, drop instances, and set their status.
#include <fmt/format.h>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/present.h"
#include "commands/request_body.h"
#include "commands/storage_words.h"

namespace metactl::commands {
namespace {

struct CreateOptions {
  std::string id;
  std::string user_id;
  std::string name;
  std::string s3;
  std::string hdfs;
  std::string vault_file;
  std::string body;
  bool sse = false;
  bool if_not_exists = false;
};

struct InstanceRef {
  std::string id;
};

struct DropOptions : InstanceRef {
  bool if_exists = false;
  std::string body;
};

struct RenameOptions : InstanceRef {
  std::string name;
  std::string body;
};

struct StatusOptions : InstanceRef {
  std::string status;
  std::string body;
};

struct SseOptions : InstanceRef {
  std::string body;
};

pb::CreateInstanceRequest create_request(cli::Session& session, const CreateOptions& options) {
  pb::CreateInstanceRequest request;
  if (!options.body.empty()) {
    only_body({{"ID", !options.id.empty()},
               {"--user-id", !options.user_id.empty()},
               {"--s3", !options.s3.empty()},
               {"--hdfs", !options.hdfs.empty()},
               {"--vault-file", !options.vault_file.empty()}});
    session.read_body(options.body, request);
    cli::require(request.instance_id(), "instance_id in the body", body_hint);
    return request;
  }
  check_new_instance_id(options.id);
  if ((options.s3.empty() ? 0 : 1) + (options.hdfs.empty() ? 0 : 1) +
          (options.vault_file.empty() ? 0 : 1) >
      1)
    throw Error(Reason::usage, "only one of --s3, --hdfs and --vault-file is possible");
  request.set_instance_id(options.id);
  request.set_user_id(options.user_id);
  if (!options.name.empty()) request.set_name(options.name);
  if (options.sse) request.set_sse_enabled(true);
  if (!options.s3.empty())
    *request.mutable_vault()->mutable_obj_info() = parse_s3_words(session, options.s3);
  if (!options.hdfs.empty())
    *request.mutable_vault()->mutable_hdfs_info() = parse_hdfs_words(options.hdfs);
  if (!options.vault_file.empty()) session.read_body(options.vault_file, *request.mutable_vault());
  return request;
}

void create(cli::Session& session, const CreateOptions& options) {
  const auto request = create_request(session, options);
  const auto& id = request.instance_id();
  cli::Change change;
  if (options.if_not_exists) {
    change.is_done = [&] {
      const auto found = find_instance(session, id);
      return found && found->status() != pb::InstanceInfoPB::DELETED &&
             found->user_id() == request.user_id();
    };
  }
  change.difference = [&]() -> std::string {
    const auto found = find_instance(session, id);
    if (!found) return "the instance is not there";
    if (found->user_id() != request.user_id()) return "its user_id is another one";
    if (request.has_vault() && found->resource_ids().empty()) return "it has no vault";
    return "";
  };
  session.change(api::create_instance, request, {"create", "created", "instance", id}, change);
}

struct ListOptions {};

void list(cli::Session& session, const ListOptions&) {
  try {
    session.show(api::list_instances, pb::ListInstancesRequest(),
                 [&](const pb::ListInstancesResponse& response) {
                   session.print(instance_list(
                       session, {response.instances().begin(), response.instances().end()}));
                 });
  } catch (const Error& error) {
    throw cannot_list_instances(session, error);
  }
}

void get(cli::Session& session, const InstanceRef& options) {
  pb::GetInstanceRequest request;
  request.set_instance_id(options.id.empty() ? session.instance() : options.id);
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::get_instance.info, request);
  session.print(instance_object(session, get_instance(session, request.instance_id())));
}

/// The request of a command that changes one instance, from its arguments or from a body.
pb::AlterInstanceRequest alter_request(cli::Session& session, const std::string& id,
                                       const std::string& body) {
  pb::AlterInstanceRequest request;
  if (!body.empty()) {
    only_body({{"ID", !id.empty()}});
    session.read_body(body, request);
  }
  if (!id.empty()) request.set_instance_id(id);
  cli::require(request.instance_id(), "instance_id in the body", body_hint);
  return request;
}

void rename(cli::Session& session, const RenameOptions& options) {
  auto request = alter_request(session, options.id, options.body);
  if (!options.name.empty()) request.set_name(options.name);
  cli::require(request.name(), "name in the body", body_hint);
  const cli::ChangeText text{"rename", "renamed", "instance", request.instance_id()};
  if (get_instance(session, request.instance_id()).name() == request.name())
    return session.unchanged(text);
  session.change(api::rename_instance, request, text, {.difference = [&] {
                   const auto now = get_instance(session, request.instance_id()).name();
                   return now == request.name() ? "" : fmt::format("its name is '{}'", now);
                 }});
}

void drop(cli::Session& session, const DropOptions& options) {
  const auto request = alter_request(session, options.id, options.body);
  const auto& id = request.instance_id();
  const cli::ChangeText text{"drop", "dropped", "instance", id};
  const auto instance = options.if_exists ? find_instance(session, id) : get_instance(session, id);
  if (!instance || instance->status() == pb::InstanceInfoPB::DELETED)
    return session.unchanged(text);
  session.confirm(fmt::format("drop instance '{}'", id), "; its id can never be used again");
  session.change(api::drop_instance, request, text, {.difference = [&] {
                   return get_instance(session, id).status() == pb::InstanceInfoPB::DELETED
                              ? ""
                              : "its status is not DELETED";
                 }});
}

void set_status(cli::Session& session, const StatusOptions& options) {
  auto request = alter_request(session, options.id, options.body);
  if (!options.status.empty()) {
    const int status = parse_enum(*pb::InstanceInfoPB::Status_descriptor(), options.status,
                                  "status", {"normal", "overdue"});
    request.set_op(status == pb::InstanceInfoPB::NORMAL ? pb::AlterInstanceRequest::SET_NORMAL
                                                        : pb::AlterInstanceRequest::SET_OVERDUE);
  }
  const auto wanted = request.op() == pb::AlterInstanceRequest::SET_NORMAL
                          ? pb::InstanceInfoPB::NORMAL
                          : pb::InstanceInfoPB::OVERDUE;
  const auto is_wanted = [&] {
    return get_instance(session, request.instance_id()).status() == wanted;
  };
  session.change(api::set_instance_status, request,
                 {"set status of",
                  "changed",
                  "instance",
                  request.instance_id(),
                  {"status", pb::InstanceInfoPB::Status_Name(wanted)}},
                 {is_wanted, [&] { return is_wanted() ? "" : "its status is another one"; }});
}

template <bool enabled>
void set_sse(cli::Session& session, const SseOptions& options) {
  const auto request = alter_request(session, options.id, options.body);
  const auto is_wanted = [&] {
    return get_instance(session, request.instance_id()).sse_enabled() == enabled;
  };
  session.change(enabled ? api::enable_instance_sse : api::disable_instance_sse, request,
                 {enabled ? "enable encryption of" : "disable encryption of", "changed", "instance",
                  request.instance_id()},
                 {is_wanted, [&] { return is_wanted() ? "" : "its encryption is as before"; }});
}

void fill_instance(cli::Group& group) {
  group.command<CreateOptions>("create", "Create an instance", create)
      .positional("ID", &CreateOptions::id, "Id, unique for ever: letters, digits, '_', '-', '.'")
      .option("--user-id", &CreateOptions::user_id, "Id of the owner", "USER")
      .option("--name", &CreateOptions::name, "Alias")
      .flag("--sse", &CreateOptions::sse, "Let object stores encrypt objects")
      .option(
          "--s3", &CreateOptions::s3,
          "First vault on S3: bucket, prefix, endpoint, external_endpoint, region, provider, ak, "
          "and sk-file=FILE, sk-env=VARIABLE or sk-file=- for the secret key",
          "KEY=VALUE,...")
      .option("--hdfs", &CreateOptions::hdfs,
              "First vault on HDFS: fs_name, user, prefix, hdfs_kerberos_principal, "
              "hdfs_kerberos_keytab; other keys become hdfs_confs",
              "KEY=VALUE,...")
      .secret("--s3")
      .secret("--hdfs")
      .option("--vault-file", &CreateOptions::vault_file,
              "First vault as JSON with obj_info or hdfs_info; - for standard input", "FILE")
      .flag("--if-not-exists", &CreateOptions::if_not_exists, "Succeed when it exists already")
      .option("--body", &CreateOptions::body, body_help, "FILE")
      .needs({"ID", "--user-id"}, {"--body"})
      .example("metactl instance create prod --user-id ops --name production")
      .example(
          "metactl instance create prod --user-id ops --s3 "
          "bucket=data,prefix=doris,endpoint=s3.example,region=eu-1,provider=S3,ak=AKID,sk-file="
          "key.txt")
      .runs(api::create_instance);
  group.command<ListOptions>("list", "List instances", list)
      .watchable()
      .example("metactl instance list -o json")
      .runs(api::list_instances);
  group.command<InstanceRef>("get", "Show an instance with its clusters", get)
      .positional("ID", &InstanceRef::id, "Instance; may be left out as -i may",
                  cli::Names::instance)
      .example("metactl instance get prod")
      .runs(api::get_instance);
  group.command<RenameOptions>("rename", "Change the alias of an instance", rename)
      .positional("ID", &RenameOptions::id, "Instance", cli::Names::instance)
      .positional("NAME", &RenameOptions::name, "New alias")
      .option("--body", &RenameOptions::body, body_help, "FILE")
      .needs({"ID", "NAME"}, {"--body"})
      .example("metactl instance rename prod 'production, north'")
      .runs(api::rename_instance);
  group.command<DropOptions>("drop", "Mark an instance without clusters as deleted", drop)
      .positional("ID", &DropOptions::id, "Instance", cli::Names::instance)
      .flag("--if-exists", &DropOptions::if_exists, "Succeed when there is none")
      .option("--body", &DropOptions::body, body_help, "FILE")
      .needs({"ID"}, {"--body"})
      .example("metactl instance drop old --yes")
      .destructive()
      .runs(api::drop_instance);
  group.command<StatusOptions>("set-status", "Set an instance to normal or overdue", set_status)
      .positional("ID", &StatusOptions::id, "Instance", cli::Names::instance)
      .positional("STATUS", &StatusOptions::status, "normal or overdue")
      .option("--body", &StatusOptions::body, body_help, "FILE")
      .needs({"ID", "STATUS"}, {"--body"})
      .example("metactl instance set-status prod overdue")
      .runs(api::set_instance_status);

  auto sse = group.group("sse", "Encryption of an instance's objects by the object store");
  sse.command<SseOptions>("enable", "Enable it", set_sse<true>)
      .positional("ID", &SseOptions::id, "Instance", cli::Names::instance)
      .option("--body", &SseOptions::body, body_help, "FILE")
      .needs({"ID"}, {"--body"})
      .example("metactl instance sse enable prod")
      .runs(api::enable_instance_sse);
  sse.command<SseOptions>("disable", "Disable it", set_sse<false>)
      .positional("ID", &SseOptions::id, "Instance", cli::Names::instance)
      .option("--body", &SseOptions::body, body_help, "FILE")
      .needs({"ID"}, {"--body"})
      .example("metactl instance sse disable prod")
      .runs(api::disable_instance_sse);
}

}  // namespace

void add_instance_commands(cli::Tree& tree) {
  tree.group("instance", "Create, list, rename and drop instances", fill_instance);
}

}  // namespace metactl::commands
