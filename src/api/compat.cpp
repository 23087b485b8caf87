// SPDX-License-Identifier: Apache-2.0
#include "api/compat.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "api/mask.h"
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
  if (!release.has(Difference::plain_results)) return;
  visit_messages(message, [](Message& part) {
    std::vector<const FieldDescriptor*> fields;
    part.GetReflection()->ListFields(part, &fields);
    for (const auto* field : fields)
      if (is_newer(*field)) part.GetReflection()->ClearField(&part, field);
  });
}

}  // namespace metactl::api
