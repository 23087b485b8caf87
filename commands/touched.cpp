// SPDX-License-Identifier: Apache-2.0
#include "commands/touched.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>
#include <utility>

#include "api/foreign_json.h"
#include "api/operations.h"
#include "base/text.h"
#include "keys/explain.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

/// The members of a request that say what an object is called; the first one is shown.
struct Naming {
  std::string_view member;  // Where the object stands in the request; "": in the request itself.
  std::string_view kind;
  std::array<std::string_view, 2> names;
};

/// Of requests to a memory broker.
constexpr std::array broker_namings = {
    Naming{"", "broker-cluster", {"name", ""}},
    Naming{"", "broker-cluster", {"cluster_name", ""}},
    Naming{"", "broker-proxy", {"proxy_address", ""}},
    Naming{"", "broker-proxy", {"address", ""}},
};

/// Of requests to a qluster.
constexpr std::array qluster_namings = {
    Naming{"", "qluster-node", {"node", ""}},
    Naming{"", "qluster-node", {"ip", ""}},
};

/// The Meta Service also for what is no operation, such as apply.
api::Service service_of(const std::string& operation) {
  const auto* found = api::find_operation(operation);
  return found ? found->info->service : api::Service::meta;
}

constexpr std::array namings = {
    Naming{"cluster", "cluster", {"cluster_name", "cluster_id"}},
    Naming{"vault", "vault", {"name", "id"}},
    Naming{"obj", "obj", {"id", ""}},
    Naming{"stage", "stage", {"name", "stage_id"}},
    Naming{"ram_user", "ram-user", {"user_id", ""}},
    Naming{"", "txn", {"txn_id", ""}},
    Naming{"", "snapshot", {"snapshot_id", ""}},
};

std::string text_at(const ordered_json& json, std::string_view name) {
  const auto found = json.find(std::string(name));
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The lists of calls in a request: of batch, undo and apply.
bool is_list_of_calls(const ordered_json& member) {
  return member == "operations" || member == "undone" || member == "steps";
}

/// Keeps each object once, in order of their appearance.
class UniqueObjects {
 public:
  void add(std::vector<TouchedObject>& objects, const std::string& kind,
           std::vector<std::string> names) {
    std::erase(names, "");
    if (names.empty()) return;
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (known_.insert(kind + "/" + text::join(names, "\n")).second)
      objects.push_back({kind, std::move(names)});
  }

 private:
  std::unordered_set<std::string> known_;
};

class Reader {
 public:
  Touched touched;

  /// Reads each call of a list when it ends, and lets it go: there may be hundreds of thousands.
  void read_text(const std::string& operation, const std::string& text) {
    using Event = ordered_json::parse_event_t;
    std::map<int, bool> is_list;  // By depth; what stands in a list is one deeper.
    bool is_next_list = false;
    const auto take_calls = [&](int depth, Event event, ordered_json& part) {
      if (event == Event::key) is_next_list = is_list_of_calls(part);
      if (event == Event::object_start) is_list[depth] = false;
      if (event == Event::array_start) is_list[depth] = is_next_list;
      if (event != Event::object_end || !is_list[depth - 1]) return true;
      read_call(part);
      return false;
    };
    read(operation, ordered_json::parse(text, take_calls, false));
  }

  void read_key(const std::string& key) {
    const auto matches = keys::try_explain(key).value_or(keys::Explanation()).matches;
    if (matches.empty()) return;
    const bool is_broker = matches.front().type->space == keys::Space::broker;
    for (const auto& [name, value] : matches.front().fields) {
      if (is_broker && name == "cluster_name")
        others_.add(touched.others, "broker-cluster", {std::get<std::string>(value)});
      if (is_broker && name == "proxy_address")
        others_.add(touched.others, "broker-proxy", {std::get<std::string>(value)});
      if (name == "instance_id") add_instance(std::get<std::string>(value));
      for (const auto* kind : {"txn", "tablet"})
        if (name == std::string(kind) + "_id")
          add(kind, {std::to_string(std::get<std::int64_t>(value))});
    }
  }

 private:
  void read(const std::string& operation, const ordered_json& request) {
    if (!request.is_object()) return;
    if (service_of(operation) == api::Service::broker) {
      for (const auto& naming : broker_namings) add(naming, request);
      return;
    }
    if (service_of(operation) == api::Service::nodemgr) return read_nodemgr(request);
    if (service_of(operation) == api::Service::qluster) {
      for (const auto& naming : qluster_namings) add(naming, request);
      if (request.contains("config")) add("qluster-config", {"cluster"});
      return;
    }
    read_instance(request);
    for (const auto& naming : namings) {
      if (naming.member.empty()) add(naming, request);
      if (request.contains(naming.member) && request[naming.member].is_object())
        add(naming, request[naming.member]);
    }
    if (request.contains("cluster") && request["cluster"].is_object())
      read_nodes(request["cluster"]);
  }

  /// A call of batch or undo, or a step of apply.
  void read_call(const ordered_json& call) {
    if (!call.contains("object") && call.contains("request"))
      return read(text_at(call, "operation"), call["request"]);
    add_instance(text_at(call, "instance"));
    read_title(text_at(call, "object"));
  }

  void add_instance(const std::string& id) {
    if (!id.empty() && instances_.insert(id).second) touched.instances.push_back(id);
  }

  void read_instance(const ordered_json& request) {
    auto id = text_at(request, "instance_id");
    const auto parts = text::split(text_at(request, "cloud_unique_id"), ':');
    if (id.empty() && parts.size() > 2) id = parts[1];
    add_instance(id);
  }

  void read_nodemgr(const ordered_json& request) {
    add("nodemgr-job", {text_at(request, "job_id")});
    const auto file = text_at(request, "name");
    const auto area = text_at(request, "file_type");
    if (!file.empty()) add("nodemgr-file", {(area.empty() ? "upload" : area) + "/" + file});
    for (const std::string end : {"s", "d"}) {
      const auto ip = text_at(request, end + "_ip");
      if (!ip.empty()) add("nodemgr-node", {ip + ":" + text_at(request, end + "_port")});
    }
  }

  void read_nodes(const ordered_json& cluster) {
    const auto nodes = cluster.find("nodes");
    if (nodes == cluster.end()) return;
    for (const auto& node : *nodes) {
      if (!node.is_object()) continue;
      const auto host = text_at(node, "host");
      const auto address = host.empty() ? text_at(node, "ip") : host;
      const auto& port = node.contains("heartbeat_port")
                             ? node["heartbeat_port"]
                             : node.value("edit_log_port", ordered_json());
      add("node",
          {address.empty() ? "" : address + ":" + port.dump(), text_at(node, "cloud_unique_id")});
    }
  }

  void read_title(const std::string& title) {
    const auto slash = title.find('/');
    if (slash != std::string::npos) add(title.substr(0, slash), {title.substr(slash + 1)});
  }

  void add(const Naming& naming, const ordered_json& json) {
    add(std::string(naming.kind), {text_at(json, naming.names[0]),
                                   naming.names[1].empty() ? "" : text_at(json, naming.names[1])});
  }

  void add(const std::string& kind, std::vector<std::string> names) {
    objects_.add(touched.objects, kind, std::move(names));
  }

  UniqueObjects objects_;
  UniqueObjects others_;
  std::set<std::string> instances_;
};

template <class Item, class Describe>
std::string first_of(const std::vector<Item>& items, std::string_view separator,
                     const Describe& describe) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(shown, items.size()); ++i)
    texts.push_back(describe(items[i]));
  const auto text = text::join(texts, separator);
  return items.size() <= shown ? text : fmt::format("{} and {} more", text, items.size() - shown);
}

}  // namespace

Touched touched_by(const client::PastChange& change) {
  Reader reader;
  reader.read_text(change.operation, change.request);
  for (const auto& key : change.keys) reader.read_key(key);
  auto& touched = reader.touched;
  if (touched.objects.empty()) touched.objects = std::exchange(touched.others, {});
  if (touched.objects.empty())
    for (const auto& id : touched.instances) touched.objects.push_back({"instance", {id}});
  return std::move(touched);
}

std::string objects_text(const Touched& touched, std::string_view separator) {
  return first_of(touched.objects, separator, [](const auto& object) { return object.title(); });
}

std::string instances_text(const Touched& touched) {
  return first_of(touched.instances, ", ", [](const auto& id) { return id; });
}

}  // namespace metactl::commands
