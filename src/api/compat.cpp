// SPDX-License-Identifier: Apache-2.0
#include "api/compat.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// A member that releases with Difference::plain_results do not show.
struct Member {
  std::string_view message;
  std::string_view name;
};

constexpr std::array newer_members = {
    Member{"GetClusterResponse", "enable_storage_vault"},
    Member{"GetObjStoreInfoResponse", "enable_storage_vault"},
    Member{"ClusterPB", "cluster_status"},
    Member{"ClusterPB", "ctime"},
    Member{"ClusterPB", "mtime"},
    Member{"NodeInfoPB", "status"},
    Member{"ObjectStoreInfoPB", "encryption_info"},
    Member{"ObjectStoreInfoPB", "sse_enabled"},
    Member{"ObjectStoreInfoPB", "use_path_style"},
};

bool is_newer(const FieldDescriptor& field) {
  return std::any_of(newer_members.begin(), newer_members.end(), [&](const Member& member) {
    return member.name == field.name() && member.message == field.containing_type()->name();
  });
}

void remove_from(Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (is_newer(*field)) {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
      continue;
    } else if (!field->is_repeated()) {
      remove_from(*reflection->MutableMessage(&message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        remove_from(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

}  // namespace

const Release& find_release(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& release : releases) {
    if (release.name == name) return release;
    names.emplace_back(release.name);
  }
  throw Error(Reason::usage,
              fmt::format("no release '{}' of the Meta Service", text::printable(name)),
              "values of --compat: " + text::join(names, ", "));
}

void remove_newer_members(const Release& release, Message& message) {
  if (release.has(Difference::plain_results)) remove_from(message);
}

}  // namespace metactl::api
