// SPDX-License-Identifier: Apache-2.0
// JSON of qluster. Source: qluster-api.md, sections 5, 8 and 10.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace metactl::api {

/// A message as qluster writes it, members in its order. What `other` holds stands behind them.
nlohmann::ordered_json qluster_json(const google::protobuf::Message& message);

/// The same as compact text.
std::string to_qluster_json(const google::protobuf::Message& message);

/// Fills what travels as the body of a request, strictly: throws qluster_malformed. Of settings
/// there must be none that does not exist; durations are only texts here.
void read_qluster_request(std::string_view text, google::protobuf::Message& request);

/// Fills `message`, which is empty, from what a real cluster may send: what has no field, or not
/// its type, stands in `other` afterwards. `nodes` may be a list or an object by id, `leader` an id
/// or an object with one. Never throws.
void read_qluster_reply(const nlohmann::json& json, google::protobuf::Message& message);

}  // namespace metactl::api
