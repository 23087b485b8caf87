// SPDX-License-Identifier: Apache-2.0
// The words in which catalogue.h declares types of keys.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "keys/key_type.h"

namespace metactl::keys::declare {

// Parts of a layout: a literal, and fields by name.
constexpr Part operator""_word(const char* word, std::size_t size) {
  return {Part::Kind::literal, {word, size}};
}
constexpr Part operator""_text(const char* name, std::size_t size) {
  return {Part::Kind::bytes, {name, size}};
}
constexpr Part operator""_integer(const char* name, std::size_t size) {
  return {Part::Kind::integer, {name, size}};
}
constexpr Part operator""_stamp(const char* name, std::size_t size) {
  return {Part::Kind::versionstamp, {name, size}};
}
/// The field that nearly all layouts have in second place.
inline constexpr Part instance = "instance_id"_text;

// What is stored under a key.
inline constexpr Stored nothing{};
inline constexpr Stored counter{Stored::Form::counter, ""};
inline constexpr Stored bitmap{Stored::Form::bitmap, ""};
inline constexpr Stored plain_text{Stored::Form::text, ""};
constexpr Stored message(std::string_view name) {
  return {Stored::Form::message, name};
}
constexpr Stored stamped_message(std::string_view name) {
  return {Stored::Form::stamped_message, name};
}
constexpr Stored document(std::string_view name) {
  return {Stored::Form::document, name};
}

using Parts = std::array<Part, 8>;
struct Traits {
  bool versioned = false;
  bool split = false;
  bool in_http = true;
  std::string_view written_by = {};
};
constexpr KeyType make(Space space, std::string_view name, Parts parts, Stored value, Traits t) {
  return {name, space, parts, value, t.versioned, t.split, t.in_http, t.written_by};
}
constexpr KeyType user(std::string_view name, Parts parts, Stored value, Traits traits = {}) {
  return make(Space::user, name, parts, value, traits);
}
constexpr KeyType system(std::string_view name, Parts parts, Stored value, Traits traits = {}) {
  return make(Space::system, name, parts, value, traits);
}
constexpr KeyType versioned(std::string_view name, Parts parts, Stored value, Traits traits = {}) {
  return make(Space::versioned, name, parts, value, traits);
}
constexpr KeyType broker(std::string_view name, Parts parts, Stored value,
                         std::string_view written_by) {
  return make(Space::broker, name, parts, value, {.in_http = false, .written_by = written_by});
}
constexpr KeyType qluster(std::string_view name, Parts parts, Stored value,
                          std::string_view written_by) {
  return make(Space::qluster, name, parts, value, {.in_http = false, .written_by = written_by});
}
constexpr KeyType nodemgr(std::string_view name, Parts parts, Stored value,
                          std::string_view written_by) {
  return make(Space::nodemgr, name, parts, value, {.in_http = false, .written_by = written_by});
}
constexpr KeyType tool(std::string_view name, Parts parts, Stored value, Traits traits) {
  return make(Space::tool, name, parts, value, traits);
}

}  // namespace metactl::keys::declare
