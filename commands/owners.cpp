// SPDX-License-Identifier: Apache-2.0
#include "commands/owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/foreign_json.h"
#include "base/text.h"
#include "cli/files.h"
#include "http/curl_url.h"

namespace metactl::commands {
namespace {

using manifest::Identity;
using nlohmann::ordered_json;

std::string file_of(cli::Session& session, const std::string& owner) {
  if (!text::consists_of(owner, "_-") || owner.size() > 100)
    throw Error(Reason::usage, fmt::format("no name of an owner: '{}'", text::printable(owner)),
                "it may have letters, digits, '_' and '-'");
  auto file = cli::state_home_file(session.io(), fmt::format("owners/{}.json", owner));
  if (file.empty())
    throw Error(Reason::usage, "the environment has no HOME in which owners are noted",
                "set XDG_STATE_HOME");
  return file;
}

/// The service that the session works on.
std::string target_of(const cli::Session& session) {
  const auto connection = session.connection();
  return connection.server.empty() ? std::filesystem::absolute(connection.state).string()
                                   : http::name_of_server(connection.server);
}

bool is_identity(const ordered_json& json) {
  const auto is_text = [&](const char* name) {
    return !json.contains(name) || json[name].is_string();
  };
  return json.is_object() && is_text("kind") && is_text("instance") && is_text("id") &&
         (!json.contains("ctime") || json["ctime"].is_number_integer());
}

bool is_ownership(const ordered_json& document) {
  if (!document.is_object() || !document.contains("targets") || !document["targets"].is_object())
    return false;
  const auto& targets = document["targets"];
  return std::all_of(targets.begin(), targets.end(), [](const ordered_json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), is_identity);
  });
}

/// "": nothing was noted yet.
ordered_json parse_document(const std::string& text, const std::string& file) {
  if (text.empty())
    return {{"api", manifest::api_version}, {"kind", "Owner"}, {"targets", ordered_json::object()}};
  auto document = api::parse_foreign_json(text);
  if (!is_ownership(document))
    throw Error(Reason::usage, fmt::format("'{}' does not say who made what", file),
                "remove it; then nothing is pruned that was made before");
  return document;
}

std::string text_of(const std::string& file) {
  try {
    return cli::read_file(file);
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    return "";
  }
}

std::vector<Identity> objects_in(const ordered_json& document, const std::string& target) {
  std::vector<Identity> found;
  if (document["targets"].contains(target))
    for (const auto& each : document["targets"][target])
      found.push_back({each.value("kind", ""), each.value("instance", ""), each.value("id", ""),
                       each.value("ctime", std::int64_t{0})});
  return found;
}

ordered_json to_json(const Identity& identity) {
  return {{"kind", identity.kind},
          {"instance", identity.instance},
          {"id", identity.id},
          {"ctime", identity.ctime}};
}

}  // namespace

std::vector<Identity> read_owned(cli::Session& session, const std::string& owner) {
  const auto file = file_of(session, owner);
  return objects_in(parse_document(text_of(file), file), target_of(session));
}

void note_owned(cli::Session& session, const std::string& owner,
                const std::vector<manifest::Step>& steps,
                const std::function<manifest::Observed()>& observe) {
  const auto name = file_of(session, owner);
  const auto target = target_of(session);
  cli::SharedFile file(name, session.lock_wait());
  auto document = parse_document(file.read(), name);
  const auto observed = observe();
  const auto before = objects_in(document, target);
  const auto was_made = [&](const Identity& identity, const std::string& title) {
    return std::any_of(steps.begin(), steps.end(), [&](const manifest::Step& step) {
      return step.action == manifest::Action::create && step.instance == identity.instance &&
             step.object == title;
    });
  };
  auto owned = ordered_json::array();
  for (const auto& identity : before)
    if (!manifest::is_observed(observed, identity)) owned.push_back(to_json(identity));
  for (const auto& [identity, title] : manifest::identities(observed))
    if (std::find(before.begin(), before.end(), identity) != before.end() ||
        was_made(identity, title))
      owned.push_back(to_json(identity));
  if (owned == document["targets"].value(target, ordered_json::array())) return;
  document["targets"][target] = std::move(owned);
  file.write(document.dump(2) + "\n");
}

}  // namespace metactl::commands
