// SPDX-License-Identifier: Apache-2.0
// metactl edit: an object as a manifest, in the user's editor.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/apply.h"
#include "commands/commands.h"
#include "commands/exports.h"
#include "commands/object_name.h"
#include "manifest/write.h"

namespace metactl::commands {
namespace {

using manifest::Object;

struct EditOptions {
  std::string kind;
  std::string name;
};

constexpr std::string_view head =
    "# Save and leave the editor to apply what you changed; leave without saving to change "
    "nothing.\n"
    "# A field that is removed is left as it is; an empty list is [].\n";

/// The object with that name and its id, so that it can be renamed.
Object find_object(const manifest::ObservedInstance& observed, const ObjectName& wanted,
                   const std::string& instance) {
  std::vector<Object> objects;
  if (observed.broker) {
    objects = manifest::export_broker(*observed.broker);
  } else if (observed.qluster) {
    objects = manifest::export_qluster(observed.qluster->map);
  } else {
    objects = manifest::export_instance(observed, manifest::SecretForm::none).objects;
  }
  std::vector<std::string> names;
  for (auto& object : objects) {
    if (object.kind->word != wanted.kind) continue;
    if (object.name == wanted.name) return object;
    names.push_back(object.name);
  }
  Error error(Reason::not_found,
              fmt::format("no {} '{}'{}{}", wanted.kind, wanted.name,
                          instance.empty() ? "" : fmt::format(" in instance '{}'", instance),
                          text::did_you_mean(wanted.name, names)));
  error.set_object(wanted.title());
  throw error;
}

/// The same with the id that never changes, which ties it to what is there when its name changes.
template <class Spec>
void set_id(Object& object, const std::string& id) {
  auto spec = std::make_shared<Spec>(object.as<Spec>());
  spec->set_id(id);
  object.spec = std::move(spec);
}

void add_id(Object& object, const manifest::Observed& observed) {
  for (const auto& [identity, title] : manifest::identities(observed)) {
    if (title != object.title()) continue;
    if (identity.kind == "Cluster") set_id<pb::ClusterSpec>(object, identity.id);
    if (identity.kind == "StorageVault") set_id<pb::StorageVaultSpec>(object, identity.id);
  }
}

std::string temporary_path(cli::Session& session) {
  const auto folder = session.io().environment("TMPDIR").value_or("");
  return fmt::format("{}/metactl-{}.yaml", folder.empty() ? "/tmp" : folder,
                     text::hex(crypto::random_bytes(8)));
}

void run_editor(cli::Session& session, const std::string& path) {
  auto& io = session.io();
  std::string editor;
  for (const auto* name : {"VISUAL", "EDITOR"})
    if (editor.empty()) editor = io.environment(name).value_or("");
  if (editor.empty() && !io.in_is_terminal)
    throw Error(Reason::usage, "no editor named", "set EDITOR");
  if (editor.empty()) editor = "vi";
  io.out.flush();
  const int status = io.run_shell(fmt::format("{} {}", editor, text::shell_quote(path)));
  if (status != 0)
    throw Error(Reason::usage, fmt::format("the editor '{}' ended with status {}", editor, status));
}

/// What was read must be about the object that was shown, under whatever name.
void require_same_object(const std::vector<Object>& objects, const Object& shown) {
  if (objects.size() == 1 && objects[0].kind == shown.kind && objects[0].instance == shown.instance)
    return;
  throw Error(Reason::usage, fmt::format("edit changes {} only", shown.title()),
              "metactl apply -f changes more");
}

/// What is wrong with a text, as comments; "" when nothing is.
std::string problems_of(const std::string& path, const std::string& text, const Object& object) {
  try {
    require_same_object(manifest::read({{path, text}}).objects, object);
    return "";
  } catch (const Error& error) {
    if (error.reason() != Reason::usage) throw;
    std::string problems = fmt::format("# {}\n", error.what());
    for (const auto& line : error.details()) problems += fmt::format("# {}\n", line);
    return problems;
  }
}

/// The same for a text that will stand behind its problems, which moves its lines.
std::string problems_in_front(const std::string& path, const std::string& text,
                              const Object& object) {
  const auto first = problems_of(path, text, object);
  const auto count = static_cast<std::size_t>(std::count(first.begin(), first.end(), '\n'));
  return problems_of(path, std::string(head) + std::string(count, '\n') + text, object);
}

/// Lets the user edit, at a terminal until the text is a manifest. Returns the text of the file;
/// "" when nothing was changed.
std::string edited_text(cli::Session& session, const std::string& path, const Object& object,
                        const std::string& shown) {
  std::string front(head);
  std::string last = shown;
  while (true) {
    cli::write_private_file(path, front + last);
    run_editor(session, path);
    auto text = cli::read_file(path);
    const auto body = text.starts_with(front) ? text.substr(front.size()) : text;
    if (text::trim(body).empty() || (body == last && front == head)) return "";
    if (body == last || !session.io().in_is_terminal || problems_of(path, text, object).empty())
      return text;
    front = std::string(head) + problems_in_front(path, body, object);
    last = body;
  }
}

/// Removes what the user did not touch, and says where it is what he did.
Error keep_text(const std::string& path, const std::string& shown, const Error& error) {
  auto told = error;
  if (!std::filesystem::exists(path)) return told;
  if (cli::read_file(path) == std::string(head) + shown) {
    std::filesystem::remove(path);
  } else {
    told.set_hint("your text is in " + path);
  }
  return told;
}

/// Where an object of the kind is: an instance, or "", another service.
std::string place_of(cli::Session& session, const manifest::Kind& kind, const std::string& name) {
  if (kind.service != api::Service::meta) return "";
  return kind.in_instance ? session.instance() : name;
}

manifest::ObservedInstance observe(cli::Session& session, const manifest::Kind& kind,
                                   const std::string& place) {
  if (!place.empty()) return observe_instance(session, place);
  return std::move(manifest::observe(session.client(), {{}, {kind.service}})[place]);
}

void run(cli::Session& session, const EditOptions& options) {
  const auto wanted = options.name.empty() ? parse_object_name(options.kind)
                                           : ObjectName{options.kind, options.name};
  const auto& kind = require_kind(wanted.kind);
  const auto place = place_of(session, kind, wanted.name);
  const manifest::Observed observed = {{place, observe(session, kind, place)}};
  auto object = find_object(observed.at(place), {std::string(kind.word), wanted.name}, place);
  add_id(object, observed);
  const auto shown = manifest_text({object}, render::Format::yaml);
  const auto path = temporary_path(session);
  try {
    const auto text = edited_text(session, path, object, shown);
    if (!text.empty()) {
      auto wishes = read_texts(session, {{path, text}});
      require_same_object(wishes.input.wanted, object);
      wishes.observed = manifest::to_json(observed);
      apply_wishes(session, wishes);
    } else if (!session.globals().quiet) {
      session.io().out << "no changes\n";
    }
  } catch (const Error& error) {
    throw keep_text(path, shown, error);
  }
  std::filesystem::remove(path);
}

}  // namespace

void add_edit_command(cli::Tree& tree) {
  tree.command<EditOptions>("edit", "Change an object in your editor, as a manifest", run)
      .positional("KIND", &EditOptions::kind, "Kind, such as cluster, or KIND/NAME")
      .completes("KIND", kind_words)
      .positional("NAME", &EditOptions::name, "Name of the object")
      .details("The editor is $VISUAL, else $EDITOR, else vi.")
      .example("metactl edit cluster etl")
      .example("EDITOR=nano metactl edit instance prod");
}

}  // namespace metactl::commands
