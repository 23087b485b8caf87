// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/clusters.h"
#include "api/json.h"
#include "api/mask.h"
#include "api/secret_text.h"
#include "base/harmless.h"
#include "base/listed.h"
#include "base/symbolic_link.h"
#include "base/text.h"
#include "cli/curl_line.h"
#include "cli/duration.h"
#include "cli/effects.h"
#include "cli/files.h"
#include "client/inverse.h"

namespace metactl::cli {
namespace {

using google::protobuf::Message;

/// Where a setting is from, unless everybody can see it on the command line.
std::string shown_origin(const Setting& setting) {
  return setting.origin.starts_with("flag") ? "" : setting.origin;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

/// The enum of the field at a path such as "cluster.nodes[0].node_type"; nullptr when it has none.
const google::protobuf::EnumDescriptor* enum_at(const Message& message, std::string_view path) {
  const auto* type = message.GetDescriptor();
  const google::protobuf::FieldDescriptor* field = nullptr;
  for (const auto& piece : text::split(path, '.')) {
    field = type ? type->FindFieldByName(piece.substr(0, piece.find('['))) : nullptr;
    if (!field) return nullptr;
    type = field->message_type();
  }
  return field ? field->enum_type() : nullptr;
}

/// A body that is no such request: `why` is protobuf's, which says of an enum
/// `(cluster.type): invalid value "X" for type <its own name of the type>`.
Error unreadable(const std::string& path, std::string why, const Message& request) {
  std::string hint;
  const auto end = why.find("): invalid value ");
  const auto* type = why.starts_with('(') && end != std::string::npos
                         ? enum_at(request, std::string_view(why).substr(1, end - 1))
                         : nullptr;
  if (type) {
    why = why.substr(0, why.rfind(" for type "));
    hint = "values: " + text::join(value_names(*type), ", ");
  }
  return Error(Reason::usage, fmt::format("cannot read the request in '{}': {}", path, why), hint);
}

render::Style style_of(const Globals& globals, const Io& io, const Setting& format,
                       const std::string& colour) {
  if (colour != "auto" && colour != "always" && colour != "never")
    throw Error(Reason::usage, fmt::format("no colour mode '{}'", colour),
                "write --color auto, always or never");
  render::Style style;
  style.format = render::parse_format(format.value, shown_origin(format));
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

/// The reply as it came, or, when it holds secrets, written again with these masked.
std::string without_secrets(const api::AnyOperation& operation, const Message& request,
                            const client::Client::Raw& raw, const api::Release& release) {
  if (raw.failure || operation.info->reply == api::Reply::envelope) return raw.body;
  const std::unique_ptr<Message> response(operation.response().New());
  http::decode_reply(*operation.info, request, {200, "", raw.body}, *response);
  const std::unique_ptr<Message> masked(response->New());
  masked->CopyFrom(*response);
  api::mask_secrets(*masked);
  if (api::serialize(*masked) == api::serialize(*response)) return raw.body;
  return http::encode_reply(*operation.info, request, *masked, std::nullopt, release).body;
}

/// True when nothing of a body is lost in its message.
bool is_exact(const api::AnyOperation& operation, const std::string& body) {
  const std::unique_ptr<Message> message(operation.request().New());
  try {
    api::from_strict_json(body, *message);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// What is told when the environment leads elsewhere than the context that was typed; "" when it
/// does not.
std::string outranked(const std::map<std::string, Setting, std::less<>>& settings,
                      const ConfigFile& config) {
  const auto& typed = settings.at("context");
  const auto* context = typed.origin.starts_with("flag") ? config.find(typed.value) : nullptr;
  for (const auto* name : {"server", "state"}) {
    const auto& place = settings.at(name);
    if (context && place.origin.starts_with("environment") &&
        (context->values.contains("server") || context->values.contains("state")))
      return fmt::format("{} goes before context '{}'; unset it to work there", place.origin,
                         typed.value);
  }
  return "";
}

/// A state is made where a link leads to, but not the folders there: more likely than new ones are
/// those of a disk that is not mounted.
void refuse_lost_target(const std::string& link, const std::string& target) {
  if (link == target) return;
  const auto folder = std::filesystem::path(target).parent_path();
  std::error_code unreadable;  // Opening the state says why.
  if (folder.empty() || std::filesystem::exists(folder, unreadable) || unreadable) return;
  throw Error(Reason::not_found,
              fmt::format("cannot open state '{}': it is a link to '{}', and there is no folder "
                          "'{}'",
                          link, target, folder.string()),
              "make the folder, or mount what it is on; or remove the link");
}

int parse_retries(const std::string& text) {
  constexpr std::int64_t most = 100;
  const auto count = text::to_int(text);
  if (!count || *count < 0 || *count > most)
    throw Error(Reason::usage, fmt::format("invalid number of retries '{}': expected 0 to {}",
                                           text::printable(text), most));
  return static_cast<int>(*count);
}

}  // namespace

void Session::configure(bool makes_config) {
  const bool is_named =
      !globals_.config.empty() || !io_.environment(config_variable).value_or("").empty();
  config_ = load_config(config_file(), is_named && !makes_config);
  settings_ = effective_settings(globals_.settings, io_, config_);
  style_ = style_of(globals_, io_, setting("output"), setting("color").value);
  if (setting("token").origin.starts_with("flag"))
    warn(
        "--token shows the token to everybody on this machine who can list processes; "
        "use --token-file");
  if (const auto text = outranked(settings_, config_); !text.empty()) warn(text);
}

void Session::need_target() {
  needs_target_ = true;
  require_target();
}

void Session::require_target() const {
  if (is_remote() || setting("state").origin != "default") return;
  refuse_lost_context();
  throw Error(Reason::usage, "no target: neither a server nor a state is named",
              "name one with --server URL, --state FILE, METACTL_SERVER or METACTL_STATE, or "
              "choose a context: metactl context use NAME");
}

void Session::refuse_lost_context() const {
  const auto& context = setting("context");
  if (!context.value.empty() && !config_.find(context.value)) throw no_context(context, config_);
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
  connection.state = follow_links(setting("state").value);
  if (!connection.server.empty()) check_server(connection.server);
  if (connection.server.empty() && setting("state").origin == "default") refuse_lost_context();
  if (connection.server.empty() && connection.state.empty())
    throw Error(Reason::usage, "no state named, and the environment has no HOME for the default",
                "--state FILE or --server URL");
  if (connection.server.empty()) refuse_lost_target(setting("state").value, connection.state);
  connection.key_file = setting("key_file").value;
  connection.token = setting("token").value;
  const auto& token_file = setting("token_file").value;
  if (!token_file.empty()) connection.token = read_named_secret(token_file);
  connection.api = setting("api").value;
  connection.release = api::find_release(setting("compat").value);
  connection.notes = follow_links(state_home_file(io_, "history.db"));
  const auto& timeout = setting("timeout");
  connection.timeout = parse_duration(timeout.value);
  connection.is_timeout_chosen = timeout.origin != "default";
  connection.retries.count = parse_retries(setting("retries").value);
  connection.retries.sleep = [&io = io_](std::chrono::milliseconds time) { sleep_for(io, time); };
  connection.may_upgrade = setting("no_upgrade").value == "false";
  const auto print = [&io = io_](const std::string& line) {
    io.err << text::printable(line) << std::endl;
  };
  if (globals_.verbose) connection.retries.note = print;
  if (!globals_.quiet) connection.note = print;
  if (!globals_.quiet && io_.err_is_terminal) connection.note_wait = print;
  connection.command = command_;
  return connection;
}

LockWait Session::lock_wait() const {
  LockWait wait;
  const auto& timeout = setting("timeout");
  if (timeout.origin != "default") wait.limit = parse_duration(timeout.value);
  if (!globals_.quiet && io_.err_is_terminal)
    wait.note = [&io = io_](const std::string& line) {
      io.err << text::printable(line) << std::endl;
    };
  return wait;
}

client::Client& Session::client() {
  if (client_) return *client_;
  client_ = globals_.dry_run ? services_.rehearse(connection()) : services_.connect(connection());
  client_->observe([this](const api::OperationInfo& operation, const Message& request) {
    protect(operation);
    check_target(operation);
    trace(operation, request);
  });
  return *client_;
}

std::unique_ptr<Session> Session::in_context(const std::string& name) const {
  auto globals = globals_;
  for (const auto* place : {"server", "state"}) globals.settings.erase(place);
  globals.settings["context"] = name;
  if (const auto* context = config_.find(name)) {
    const auto instance = globals_.settings.find("instance");
    for (const auto& [key, value] : context->values) globals.settings[key] = value;
    if (instance != globals_.settings.end()) globals.settings["instance"] = instance->second;
  }
  auto session = std::make_unique<Session>(io_, std::move(globals), services_);
  session->set_command(command_);
  session->configure();
  return session;
}

std::string Session::instance() {
  if (!named_instance().empty()) return named_instance();
  if (is_remote())
    throw Error(Reason::usage, "no instance named", "name it with -i ID, or in a context");
  settings_["instance"] = {sole_instance(), "the only one in the state"};
  return named_instance();
}

std::string Session::instance_reference() {
  return api::instance_reference(instance());
}

void Session::use_instance(const std::string& id) {
  auto& instance = settings_["instance"];
  if (instance.origin.starts_with("flag") && instance.value != id)
    throw Error(Reason::usage, fmt::format("-i names instance '{}', but the body is about '{}'",
                                           instance.value, id));
  instance = {id, "body"};
}

std::string Session::sole_instance() {
  std::vector<std::string> ids;
  const auto response = client().call(api::list_instances, pb::ListInstancesRequest());
  for (const auto& each : response.instances())
    if (each.status() != pb::InstanceInfoPB::DELETED) ids.push_back(each.instance_id());
  if (ids.size() == 1) return ids.front();
  if (ids.empty())
    throw Error(Reason::not_found, fmt::format("no instance in state '{}'", setting("state").value),
                "metactl instance create prod --user-id USER");
  throw Error(Reason::usage, fmt::format("no instance named, and the state has {}", ids.size()),
              "name one with -i: " + text::listed(ids));
}

void Session::print(const render::List& list) {
  if (watch_) return watch_->print(io_.out, list, style_);
  render::print(io_.out, list, style_);
}

void Session::watch(const std::function<void()>& look) {
  const auto interval = parse_duration(globals_.interval);
  if (style_.format == render::Format::raw)
    throw Error(Reason::usage, "--watch compares lists, which -o raw has none of");
  for (watch_ = std::make_unique<Watch>();; sleep_for(io_, interval)) {
    look();
    if (!io_.out) throw Error(Reason::internal, "cannot write the result to standard output");
  }
}

nlohmann::ordered_json Session::value_of(const Message& message) const {
  if (globals_.show_secrets) {
    require_opened(message);
    return nlohmann::ordered_json::parse(api::to_json(message));
  }
  const std::unique_ptr<Message> masked(message.New());
  masked->CopyFrom(message);
  api::mask_secrets(*masked);
  return nlohmann::ordered_json::parse(api::to_json(*masked));
}

std::string Session::secret(const std::string& value) const {
  return globals_.show_secrets || value.empty() ? value : api::fingerprint(value);
}

std::string Session::access_key(const std::string& value) const {
  return globals_.show_secrets ? value : api::mask_access_key(value);
}

bool Session::can_ask() const {
  return !globals_.no_input && io_.in_is_terminal && io_.err_is_terminal;
}

std::optional<std::string> Session::ask_hidden(const std::string& prompt) {
  if (!can_ask() || !io_.read_hidden) return std::nullopt;
  return io_.read_hidden(prompt);
}

void Session::confirm(const std::string& what, const std::string& consequence) {
  if (setting("yes").value != "false" || globals_.dry_run) return;
  if (!can_ask())
    throw Error(Reason::usage, fmt::format("refused to {} without --yes", what),
                "add --yes if that is what you want");
  const auto* warning = can_be_undone() ? "" : "; metactl cannot undo that";
  io_.err << fmt::format("This will {}{}{}. Go on? [y/N] ", what, consequence, warning)
          << std::flush;
  std::string answer;
  std::getline(io_.in, answer);
  if (answer != "y" && answer != "Y" && answer != "yes")
    throw Error(Reason::usage, fmt::format("did not {}: not confirmed", what));
  settings_["yes"] = {"true", "answer"};  // One question for one command.
}

bool Session::can_undo(std::string_view operation) const {
  return !is_remote() || client::has_inverse(operation) ||
         api::find_operation(operation)->info->effect == api::Effect::read;
}

bool Session::can_be_undone() const {
  return std::all_of(operations_.begin(), operations_.end(),
                     [this](const std::string& name) { return can_undo(name); });
}

void Session::refuse_dry_run() const {
  if (globals_.dry_run) throw Error(Reason::usage, "this command cannot be rehearsed");
}

void Session::protect(const api::OperationInfo& operation) {
  if (operation.effect == api::Effect::read || setting("protected").value != "true") return;
  confirm(fmt::format("run {} in the protected context '{}'", operation.name,
                      setting("context").value));
}

bool Session::may_change() const {
  return allows_new_state_ ||
         std::any_of(operations_.begin(), operations_.end(), [](const std::string& name) {
           return api::find_operation(name)->info->effect != api::Effect::read;
         });
}

/// A mistyped path must look neither like a state without instances nor like a service.
void Session::check_target(const api::OperationInfo& operation) {
  const bool is_needed = needs_target_ || operation.needs_target();
  if (is_needed) require_target();
  if (operation.effect != api::Effect::read || is_remote() || told_new_state_) return;
  const bool is_missing = services_.is_new && services_.is_new(connection());
  const auto text = fmt::format("there is no state '{}'", setting("state").value);
  if (is_missing && is_needed && !may_change())
    throw Error(Reason::not_found, text, "metactl config view --effective");
  told_new_state_ = true;
  if (is_missing) note(fmt::format("note: {} yet", text));
}

void Session::trace(const api::OperationInfo& operation, const Message& request) {
  if (globals_.show_curl && operation.is_local()) {
    io_.err << fmt::format("# {} works on a state file only, without a call\n", operation.name);
  } else if (globals_.show_curl) {
    const CurlTarget target{setting("server").value,
                            !setting("token").value.empty() || !setting("token_file").value.empty(),
                            setting("api").value};
    auto written = http::encode_request(operation, request);
    written.body = written_body_;
    io_.err << (written_body_.empty() ? curl_line(target, operation, request, globals_.show_secrets)
                                      : curl_line(target, written))
            << '\n';
  }
  if (globals_.verbose)
    io_.err << fmt::format("call {} {}\n", operation.name,
                           operation.bulky ? fmt::format("({} bytes)", request.ByteSizeLong())
                                           : value_of(request).dump());
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
    auto told = with_instance(error).explained(what);
    told.set_object(object);
    if (!change.hint.empty() && reason != Reason::unknown_outcome) told.set_hint(change.hint);
    throw told;
  }
  if (change.difference) require_shown(text, change.difference);
  done(text);
}

void Session::require_shown(const ChangeText& text,
                            const std::function<std::string()>& difference) {
  if (!globals_.read_back || !client().wants_read_back()) return;
  const auto found = difference();
  if (found.empty()) return;
  Error error(Reason::internal,
              fmt::format("cannot {} {} '{}': the server answered OK, but {}", text.verb, text.kind,
                          text.name, found),
              "look at it before you repeat; --no-read-back leaves this check out");
  error.set_object(fmt::format("{}/{}", text.kind, text.name));
  throw error;
}

/// The service says of an instance that does not exist that its id is empty, when it was named by
/// a cloud_unique_id.
Error Session::with_instance(const Error& error) {
  if (error.reason() != Reason::not_found || !error.answer()) return error;
  const auto& message = error.answer()->message;
  if (message != "empty instance_id" && !message.starts_with("instance not found")) return error;
  return no_instance(named_instance(), error);
}

void Session::done(const ChangeText& text) {
  tell(true, text.done, text);
}

void Session::unchanged(const ChangeText& text) {
  tell(false, "unchanged", text);
}

void Session::checked(const ChangeText& text) {
  tell(false, text.done, text);
}

void Session::tell(bool changed, std::string_view action, const ChangeText& text) {
  if (style_.format == render::Format::raw) return;  // The service's own reply is told already.
  if (globals_.quiet && style_.format == render::Format::table) {
    if (text.fact.is_answer && !globals_.dry_run)
      io_.out << text::printable(render::text_of(text.fact)) << '\n';
    return;
  }
  auto objects = text.objects;
  if (objects.empty()) objects.push_back({text.name});
  std::vector<render::Change> changes;
  for (const auto& [name, is_changed] : objects) {
    const bool is_same = changed && !is_changed;
    changes.push_back({changed && is_changed, is_same ? "unchanged" : std::string(action),
                       fmt::format("{}/{}", text.kind, name), text.fact});
    changes.back().is_rehearsal = globals_.dry_run;
  }
  // The effects are those of all objects together.
  if (globals_.dry_run && render::is_document(style_.format))
    changes.back().effects = effects();
  else if (globals_.dry_run)
    changes.back().effects_text = effects_text(client().effects());
  if (globals_.dry_run && changed && !can_be_undone())
    note(fmt::format("note: metactl cannot undo on a server: {}/{}", text.kind, text.name));
  render::print(io_.out, changes, style_);
}

nlohmann::ordered_json Session::effects() {
  return effects_json(client().effects());
}

void Session::print_effects() {
  io_.out << effects_text(client().effects());
}

void Session::require_opened(const Message& message) const {
  if (!api::has_unopened_secret(message)) return;
  if (!is_remote() && services_.require_key) services_.require_key(connection());
  throw Error(Reason::integrity,
              "the service cannot decrypt a secret that it has stored: its key is missing or is "
              "another one",
              is_remote() ? "" : "name the key file with --key-file");
}

void Session::read_body(const std::string& path, Message& request) {
  const auto body = read_input(io_, path, "read the request in");
  try {
    api::from_strict_json(body, request);
  } catch (const Error& error) {
    throw unreadable(path, first_line(error.what()), request);
  }
}

void Session::note(const std::string& text) {
  if (!globals_.quiet) io_.err << text::harmless(text) << '\n';
}

void Session::warn(const std::string& text) {
  note("warning: " + text);
}

void Session::print_raw(const api::OperationInfo& operation, const Message& request) {
  send_raw(*api::find_operation(operation.name), request, http::encode_request(operation, request));
}

void Session::print_raw(const api::AnyOperation& operation, const std::string& body) {
  auto request = http::encode_request(*operation.info, operation.request());
  request.body = body;
  std::unique_ptr<Message> shown;
  try {
    shown = http::decode_request(operation, request);
  } catch (const Error&) {
    shown.reset(operation.request().New());  // What cannot be read may hold secrets anywhere.
  }
  written_body_ = is_exact(operation, body) ? "" : api::mask_text(body);
  send_raw(operation, *shown, request);
}

void Session::send_raw(const api::AnyOperation& operation, const Message& shown,
                       const http::Request& request) {
  protect(*operation.info);
  check_target(*operation.info);
  trace(*operation.info, shown);
  const auto raw = client().call_raw(operation, request);
  const auto body =
      globals_.show_secrets
          ? raw.body
          : without_secrets(operation, shown, raw, api::find_release(setting("compat").value));
  const bool may_act = io_.out_is_terminal && style_.format != render::Format::raw;
  io_.out << (may_act ? text::harmless(body) : body);
  if (!raw.failure) return;
  Error failure(raw.failure->reason(), first_line(raw.failure->what()), raw.failure->hint());
  if (raw.failure->answer()) failure.set_answer(*raw.failure->answer());
  failure.set_operation(operation.info->name);
  throw failure;
}

Error no_instance(const std::string& id, const Error& cause) {
  Error error(Reason::not_found, fmt::format("no instance '{}'", id), "metactl instance list");
  error.set_object("instance/" + id);
  if (cause.answer()) error.set_answer(*cause.answer());
  error.set_operation(cause.operation());
  return error;
}

void require(const std::string& value, const std::string& name, const std::string& hint) {
  if (value.empty()) throw Error(Reason::usage, fmt::format("{} is missing", name), hint);
}

}  // namespace metactl::cli
