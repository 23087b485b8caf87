// SPDX-License-Identifier: Apache-2.0
#include "commands/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "api/json.h"
#include "api/mask.h"
#include "api/meta.h"
#include "base/error.h"
#include "base/text.h"
#include "commands/curl_rules.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using cli::CurlCall;
using nlohmann::ordered_json;
using Kind = Part::Kind;

/// The instance in a cloud_unique_id of the form 1:INSTANCE:ANYTHING; "" in all others.
std::string instance_in(const std::string& unique_id) {
  if (!unique_id.starts_with("1:")) return "";
  const auto from = std::string_view(unique_id).substr(2);
  auto end = from.find(':');
  if (from.starts_with(cli::variable_begin))
    end = from.find(':', std::min(from.find(cli::variable_end), from.size()));
  if (end == std::string_view::npos || end + 1 >= from.size()) return "";
  if (from.substr(end + 1).find(':') != std::string_view::npos) return "";
  return std::string(from.substr(0, end));
}

/// A text that a command can be given: any but an empty one.
std::optional<std::string> as_word(const ordered_json& value) {
  if (value.is_null() || value.is_structured()) return std::nullopt;
  auto word = text_of(value);
  if (word.empty()) return std::nullopt;
  return word;
}

std::string duration_of(const std::string& milliseconds) {
  constexpr std::int64_t largest = 1'000'000;  // As cli::parse_duration.
  const auto number = text::to_int(milliseconds);
  if (!number || *number <= 0) return "";
  if (*number % 60'000 == 0 && *number / 60'000 <= largest)
    return fmt::format("{}m", *number / 60'000);
  if (*number % 1000 == 0 && *number / 1000 <= largest) return fmt::format("{}s", *number / 1000);
  return *number <= largest ? fmt::format("{}ms", *number) : "";
}

/// Types the members of one request as the words of one command.
class Typist {
 public:
  Typist(const Conversion& conversion, ordered_json members)
      : conversion_(conversion),
        rest_(std::move(members)),
        words_(text::split(conversion.words, ' ')) {}

  /// Nothing when the command cannot say everything.
  std::optional<std::vector<std::string>> type() {
    if (conversion_.instance == InstanceFrom::flag && !find_instance()) return std::nullopt;
    for (const auto& part : conversion_.parts)
      if (!type(part)) return std::nullopt;
    if (!rest_.empty()) return std::nullopt;
    if (!instance_.empty() && conversion_.instance == InstanceFrom::flag)
      add_option("-i", instance_);
    return words_;
  }

 private:
  bool find_instance() {
    const auto unique_id = take_member(rest_, "cloud_unique_id");
    const auto id = take_member(rest_, "instance_id");
    auto& ids = rest_["instance_ids"];
    if (ids.is_array() && ids.size() == 1) instance_ = text_of(ids.front());
    const bool has_others = ids.is_array() && ids.size() > 1;
    rest_.erase("instance_ids");
    if (has_others) return false;
    if (unique_id.is_string()) {
      instance_ = instance_in(text_of(unique_id));
      if (instance_.empty() || (id.is_string() && text_of(id) != instance_)) return false;
    } else if (id.is_string()) {
      instance_ = text_of(id);
    }
    return !instance_.empty();
  }

  void add_option(std::string_view flag, const std::string& value) {
    if (value.starts_with('-')) {
      words_.push_back(fmt::format("{}={}", flag, value));
    } else {
      words_.emplace_back(flag);
      words_.push_back(value);
    }
  }

  bool add_position(const std::string& value) {
    if (value.starts_with('-')) return false;
    words_.push_back(value);
    return true;
  }

  static bool is_accepted(const Part& part, const std::string& value) {
    if (!part.check || cli::has_variable(value)) return true;
    try {
      part.check(value);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  bool type(const Part& part) {
    if (part.kind == Kind::word) return words_.emplace_back(part.flag), true;
    if (part.kind == Kind::body_only) return false;
    if (part.kind == Kind::members) return type_members();
    const auto value = take_member(rest_, part.path);
    if (value.is_null()) {
      if (part.kind == Kind::positions && !part.flag.empty()) words_.emplace_back(part.flag);
      return !part.is_needed;
    }
    return type(part, value);
  }

  bool type(const Part& part, const ordered_json& value) {
    switch (part.kind) {
      case Kind::position:
      case Kind::option:
      case Kind::variable:
      case Kind::milliseconds:
        return type_value(part, value);
      case Kind::each:
      case Kind::positions:
      case Kind::tablets:
      case Kind::pairs:
      case Kind::nodes:
      case Kind::endpoints:
        return type_list(part, value);
      case Kind::enabled:
        if (value == true) words_.emplace_back(part.flag);
        return value == true;
      case Kind::is:
        return value == std::string(part.flag);
      case Kind::implied:
        return true;
      case Kind::s3:
        return type_s3(part, value);
      case Kind::hdfs:
        return type_hdfs(part, value);
      case Kind::settings:
        return type_settings(value);
      case Kind::fields:
        return type_fields(value);
      case Kind::word:
      case Kind::body_only:
      case Kind::members:
        break;
    }
    return false;
  }

  bool type_value(const Part& part, const ordered_json& value) {
    auto word = as_word(value);
    if (!word || !is_accepted(part, *word)) return false;
    if (part.kind == Kind::variable) word = cli::sole_variable(*word);
    if (part.kind == Kind::milliseconds) word = duration_of(*word);
    if (word->empty()) return false;
    // What the command takes for granted is not said.
    if (part.flag == "--type") type_ = *word;
    if (part.flag == "--type" && *word == "COMPUTE") return true;
    if (part.flag == "--type") word = lower(*word);
    if (part.flag == "--id" && words_.back() == *word) return true;
    if (part.kind == Kind::position) return add_position(*word);
    add_option(part.flag, *word);
    return true;
  }

  static std::string lower(std::string word) {
    if (cli::has_variable(word)) return word;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
  }

  bool type_list(const Part& part, const ordered_json& list) {
    if (list.empty()) {
      if (part.kind == Kind::positions) words_.emplace_back(part.flag);
      return part.kind != Kind::tablets;
    }
    const bool is_one_by_one = conversion_.words.starts_with("node decommission");
    if (is_one_by_one && list.size() > 1) return false;
    for (const auto& item : list)
      if (!type_item(part, item)) return false;
    return true;
  }

  bool type_item(const Part& part, const ordered_json& item) {
    std::optional<std::string> word;
    if (part.kind == Kind::nodes || part.kind == Kind::endpoints) {
      word = node_word(item, part.kind == Kind::nodes);
    } else if (part.kind == Kind::tablets) {
      // The other ids are known from this one.
      word = as_word(item.is_object() ? item.value("tablet_id", ordered_json()) : item);
    } else if (part.kind == Kind::pairs) {
      const auto* key = member_at(item, "key");
      const auto* value = member_at(item, "value");
      if (key && value) word = fmt::format("{}={}", text_of(*key), text_of(*value));
    } else {
      word = as_word(item);
    }
    if (!word) return false;
    if (part.flag.empty() || part.kind == Kind::positions) return add_position(*word);
    add_option(part.flag, *word);
    return true;
  }

  /// ADDRESS:PORT/ROLE@CLOUD_UNIQUE_ID; nothing for a node that cannot be typed so.
  std::optional<std::string> node_word(ordered_json node, bool is_new) {
    const auto whole = node;
    auto host = as_word(take_member(node, "host"));
    const auto ip = as_word(take_member(node, "ip"));
    auto port = as_word(take_member(node, "heartbeat_port"));
    const auto role = as_word(take_member(node, "node_type"));
    const auto log_port = as_word(take_member(node, "edit_log_port"));
    const auto id = as_word(take_member(node, "cloud_unique_id"));
    const bool is_sql = role.has_value();
    if ((host && ip) || (port && log_port) || is_sql != log_port.has_value()) return std::nullopt;
    if (is_sql) port = log_port;
    if (!host) host = ip;
    if (!host || !port || !node.empty() || (is_new && !id)) return std::nullopt;
    const bool is_ipv6 = host->find(':') != std::string::npos && !cli::has_variable(*host);
    auto word = fmt::format("{}:{}", is_ipv6 ? "[" + *host + "]" : *host, *port);
    if (!is_new) return word;
    if (is_sql) word += "/" + *role;
    auto with_id = fmt::format("{}@{}", word, *id);
    if (cli::has_variable(with_id)) return with_id;
    return is_same_node(with_id, whole, is_sql) ? std::optional(with_id) : std::nullopt;
  }

  /// True when the command makes this node of the word.
  bool is_same_node(const std::string& word, const ordered_json& node, bool is_sql) const {
    try {
      const auto type = is_sql ? pb::ClusterPB::SQL : pb::ClusterPB::COMPUTE;
      pb::NodeInfoPB wanted;
      api::from_json(node.dump(), wanted);
      return api::serialize(parse_node(word, type, instance_)) == api::serialize(wanted);
    } catch (const Error&) {
      return false;
    }
  }

  bool type_members() {
    const auto names = take_member(rest_, "cluster.cluster_names");
    const auto type = take_member(rest_, "cluster.cluster_policy.type");
    const auto active = as_word(take_member(rest_, "cluster.cluster_policy.active_cluster_name"));
    const auto standbys = take_member(rest_, "cluster.cluster_policy.standby_cluster_names");
    if (names.is_null() && type.is_null() && !active && standbys.is_null()) return true;
    if (!active || standbys.size() != 1 || type != "ActiveStandby") return false;
    const auto other = text_of(standbys.front());
    if (names != ordered_json::array({*active, other})) return false;
    add_option("--active", *active);
    add_option("--standby", other);
    return true;
  }

  /// "a=b,c=d" of these members; nothing when one has a comma or is no text.
  static std::optional<std::string> pairs_of(const ordered_json& members) {
    std::vector<std::string> pairs;
    for (const auto& [name, value] : members.items()) {
      if (name == "sk") {
        const auto variable = cli::sole_variable(text_of(value));
        if (variable.empty()) return std::nullopt;
        pairs.push_back("sk-env=" + variable);
        continue;
      }
      const auto word = as_word(value);
      if (!word || word->find(',') != std::string::npos) return std::nullopt;
      pairs.push_back(fmt::format("{}={}", name, *word));
    }
    return text::join(pairs, ",");
  }

  bool type_s3(const Part& part, const ordered_json& store) {
    for (const auto* name :
         {"bucket", "endpoint", "external_endpoint", "region", "provider", "ak", "sk"})
      if (!member_at(store, name)) return false;
    static const std::vector<std::string> known = {
        "bucket",   "prefix", "endpoint", "external_endpoint", "region",
        "provider", "ak",     "sk",       "use_path_style"};
    for (const auto& [name, value] : store.items())
      if (std::find(known.begin(), known.end(), name) == known.end()) return false;
    const auto pairs = pairs_of(store);
    if (!pairs) return false;
    add_option(part.flag, *pairs);
    return true;
  }

  bool type_hdfs(const Part& part, ordered_json hdfs) {
    auto members = take_member(hdfs, "build_conf");
    const auto confs = members.is_object() ? take_member(members, "hdfs_confs") : ordered_json();
    if (!members.is_object() || !member_at(members, "fs_name")) return false;
    for (const auto& conf : confs) {
      const auto key = text_of(conf.value("key", ordered_json("")));
      if (key.find('.') == std::string::npos || members.contains(key)) return false;
      members[key] = conf.value("value", ordered_json());
    }
    if (hdfs.contains("prefix")) members["prefix"] = hdfs["prefix"];
    hdfs.erase("prefix");
    const auto pairs = pairs_of(members);
    if (!pairs || !hdfs.empty()) return false;
    add_option(part.flag, *pairs);
    return true;
  }

  bool type_settings(const ordered_json& value) {
    for (const auto& setting : text::split(text_of(value), ','))
      if (setting.find('=') == std::string::npos || !add_position(setting)) return false;
    return true;
  }

  bool type_fields(const ordered_json& fields) {
    for (const auto& [name, value] : fields.items())
      if (name != "unicode" && !add_position(fmt::format("{}={}", name, text_of(value))))
        return false;
    return true;
  }

  const Conversion& conversion_;
  ordered_json rest_;
  std::vector<std::string> words_;
  std::string instance_;
  std::string type_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string line = "metactl";
  for (const auto& word : words) line += " " + cli::shell_word(word);
  return line;
}

/// What all commands have at their end.
std::string with_globals(const CurlRequest& request, std::vector<std::string> words) {
  if (request.operation && request.operation->info->effect == api::Effect::destroy)
    words.emplace_back("--yes");
  if (!request.server.empty()) {
    words.emplace_back("--server");
    words.push_back(request.server);
  }
  return joined(words);
}

/// The text as JSON is written, but as it is inside variables of the shell.
std::string json_text(const ordered_json& members) {
  const auto json = members.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  std::string text;
  std::size_t at = 0;  // What is in front of it is in `text`.
  for (auto begin = json.find(cli::variable_begin); begin != std::string::npos;
       begin = json.find(cli::variable_begin, at)) {
    const auto end = json.find(cli::variable_end, begin);
    if (end == std::string::npos) break;
    const auto written = json.substr(begin, end - begin);
    const auto plain = ordered_json::parse('"' + written + '"', nullptr, false);
    text += json.substr(at, begin - at);
    text += plain.is_string() ? plain.get<std::string>() : written;
    at = end;
  }
  return text + json.substr(at);
}

std::string here_document(const std::string& content) {
  std::string end = "EOF";
  std::set<std::string> lines;  // Those that may end it.
  for (const auto& line : text::split(content, '\n'))
    if (line.starts_with(end)) lines.insert(line);
  while (lines.contains(end)) end += '_';
  if (cli::has_variable(content))
    return fmt::format(" <<{}\n{}\n{}", end, cli::here_text(content), end);
  return fmt::format(" <<'{}'\n{}\n{}", end, content, end);
}

/// The command with a body, which stands where curl has it from.
std::string with_body(const CurlCall& call, const CurlRequest& request,
                      std::vector<std::string> words) {
  words.emplace_back("--body");
  words.push_back(call.body == CurlCall::Body::file ? call.file : "-");
  auto line = with_globals(request, std::move(words));
  if (request.members.is_object() && request.members.contains("document"))
    return line + here_document(text_of(request.members["document"]));
  if (request.members.is_object()) return line + here_document(json_text(request.members));
  return call.body == CurlCall::Body::text ? line + here_document(call.data.text) : line;
}

std::string api_command(const CurlCall& call, const CurlRequest& request) {
  const auto input = request.operation->info->input;
  std::vector<std::string> words = {"api", std::string(request.operation->info->name)};
  const bool is_body = input == api::Input::body ||
                       (input == api::Input::either && call.body != CurlCall::Body::none);
  if (is_body) return with_body(call, request, std::move(words));
  const auto add = [&](const std::string& name, const ordered_json& value) {
    words.emplace_back("-f");
    words.push_back(fmt::format("{}={}", name, text_of(value)));
  };
  for (const auto& [name, value] : request.members.items()) {
    if (name == "document") continue;
    if (!value.is_object()) add(name, value);
    if (value.is_object())
      for (const auto& [key, each] : value.items()) add(fmt::format("{}.{}", name, key), each);
  }
  const bool has_document = input == api::Input::document && call.body != CurlCall::Body::none;
  return has_document ? with_body(call, request, std::move(words))
                      : with_globals(request, std::move(words));
}

std::string frontend_command(const CurlCall& call, const CurlRequest& request) {
  std::vector<std::string> words = {"cluster", "fragments", "--fe", request.server};
  const auto colon = std::min(call.user.find(':'), call.user.size());
  if (colon > 0) {
    words.emplace_back("--user");
    words.push_back(call.user.substr(0, colon));
  }
  if (colon + 1 < call.user.size()) {
    const auto variable = cli::sole_variable(call.user.substr(colon + 1));
    words.emplace_back("--password-env");
    words.push_back(variable.empty() ? "PASSWORD" : variable);
  }
  return joined(words);
}

/// Takes away what protobuf could not read because a variable stands in place of a number.
void drop_variables(ordered_json& members, const google::protobuf::Descriptor& type) {
  using google::protobuf::FieldDescriptor;
  for (auto member = members.begin(); member != members.end();) {
    const auto* field = type.FindFieldByName(member.key());
    const bool is_text = field && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool is_message = field && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    auto& value = member.value();
    if (is_message && !field->is_map() && value.is_object())
      drop_variables(value, *field->message_type());
    if (is_message && value.is_array())
      for (auto& item : value)
        if (item.is_object()) drop_variables(item, *field->message_type());
    const bool is_odd = !is_text && !is_message && cli::has_variable(value.dump());
    member = is_odd ? members.erase(member) : std::next(member);
  }
}

/// Every text that is the secret; with a field, only in members of that name.
void replace_text(ordered_json& members, const std::string& field, const std::string& secret,
                  const std::string& variable) {
  if (!members.is_structured()) return;
  for (auto member = members.begin(); member != members.end(); ++member) {
    const bool is_meant = field.empty() || (members.is_object() && member.key() == field);
    if (is_meant && member.value() == secret) member.value() = variable;
    replace_text(member.value(), field, secret, variable);
  }
}

/// The same inside the texts that hold several things.
void replace_part(ordered_json& members, const std::string& secret, const std::string& variable) {
  for (const auto* name : {"configs", "document"}) {
    if (!members.contains(name)) continue;
    auto text = members[name].get<std::string>();
    const auto at = text.find(secret);
    if (at != std::string::npos) members[name] = text.replace(at, secret.size(), variable);
  }
}

/// True when there is something beside variables, or a value that stands in for an unset one.
bool has_clear_part(std::string_view value) {
  if (!value.starts_with(cli::variable_begin)) return true;
  const auto variables = cli::variables_in(value);
  const auto& source = variables.front().first;
  const auto size = cli::variable_begin.size() + source.size() + cli::variable_end.size();
  return size < value.size() ||
         (source.starts_with("${") && source.find_first_of("-=+") != std::string::npos);
}

}  // namespace

std::string SecretNames::variable(const std::string& field, const std::string& secret) {
  const auto [place, is_new] = names_.try_emplace({field, secret});
  if (!is_new) return place->second;
  std::string name;
  for (const char c : text::upper(field)) name += text::consists_of({&c, 1}, "_") ? c : '_';
  auto& next = next_.try_emplace(name, 2).first->second;
  auto unique = name;
  while (!taken_.insert(unique).second) unique = fmt::format("{}_{}", name, next++);
  place->second = unique;
  return unique;
}

std::vector<std::string> SecretNames::names() const {
  return {taken_.begin(), taken_.end()};
}

void hide_secrets(const cli::ShellScript& script, const CurlCall& call, CurlRequest& request,
                  SecretNames& names, std::vector<Mistake>& mistakes) {
  if (!request.members.is_object()) return;
  auto readable = request.members;
  const auto& empty = request.operation->request();
  drop_variables(readable, *empty.GetDescriptor());
  const std::unique_ptr<google::protobuf::Message> message(empty.New());
  try {
    api::from_json(readable.dump(), *message);
  } catch (const Error&) {
    request.members = nullptr;  // What cannot be read may hold secrets anywhere.
    request.is_readable = false;
    return;
  }
  std::vector<std::pair<std::string, std::string>> found;
  api::replace_secrets(*message, [&](const std::string& field, const std::string& value) {
    if (!cli::sole_variable(value).empty()) return value;
    script.spend(call.data.text.size() / 4);
    const auto variable = cli::as_variable(names.variable(field, value));
    const auto at = call.data.text.find(value);
    const bool is_in_body = at != std::string::npos;
    if (field != "ak" && has_clear_part(value))
      mistakes.push_back(
          {"secret-in-clear", is_in_body ? call.data.line_at(at) : call.url.line_at(0),
           fmt::format("a secret, '{}', stands here in the clear", field),
           fmt::format("export {} from a safe place", names.variable(field, value))});
    replace_text(request.members, field, value, variable);
    found.emplace_back(value, variable);
    replace_part(request.members, value, variable);
    return value;
  });
  // Secrets elsewhere, such as in lists of keys and values.
  for (const auto& [value, variable] : found) replace_text(request.members, "", value, variable);
}

std::string command_for(const CurlCall& call, const CurlRequest& request) {
  if (request.target == CurlRequest::Target::frontend) return frontend_command(call, request);
  if (!request.operation || !request.is_readable) return "";
  const auto name = request.operation->info->name;
  const Conversion* with_option = nullptr;
  for (const auto& conversion : conversions()) {
    if (conversion.operation != name) continue;
    if (conversion.has_body) with_option = &conversion;
    if (!request.members.is_object()) continue;
    if (auto words = Typist(conversion, request.members).type())
      return with_globals(request, std::move(*words));
  }
  if (with_option) return with_body(call, request, text::split(with_option->words, ' '));
  return api_command(call, request);
}

}  // namespace metactl::commands
