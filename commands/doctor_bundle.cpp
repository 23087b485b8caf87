// SPDX-License-Identifier: Apache-2.0
// metactl doctor --bundle: what a bug report needs, without secrets.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "api/foreign_json.h"
#include "api/json.h"
#include "api/mask.h"
#include "api/secret_text.h"
#include "base/shell_word.h"
#include "base/tar.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/doctor.h"
#include "commands/findings.h"
#include "commands/local_state.h"
#include "commands/lookup.h"
#include "commands/stored_rows.h"
#include "proto/journal.pb.h"
#include "version.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t newest_records = 200;
constexpr std::size_t longest_id = 80;  // A longer id of an instance is a number in names of files.

std::int64_t now_s() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
}

/// The files of the archive, and what each of them is.
class Bundle {
 public:
  void add(const std::string& name, const std::string& what, const std::string& content) {
    manifest_ += fmt::format("{}\n    {}\n", name, what);
    tar_.add("metactl-report/" + name, content, now_);
  }
  void add(const std::string& name, const std::string& what, const ordered_json& content) {
    add(name, what, content.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  }
  /// Adds what `make` gives, or why there is none.
  template <class Make>
  void try_add(const std::string& name, const std::string& what, const Make& make) {
    try {
      add(name, what, make());
    } catch (const Error& error) {
      manifest_ += fmt::format("{}\n    not there: {}\n", name, text::printable(error.what()));
    }
  }
  std::string finish() && {
    tar_.add("metactl-report/MANIFEST", manifest_, now_);
    return std::move(tar_).finish();
  }

 private:
  const std::int64_t now_ = now_s();
  std::string manifest_ =
      "Made by 'metactl doctor --bundle' for a bug report. Secrets are masked: an access key\n"
      "keeps its middle, any other secret is a fingerprint.\n\n";
  Tar tar_;
};

std::string masked(std::string_view name, const std::string& value) {
  if (value.empty()) return value;
  if (name == "token" || name == "METACTL_TOKEN") return api::fingerprint(value);
  const bool is_url =
      name == "server" || name == "METACTL_SERVER" || name == "http_proxy" || name == "https_proxy";
  if (is_url) return api::mask_url(value);
  return value;
}

ordered_json settings(const cli::Session& session) {
  ordered_json result = {{"file", session.config_file()}};
  for (const auto& info : cli::settings) {
    const auto& setting = session.setting(info.name);
    result["settings"].push_back({{"name", info.name},
                                  {"value", masked(info.name, setting.value)},
                                  {"origin", setting.origin}});
  }
  return result;
}

std::string environment(const cli::Io& io) {
  std::string lines;
  const auto add = [&](std::string_view name) {
    const auto value = name.empty() ? std::nullopt : io.environment(std::string(name));
    if (value) lines += fmt::format("{}={}\n", name, text::printable(masked(name, *value)));
  };
  for (const auto& info : cli::settings) add(info.environment);
  for (const auto* name : {"METACTL_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                           "NO_COLOR", "http_proxy", "https_proxy", "no_proxy"})
    add(name);
  return lines;
}

ordered_json files(cli::Session& session) {
  const auto in_use = files_in_use(session);
  auto result = ordered_json::array();
  const auto add = [&](const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    result.push_back({{"path", path},
                      {"mode", fmt::format("{:04o}", status.st_mode & 07777)},
                      {"user", status.st_uid},
                      {"bytes", status.st_size},
                      {"mtime", status.st_mtim.tv_sec}});
  };
  for (const auto& path : in_use.private_files) add(path);
  for (const auto& path : in_use.folders) add(path);
  return result;
}

ordered_json instance_json(cli::Session& session, const std::string& id) {
  auto instance = get_instance(session, id);
  api::mask_secrets(instance);
  return ordered_json::parse(api::to_json(instance));
}

void add_instances(cli::Session& session, Bundle& bundle) {
  std::vector<std::string> ids;
  try {
    ids = instances_to_check(session);
  } catch (const Error&) {
    return;  // Why not is among the findings.
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool fits = text::consists_of(ids[i], "_-.") && ids[i].size() <= longest_id;
    bundle.try_add(fmt::format("instances/{}.json", fits ? ids[i] : std::to_string(i)),
                   fmt::format("the record of instance '{}', masked", text::printable(ids[i])),
                   [&] { return instance_json(session, ids[i]); });
  }
}

/// Without the changed bytes: they may have been secrets.
ordered_json journal(cli::Session& session) {
  pb::ScanKeysRequest request;
  request.set_key_type("JournalKey");
  const auto rows = scan_rows(session, request);
  auto result = ordered_json::array();
  for (std::size_t i = rows.size() - std::min(rows.size(), newest_records); i < rows.size(); ++i) {
    const auto record = message_of<pb::JournalRecord>(rows[i]);
    auto asked = api::parse_foreign_json(record.request());
    result.push_back({{"key", text::hex(rows[i].key())},
                      {"time_ms", record.time_ms()},
                      {"operation", record.operation()},
                      {"request", asked.is_discarded() ? ordered_json(record.request()) : asked},
                      {"outcome", record.outcome()},
                      {"changes", record.changes_size()}});
  }
  return result;
}

std::string archive(cli::Session& session, const Diagnosis& diagnosis) {
  Bundle bundle;
  bundle.add("version.txt", "the program", fmt::format("metactl {}\n", version_text));
  bundle.add("findings.json", "what doctor found", findings_json(session, diagnosis.findings));
  bundle.add("settings.json", "every setting, and where it is from", settings(session));
  bundle.add("environment.txt", "variables that metactl looks at", environment(session.io()));
  bundle.add("files.json", "files and folders in use", files(session));
  if (diagnosis.failure == 0) {
    add_instances(session, bundle);
    if (!session.is_remote())
      bundle.try_add("journal.json", "the newest changes of the state, masked",
                     [&] { return journal(session); });
  }
  return std::move(bundle).finish();
}

Error is_there(const std::string& path) {
  return Error(Reason::conflict, fmt::format("'{}' is there already", path), "--force");
}

/// The report must not take the place of what it is about.
void refuse_in_use(cli::Session& session, const std::string& path) {
  const auto files = files_in_use(session).private_files;
  std::error_code ignored;
  const bool is_in_use =
      (!session.is_remote() && is_part_of_state(path, session.connection().state)) ||
      std::any_of(files.begin(), files.end(), [&](const std::string& each) {
        return std::filesystem::equivalent(path, each, ignored);
      });
  if (is_in_use)
    throw Error(Reason::usage, fmt::format("'{}' is in use by metactl", path),
                "name another one for the report");
}

void require_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  throw Error(Reason::usage,
              fmt::format("cannot write '{}': there is no folder '{}'", path, folder.string()),
              "mkdir -p " + text::shell_word(folder.string()));
}

}  // namespace

void check_bundle(cli::Session& session, const std::string& path, bool force) {
  if (path == "-" && session.io().out_is_terminal)
    throw Error(Reason::usage, "standard output is a terminal, which cannot show a tar",
                "--bundle FILE");
  if (path.empty() || path == "-") return;
  refuse_in_use(session, path);
  require_folder(path);
  if (!force && std::filesystem::exists(path)) throw is_there(path);
}

void write_bundle(cli::Session& session, const std::string& path, bool force,
                  const Diagnosis& diagnosis) {
  const auto bytes = archive(session, diagnosis);
  if (path == "-") {
    session.io().out << bytes;
    return;
  }
  if (force)
    cli::write_private_file(path, bytes);
  else if (!cli::create_private_file(path, bytes))
    throw is_there(path);
  session.note(fmt::format("report in '{}'", path));
}

}  // namespace metactl::commands
