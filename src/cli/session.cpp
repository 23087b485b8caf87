// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/json.h"
#include "api/mask.h"
#include "base/text.h"
#include "cli/curl_line.h"
#include "cli/duration.h"
#include "cli/files.h"

namespace metactl::cli {
namespace {

using google::protobuf::Message;

render::Style style_of(const Globals& globals, const Io& io, const std::string& format,
                       const std::string& colour) {
  if (colour != "auto" && colour != "always" && colour != "never")
    throw Error(Reason::usage, fmt::format("no colour mode '{}'", colour),
                "write --color auto, always or never");
  render::Style style;
  style.format = render::parse_format(format);
  style.aligned = io.out_is_terminal;
  style.width = io.out_is_terminal ? io.width : 0;
  const auto no_colour = io.environment("NO_COLOR");
  const bool wanted = io.out_is_terminal && (!no_colour || no_colour->empty());
  style.colour = colour == "always" || (colour == "auto" && wanted);
  if (style.colour) style.aligned = true;
  style.headers = globals.headers;
  style.columns = globals.columns;
  style.where = globals.where;
  style.sort = globals.sort;
  return style;
}

}  // namespace

void Session::configure() {
  config_ = load_config(config_file());
  settings_ = effective_settings(globals_.settings, io_, config_);
  style_ = style_of(globals_, io_, setting("output").value, setting("color").value);
  if (setting("token").origin.starts_with("flag"))
    warn(
        "--token shows the token to everybody on this machine who can list processes; "
        "use --token-file");
}

std::string Session::config_file() const {
  return globals_.config.empty() ? config_path(io_) : globals_.config;
}

const Setting& Session::setting(std::string_view name) const {
  return settings_.find(name)->second;
}

Connection Session::connection() const {
  Connection connection;
  connection.server = setting("server").value;
  connection.state = setting("state").value;
  if (connection.server.empty() && connection.state.empty())
    throw Error(Reason::usage, "no state named, and the environment has no HOME for the default",
                "--state FILE or --server URL");
  connection.token = setting("token").value;
  const auto& token_file = setting("token_file").value;
  if (!token_file.empty()) connection.token = read_secret_file(token_file);
  connection.timeout = parse_duration(setting("timeout").value);
  return connection;
}

client::Client& Session::client() {
  if (client_) return *client_;
  client_ = services_.connect(connection());
  client_->observe([this](const api::OperationInfo& operation, const Message& request) {
    protect(operation);
    note_new_state(operation);
    trace(operation, request);
  });
  return *client_;
}

std::string Session::instance() {
  if (!named_instance().empty()) return named_instance();
  if (is_remote())
    throw Error(Reason::usage, "no instance named", "name it with -i ID, or in a context");
  settings_["instance"] = {sole_instance(), "the only one in the state"};
  return named_instance();
}

std::string Session::sole_instance() {
  std::vector<std::string> ids;
  const auto response = client().call(api::list_instances, pb::ListInstancesRequest());
  for (const auto& each : response.instances())
    if (each.status() != pb::InstanceInfoPB::DELETED) ids.push_back(each.instance_id());
  if (ids.size() == 1) return ids.front();
  if (ids.empty())
    throw Error(Reason::not_found, fmt::format("no instance in state '{}'", setting("state").value),
                "metactl instance create ID");
  throw Error(Reason::usage, fmt::format("no instance named, and the state has {}", ids.size()),
              "name one with -i: " + text::join(ids, ", "));
}

nlohmann::ordered_json Session::value_of(const Message& message) const {
  if (globals_.show_secrets) return nlohmann::ordered_json::parse(api::to_json(message));
  const std::unique_ptr<Message> masked(message.New());
  masked->CopyFrom(message);
  api::mask_secrets(*masked);
  return nlohmann::ordered_json::parse(api::to_json(*masked));
}

std::string Session::secret(const std::string& value) const {
  return globals_.show_secrets || value.empty() ? value : api::fingerprint(value);
}

void Session::confirm(const std::string& what) {
  if (setting("yes").value != "false") return;
  if (globals_.no_input || !io_.in_is_terminal || !io_.err_is_terminal)
    throw Error(Reason::usage, fmt::format("refused to {} without --yes", what),
                "add --yes if that is what you want");
  io_.err << fmt::format("This will {}. Go on? [y/N] ", what) << std::flush;
  std::string answer;
  std::getline(io_.in, answer);
  if (answer != "y" && answer != "Y" && answer != "yes")
    throw Error(Reason::usage, fmt::format("did not {}: not confirmed", what));
  settings_["yes"] = {"true", "answer"};  // One question for one command.
}

void Session::protect(const api::OperationInfo& operation) {
  if (operation.effect == api::Effect::read || setting("protected").value != "true") return;
  confirm(fmt::format("run {} in the protected context '{}'", operation.name,
                      setting("context").value));
}

void Session::note_new_state(const api::OperationInfo& operation) {
  // A mistyped path must not look like a state without instances.
  if (operation.effect != api::Effect::read || is_remote() || told_new_state_) return;
  told_new_state_ = true;
  if (services_.is_new && services_.is_new(connection()))
    note(fmt::format("note: there is no state '{}' yet", setting("state").value));
}

void Session::trace(const api::OperationInfo& operation, const Message& request) {
  if (globals_.show_curl) io_.err << curl_line(setting("server").value, operation, request) << '\n';
  if (globals_.verbose)
    io_.err << fmt::format("call {} {}\n", operation.name, value_of(request).dump());
}

void Session::attempt(const ChangeText& text, const Change& change,
                      const std::function<void()>& call) {
  const auto what = fmt::format("cannot {} {} '{}'", text.verb, text.kind, text.name);
  const auto object = fmt::format("{}/{}", text.kind, text.name);
  try {
    call();
  } catch (const Error& error) {
    const auto reason = error.reason();
    const bool may_be_done =
        reason == Reason::conflict || reason == Reason::not_found || reason == Reason::precondition;
    if (may_be_done && change.is_done && change.is_done()) return unchanged(text);
    auto told = error.explained(what);
    told.set_object(object);
    throw told;
  }
  if (globals_.read_back && change.difference && client().wants_read_back()) {
    const auto difference = change.difference();
    if (!difference.empty()) {
      Error error(Reason::internal,
                  fmt::format("{}: the server answered OK, but {}", what, difference),
                  "look at it before you repeat; --no-read-back leaves this check out");
      error.set_object(object);
      throw error;
    }
  }
  done(text);
}

void Session::done(const ChangeText& text) {
  if (globals_.quiet && style_.format == render::Format::table) return;
  render::print(
      io_.out,
      render::Change{true, std::string(text.done), fmt::format("{}/{}", text.kind, text.name)},
      style_);
}

void Session::unchanged(const ChangeText& text) {
  if (globals_.quiet && style_.format == render::Format::table) return;
  render::print(io_.out,
                render::Change{false, "unchanged", fmt::format("{}/{}", text.kind, text.name)},
                style_);
}

void Session::read_body(const std::string& path, Message& request) {
  try {
    api::from_strict_json(read_input(io_, path), request);
  } catch (const Error& error) {
    throw error.explained(fmt::format("cannot read the request in '{}'", path));
  }
}

void Session::note(const std::string& text) {
  if (!globals_.quiet) io_.err << text << '\n';
}

void Session::warn(const std::string& text) {
  note("warning: " + text);
}

void Session::print_raw(const api::OperationInfo& operation, const Message& request) {
  protect(operation);
  trace(operation, request);
  print_raw(*api::find_operation(operation.name), http::encode_request(operation, request));
}

void Session::print_raw(const api::AnyOperation& operation, const http::Request& request) {
  const auto raw = client().call_raw(operation, request);
  io_.out << raw.body;
  if (!raw.failure) return;
  auto failure = *raw.failure;
  failure.set_operation(operation.info->name);
  throw failure;
}

void require(const std::string& value, const std::string& name) {
  if (value.empty()) throw Error(Reason::usage, fmt::format("{} is missing", name));
}

}  // namespace metactl::cli
