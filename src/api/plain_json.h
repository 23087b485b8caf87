// SPDX-License-Identifier: Apache-2.0
// JSON of services that speak plain JSON: members bear the names of fields, or the json_name that
// the .proto file gives them, 64-bit integers are numbers, and types are taken strictly, as serde
// does. What differs in a service is told by forms.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace metactl::api {

/// A document to write keeps the order of its members; one that was read has them in byte order,
/// and the last of several of one name.
using PlainWritten = nlohmann::ordered_json;
using PlainRead = nlohmann::json;

/// Where a value stands in a document. Places of a path live on the stack while it is read.
class PlainPlace {
 public:
  PlainPlace() = default;
  PlainPlace member(std::string_view name) const { return {this, name, 0}; }
  PlainPlace entry(std::size_t index) const { return {this, {}, index}; }

  /// Such as clusters.demo.chunks[0].hosts; "" for the whole document.
  std::string text() const;
  /// Throws Error, usage: "'clusters.demo.epoch' is missing". `what` follows the quoted place.
  [[noreturn]] void refuse(std::string_view what) const;

 private:
  PlainPlace(const PlainPlace* parent, std::string_view name, std::size_t index)
      : parent_(parent), name_(name), index_(index) {}

  const PlainPlace* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
};

/// Compact JSON that is valid UTF-8 whatever the strings hold.
std::string dump(const PlainWritten& json);

/// Throws Error, usage: not JSON, not UTF-8, or more than 127 levels.
PlainRead parse_plain_json(std::string_view text);

/// The name of a field in JSON and in queries.
const std::string& wire_name(const google::protobuf::FieldDescriptor& field);

/// The JSON of one service.
class PlainJson {
 public:
  using Message = google::protobuf::Message;

  /// A message that is not an object of its fields. Both may use the functions below.
  struct Form {
    const google::protobuf::Descriptor* (*type)();
    PlainWritten (*write)(const PlainJson&, const Message&);
    void (*read)(const PlainJson&, const PlainRead&, const PlainPlace&, Message&);
  };

  /// `forms` must live as long.
  explicit constexpr PlainJson(std::span<const Form> forms) : forms_(forms) {}

  /// Fields in order of declaration. An optional field that is not set is its declared default,
  /// else null; members of maps are in byte order.
  PlainWritten write(const Message& message) const;

  /// Adds to `message`, which is empty. Throws Error, usage, for a value of another type, a list
  /// whose number of entries is not its `count`, and a missing member, which only optional fields
  /// may be, or null. Passes over members that no field has.
  void read(const PlainRead& json, const PlainPlace& place, Message& message) const;

  /// The same without the fields that are named in `others`, which travel elsewhere.
  PlainWritten write_fields(const Message& message,
                            std::span<const std::string_view> others = {}) const;
  void read_fields(const PlainRead& json, const PlainPlace& place, Message& message,
                   std::span<const std::string_view> others = {}) const;

  /// True when the message has a form of its own.
  bool has_form(const Message& message) const { return form_of(message) != nullptr; }

 private:
  using Field = google::protobuf::FieldDescriptor;

  const Form* form_of(const Message& message) const;
  PlainWritten write_field(const Message& message, const Field& field) const;
  PlainWritten write_value(const Message& message, const Field& field, int index) const;
  PlainWritten write_map(const Message& message, const Field& field) const;
  void read_field(const PlainRead& json, const PlainPlace& place, Message& message,
                  const Field& field) const;
  void read_value(const PlainRead& json, const PlainPlace& place, Message& message,
                  const Field& field) const;
  void read_list(const PlainRead& json, const PlainPlace& place, Message& message,
                 const Field& field) const;
  void read_map(const PlainRead& json, const PlainPlace& place, Message& message,
                const Field& field) const;

  std::span<const Form> forms_;
};

/// The form of one type of messages.
template <class M, PlainWritten (*write)(const PlainJson&, const M&),
          void (*read)(const PlainJson&, const PlainRead&, const PlainPlace&, M&)>
constexpr PlainJson::Form plain_form() {
  return {&M::descriptor,
          [](const PlainJson& json, const google::protobuf::Message& message) {
            return write(json, dynamic_cast<const M&>(message));
          },
          [](const PlainJson& json, const PlainRead& value, const PlainPlace& place,
             google::protobuf::Message& message) {
            read(json, value, place, dynamic_cast<M&>(message));
          }};
}

/// The member of that name; throws what PlainPlace::refuse does when `json` is no object or has
/// none.
const PlainRead& member_of(const PlainRead& json, const PlainPlace& place, std::string_view name);

// The one value of that type; they throw what PlainPlace::refuse does.
const std::string& string_of(const PlainRead& json, const PlainPlace& place);
std::uint64_t unsigned_of(const PlainRead& json, const PlainPlace& place);
const PlainRead& list_of(const PlainRead& json, const PlainPlace& place);
const PlainRead& object_of(const PlainRead& json, const PlainPlace& place);

/// Adds a member without a look at those that are there: a document may have many thousands.
void append(PlainWritten& object, std::string name, PlainWritten value);

}  // namespace metactl::api
