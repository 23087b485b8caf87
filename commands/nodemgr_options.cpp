// SPDX-License-Identifier: Apache-2.0
#include "commands/nodemgr_options.h"

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/secret_options.h"
#include "http/curl_url.h"

namespace metactl::commands {
namespace {

constexpr std::size_t longest_job_id = 128;

std::string from_prompt(cli::Session& session, const NodemgrLogin& login, std::string_view flag,
                        const std::string& node) {
  const auto typed = session.ask_hidden(fmt::format("password of '{}' at {}: ", login.user, node));
  if (!typed)
    throw Error(Reason::usage,
                fmt::format("no password of '{}' at '{}' is given", login.user, node),
                fmt::format("{0}-file FILE or {0}-env VARIABLE", flag));
  return *typed;
}

}  // namespace

NodemgrAddress parse_nodemgr_address(const std::string& word) {
  const auto colon = word.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : text::to_int(word.substr(colon + 1));
  if (colon == 0 || !port || !ip::is_port(*port))
    throw Error(Reason::usage, fmt::format("not an address: '{}'", word),
                "write IP:PORT, with a port from 1 to 65535");
  return {word.substr(0, colon), static_cast<std::uint64_t>(*port)};
}

std::string read_nodemgr_password(cli::Session& session, const NodemgrLogin& login,
                                  std::string_view flag, const std::string& node) {
  if (!login.password_file.empty() && !login.password_env.empty())
    throw Error(Reason::usage, fmt::format("only one of {0}-file and {0}-env is possible", flag));
  std::string password;
  if (login.password_file == "-") {
    password = text::trim(cli::read_input(session.io(), "-", "read", cli::largest_secret));
  } else if (!login.password_file.empty()) {
    password = cli::read_named_secret(login.password_file);
  } else if (!login.password_env.empty()) {
    password = secret_variable(session, login.password_env);
  } else {
    password = from_prompt(session, login, flag, node);
  }
  if (password.empty())
    throw Error(Reason::usage, fmt::format("the password of '{}' is empty", login.user));
  return password;
}

void check_nodemgr_name(const std::string& name, const std::string& word, bool any) {
  if (any || text::consists_of(word, "_$")) return;
  throw Error(Reason::usage,
              fmt::format("{} has more than letters, digits, _ and $: '{}'", name, word),
              "a node_mgr puts it into SQL as it is; --any-name sends it all the same");
}

std::string job_id_of(const NodemgrJobOptions& options) {
  if (options.job_id.empty()) return "job-" + text::hex(crypto::random_bytes(8));
  if (options.job_id.size() > longest_job_id || !text::consists_of(options.job_id, "-_.:"))
    throw Error(Reason::usage, fmt::format("not an id of a job: '{}'", options.job_id),
                "up to 128 letters, digits and -_.:");
  return options.job_id;
}

void warn_of_clear_text(cli::Session& session) {
  if (!session.is_remote()) return;
  const auto server = http::parse_server_url(session.setting("server").value);
  if (server.loopback) return;
  session.warn(fmt::format("the password travels to {} in clear text, and is written to its log",
                           server.shown));
}

}  // namespace metactl::commands
