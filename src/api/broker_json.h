// SPDX-License-Identifier: Apache-2.0
// JSON of the memory broker. Source: broker-api.md, sections 2.3, 13 and 14.1.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace metactl::api {

/// A message as the broker writes it, members in its order.
nlohmann::ordered_json broker_json(const google::protobuf::Message& message);

/// The same as compact text.
std::string to_broker_json(const google::protobuf::Message& message);

/// Fills `message`, which is empty. Throws broker_malformed, with the place in the document.
void read_broker_json(std::string_view text, google::protobuf::Message& message);
void read_broker_json(const nlohmann::json& json, google::protobuf::Message& message);

/// The body of a request, of which the fields named in `others` travel in the path.
std::string to_broker_body(const google::protobuf::Message& request,
                           std::span<const std::string_view> others);
void read_broker_body(std::string_view text, google::protobuf::Message& request,
                      std::span<const std::string_view> others);

/// What a broker takes for the name of a cluster in documents: 1 to 31 letters, digits, '@', '-' or
/// '_'.
bool is_broker_cluster_name(std::string_view name);

}  // namespace metactl::api
