// SPDX-License-Identifier: Apache-2.0
#include "commands/touched.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

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

class Reader {
 public:
  Touched touched;

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
    for (const auto* list : {"operations", "undone"})  // Of batch and undo.
      for (const auto& part : request.value(list, ordered_json::array()))
        if (part.is_object() && part.contains("request"))
          read(text_at(part, "operation"), part["request"]);
    for (const auto& step : request.value("steps", ordered_json::array())) {  // Of apply.
      if (!step.is_object()) continue;
      read_instance({{"instance_id", text_at(step, "instance")}});
      read_title(text_at(step, "object"));
    }
  }

  void read_key(const std::string& key) {
    const auto matches = keys::try_explain(key).value_or(keys::Explanation()).matches;
    if (matches.empty()) return;
    const bool is_broker = matches.front().type->space == keys::Space::broker;
    for (const auto& [name, value] : matches.front().fields) {
      if (is_broker && name == "cluster_name")
        add_to(touched.others, "broker-cluster", {std::get<std::string>(value)});
      if (is_broker && name == "proxy_address")
        add_to(touched.others, "broker-proxy", {std::get<std::string>(value)});
      if (name == "instance_id") add_instance(std::get<std::string>(value));
      for (const auto* kind : {"txn", "tablet"})
        if (name == std::string(kind) + "_id")
          add(kind, {std::to_string(std::get<std::int64_t>(value))});
    }
  }

 private:
  void add_instance(const std::string& id) {
    if (!id.empty() && !touched.is_about(id)) touched.instances.push_back(id);
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
    for (const auto& node : cluster.value("nodes", ordered_json::array())) {
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
    add_to(touched.objects, kind, std::move(names));
  }

  static void add_to(std::vector<TouchedObject>& objects, const std::string& kind,
                     std::vector<std::string> names) {
    std::erase(names, "");
    if (names.empty()) return;
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const auto same = [&](const TouchedObject& each) {
      return each.kind == kind && each.names == names;
    };
    if (std::none_of(objects.begin(), objects.end(), same))
      objects.push_back({kind, std::move(names)});
  }
};

}  // namespace

Touched touched_by(const client::PastChange& change) {
  Reader reader;
  reader.read(change.operation, ordered_json::parse(change.request, nullptr, false));
  for (const auto& key : change.keys) reader.read_key(key);
  auto& touched = reader.touched;
  if (touched.objects.empty()) touched.objects = std::exchange(touched.others, {});
  if (touched.objects.empty())
    for (const auto& id : touched.instances) touched.objects.push_back({"instance", {id}});
  return touched;
}

}  // namespace metactl::commands
