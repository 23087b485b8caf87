// SPDX-License-Identifier: Apache-2.0
// Lists of nodes in JSON: an object with a member for each, such as storage_node0. Source:
// node-mgr-api.md, sections 5.1 and 9.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "api/plain_json.h"
#include "proto/nodemgr.pb.h"

namespace metactl::api {

using NodemgrNodes = google::protobuf::RepeatedPtrField<pb::NodemgrNodePB>;

/// Members count from 0 for each type, and come in the order of types.
PlainWritten write_nodemgr_nodes(const NodemgrNodes& nodes);

/// Nodes in the order of types and of their numbers. Passes over members of other names. Throws
/// Error, usage, for what is no object, and for texts and numbers that are none.
NodemgrNodes read_nodemgr_nodes(const PlainRead& json);

/// Sets a text, or a number, which may be written as a text, in a reply. `place` is that of the
/// object around it.
void read_nodemgr_value(const PlainRead& json, const PlainPlace& place,
                        const google::protobuf::FieldDescriptor& field,
                        google::protobuf::Message& message);

}  // namespace metactl::api
