// SPDX-License-Identifier: Apache-2.0
#include "http/rest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "api/plain_json.h"
#include "base/error.h"
#include "base/text.h"

namespace metactl::http::rest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string_view route_path(const api::OperationInfo& operation) {
  return operation.route.substr(operation.route.find('/'));
}

/// The field that stands for this piece of a route; "" for a piece that stands for itself.
std::string_view field_of(std::string_view piece) {
  return piece.starts_with('{') ? piece.substr(1, piece.size() - 2) : std::string_view();
}

/// A colon and an at sign may stand in a path as they are, and addresses are easier to read so.
std::string encode_piece(std::string_view piece) {
  std::string result;
  for (const char& c : piece)
    result += c == ':' || c == '@' ? std::string(1, c) : text::percent_encode({&c, 1});
  return result;
}

std::string value_of(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
    return std::to_string(reflection->GetUInt64(message, &field));
  return reflection->GetString(message, &field);
}

/// False when the value is not UTF-8 or not a number.
bool set_value(const std::string& value, const FieldDescriptor& field, Message& message) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection->SetString(&message, &field, value);
    return text::is_utf8(value);
  }
  const auto number = to_unsigned(value);
  if (number) reflection->SetUInt64(&message, &field, *number);
  return number.has_value();
}

/// The fields that may travel in the query.
std::vector<const FieldDescriptor*> query_fields(const api::OperationInfo& operation,
                                                 const Message& request) {
  const auto in_path = path_fields(operation);
  const auto* type = request.GetDescriptor();
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const bool is_elsewhere =
        std::find(in_path.begin(), in_path.end(), field->name()) != in_path.end();
    if (!is_elsewhere && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      fields.push_back(field);
  }
  return fields;
}

bool matches(const std::vector<std::string>& route, const std::vector<std::string>& path) {
  return std::equal(route.begin(), route.end(), path.begin(), path.end(),
                    [](const std::string& expected, const std::string& piece) {
                      return field_of(expected).empty() ? text::percent_decode(piece) == expected
                                                        : !piece.empty();
                    });
}

}  // namespace

std::vector<std::string_view> path_fields(const api::OperationInfo& operation) {
  std::vector<std::string_view> fields;
  auto rest = operation.route;
  for (auto open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    fields.push_back(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close);
  }
  return fields;
}

bool has_body(const api::OperationInfo& operation, const Message& request) {
  const auto fields = static_cast<std::size_t>(request.GetDescriptor()->field_count());
  return operation.input == api::Input::body && fields > path_fields(operation).size();
}

std::string path_of(const api::OperationInfo& operation, const Message& request) {
  auto pieces = text::split(route_path(operation), '/');
  for (auto& piece : pieces) {
    const auto name = field_of(piece);
    if (name.empty()) continue;
    const auto* field = request.GetDescriptor()->FindFieldByName(std::string(name));
    const auto value = value_of(request, *field);
    if (value.empty()) throw Error(Reason::usage, fmt::format("'{}' is empty", field->name()));
    piece = encode_piece(value);
  }
  return text::join(pieces, "/");
}

std::string query_of(const api::OperationInfo& operation, const Message& request) {
  std::vector<std::string> pairs;
  for (const auto* field : query_fields(operation, request))
    if (request.GetReflection()->HasField(request, field))
      pairs.push_back(fmt::format("{}={}", api::wire_name(*field),
                                  text::percent_encode(value_of(request, *field))));
  return text::join(pairs, "&");
}

Match find(std::span<const api::AnyOperation> operations, std::string_view method,
           std::string_view path) {
  Match match;
  const auto pieces = text::split(path, '/');
  for (const auto& operation : operations) {
    if (operation.info->is_local()) continue;
    if (!matches(text::split(route_path(*operation.info), '/'), pieces)) continue;
    if (operation.info->method() == method) return {&operation, false};
    match.other_method = true;
  }
  return match;
}

bool read_path(const api::OperationInfo& operation, std::string_view path, Message& request) {
  const auto route = text::split(route_path(operation), '/');
  const auto pieces = text::split(path, '/');
  for (std::size_t i = 0; i < std::min(route.size(), pieces.size()); ++i) {
    const auto name = field_of(route[i]);
    if (name.empty()) continue;
    const auto* field = request.GetDescriptor()->FindFieldByName(std::string(name));
    if (!set_value(text::percent_decode(pieces[i]), *field, request)) return false;
  }
  return true;
}

void read_query(const api::OperationInfo& operation, std::string_view query, Message& request) {
  const auto fields = query_fields(operation, request);
  std::string form(query);
  std::replace(form.begin(), form.end(), '+', ' ');
  std::set<std::string> seen;
  for (const auto& [name, value] : text::parse_query(form)) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&name = name](const auto* each) {
      return api::wire_name(*each) == name;
    });
    if (field == fields.end()) continue;
    if (!seen.insert(name).second)
      throw Error(Reason::usage, fmt::format("'{}' is given twice", name));
    if (!set_value(value, **field, request))
      throw Error(Reason::usage, fmt::format("'{}' cannot be '{}'", name, text::printable(value)));
  }
}

bool is_json_type(std::string_view content_type) {
  const auto type = text::trim(content_type.substr(0, content_type.find(';')));
  return content_type.empty() || text::lower(type) == "application/json";
}

std::optional<std::uint64_t> to_unsigned(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace metactl::http::rest
