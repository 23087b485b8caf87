// SPDX-License-Identifier: Apache-2.0
// What the comments in src/proto/manifest.proto say of manifests.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace metactl::manifest {

/// The comment in one line; "" when there is none. Threads may call these together.
std::string description(const google::protobuf::Descriptor& type);
std::string description(const google::protobuf::FieldDescriptor& field);
std::string description(const google::protobuf::EnumValueDescriptor& value);

/// Up to the first full stop, that included.
std::string first_sentence(std::string_view text);

/// What is to be written there: "text", "whole number", "list of maps".
std::string type_text(const google::protobuf::FieldDescriptor& field);

}  // namespace metactl::manifest
