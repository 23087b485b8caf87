// SPDX-License-Identifier: Apache-2.0
// Calls that repair or provoke: parameters are checked, and nothing is there to be repaired.
// Source: meta-service-api.md, sections 8.9 to 8.11.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
using metactl::tests::CoreFixture;

TEST_CASE_METHOD(CoreFixture, "show_meta_ranges needs another store", "[core][debugging]") {
  CHECK_REFUSED(api::show_meta_ranges, "{}", "INVALID_ARGUMENT", 400, "FoundationDB");
}

TEST_CASE_METHOD(CoreFixture, "injection points are refused", "[core][debugging]") {
  const auto* request = GENERATE("{}", "{op: 'set', name: 'x'}", "{op: 'enable'}");
  CHECK_REFUSED(api::injection_point, request, "INVALID_ARGUMENT", 400, "injection");
}

TEST_CASE_METHOD(CoreFixture, "fix_tablet_stats refuses the first broken rule",
                 "[core][debugging]") {
  create("i");
  CHECK_REFUSED(api::fix_tablet_stats, "{table_id: 'x'}", "INVALID_ARGUMENT", 400,
                "cloud_unique_id");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:nobody:x', table_id: 'x'}",
                "INVALID_ARGUMENT", 400, "empty instance_id");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:i:x', table_id: 'x'}",
                "INVALID_ARGUMENT", 400, "table_id");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:i:x'}", "INVALID_ARGUMENT", 400,
                "table_id");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:i:x', table_id: '1', tablet_id: 'y'}",
                "INVALID_ARGUMENT", 400, "tablet_id=y");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:i:x', table_id: '1', tablet_id: '23'}",
                "TABLET_NOT_FOUND", 404, "23");
  CHECK_REFUSED(api::fix_tablet_stats, "{cloud_unique_id: '1:i:x', table_id: '1'}",
                "TABLET_NOT_FOUND", 404);
}

TEST_CASE_METHOD(CoreFixture, "fix_tablet_db_id refuses the first broken rule",
                 "[core][debugging]") {
  CHECK_REFUSED(api::fix_tablet_db_id, "{tablet_id: 'x'}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: 'x', db_id: 'y'}",
                "INVALID_ARGUMENT", 400, "tablet_id=x");
  CHECK_REFUSED(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: '1', db_id: 'y'}",
                "INVALID_ARGUMENT", 400, "db_id=y");
  CHECK_REFUSED(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: '1'}", "INVALID_ARGUMENT",
                400, "db_id");
  CHECK_REFUSED(api::fix_tablet_db_id, "{instance_id: 'i', tablet_id: '23', db_id: '2'}",
                "TABLET_NOT_FOUND", 404, "23");
}

TEST_CASE_METHOD(CoreFixture, "txn_lazy_commit refuses the first broken rule",
                 "[core][debugging]") {
  CHECK_REFUSED(api::txn_lazy_commit, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::txn_lazy_commit, "{txn_id: 'x'}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::txn_lazy_commit, "{instance_id: 'i', txn_id: ''}", "INVALID_ARGUMENT", 400,
                "txn id");
  CHECK_REFUSED(api::txn_lazy_commit, "{instance_id: 'i', txn_id: '1x'}", "UNDEFINED_ERR", 500,
                "1x");
  CHECK_REFUSED(api::txn_lazy_commit, "{instance_id: 'i', txn_id: '23'}", "TXN_ID_NOT_FOUND", 500,
                "23");
}
