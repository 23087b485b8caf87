// SPDX-License-Identifier: Apache-2.0
// Listing stored rows, for people who look into a state.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "keys/explain.h"
#include "keys/fields.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

constexpr std::int32_t default_limit = 1000;
constexpr std::int32_t largest_limit = 10'000;

std::string bytes_of(const std::string& digits, std::string_view name) {
  auto bytes = text::unhex(digits);
  if (!bytes) throw invalid_argument(fmt::format("{0} is not hexadecimal, {0}={1}", name, digits));
  return std::move(*bytes);
}

/// The rows of a key type whose first fields are given.
keys::Range range_of_type(const keys::KeyType& type, const pb::ScanKeysRequest& request) {
  const keys::FieldTexts fields(request.fields().begin(), request.fields().end());
  return keys::below(keys::encode_prefix(type, fields));
}

const keys::KeyType* type_of(const pb::ScanKeysRequest& request) {
  if (request.key_type().empty() && !request.fields().empty())
    throw invalid_argument("fields are given, but no key_type");
  return request.key_type().empty() ? nullptr : &keys::require_type(request.key_type());
}

/// The part of the type's range that lies between the keys of the request.
keys::Range range_of(const keys::KeyType* type, const pb::ScanKeysRequest& request) {
  auto range = type ? range_of_type(*type, request) : keys::Range{};
  range.first = std::max(range.first, bytes_of(request.first(), "first"));
  const auto last = bytes_of(request.last(), "last");
  if (!last.empty()) range.last = range.last.empty() ? last : std::min(range.last, last);
  return range;
}

/// A row of another type may stand between those of a type: counters behind statistics.
bool is_of(const keys::KeyType* type, const std::string& key) {
  if (!type) return true;
  const auto explanation = keys::try_explain(key);
  return explanation && std::any_of(explanation->matches.begin(), explanation->matches.end(),
                                    [&](const keys::Match& match) { return match.type == type; });
}

std::int32_t limit_of(const pb::ScanKeysRequest& request) {
  const auto limit = request.has_limit() ? request.limit() : default_limit;
  if (limit < 1 || limit > largest_limit)
    throw invalid_argument(
        fmt::format("limit must be from 1 to {}, limit={}", largest_limit, limit));
  return limit;
}

}  // namespace

pb::ScanKeysResponse scan_keys(Context& context, const pb::ScanKeysRequest& request) {
  const auto limit = limit_of(request);
  keys::Range range;
  const keys::KeyType* type = nullptr;
  try {
    type = type_of(request);
    range = range_of(type, request);
  } catch (const Error& error) {
    throw error.answer() ? error : invalid_argument(error.what());
  }
  pb::ScanKeysResponse response;
  if (!range.last.empty() && range.last <= range.first) return response;
  auto rows = context.read([&](store::View& view) {
    return view.scan(range.first, range.last, static_cast<std::size_t>(limit) + 1);
  });
  if (rows.size() > static_cast<std::size_t>(limit)) {
    response.set_next(text::hex(rows.back().key));
    rows.pop_back();
  }
  for (auto& row : rows) {
    if (!is_of(type, row.key)) continue;
    auto& stored = *response.add_rows();
    stored.set_key(std::move(row.key));
    stored.set_value(std::move(row.value));
  }
  return response;
}

}  // namespace metactl::core::meta
