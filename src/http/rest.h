// SPDX-License-Identifier: Apache-2.0
// Services whose operations have a method and a path each: which fields of a request travel in the
// path, which in the query and which in the body.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "http/message.h"

namespace metactl::http::rest {

/// The fields in the path of the operation, in its order.
std::vector<std::string_view> path_fields(const api::OperationInfo& operation);

/// True when some field of the request travels in neither path nor query.
bool has_body(const api::OperationInfo& operation, const google::protobuf::Message& request);

/// The path of the operation with the fields of `request` in it. Throws Error, usage, when one of
/// them is empty: then the path would be that of another call.
std::string path_of(const api::OperationInfo& operation, const google::protobuf::Message& request);

/// The texts and numbers of `request` that are set and do not travel in the path, as the query.
std::string query_of(const api::OperationInfo& operation, const google::protobuf::Message& request);

/// What a method and a path ask for.
struct Match {
  const api::AnyOperation* operation = nullptr;  // nullptr: nothing
  bool other_method = false;                     // The path has operations, but of other methods.
};

/// `path` has its percent escapes. The first operation whose path it is; never a local one.
Match find(std::span<const api::AnyOperation> operations, std::string_view method,
           std::string_view path);

/// Fills the fields that travel in the path, which is one of the operation. False when a piece is
/// not UTF-8 or not the number that it should be.
bool read_path(const api::OperationInfo& operation, std::string_view path,
               google::protobuf::Message& request);

/// Fills the fields of `request` from a query of HTML forms. Throws Error, usage, for a field that
/// is not the number that it should be, or given twice. Passes over other names, and those of
/// fields that travel in the path.
void read_query(const api::OperationInfo& operation, std::string_view query,
                google::protobuf::Message& request);

/// True when a body of this content type may be JSON: it is missing or application/json, with or
/// without parameters.
bool is_json_type(std::string_view content_type);

/// Decimal digits with an optional plus sign; nothing for other input or more than 64 bits.
std::optional<std::uint64_t> to_unsigned(std::string_view text);

}  // namespace metactl::http::rest
