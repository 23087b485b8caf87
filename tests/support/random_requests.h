// SPDX-License-Identifier: Apache-2.0
// Requests of any operation, made at random from its descriptor: names that meet what other
// requests made, and hostile ones.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proto/plain_json.pb.h"

namespace metactl::tests {

class RandomRequests {
 public:
  explicit RandomRequests(unsigned seed) : random_(seed) {}

  std::uint64_t pick(std::uint64_t count) { return random_() % count; }

  std::unique_ptr<google::protobuf::Message> fill(const google::protobuf::Message& prototype) {
    std::unique_ptr<google::protobuf::Message> message(prototype.New());
    fill(*message, 0);
    return message;
  }

 private:
  using Field = google::protobuf::FieldDescriptor;
  using Texts = std::vector<std::string>;

  static constexpr int deepest = 6;

  /// What other requests may have named, by the name of the field.
  static const Texts& usual(std::string_view field) {
    static const std::map<std::string_view, Texts> texts = {
        {"instance_id", {"i", "j"}},
        {"cloud_unique_id", {"1:i:x", "1:j:x", "u1", "u2", "1:i:y"}},
        {"cluster_id", {"c1", "c2", "s1", "s2", "v1"}},
        {"cluster_name", {"n1", "n2", "n3", "n4", "n5"}},
        {"cluster_names", {"n1", "n2", "n3"}},
        {"active_cluster_name", {"n1", "n2"}},
        {"standby_cluster_names", {"n1", "n2"}},
        {"ip", {"10.0.0.1", "10.0.0.2", "::1"}},
        {"host", {"h1", "h2", "10.0.0.1"}},
        {"role", {"proper", "listener"}},
        {"id", {"1", "2"}},
        {"ak", {"ak"}},
        {"sk", {"sk"}},
        {"label", {"l1", "l2", "l3"}},
        {"proxy_address", {"h1:7001", "h2:7001", "h3:7001", "h1:7002", "h2:7002", "h3:7002"}},
        {"address", {"h1:7001", "h2:7001", "h3:7001", "h1:7002"}},
        {"nodes", {"h1:6001", "h2:6001"}},
        {"node_type", {"storage_node", "meta_node", "computer_node"}},
        {"type", {"storage_node", "meta_node", "computer_node"}},
        {"job_id", {"j1", "j2"}},
        {"file_type", {"table", "binlog"}},
        {"s_ip", {"127.0.0.1", "10.0.0.1"}},
        {"d_ip", {"127.0.0.1"}},
        {"s_user", {"pgx"}},
        {"s_pwd", {"pgx_pwd"}},
        {"multi_version_status", {"MULTI_VERSION_DISABLED", "MULTI_VERSION_WRITE_ONLY"}},
        {"node_timeout", {"3s", "1ms"}},
        {"heartbeat_interval", {"500ms", "5s"}},
    };
    static const Texts others = {"a", "b", "va", "vb"};
    const auto found = texts.find(field);
    return found == texts.end() ? others : found->second;
  }

  std::string hostile() {
    static const Texts texts = {"",
                                std::string("a\0b", 3),
                                "17\x12\n;rm -rf",
                                "\x1b[31m",
                                "\x7f",
                                "\xc2\x9b",
                                "\xff\xfe",
                                "name with blanks",
                                "../../etc/passwd",
                                "'; drop table t; --",
                                "1:i:",
                                "1::x",
                                "\xd0\xb6",
                                std::string(9'990, 'k'),
                                std::string(10'001, 'L'),
                                std::string(4'000, '\0')};
    return texts[pick(texts.size())];
  }

  std::int64_t number(std::string_view field) {
    static const std::vector<std::int64_t> hostile_numbers = {
        -1,
        -7,
        0,
        1,
        70'000,
        std::numeric_limits<std::int32_t>::max(),
        std::numeric_limits<std::int32_t>::min()};
    if (pick(8) == 0) return hostile_numbers[pick(hostile_numbers.size())];
    if (field.ends_with("port")) return 9050 + static_cast<std::int64_t>(pick(2));
    if (field == "node_number" || field == "cluster_node_number")
      return 4 * static_cast<std::int64_t>(pick(3));
    return static_cast<std::int64_t>(pick(5));
  }

  /// Most of what can be there is; rarely what leads nowhere without its fellows.
  bool is_given(const Field& field) {
    static const std::vector<std::string_view> rare = {
        "desc",     "vpc_name",       "public_endpoint", "properties",      "role_arn",
        "ram_user", "host",           "request_ip",      "hdfs_info",       "obj_info",
        "stage",    "status",         "ctime",           "mtime",           "encryption_info",
        "asked",    "cluster_status", "other",           "mysql_user_name", "private_endpoint"};
    if (field.is_required()) return true;
    const bool is_rare = std::find(rare.begin(), rare.end(), field.name()) != rare.end();
    return is_rare ? pick(4) == 0 : pick(8) != 0;
  }

  int count(const Field& field) {
    const auto& options = field.options();
    if (options.HasExtension(pb::count)) return static_cast<int>(options.GetExtension(pb::count));
    return 1 + static_cast<int>(pick(2));
  }

  void fill(google::protobuf::Message& message, int depth) {
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto& field = *type->field(i);
      if (!is_given(field) || depth > deepest) continue;
      const auto times = field.is_repeated() ? count(field) : 1;
      for (int each = 0; each < times; ++each) set(message, field, depth);
    }
  }

  template <class Value, class Setter, class Adder>
  static void put(google::protobuf::Message& message, const Field& field, Setter setter,
                  Adder adder, Value value) {
    const auto& reflection = *message.GetReflection();
    if (field.is_repeated())
      (reflection.*adder)(&message, &field, std::move(value));
    else
      (reflection.*setter)(&message, &field, std::move(value));
  }

  void set(google::protobuf::Message& message, const Field& field, int depth) {
    using R = google::protobuf::Reflection;
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case Field::CPPTYPE_STRING: {
        const auto& texts = usual(field.name());
        return put<std::string>(message, field, &R::SetString, &R::AddString,
                                pick(12) == 0 ? hostile() : texts[pick(texts.size())]);
      }
      case Field::CPPTYPE_INT32:
        return put(message, field, &R::SetInt32, &R::AddInt32,
                   static_cast<std::int32_t>(number(field.name())));
      case Field::CPPTYPE_INT64:
        return put(message, field, &R::SetInt64, &R::AddInt64, number(field.name()));
      case Field::CPPTYPE_UINT32:
        return put(message, field, &R::SetUInt32, &R::AddUInt32,
                   static_cast<std::uint32_t>(number(field.name())));
      case Field::CPPTYPE_UINT64:
        return put(message, field, &R::SetUInt64, &R::AddUInt64,
                   static_cast<std::uint64_t>(number(field.name())));
      case Field::CPPTYPE_BOOL:
        return put(message, field, &R::SetBool, &R::AddBool, pick(2) == 0);
      case Field::CPPTYPE_ENUM: {
        const auto& values = *field.enum_type();
        const auto index = static_cast<int>(pick(static_cast<unsigned>(values.value_count())));
        return put(message, field, &R::SetEnum, &R::AddEnum, values.value(index));
      }
      case Field::CPPTYPE_MESSAGE:
        return fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                        : *reflection.MutableMessage(&message, &field),
                    depth + 1);
      default:
        return;
    }
  }

  std::mt19937 random_;
};

}  // namespace metactl::tests
