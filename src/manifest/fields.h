// SPDX-License-Identifier: Apache-2.0
// Messages from trees, by the descriptors: names in camelCase, and every value of its field's type.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "manifest/problems.h"

namespace metactl::manifest {

/// Puts what a map says into messages. What does not fit is a problem, and left out.
class Filler {
 public:
  /// `kind` is named in problems: "Cluster".
  Filler(Report& report, std::string_view kind) : report_(report), kind_(kind) {}

  /// `part` stands in front of the kind in problems: "metadata of a Cluster".
  void fill(const Node& map, google::protobuf::Message& message, std::string_view part = {});

  /// Paths of all fields that were written, but for those inside lists.
  const std::set<std::string, std::less<>>& given() const { return given_; }
  /// Where their values stand.
  const std::map<std::string, Place, std::less<>>& places() const { return places_; }

 private:
  using Field = google::protobuf::FieldDescriptor;

  void fill_map(const Node& map, google::protobuf::Message& message);
  void set_field(const Node& map, const Node& value, google::protobuf::Message& message,
                 const Field& field);
  void set_one(const Node& map, const Node& value, google::protobuf::Message& message,
               const Field& field);
  void set_map(const Node& map, const Node& value, google::protobuf::Message& message,
               const Field& field);
  void set_entry(const Node& map, const Node& name, const Node& value,
                 google::protobuf::Message& message, const Field& field);
  void set_enum(const Node& map, const Node& value, google::protobuf::Message& message,
                const Field& field);
  void refuse_name(const Node& map, const Node& name, const google::protobuf::Message& message);
  void refuse_type(const Node& map, const Node& value, const Field& field,
                   std::string_view expected);
  std::string where() const;

  Report& report_;
  std::string kind_;
  std::vector<std::string> path_;
  int lists_ = 0;  // How many of them the path leads through.
  std::set<std::string, std::less<>> given_;
  std::map<std::string, Place, std::less<>> places_;
};

/// The values that a manifest may give a field, by name.
std::vector<std::string> value_names(const google::protobuf::EnumDescriptor& type);

/// The names of the fields of a manifest, in the order of the .proto.
std::vector<std::string> field_names(const google::protobuf::Descriptor& type);

/// "a Cluster", "an Instance".
std::string with_article(std::string_view kind);

/// "a list", "nothing", "'9050x'": what stands there, for problems.
std::string describe(const Node& node);

}  // namespace metactl::manifest
