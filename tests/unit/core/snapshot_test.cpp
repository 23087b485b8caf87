// SPDX-License-Identifier: Apache-2.0
// How snapshots of an instance are made. Source: meta-service-api.md, section 8.11.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::CoreFixture;

namespace {

std::string properties(std::string_view members, std::string_view instance_id = "i") {
  return fmt::format("{{instance_id: '{}', properties: {{{}}}}}", instance_id, members);
}

/// "i" does not support snapshots, "s" does.
class SnapshotFixture : public CoreFixture {
 public:
  SnapshotFixture() {
    create("i");
    call(api::update_config, "{configs: 'enable_multi_version_status=true'}");
    create("s");
  }

  void set(std::string_view members, std::string_view instance_id = "s") {
    call(api::set_snapshot_property, properties(members, instance_id));
  }
  std::string shown_properties(std::string_view instance_id) {
    return call(api::get_snapshot_property, fmt::format("{{instance_id: '{}'}}", instance_id))
        .result();
  }
};

}  // namespace

TEST_CASE_METHOD(SnapshotFixture, "set_snapshot_property refuses the first broken rule",
                 "[core][snapshot]") {
  CHECK_REFUSED(api::set_snapshot_property, properties("status: 'ON', nope: '1'", ""),
                "INVALID_ARGUMENT", 400, "ON");
  CHECK_REFUSED(api::set_snapshot_property, properties("status: 'enabled'"), "INVALID_ARGUMENT",
                400, "enabled");
  CHECK_REFUSED(api::set_snapshot_property, properties("status: ''"), "INVALID_ARGUMENT", 400,
                "status");
  CHECK_REFUSED(api::set_snapshot_property, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::set_snapshot_property, properties("", ""), "INVALID_ARGUMENT", 400,
                "instance id");
  CHECK_REFUSED(api::set_snapshot_property, properties("", "nobody"), "CLUSTER_NOT_FOUND", 404,
                "nobody");
  CHECK_REFUSED(api::set_snapshot_property, properties(""), "INVALID_ARGUMENT", 400,
                "no snapshot properties");
  CHECK_REFUSED(api::set_snapshot_property,
                properties("nope: '1', status: 'ENABLED', max_reserved_snapshots: 'x'"),
                "INVALID_ARGUMENT", 400, "nope");
  CHECK_REFUSED(api::set_snapshot_property,
                properties("status: 'ENABLED', max_reserved_snapshots: 'x'"), "INVALID_ARGUMENT",
                400, "does not support");
  CHECK_REFUSED(api::set_snapshot_property, properties("status: 'DISABLED'"), "INVALID_ARGUMENT",
                400, "does not support");
}

TEST_CASE_METHOD(SnapshotFixture, "snapshot properties are numbers in their bounds",
                 "[core][snapshot]") {
  const auto* instance_id = GENERATE("i", "s");  // Numbers need no support for snapshots.
  const auto [name, number, outcome] = GENERATE(table<const char*, const char*, const char*>({
      {"max_reserved_snapshots", "0", "accepted"},
      {"max_reserved_snapshots", "35", "accepted"},
      {"max_reserved_snapshots", "36", "INVALID_ARGUMENT 400"},
      {"max_reserved_snapshots", "-1", "INVALID_ARGUMENT 400"},
      {"max_reserved_snapshots", "x", "INVALID_ARGUMENT 400"},
      {"max_reserved_snapshots", "1x", "INVALID_ARGUMENT 400"},
      {"max_reserved_snapshots", "", "INVALID_ARGUMENT 400"},
      {"max_reserved_snapshots", "99999999999999999999", "INVALID_ARGUMENT 400"},
      {"snapshot_interval_seconds", "3600", "accepted"},
      {"snapshot_interval_seconds", "9223372036854775807", "accepted"},
      {"snapshot_interval_seconds", "3599", "INVALID_ARGUMENT 400"},
      {"snapshot_interval_seconds", "0", "INVALID_ARGUMENT 400"},
      {"snapshot_interval_seconds", "x", "INVALID_ARGUMENT 400"},
      {"snapshot_interval_seconds", "", "INVALID_ARGUMENT 400"},
  }));
  CAPTURE(instance_id, name, number);
  CHECK(refusal(api::set_snapshot_property,
                properties(fmt::format("{}: '{}'", name, number), instance_id), {name}) == outcome);
}

TEST_CASE_METHOD(SnapshotFixture, "all snapshot properties are set or none", "[core][snapshot]") {
  CHECK_REFUSED(api::set_snapshot_property,
                properties("status: 'ENABLED', max_reserved_snapshots: '1', "
                           "snapshot_interval_seconds: '1'",
                           "s"),
                "INVALID_ARGUMENT", 400, "snapshot_interval_seconds");
}

TEST_CASE_METHOD(SnapshotFixture, "snapshot properties are shown as they were set",
                 "[core][snapshot]") {
  CHECK(shown_properties("i") == R"({"status":"UNSUPPORTED"})");
  CHECK(shown_properties("s") == R"({"status":"DISABLED"})");
  set("max_reserved_snapshots: '0'", "i");
  CHECK(shown_properties("i") == R"({"status":"UNSUPPORTED","max_reserved_snapshots":0})");
  set("status: 'ENABLED'");
  CHECK(shown_properties("s") == R"({"status":"ENABLED"})");
  set("snapshot_interval_seconds: '7200'");
  CHECK(shown_properties("s") == R"({"status":"ENABLED","snapshot_interval_seconds":7200})");
  set("status: 'DISABLED', max_reserved_snapshots: '7', snapshot_interval_seconds: '3600'");
  CHECK(shown_properties("s") ==
        R"({"status":"DISABLED","max_reserved_snapshots":7,"snapshot_interval_seconds":3600})");
  CHECK(stored("s").snapshot_switch_status() == pb::SNAPSHOT_SWITCH_OFF);
  CHECK_FALSE(stored("s").has_mtime());
}

TEST_CASE_METHOD(SnapshotFixture, "get_snapshot_property finds the instance by either id",
                 "[core][snapshot]") {
  CHECK_REFUSED(api::get_snapshot_property, "{}", "INVALID_ARGUMENT", 400, "instance_id");
  CHECK_REFUSED(api::get_snapshot_property, "{instance_id: '', cloud_unique_id: ''}",
                "INVALID_ARGUMENT", 400, "instance_id");
  CHECK_REFUSED(api::get_snapshot_property, "{instance_id: 'nobody'}", "KV_TXN_GET_ERR", 500,
                "nobody");
  CHECK_REFUSED(api::get_snapshot_property, "{cloud_unique_id: 'x'}", "INVALID_ARGUMENT", 400);
  CHECK(call(api::get_snapshot_property, "{cloud_unique_id: '1:s:x'}").result() ==
        R"({"status":"DISABLED"})");
  CHECK(call(api::get_snapshot_property, "{instance_id: 'i', cloud_unique_id: '1:s:x'}").result() ==
        R"({"status":"UNSUPPORTED"})");
}

TEST_CASE_METHOD(SnapshotFixture, "set_multi_version_status refuses the first broken rule",
                 "[core][snapshot]") {
  CHECK_REFUSED(api::set_multi_version_status, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::set_multi_version_status,
                "{instance_id: '', multi_version_status: 'MULTI_VERSION_ENABLED'}",
                "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::set_multi_version_status, "{instance_id: 'nobody'}", "INVALID_ARGUMENT", 400,
                "multi_version_status");
  for (const auto* word : {"", "ENABLED", "1", "MULTI_VERSION_ENABLED "})
    CHECK_REFUSED(api::set_multi_version_status,
                  fmt::format("{{instance_id: 'nobody', multi_version_status: '{}'}}", word),
                  "INVALID_ARGUMENT", 400, word);
  CHECK_REFUSED(api::set_multi_version_status,
                "{instance_id: 'nobody', multi_version_status: 'MULTI_VERSION_ENABLED'}",
                "CLUSTER_NOT_FOUND", 404, "nobody");
}

TEST_CASE_METHOD(SnapshotFixture, "set_multi_version_status takes the four names in any case",
                 "[core][snapshot]") {
  const auto [word, status] = GENERATE(table<const char*, pb::MultiVersionStatus>({
      {"MULTI_VERSION_DISABLED", pb::MULTI_VERSION_DISABLED},
      {"MULTI_VERSION_WRITE_ONLY", pb::MULTI_VERSION_WRITE_ONLY},
      {"MULTI_VERSION_READ_WRITE", pb::MULTI_VERSION_READ_WRITE},
      {"MULTI_VERSION_ENABLED", pb::MULTI_VERSION_ENABLED},
      {"multi_version_enabled", pb::MULTI_VERSION_ENABLED},
      {"Multi_Version_Read_Write", pb::MULTI_VERSION_READ_WRITE},
  }));
  CAPTURE(word);
  CHECK(shown(api::set_multi_version_status,
              fmt::format("{{instance_id: 'i', multi_version_status: '{}'}}", word)) == "{}");
  CHECK(stored("i").has_multi_version_status());
  CHECK(stored("i").multi_version_status() == status);
  CHECK(stored("s").multi_version_status() == pb::MULTI_VERSION_READ_WRITE);  // As it was made.
}

TEST_CASE_METHOD(SnapshotFixture, "work on snapshots checks its parameters, then is not supported",
                 "[core][snapshot]") {
  const auto* text = "not supported";
  CHECK_REFUSED(api::list_snapshot, "{}", "INVALID_ARGUMENT", 400, "instance_id");
  CHECK_REFUSED(api::list_snapshot, "{cloud_unique_id: 'nobody'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(api::list_snapshot, "{instance_id: 's'}", "UNDEFINED_ERR", 500, text);
  CHECK_REFUSED(api::list_snapshot, "{cloud_unique_id: '1:s:x'}", "UNDEFINED_ERR", 500, text);
  CHECK_REFUSED(api::drop_snapshot, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::drop_snapshot, "{snapshot_id: 'x'}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::drop_snapshot, "{instance_id: 's'}", "INVALID_ARGUMENT", 400, "snapshot id");
  CHECK_REFUSED(api::drop_snapshot, "{instance_id: 's', snapshot_id: 'x'}", "UNDEFINED_ERR", 500,
                text);
  CHECK_REFUSED(api::compact_snapshot, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::compact_snapshot, "{instance_id: 's'}", "UNDEFINED_ERR", 500, text);
  CHECK_REFUSED(api::decouple_instance, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::decouple_instance, "{instance_id: 's'}", "UNDEFINED_ERR", 500, text);
}
