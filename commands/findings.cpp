// SPDX-License-Identifier: Apache-2.0
#include "commands/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/shell_word.h"
#include "base/text.h"
#include "http/curl_url.h"
#include "render/paragraphs.h"

namespace metactl::commands {
namespace {

constexpr std::size_t head_columns = 3;  // SEVERITY, ID and OBJECT stand in one line.

std::string name_of(api::Severity severity) {
  return std::string(api::severity_names.at(static_cast<std::size_t>(severity)));
}

nlohmann::ordered_json json_of(const api::Finding& finding) {
  return {{"id", finding.id},
          {"severity", name_of(finding.severity)},
          {"object", finding.object},
          {"message", finding.message},
          {"mend", finding.mend}};
}

render::List list_of(const std::vector<api::Finding>& findings) {
  render::List list{"Finding", {{"SEVERITY"}, {"ID"}, {"OBJECT"}, {"MESSAGE"}, {"MEND"}}, {}};
  for (const auto& finding : findings)
    list.rows.push_back(
        {finding.id + "/" + finding.object,
         {name_of(finding.severity), finding.id, finding.object, finding.message, finding.mend},
         [finding] { return json_of(finding); }});
  return list;
}

bool is_typed(const cli::Setting& setting) {
  return setting.origin.starts_with("flag") || setting.origin.starts_with("environment");
}

/// Flag and value, with a blank in front.
std::string flag(std::string_view name, const std::string& value) {
  return fmt::format(" {} {}", name, text::shell_word(value));
}

/// "" when the setting was not typed.
std::string typed_flag(const cli::Session& session, std::string_view name, std::string_view word) {
  const auto& setting = session.setting(name);
  return is_typed(setting) && !setting.value.empty() ? flag(word, setting.value) : "";
}

/// What names the server or the state without its credentials.
std::string place_of(const cli::Session& session) {
  const auto& service = session.setting(session.is_remote() ? "server" : "state");
  const bool is_of_context = service.origin.starts_with("context");
  std::string place;
  if (is_of_context && !session.globals().config.empty())
    place += flag("--config", session.globals().config);
  if (is_of_context) return place + typed_flag(session, "context", "-C");
  if (!is_typed(service)) return place;
  return place + (session.is_remote()
                      ? flag("--server", http::parse_server_url(service.value).shown)
                      : flag("--state", service.value));
}

std::vector<api::Finding> with_places(const cli::Session& session,
                                      std::vector<api::Finding> findings) {
  for (auto& finding : findings) finding.mend = with_place(session, finding.mend);
  return findings;
}

}  // namespace

std::string with_place(const cli::Session& session, std::string_view commands) {
  constexpr std::string_view program = "metactl ";
  auto place = place_of(session);
  if (!session.is_remote()) place += typed_flag(session, "key_file", "--key-file");
  if (session.is_remote() && commands.find(" --token-file ") == std::string_view::npos)
    place += typed_flag(session, "token_file", "--token-file");
  std::string text;
  bool is_quoted = false;
  bool begins_word = true;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (begins_word && !is_quoted && commands.substr(i).starts_with(program)) {
      text += "metactl" + place;
      i += program.size() - 1;
    }
    is_quoted = is_quoted != (commands[i] == '\'');
    begins_word = commands[i] == ' ';
    text += commands[i];
  }
  return text;
}

void refuse_raw_findings(const cli::Session& session) {
  if (session.style().format == render::Format::raw)
    throw Error(Reason::usage, "findings have no -o raw: no service wrote them");
}

void print_findings(cli::Session& session, const std::vector<api::Finding>& findings) {
  const auto list = list_of(with_places(session, findings));
  const auto& style = session.style();
  const bool for_people =
      style.aligned && style.columns.empty() &&
      (style.format == render::Format::table || style.format == render::Format::wide);
  if (for_people) return render::print_paragraphs(session.io().out, list, head_columns, style);
  session.print(list);
}

nlohmann::ordered_json findings_json(const cli::Session& session,
                                     const std::vector<api::Finding>& findings) {
  auto result = nlohmann::ordered_json::array();
  for (const auto& finding : with_places(session, findings)) result.push_back(json_of(finding));
  return result;
}

std::string count_text(const std::vector<api::Finding>& findings) {
  std::vector<std::string> parts;
  for (const auto severity : {api::Severity::error, api::Severity::warning, api::Severity::info}) {
    const auto count = std::count_if(findings.begin(), findings.end(), [&](const auto& finding) {
      return finding.severity == severity;
    });
    const bool is_plural = count != 1 && severity != api::Severity::info;
    if (count > 0)
      parts.push_back(fmt::format("{} {}{}", count, name_of(severity), is_plural ? "s" : ""));
  }
  return text::join(parts, ", ");
}

bool is_unhealthy(const std::vector<api::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const auto& finding) { return finding.severity != api::Severity::info; });
}

}  // namespace metactl::commands
