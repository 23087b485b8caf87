// SPDX-License-Identifier: Apache-2.0
// Records that the core cannot work without: one that is damaged is damage of the state. The rows
// of core/meta/rows.h answer in the service's own words instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/store.h"

namespace metactl::core {

/// The message that a value holds. Throws Error, integrity, when it holds none: "damaged record of
/// <what>".
template <class Message>
Message parse_record(const std::string& value, std::string_view what) {
  Message message;
  if (!message.ParseFromString(value))
    throw Error(Reason::integrity, "damaged record of " + std::string(what));
  return message;
}

/// The same of the value under a key; nothing when there is none.
template <class Message>
std::optional<Message> find_record(store::View& view, std::string_view key, std::string_view what) {
  const auto value = view.get(key);
  if (!value) return std::nullopt;
  return parse_record<Message>(*value, what);
}

}  // namespace metactl::core
