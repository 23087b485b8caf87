// SPDX-License-Identifier: Apache-2.0
// JSON as the Meta Service reads and writes it: protobuf's own mapping.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

namespace metactl::api {

/// The wire form, the same bytes for the same message: members of maps are in order.
std::string serialize(const google::protobuf::Message& message);

/// Compact JSON with snake_case names; 64-bit integers are strings, enums names.
std::string to_json(const google::protobuf::Message& message);

/// Reads lenient JSON: unknown fields and enum names are passed over, trailing commas too. Throws
/// Error, usage, with the place and the cause.
void from_json(std::string_view json, google::protobuf::Message& message);

/// The same, but a field or an enum name that does not exist is an error too.
void from_strict_json(std::string_view json, google::protobuf::Message& message);

/// The values of an enum that may be asked for: those for what a service does not know are left
/// out.
std::vector<std::string> value_names(const google::protobuf::EnumDescriptor& type);

}  // namespace metactl::api
