// SPDX-License-Identifier: Apache-2.0
// Dropping, renaming and altering instances. Source: meta-service-api.md, section 8.1.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::compute;
using metactl::tests::CoreFixture;

namespace {

constexpr std::int64_t later = 1'700'001'000;

class InstanceFixture : public CoreFixture {
 public:
  InstanceFixture() {
    call(api::create_instance,
         fmt::format("{{instance_id: 'i', name: 'old', obj_info: {{{}}}, vault: {{obj_info: "
                     "{{{}}}}}}}",
                     metactl::tests::complete_store, metactl::tests::complete_store));
    create_deleted("d");
    set_now(later);
  }
};

}  // namespace

TEST_CASE_METHOD(InstanceFixture, "alter-instance calls need an id, then an instance",
                 "[core][instance]") {
  const auto* operation =
      GENERATE(&api::drop_instance, &api::rename_instance, &api::enable_instance_sse,
               &api::disable_instance_sse, &api::set_instance_status);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{op: 'SET_NORMAL'}", "INVALID_ARGUMENT", 400, "id");
  CHECK_REFUSED(*operation, "{op: 'SET_NORMAL', instance_id: ''}", "INVALID_ARGUMENT", 400, "id");
  CHECK_REFUSED(*operation, "{op: 'SET_NORMAL', instance_id: 'nope'}", "CLUSTER_NOT_FOUND", 404,
                "nope");
}

TEST_CASE_METHOD(InstanceFixture, "drop_instance marks and keeps", "[core][instance]") {
  auto expected = stored();
  call(api::drop_instance, "{instance_id: 'i', op: 'RENAME', name: 'ignored'}");
  expected.set_status(pb::InstanceInfoPB::DELETED);
  expected.set_mtime(later);
  CHECK(api::to_json(stored()) == api::to_json(expected));
  CHECK(stored_vault("2").name() == "built_in_storage_vault");
}

TEST_CASE_METHOD(InstanceFixture, "drop_instance refuses an instance with clusters",
                 "[core][instance]") {
  add(compute("c"));
  CHECK_REFUSED(api::drop_instance, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400,
                "failed to drop instance, instance has clusters");
}

TEST_CASE_METHOD(InstanceFixture, "drop_instance refuses an instance with a successor",
                 "[core][instance]") {
  auto instance = stored();
  instance.set_successor_instance_id("heir");
  store(instance);
  CHECK_REFUSED(api::drop_instance, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400, "heir");
}

TEST_CASE_METHOD(InstanceFixture,
                 "dropping a dropped instance succeeds and changes nothing, whatever it holds",
                 "[core][instance]") {
  auto dropped = stored("d");
  dropped.add_clusters()->set_cluster_id("left");
  store(dropped);
  const auto before = content();
  CHECK(shown(api::drop_instance, "{instance_id: 'd'}") == "{}");
  CHECK(content() == before);
}

TEST_CASE_METHOD(InstanceFixture, "rename_instance replaces the name only", "[core][instance]") {
  auto expected = stored();
  call(api::rename_instance, "{instance_id: 'i', name: 'new'}");
  expected.set_name("new");
  CHECK(api::to_json(stored()) == api::to_json(expected));

  const auto before = content();
  call(api::rename_instance, "{instance_id: 'i', name: 'new'}");
  CHECK(content() == before);

  call(api::rename_instance, "{instance_id: 'd', name: 'late'}");
  CHECK(stored("d").name() == "late");
}

TEST_CASE_METHOD(InstanceFixture, "rename_instance refuses an empty name, after the id",
                 "[core][instance]") {
  CHECK_REFUSED(api::rename_instance, "{instance_id: 'nope', name: ''}", "CLUSTER_NOT_FOUND", 404,
                "nope");
  CHECK_REFUSED(api::rename_instance, "{instance_id: 'i', name: ''}", "INVALID_ARGUMENT", 400,
                "name");
  CHECK_REFUSED(api::rename_instance, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400, "name");
}

TEST_CASE_METHOD(InstanceFixture, "SSE is switched for the instance and its stores, not its vaults",
                 "[core][instance]") {
  CHECK_REFUSED(api::disable_instance_sse, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400,
                "disable");
  auto expected = stored();
  call(api::enable_instance_sse, "{instance_id: 'i'}");
  expected.set_sse_enabled(true);
  expected.mutable_obj_info(0)->set_sse_enabled(true);
  expected.set_mtime(later);
  CHECK(api::to_json(stored()) == api::to_json(expected));
  CHECK_REFUSED(api::enable_instance_sse, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400,
                "failed to enable sse, instance has enabled sse");

  set_now(later + 5);
  call(api::disable_instance_sse, "{instance_id: 'i'}");
  expected.set_sse_enabled(false);
  expected.mutable_obj_info(0)->set_sse_enabled(false);
  expected.set_mtime(later + 5);
  CHECK(api::to_json(stored()) == api::to_json(expected));
  CHECK(stored_vault("2").obj_info().sse_enabled());
}

TEST_CASE_METHOD(InstanceFixture, "SSE of a deleted instance can be switched", "[core][instance]") {
  call(api::enable_instance_sse, "{instance_id: 'd'}");
  CHECK(stored("d").sse_enabled());
  CHECK(stored("d").status() == pb::InstanceInfoPB::DELETED);
}

TEST_CASE_METHOD(InstanceFixture, "set_instance_status takes two operations only",
                 "[core][instance]") {
  const auto* op = GENERATE("", "op: null", "op: 'NO_SUCH'", "op: 99", "op: 'UNKNOWN'",
                            "op: 'DROP'", "op: 'REFRESH'", "op: 'RENAME'", "op: 'ENABLE_SSE'",
                            "op: 'DISABLE_SSE'", "op: 'SET_SNAPSHOT_PROPERTY'");
  CHECK_REFUSED(api::set_instance_status, fmt::format("{{{}}}", op), "INVALID_ARGUMENT", 400, "op");
  CHECK_REFUSED(api::set_instance_status,
                fmt::format("{{instance_id: 'i', name: 'x'{}{}}}", *op ? ", " : "", op),
                "INVALID_ARGUMENT", 400, "op");
}

TEST_CASE_METHOD(InstanceFixture, "set_instance_status goes to OVERDUE and back",
                 "[core][instance]") {
  CHECK_REFUSED(api::set_instance_status, "{instance_id: 'i', op: 'SET_NORMAL'}",
                "INVALID_ARGUMENT", 400, "instance_id=i");
  auto expected = stored();
  call(api::set_instance_status, "{instance_id: 'i', op: 6}");
  expected.set_status(pb::InstanceInfoPB::OVERDUE);
  expected.set_mtime(later);
  CHECK(api::to_json(stored()) == api::to_json(expected));
  CHECK_REFUSED(api::set_instance_status, "{instance_id: 'i', op: 'SET_OVERDUE'}",
                "INVALID_ARGUMENT", 400, "instance_id=i");
  set_now(later + 5);
  call(api::set_instance_status, "{instance_id: 'i', op: 'SET_NORMAL'}");
  CHECK(stored().status() == pb::InstanceInfoPB::NORMAL);
  CHECK(stored().mtime() == later + 5);
}

TEST_CASE_METHOD(InstanceFixture, "set_instance_status refuses a deleted instance",
                 "[core][instance]") {
  const auto* op = GENERATE("SET_NORMAL", "SET_OVERDUE");
  CHECK_REFUSED(api::set_instance_status, fmt::format("{{instance_id: 'd', op: '{}'}}", op),
                "INVALID_ARGUMENT", 400, "instance_id=d");
}
