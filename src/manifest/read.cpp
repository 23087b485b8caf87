// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/ip_address.h"
#include "base/listed.h"
#include "base/text.h"
#include "manifest/bodies.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"
#include "manifest/rules.h"

namespace metactl::manifest {
namespace {

class Reader {
 public:
  Manifests read(const std::vector<Source>& sources) {
    for (const auto& source : sources) {
      auto documents = yaml::parse(source.text, [&](const yaml::Problem& problem) {
        problems_.add({source.name, problem.line, problem.column}, problem.text);
      });
      // Bodies add nodes, but no roots.
      for (const auto* root : documents.roots)
        if (!root->is_null()) read_document(*root, documents, source);
    }
    problems_.refuse();
    return std::move(result_);
  }

 private:
  void read_document(const Node& root, yaml::Documents& documents, const Source& source) {
    Report report(problems_, source);
    if (!root.is_map())
      return report.add(root, fmt::format("a manifest must be a map, not {}", describe(root)));
    if (const auto* kind = root.find("kind"); kind && kind->text == "List")
      return read_list(root, documents, source, report);
    if (const auto* manifest = manifest_of_body(root, documents, report)) {
      const auto count = result_.objects.size();
      read_manifest(*manifest, report);
      if (result_.objects.size() > count) note_body(result_.objects.back());
      return;
    }
    read_manifest(root, report);
  }

  void note_body(const Object& object) {
    const auto* rest = object.given.contains("nodes") ? "; it keeps these nodes only" : "";
    result_.notes.push_back(fmt::format("{}: this API body is taken for a manifest of {} '{}'{}",
                                        to_text(object.place), object.kind->name, object.name,
                                        rest));
  }

  void read_list(const Node& list, yaml::Documents& documents, const Source& source,
                 Report& report) {
    check_names(list, std::array<std::string, 4>{"apiVersion", "kind", "metadata", "items"}, "List",
                report);
    const auto* items = list.find("items");
    if (!items || !items->is_list()) return report.add_lack(list, "a List needs items, a list");
    for (const auto* item : items->items) read_document(*item, documents, source);
  }

  static void check_names(const Node& map, std::span<const std::string> names,
                          std::string_view what, Report& report) {
    for (const auto& member : map.members) {
      const auto& name = member.name->text;
      if (std::find(names.begin(), names.end(), name) == names.end())
        report.add_in(map, *member.name,
                      fmt::format("no field '{}' in {}{}", name, with_article(what),
                                  text::did_you_mean(name, names)));
    }
  }

  /// The kind of a manifest; nullptr when there is none, which is a problem.
  static const Kind* kind_of(const Node& root, Report& report) {
    const auto* version = root.find("apiVersion");
    if (!version) {
      report.add_lack(root,
                      fmt::format("apiVersion is missing; write apiVersion: {}", api_version));
    } else if (!version->is_scalar() || version->text != api_version) {
      report.add(*version,
                 fmt::format("no apiVersion {}; write {}", describe(*version), api_version));
    }
    std::vector<std::string> names;
    for (const auto& each : kinds()) names.emplace_back(each.name);
    const auto* kind = root.find("kind");
    if (!kind) {
      report.add_lack(root, "kind is missing; kinds: " + text::join(names, ", "));
      return nullptr;
    }
    for (const auto& each : kinds())
      if (kind->is_scalar() && kind->text == each.name) return &each;
    auto hint = kind->is_scalar() ? text::did_you_mean(kind->text, names) : "";
    if (const auto* other = find_kind(kind->text)) hint = fmt::format("; write '{}'", other->name);
    if (hint.empty()) hint = "; kinds: " + text::join(names, ", ");
    report.add(*kind, fmt::format("no kind {}{}", describe(*kind), hint));
    return nullptr;
  }

  void read_manifest(const Node& root, Report& report) {
    check_names(root, std::array<std::string, 4>{"apiVersion", "kind", "metadata", "spec"},
                "manifest", report);
    const auto* kind = kind_of(root, report);
    if (!kind) return;
    Object object;
    object.kind = kind;
    object.place = report.place(root);
    const bool has_names = read_metadata(root, object, report);
    const auto* spec = root.find("spec");
    std::shared_ptr<google::protobuf::Message> message(kind->spec().New());
    if (spec && !spec->is_map())
      return report.add(*spec, fmt::format("'spec' must be a map, not {}", describe(*spec)));
    Filler filler(report, kind->name);
    if (spec) filler.fill(*spec, *message);
    check_rules(*message, spec ? *spec : root, report);
    object.given = filler.given();
    object.places.insert(filler.places().begin(), filler.places().end());
    object.spec = std::move(message);
    if (has_names && is_new(object, report, root)) result_.objects.push_back(std::move(object));
  }

  /// True when the object is named.
  static bool read_metadata(const Node& root, Object& object, Report& report) {
    const auto* metadata = root.find("metadata");
    if (!metadata || !metadata->is_map()) {
      report.add_lack(metadata ? *metadata : root, "metadata is missing; it names the object");
      return false;
    }
    pb::ManifestMetadata names;
    Filler filler(report, object.kind->name);
    filler.fill(*metadata, names, "metadata");
    object.places = filler.places();
    object.name = names.name();
    object.instance = names.instance();
    if (object.name.empty()) report.add_lack(*metadata, "metadata.name is missing");
    if (object.kind->service != api::Service::meta) {
      if (names.has_instance())
        report.add(*metadata->find("instance"),
                   fmt::format("{} is of no instance", with_article(object.kind->name)));
      return !object.name.empty();
    }
    if (object.kind->in_instance) {
      if (object.instance.empty()) report.add_lack(*metadata, "metadata.instance is missing");
    } else {
      if (names.has_instance() && object.instance != object.name)
        report.add(*metadata->find("instance"), "the id of an Instance stands in metadata.name");
      object.instance = object.name;
    }
    return !object.name.empty() && !object.instance.empty();
  }

  /// False, and a problem, when another manifest is about the same.
  bool is_new(const Object& object, Report& report, const Node& root) {
    const auto name =
        object.kind->is_at_endpoint ? ip::comparable_endpoint(object.name) : object.name;
    const auto [first, is_new] =
        places_.emplace(std::tuple(object.kind->name, object.instance, name), object.place);
    if (!is_new)
      report.add(root, fmt::format("{}{} has two manifests, the first at {}", object.title(),
                                   object.instance.empty()
                                       ? ""
                                       : fmt::format(" of instance '{}'", object.instance),
                                   to_text(first->second)));
    return is_new && has_own_users(object, report, root);
  }

  /// The users of a cluster stand in one manifest only.
  bool has_own_users(const Object& object, Report& report, const Node& root) {
    if (!object.given.contains("mysqlUserNames")) return true;
    const auto [first, is_new] =
        users_.emplace(std::pair(object.instance, object.name), object.place);
    if (!is_new)
      report.add(root, fmt::format("the users of cluster '{}' of instance '{}' stand in two "
                                   "manifests, the first at {}",
                                   object.name, object.instance, to_text(first->second)));
    return is_new;
  }

  Problems problems_;
  Manifests result_;
  std::map<std::tuple<std::string_view, std::string, std::string>, Place> places_;
  std::map<std::pair<std::string, std::string>, Place> users_;
};

}  // namespace

Manifests read(const std::vector<Source>& sources) {
  auto result = Reader().read(sources);
  if (!result.objects.empty()) return result;
  std::vector<std::string> names;
  names.reserve(sources.size());
  for (const auto& source : sources) names.push_back(fmt::format("'{}'", source.name));
  throw Error(Reason::usage, "no manifests in " + text::listed(names));
}

}  // namespace metactl::manifest
