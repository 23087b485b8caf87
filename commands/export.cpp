// SPDX-License-Identifier: Apache-2.0
// metactl export: what is there, as manifests.
#include <fmt/format.h>

#include "api/mask.h"
#include "api/qluster.h"
#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/exports.h"
#include "commands/lookup.h"
#include "manifest/write.h"

namespace metactl::commands {
namespace {

struct ExportOptions {
  bool all = false;
  bool secret_env = false;
  bool broker = false;
  bool qluster = false;
};

/// "s3.akFrom" as people call it.
std::string title_of(const std::string& field) {
  constexpr std::string_view settings = "hdfs.settingsFrom.";
  if (field.starts_with(settings))
    return fmt::format("setting '{}'", field.substr(settings.size()));
  if (field == "s3.akFrom") return "access key";
  if (field == "s3.skFrom") return "secret key";
  return field == "hdfs.kerberosKeytabFrom" ? "Kerberos keytab" : "Kerberos principal";
}

/// Tells which secrets of a vault the manifests lack, and where they are to be put.
void note_hidden(cli::Session& session, const std::string& instance, const std::string& vault,
                 const std::vector<manifest::HiddenSecret>& all) {
  std::vector<std::string> titles;
  std::vector<std::string> fields;
  for (const auto& secret : all) {
    if (secret.vault != vault) continue;
    if (!secret.variable.empty()) {
      session.note(fmt::format("note: put the {} of vault '{}' of instance '{}' into {}",
                               title_of(secret.field), vault, instance, secret.variable));
      continue;
    }
    titles.push_back(title_of(secret.field));
    fields.push_back(secret.field.substr(secret.field.find('.') + 1));
  }
  if (!titles.empty())
    session.note(fmt::format(
        "note: the manifest of vault '{}' of instance '{}' leaves out: {}; to create it "
        "elsewhere it needs {}",
        vault, instance, text::join(titles, ", "), text::join(fields, ", ")));
}

/// Tells on stderr what the manifests lack.
void note_limits(cli::Session& session, const manifest::ObservedInstance& instance,
                 const manifest::Export& result) {
  const auto& id = instance.record->instance_id();
  if (!result.left_out.empty())
    session.note(fmt::format("note: not in the manifests of instance '{}': {}", id,
                             text::listed(result.left_out)));
  for (const auto& vault : instance.vaults) {
    if (vault.has_hdfs_info() && !vault.hdfs_info().prefix().empty())
      session.note(
          fmt::format("note: elsewhere the service adds a new ending to the prefix of vault "
                      "'{}' of instance '{}'",
                      vault.name(), id));
    if (api::has_unopened_secret(vault))
      session.warn(fmt::format("the secrets of vault '{}' of instance '{}' cannot be read",
                               vault.name(), id));
    note_hidden(session, id, vault.name(), result.hidden);
  }
}

/// --show-secrets shows what manifests can hold in plain.
manifest::SecretForm secret_form(const cli::Session& session, const ExportOptions& options) {
  if (options.secret_env) return manifest::SecretForm::environment;
  return session.globals().show_secrets ? manifest::SecretForm::plain : manifest::SecretForm::none;
}

void run(cli::Session& session, const ExportOptions& options) {
  if (options.all && session.setting("instance").origin.starts_with("flag"))
    throw Error(Reason::usage, "only one of -i and --all is possible");
  const auto secrets = secret_form(session, options);
  std::vector<std::string> ids;
  if (options.all) {
    ids = all_instances(session);
  } else if ((!options.broker && !options.qluster) ||
             session.setting("instance").origin.starts_with("flag")) {
    ids = {session.instance()};
  }
  std::vector<manifest::Object> objects;
  for (const auto& id : ids) {
    const auto instance = observe_instance(session, id);
    auto result = manifest::export_instance(instance, secrets);
    note_limits(session, instance, result);
    std::move(result.objects.begin(), result.objects.end(), std::back_inserter(objects));
  }
  if (options.broker) {
    auto broker = manifest::observe(session.client(), {{}, {api::Service::broker}})[""].broker;
    auto exported = manifest::export_broker(*broker);
    std::move(exported.begin(), exported.end(), std::back_inserter(objects));
  }
  if (options.qluster) {
    auto exported = manifest::export_qluster(session.client().call(api::qluster_get_map, {}));
    std::move(exported.begin(), exported.end(), std::back_inserter(objects));
  }
  session.io().out << manifest_text(objects, session.style().format);
}

}  // namespace

manifest::ObservedInstance observe_instance(cli::Session& session, const std::string& id) {
  auto instance = std::move(manifest::observe(session.client(), {{id}})[id]);
  if (!instance.exists())
    throw cli::no_instance(id, Error(Reason::not_found, instance.record ? "dropped" : "unknown"));
  return instance;
}

std::string manifest_text(const std::vector<manifest::Object>& objects, render::Format format) {
  if (format == render::Format::json) {
    nlohmann::ordered_json list = {{"apiVersion", manifest::api_version}, {"kind", "List"}};
    list["items"] = nlohmann::ordered_json::array();
    for (const auto& object : objects) list["items"].push_back(manifest::to_json(object));
    return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  std::string text;
  for (const auto& object : objects) {
    const auto json = manifest::to_json(object);
    if (format == render::Format::ndjson) {
      text += json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    } else {
      text += (text.empty() ? "" : "---\n") + render::to_yaml(json, render::YamlLists::lines);
    }
  }
  return text;
}

void add_export_command(cli::Tree& tree) {
  tree.command<ExportOptions>("export", "Print what is there as manifests", run)
      .flag("--all", &ExportOptions::all, "All instances, not only one")
      .flag("--broker", &ExportOptions::broker,
            "The proxies and clusters of the memory broker; with -i or --all beside instances")
      .flag("--qluster", &ExportOptions::qluster,
            "The settings and nodes of the qluster; with -i or --all beside instances")
      .flag("--secret-env", &ExportOptions::secret_env,
            "Refer to environment variables for the secrets of vaults")
      .details(
          "A plan from these manifests finds nothing to change. Access keys and the settings of "
          "HDFS\n"
          "that may be secrets are printed with --show-secrets only, secret keys never: without\n"
          "--secret-env they are left out, and apply leaves them as they are.")
      .example("metactl export -i prod | tee prod.yaml")
      .example("metactl export --broker | tee broker.yaml")
      .example("metactl export --qluster | tee qluster.yaml")
      .example("metactl export --all --secret-env -o json");
}

}  // namespace metactl::commands
