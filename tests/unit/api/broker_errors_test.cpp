// SPDX-License-Identifier: Apache-2.0
// Every error string of broker-api.md, section 3: as a core throws it and as a client reads it.
#include "api/broker_errors.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace api = metactl::api;
using metactl::Error;
using metactl::Reason;

namespace {

struct Row {
  const char* code;
  int http;
  Reason reason;
};

const Row rows[] = {
    {"IN_USE", 409, Reason::precondition},
    {"NO_AVAILABLE_RESOURCE", 409, Reason::precondition},
    {"ALREADY_EXISTED", 409, Reason::conflict},
    {"CLUSTER_NOT_FOUND", 404, Reason::not_found},
    {"FREE_NODE_NOT_FOUND", 404, Reason::not_found},
    {"FREE_NODE_FOUND", 409, Reason::precondition},
    {"PROXY_NOT_FOUND", 404, Reason::not_found},
    {"INVALID_NODE_NUMBER", 400, Reason::usage},
    {"NODE_NUM_ALREADY_ENOUGH", 409, Reason::conflict},
    {"INVALID_CLUSTER_NAME", 400, Reason::usage},
    {"INVALID_MIGRATION_TASK", 400, Reason::usage},
    {"MIGRATION_TASK_NOT_FOUND", 404, Reason::not_found},
    {"INVALID_PROXY_ADDRESS", 400, Reason::usage},
    {"MIGRATION_RUNNING", 409, Reason::precondition},
    {"INVALID_CONFIG", 400, Reason::usage},
    {"SLOTS_ALREADY_EVEN", 400, Reason::precondition},
    {"INVALID_META_VERSION", 409, Reason::integrity},
    {"EPOCH_SMALLER_THAN_CURRENT", 409, Reason::precondition},
    {"NODE_NUMBER_CHANGING", 409, Reason::precondition},
    {"PROXY_NOT_SYNC", 500, Reason::unreachable},
    {"MISSING_SERVER_PROXY_INDEX", 400, Reason::usage},
    {"PROXY_RESOURCE_OUT_OF_ORDER", 409, Reason::precondition},
    {"ONE_CLUSTER_ALREADY_EXISTED", 409, Reason::precondition},
    {"PERSISTENCE_IO_ERROR", 500, Reason::internal},
    {"PERSISTENCE_JSON_ERROR", 500, Reason::internal},
    {"PERSISTENCE_LOCK_ERROR", 500, Reason::internal},
    {"REPLICATION_ERROR", 500, Reason::internal},
    {"RETRY", 409, Reason::unreachable},
    {"EXTERNAL", 500, Reason::internal},
    {"EMPTY_EXTERNAL_VERSION", 500, Reason::internal},
    {"EXTERNAL_TIMEOUT", 504, Reason::unreachable},
    {"NOT_IN_USE", 409, Reason::precondition},
    {"RESOURCE_NOT_BALANCE", 409, Reason::precondition},
    {"ORDERED_PROXY_ENABLED", 409, Reason::precondition},
};

}  // namespace

TEST_CASE("every code has its status and the same reason for cores and clients", "[api][broker]") {
  for (const auto& row : rows) {
    CAPTURE(row.code);
    const auto thrown = api::broker_failure(row.code);
    const auto read =
        api::broker_failure_in(row.http, fmt::format(R"({{"error": "{}"}})", row.code));
    CHECK(thrown.reason() == row.reason);
    CHECK(thrown.answer()->http == row.http);
    CHECK(read.reason() == row.reason);
    CHECK(read.answer()->http == row.http);
    CHECK(read.answer()->code == row.code);
    CHECK(std::string(read.what()) == thrown.what());
  }
}

TEST_CASE("the status of the document counts where the norm has another one", "[api][broker]") {
  const auto error = api::broker_failure_in(409, R"({"error": "FREE_NODE_NOT_FOUND"})");
  CHECK(error.reason() == Reason::not_found);
  CHECK(error.answer()->http == 409);
}

TEST_CASE("a bad field of a configuration is named", "[api][broker]") {
  const auto body =
      R"({"error":"INVALID_CONFIG","key":"color","value":"red","message":"FIELD_NOT_FOUND"})";
  const auto error = api::broker_failure_in(400, body);
  CHECK(std::string(error.what()) == "there is no configuration field 'color'");
  CHECK(error.answer()->body == body);
  CHECK(std::string(api::broker_config_failure("scan", "x", "INVALID_VALUE").what()) ==
        "not a value of scan: 'x'");
}

TEST_CASE("whatever else comes is told by its status, without what it might do to a terminal",
          "[api][broker]") {
  CHECK(api::broker_failure_in(403, "no\x1b[2J").reason() == Reason::denied);
  CHECK(std::string(api::broker_failure_in(403, "no\x1b[2J").what()) == "no\\x1b[2J");
  CHECK(std::string(api::broker_failure_in(403, " no\r\n").what()) == "no");
  CHECK(api::broker_failure_in(503, "").reason() == Reason::unreachable);
  CHECK(std::string(api::broker_failure_in(503, "").what()) == "HTTP status 503");
  CHECK(api::broker_failure_in(500, R"({"error": 5})").reason() == Reason::internal);
  CHECK(api::broker_failure_in(409, R"({"error": "NEW_CODE"})").reason() == Reason::precondition);
}

TEST_CASE("a failure of the state is one of persistence", "[api][broker]") {
  for (const auto& [reason, http] :
       {std::pair{Reason::integrity, 503}, std::pair{Reason::unreachable, 503},
        std::pair{Reason::internal, 500}}) {
    const auto error = api::broker_answered(Error(reason, "why"));
    CHECK(error.reason() == reason);
    CHECK(error.answer().value().http == http);
    CHECK(error.answer()->code == "PERSISTENCE_IO_ERROR");
  }
}
