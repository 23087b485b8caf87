// SPDX-License-Identifier: Apache-2.0
// Where two services differ, in the terms of manifests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

namespace metactl::manifest {

/// An object as paths and what stands there: "status" NORMAL, "nodes[10.0.0.1:9050].role"
/// FE_MASTER. Items of lists are told apart by endpoint or text, not by place.
using Fields = std::map<std::string, std::string>;

Fields fields_of(const Object& object);

/// True when two values of a field mean the same: of an address or endpoint, whose fields are known
/// by their names, in whatever spelling.
bool are_same(std::string_view field, std::string_view a, std::string_view b);

/// "~ status NORMAL -> SUSPENDED", "+ nodes[10.0.0.2:9050]", "- mysqlUserNames[jack]": what must
/// change to make one of the other. An item that is in one of them only is told without its fields.
std::vector<std::string> compare(const Fields& before, const Fields& after);

}  // namespace metactl::manifest
