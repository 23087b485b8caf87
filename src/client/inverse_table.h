// SPDX-License-Identifier: Apache-2.0
// What each service's calls are taken back by: tables for client/inverse.h.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json.h"
#include "api/operations.h"
#include "client/inverse.h"

namespace metactl::client {

using Calls = std::vector<UndoCall>;  // In this order.

/// A call as it was made, and what was seen around it.
struct Made {
  const nlohmann::ordered_json& request;
  const nlohmann::ordered_json& before;
  const nlohmann::ordered_json& after;
};

struct Inverse {
  std::string_view operation;
  Sight sight;
  Calls (*make)(const Made&);  // Null: calls of it are seen only.
};

std::span<const Inverse> meta_inverses();
std::span<const Inverse> broker_inverses();
std::span<const Inverse> qluster_inverses();

template <class Request>
Request parse(const nlohmann::ordered_json& json) {
  Request message;
  if (!json.is_null()) api::from_json(json.dump(), message);
  return message;
}

template <class Request, class Response>
Calls call(const api::Operation<Request, Response>& operation, Request request) {
  return {
      {api::find_operation(operation.info.name), std::make_shared<Request>(std::move(request))}};
}

}  // namespace metactl::client
