// SPDX-License-Identifier: Apache-2.0
// metactl iam and ram-user: the cloud users of the service and of an instance.
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/request_body.h"
#include "commands/secret_options.h"

namespace metactl::commands {
namespace {

struct GetOptions {};

struct UserOptions : KeyOptions {
  std::string id;
  std::string body;
};

struct RamUserOptions : UserOptions {
  std::string external_id;
};

/// True when an instance is named and exists, so that the service shows its iam user with it.
bool knows_instance(cli::Session& session) {
  return !session.named_instance().empty() && find_instance(session, session.named_instance());
}

void get_iam(cli::Session& session, const GetOptions&) {
  if (session.style().format == render::Format::raw) {
    pb::GetInstanceRequest request;
    request.set_instance_id(session.instance());
    return session.print_raw(api::get_instance.info, request);
  }
  const auto user = get_instance(session, session.instance()).iam_user();
  render::Object object{"IamUser", user.user_id(), {}, session.value_of(user), {}};
  object.fields = {{"account_id", user.user_id()},
                   {"ak", session.access_key(user.ak())},
                   {"sk", session.secret(user.sk())}};
  if (!user.external_id().empty()) object.fields.emplace_back("external_id", user.external_id());
  session.print(object);
}

void set_iam(cli::Session& session, const UserOptions& options) {
  pb::AlterIamRequest request;
  if (!options.body.empty()) {
    only_body({{"ACCOUNT_ID", !options.id.empty()}, {"--ak", options.any()}});
    session.read_body(options.body, request);
  } else {
    request.set_account_id(options.id);
    request.set_ak(options.ak);
    request.set_sk(read_secret_key(session, options));
  }
  // The service has no call that shows this user alone, and shows it with every instance.
  const bool can_look = knows_instance(session);
  const auto difference = [&]() -> std::string {
    if (!can_look) return "";
    const auto user = get_instance(session, session.instance()).iam_user();
    const bool same = user.user_id() == request.account_id() && user.ak() == request.ak() &&
                      user.sk() == request.sk();
    return same ? "" : "the iam user is another one";
  };
  const cli::ChangeText text{"set", "changed", "iam-user", request.account_id()};
  if (can_look && difference().empty()) return session.unchanged(text);
  // The only refusal of a complete request is that the keys are these already.
  session.change(api::alter_iam, request, text, {[] { return true; }, difference});
}

void set_ram_user(cli::Session& session, const RamUserOptions& options) {
  pb::AlterRamUserRequest request;
  if (!options.body.empty()) {
    only_body({{"USER_ID", !options.id.empty()},
               {"--ak", options.any()},
               {"--external-id", !options.external_id.empty()}});
    session.read_body(options.body, request);
    if (request.instance_id().empty()) request.set_instance_id(session.instance());
    session.use_instance(request.instance_id());
  } else {
    request.set_instance_id(session.instance());
    auto& user = *request.mutable_ram_user();
    user.set_user_id(options.id);
    user.set_ak(options.ak);
    user.set_sk(read_secret_key(session, options));
    if (!options.external_id.empty()) user.set_external_id(options.external_id);
  }
  const auto& wanted = request.ram_user();
  const auto difference = [&] {
    const auto user = get_instance(session, session.instance()).ram_user();
    const bool same = user.user_id() == wanted.user_id() && user.ak() == wanted.ak() &&
                      user.sk() == wanted.sk() && user.external_id() == wanted.external_id();
    return same ? "" : "the ram user is another one";
  };
  const cli::ChangeText text{"set", "changed", "ram-user", wanted.user_id()};
  if (std::string(difference()).empty()) return session.unchanged(text);
  session.change(api::alter_ram_user, request, text, {.difference = difference});
}

void fill_iam(cli::Group& group) {
  group.command<GetOptions>("get", "Show the cloud user of the whole service", get_iam)
      .example("metactl iam get")
      .runs(api::get_instance);
  auto set = group.command<UserOptions>("set", "Set the cloud user of the whole service", set_iam);
  set.positional("ACCOUNT_ID", &UserOptions::id, "Id of the user at the cloud");
  add_key_options(set);
  need_secret_key(set, {"--body"});
  set.option("--body", &UserOptions::body, body_help, "FILE")
      .needs({"ACCOUNT_ID", "--ak"}, {"--body"})
      .example("metactl iam set 1234567890 --ak AKID --sk-file key.txt")
      .runs(api::alter_iam);
}

void fill_ram_user(cli::Group& group) {
  auto set =
      group.command<RamUserOptions>("set", "Set the cloud user of an instance", set_ram_user);
  set.positional("USER_ID", &UserOptions::id, "Id of the user at the cloud");
  add_key_options(set);
  need_secret_key(set, {"--body"});
  set.option("--external-id", &RamUserOptions::external_id, "External id for taking over roles")
      .option("--body", &UserOptions::body, body_help, "FILE")
      .needs({"USER_ID", "--ak"}, {"--body"})
      .example("metactl ram-user set 1234567890 --ak AKID --sk-file key.txt")
      .runs(api::alter_ram_user);
}

}  // namespace

void add_cloud_user_commands(cli::Tree& tree) {
  tree.group("iam", "The cloud user of the whole service", fill_iam);
  tree.group("ram-user", "The cloud user of an instance", fill_ram_user);
}

}  // namespace metactl::commands
