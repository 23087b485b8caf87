// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/meta.h"
#include "base/text.h"
#include "commands/curl_members.h"
#include "commands/curl_rules.h"
#include "http/broker_http.h"
#include "http/frontend_http.h"
#include "http/meta_http.h"
#include "http/qluster_http.h"

namespace metactl::commands {
namespace {

using cli::CurlCall;
using nlohmann::ordered_json;

constexpr std::string_view service_path = "/MetaService/";
constexpr std::string_view http_path = "/MetaService/http/";
constexpr std::string_view recycler_path = "/RecyclerService/";
constexpr std::string_view default_token = "greedisgood9999";

/// True for the path of a service and all below it, in any case of letters: the service itself
/// knows one only, but what is written in another is meant for it.
bool is_below(std::string_view path, std::string_view service) {
  return (text::lower(path) + "/").starts_with(text::lower(service));
}

/// True when a text is nothing but what a variable or a command gives.
bool is_elsewhere(std::string_view text) {
  return text.starts_with(cli::variable_begin) &&
         text.find(cli::variable_end) + cli::variable_end.size() == text.size();
}

/// A service whose calls are told by their paths, but not read.
struct OtherService {
  std::string_view message;
  std::string_view hint;
  bool (*is_called)(const cli::CurlUrl& url, const CurlCall& call);
};

bool is_recycler_call(const cli::CurlUrl& url, const CurlCall&) {
  return is_below(url.path, recycler_path);
}

bool is_broker_call(const cli::CurlUrl& url, const CurlCall&) {
  constexpr std::array methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return std::any_of(methods.begin(), methods.end(), [&](const char* method) {
    return http::broker::find_route(method, url.path).operation != nullptr;
  });
}

bool is_qluster_call(const cli::CurlUrl& url, const CurlCall&) {
  return http::qluster::is_qluster_path(url.path);
}

/// All its jobs and files go to the root. What goes there from a file or a variable may be one.
bool is_nodemgr_call(const cli::CurlUrl& url, const CurlCall& call) {
  if (!url.path.empty() && url.path != "/") return false;
  const bool is_file = call.form.find("parameters=") != std::string::npos;
  const bool is_job = call.data.text.find("job_type") != std::string::npos;
  const bool is_open = call.body == CurlCall::Body::file || call.body == CurlCall::Body::input ||
                       is_elsewhere(call.data.text);
  const bool is_known = url.server.starts_with("http://") && !cli::has_variable(url.server);
  return is_file || is_job || (is_open && is_known);
}

constexpr std::array other_services = {
    OtherService{"a call of the recycler, for which metactl has no command", "keep it as it is",
                 is_recycler_call},
    OtherService{"a call of a memory broker, which is not read here", "metactl broker --help",
                 is_broker_call},
    OtherService{"a call of a qluster, which is not read here", "metactl qluster --help",
                 is_qluster_call},
    OtherService{"a call of a node_mgr, which is not read here", "metactl nodemgr --help",
                 is_nodemgr_call},
};

const OtherService* find_other_service(const cli::CurlUrl& url, const CurlCall& call) {
  const auto* found = std::find_if(other_services.begin(), other_services.end(),
                                   [&](const auto& each) { return each.is_called(url, call); });
  return found == other_services.end() ? nullptr : found;
}

class Reader {
 public:
  Reader(const CurlCall& call, std::vector<Mistake>& mistakes)
      : call_(call), url_(cli::split_url(call.url.text)), mistakes_(mistakes) {}

  CurlRequest read() {
    request_.server = url_.server == cli::as_variable("METACTL_SERVER") ? "" : url_.server;
    if (url_.path == http::frontend_path) {
      request_.target = CurlRequest::Target::frontend;
      check_user();
      note_unexpanded();
      return std::move(request_);
    }
    if (const auto* other = find_other_service(url_, call_)) {
      add("other-service", std::string(other->message), std::string(other->hint));
      return std::move(request_);
    }
    if (!is_below(url_.path, service_path)) {
      // Whatever the query is.
      request_.is_foreign = !cli::has_variable(url_.server) && !cli::has_variable(url_.path);
      if (!request_.is_foreign)
        add("unresolved-url", "it is not known where this goes",
            "write the address out, or set the variable in this text");
      return std::move(request_);
    }
    check_password();
    if (!is_route_in_query()) {
      check_token();
      find_operation();
    }
    note_unexpanded();
    if (request_.operation) read_parameters();
    return std::move(request_);
  }

 private:
  const api::OperationInfo& info() const { return *request_.operation->info; }

  void add(std::string id, std::string message, std::string hint = {}) {
    if (mistakes_.size() < most_mistakes)
      mistakes_.push_back({std::move(id), path_line(), std::move(message), std::move(hint)});
  }

  /// Not that of the address in front, which may have been written elsewhere.
  std::size_t path_line() const {
    const auto path = url_.path.empty() ? 0 : call_.url.text.find(url_.path);
    return call_.url.line_at(path == std::string::npos ? 0 : path);
  }

  std::size_t body_line() const {
    return call_.body == CurlCall::Body::text ? call_.data.line_at(0) : path_line();
  }

  /// A user for a service, which asks for none.
  void check_password() {
    const auto colon = std::min(call_.user.find(':'), call_.user.size());
    if (colon + 1 < call_.user.size() && !cli::has_variable(call_.user.substr(colon)))
      mistakes_.push_back({"secret-in-clear", call_.line, "a password stands here in the clear",
                           "the service asks for none: metactl sends none"});
  }

  void check_user() {
    const auto colon = call_.user.find(':');
    if (colon == std::string::npos || colon + 1 == call_.user.size()) return;
    if (!cli::has_variable(call_.user.substr(colon)))
      mistakes_.push_back({"secret-in-clear", call_.line, "a password stands here in the clear",
                           "export PASSWORD from a safe place, or use --password-file"});
  }

  void check_token() {
    const auto pairs = text::parse_query(url_.query);
    const auto token = std::find_if(pairs.begin(), pairs.end(),
                                    [](const auto& pair) { return pair.first == "token"; });
    if (token == pairs.end()) {
      if (!http::is_rpc_path(url_.path))
        add("no-token", "the URL has no token, and the service reads it from nowhere else",
            "?token=$TOKEN");
      return;
    }
    const auto at = call_.url.text.find("token=");
    const auto line = call_.url.line_at(at == std::string::npos ? 0 : at + 6);
    constexpr auto hint = "metactl reads the token from METACTL_TOKEN, or with --token-file FILE";
    if (call_.url.text.find(default_token, std::min(at, call_.url.text.size())) !=
        std::string::npos) {
      mistakes_.push_back({"default-token", line,
                           "the default token, which everybody knows, stands here in the clear",
                           "give the service one of its own; " + std::string(hint)});
    } else if (token->second.find(":-") != std::string::npos ||
               (!cli::has_variable(token->second) && !token->second.starts_with('<'))) {
      mistakes_.push_back({"token-in-clear", line, "a token stands here in the clear", hint});
    }
  }

  /// What the service would get as it is written.
  void note_unexpanded() {
    const auto note = [&](const auto& all, std::string_view where, const auto& hint) {
      for (const auto& [source, line] : all)
        if (mistakes_.size() < most_mistakes)
          mistakes_.push_back({"unexpanded-variable", line,
                               fmt::format("'{}' is sent as it stands: nothing is expanded {}",
                                           text::printable(source), where),
                               hint(text::printable(source))});
    };
    note(call_.unexpanded, "between single quotes", [](const std::string& source) {
      return fmt::format("close the quotes around it: '\"{}\"'", source);
    });
    note(call_.unexpanded_input, "in a here-document with a quoted end",
         [](const std::string&) { return "write its end, behind <<, without quotes"; });
  }

  /// .../http/v1/?alter_obj_info?token=..., as some documents write it: the service looks for a
  /// route in the path, and finds none.
  bool is_route_in_query() {
    const auto end = std::min(url_.query.find_first_of("?&="), url_.query.size());
    const auto name = text::percent_decode(std::string_view(url_.query).substr(0, end));
    const auto* meant = api::find_operation(name);
    if (!meant || meant->info->service != api::Service::meta ||
        http::find_route(url_.path).operation)
      return false;
    auto path = url_.path;
    while (path.ends_with('/')) path.pop_back();
    path += "/" + name;
    add("unknown-route",
        fmt::format("the service has no call there: the route '{}' is after a '?'", name),
        fmt::format("write {}?token=",
                    http::find_route(path).operation ? path : route_of(*meant->info)));
    return true;
  }

  /// The path under which the service has a call.
  static std::string route_of(const api::OperationInfo& info) {
    return fmt::format("{}{}", info.surface == api::Surface::rpc ? service_path : http_path,
                       info.name);
  }

  void find_operation() {
    const auto route = http::find_route(url_.path);
    if (route.operation) {
      request_.target = CurlRequest::Target::service;
      request_.operation = route.operation;
      return;
    }
    const bool is_http = is_below(url_.path, http_path);
    const auto front = is_http ? http_path.size() : service_path.size();
    auto name =
        text::percent_decode(std::string_view(url_.path).substr(std::min(front, url_.path.size())));
    if (cli::has_variable(name))
      return add("unresolved-url", "it is not known which call this is",
                 "write the last piece of the URL out");
    const auto version = name.find('/');
    const bool has_version = version != std::string::npos && name.starts_with('v');
    const auto bare = has_version ? name.substr(version + 1) : name;
    const auto* other = api::find_operation(bare);
    std::string hint;
    if (other && has_version && is_http)
      hint = fmt::format("{}v1/{} or {}{}", http_path, bare, http_path, bare);
    else if (other)
      hint = route_of(*other->info);
    std::replace(name.begin(), name.end(), '/', ' ');
    const auto word = std::string(text::trim(name));
    add("unknown-route",
        fmt::format("the service has no call '{}'{}", text::printable(bare),
                    other ? " under this path" : text::did_you_mean(word, api::operation_names())),
        hint);
  }

  // Parameters.

  void read_parameters() {
    if (info().name == "drop_s3_vault")
      add("refused-call", "every service refuses drop_s3_vault",
          "metactl vault drop NAME --force uses drop_hdfs_vault");
    if (info().deprecated)
      add("deprecated-call", fmt::format("{} is deprecated", info().name), "update_ak_sk");
    const bool has_body = call_.body != CurlCall::Body::none;
    if (info().input == api::Input::query || info().input == api::Input::document ||
        (info().input == api::Input::either && !has_body)) {
      read_query();
      if (info().input == api::Input::query && has_body)
        mistakes_.push_back(
            {"ignored-body", body_line(),
             fmt::format("the service ignores the body: {} reads the URL only", info().name)});
    } else {
      check_query();
      read_body();
    }
    if (!request_.members.is_null()) {
      take_member(request_.members, log_field);
      if (info().input == api::Input::body && info().name != "set_instance_status")
        take_member(request_.members, "op");  // Every call chooses it by its own name.
      check_members(info().name, request_.members, body_line(), mistakes_);
    }
  }

  void read_query() {
    request_.members = ordered_json::object();
    const auto& message = request_.operation->request();
    const auto* type = message.GetDescriptor();
    const bool is_key = type->FindFieldByName("parameters") != nullptr;
    for (const auto& [name, value] : text::parse_query(url_.query)) {
      if (name == "token") continue;
      if (const auto* field = type->FindFieldByName(name); field && !field->is_map()) {
        request_.members[name] = value;
      } else if (is_key) {
        request_.members["parameters"][name] = value;
      } else {
        std::vector<std::string> names;
        names.reserve(static_cast<std::size_t>(type->field_count()));
        for (int i = 0; i < type->field_count(); ++i) names.push_back(type->field(i)->name());
        add("unknown-member", fmt::format("the service ignores '{}' in the URL{}",
                                          text::printable(name), text::did_you_mean(name, names)));
      }
    }
    if (info().input == api::Input::document && call_.body == CurlCall::Body::text)
      request_.members["document"] = call_.data.text;
  }

  void check_query() {
    for (const auto& [name, value] : text::parse_query(url_.query))
      if (name != "token")
        add("ignored-parameter",
            fmt::format("the service ignores '{}' in the URL: {} reads the body only",
                        text::printable(name), info().name));
  }

  void read_body() {
    switch (call_.body) {
      case CurlCall::Body::none:
        add("no-body", fmt::format("{} needs a body, if only -d '{{}}'", info().name),
            call_.data_in_query ? "-G puts the data into the URL, which is not read" : "");
        request_.is_readable = false;
        return;
      case CurlCall::Body::text:
        if (is_elsewhere(call_.data.text)) return;
        request_.members = read_members(call_.data, request_.operation->request(), mistakes_);
        request_.is_readable = !request_.members.is_null();
        return;
      case CurlCall::Body::file:
      case CurlCall::Body::input:
        return;
    }
  }

  const CurlCall& call_;
  const cli::CurlUrl url_;
  std::vector<Mistake>& mistakes_;
  CurlRequest request_;
};

}  // namespace

bool names_service(std::string_view text) {
  for (const auto path : {service_path, recycler_path})
    if (text.find(path) != std::string::npos) return true;
  return false;
}

bool may_call_service(std::string_view word) {
  if (word.starts_with('-')) return false;
  const auto url = cli::split_url(word);
  const bool is_written_out =
      word.starts_with("http") && !cli::has_variable(url.server) && !cli::has_variable(url.path);
  return !is_written_out || names_service(word) || find_other_service(url, {}) != nullptr;
}

CurlRequest read_curl_request(const CurlCall& call, std::vector<Mistake>& mistakes) {
  return Reader(call, mistakes).read();
}

}  // namespace metactl::commands
