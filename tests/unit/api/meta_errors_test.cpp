// SPDX-License-Identifier: Apache-2.0
// From codes to HTTP and to reasons. Source: meta-service-api.md, section 2.

#include "api/meta_errors.h"

#include <catch2/catch.hpp>
#include <map>

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::Reason;

TEST_CASE("every code of the service has its HTTP status and its word", "[api][errors]") {
  const std::map<pb::MetaServiceCode, std::pair<int, std::string>> listed = {
      {pb::INVALID_ARGUMENT, {400, "INVALID_ARGUMENT"}},
      {pb::PROTOBUF_PARSE_ERR, {400, "INVALID_ARGUMENT"}},
      {pb::CLUSTER_NOT_FOUND, {404, "NOT_FOUND"}},
      {pb::TABLET_NOT_FOUND, {404, "NOT_FOUND"}},
      {pb::ALREADY_EXISTED, {409, "ALREADY_EXISTED"}},
  };
  const auto* codes = pb::MetaServiceCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    const auto code = static_cast<pb::MetaServiceCode>(codes->value(i)->number());
    if (code == pb::OK) continue;
    const auto row = listed.find(code);
    const auto expected =
        row == listed.end() ? std::pair<int, std::string>(500, "INTERNAL_ERROR") : row->second;
    const auto answer = api::meta_failure(code, "text").answer().value();
    CAPTURE(codes->value(i)->name());
    CHECK(answer.http == expected.first);
    CHECK(answer.code == expected.second);
    CHECK(answer.status == codes->value(i)->name());
    CHECK(answer.message == "text");
  }
}

TEST_CASE("the reason says what an operator can do", "[api][errors]") {
  struct Row {
    pb::MetaServiceCode code;
    const char* text;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {pb::CLUSTER_NOT_FOUND, "failed to find cluster to drop, cluster_id=x", Reason::not_found},
      {pb::CLUSTER_NOT_FOUND, "instance not found, instance_id=i", Reason::not_found},
      {pb::CLUSTER_NOT_FOUND, "a node was added less than 300 s ago, try again later",
       Reason::precondition},
      {pb::CLUSTER_NOT_FOUND, "drop fe cluster not in safe time, try later, cluster=x",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "drop fe node not in safe time, try later, node=x",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "instance invalid, cant modify, plz check", Reason::precondition},
      {pb::INVALID_ARGUMENT, "instance status has been set delete, plz check it",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "compute node endpoint has been added, registered be node=x",
       Reason::conflict},
      {pb::ALREADY_EXISTED, "try to add a existing cluster id, existing_cluster_id=x",
       Reason::conflict},
      {pb::INVALID_ARGUMENT, "invalid request instance_id or cluster not given", Reason::usage},
      {pb::INVALID_ARGUMENT, "cloud_unique_id must be given", Reason::usage},
      {pb::INVALID_ARGUMENT,
       "failed to rename cluster, a cluster with the same name already exists in this instance",
       Reason::conflict},
      {pb::UNDEFINED_ERR, "cloud_unique_id is already occupied by an instance, instance_id=i",
       Reason::conflict},
      {pb::UNDEFINED_ERR, "failed to find cluster to drop, instance_id=i", Reason::not_found},
      {pb::UNDEFINED_ERR, "cloud_unique_id can not find to drop node, instance_id=i",
       Reason::not_found},
      {pb::UNDEFINED_ERR, "no mysql user name to change", Reason::usage},
      {pb::KV_TXN_GET_ERR, "instance not found, instance_id=i", Reason::not_found},
      {pb::KV_TXN_GET_ERR, "failed to get instance, err=KeyNotFound", Reason::not_found},
      {pb::KV_TXN_GET_ERR, "disk on fire", Reason::internal},
      {pb::UNDEFINED_ERR, "", Reason::internal},
      {pb::ALREADY_EXISTED, "instance already existed, instance_id=i", Reason::conflict},
      {pb::ALREADY_EXISTED, "cluster is a member of virtual cluster v", Reason::precondition},
      {pb::INVALID_ARGUMENT, "empty cluster_name", Reason::usage},
      {pb::INVALID_ARGUMENT, "s3 conf info err, please check it", Reason::usage},
      {pb::INVALID_ARGUMENT, "instance not found, instance_id=i", Reason::not_found},
      {pb::INVALID_ARGUMENT, "failed to find cluster, cluster_id=c", Reason::not_found},
      {pb::INVALID_ARGUMENT, "cloud_unique_id is already occupied by an instance",
       Reason::conflict},
      {pb::INVALID_ARGUMENT, "failed to rename cluster, name eq original name", Reason::conflict},
      {pb::INVALID_ARGUMENT, "failed to rename cluster, same name exists", Reason::conflict},
      {pb::INVALID_ARGUMENT, "failed to drop instance, instance has clusters",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "failed to enable sse, instance has enabled sse",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "failed to disable sse, instance has disabled sse",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "failed to set cluster status, original cluster is NORMAL",
       Reason::precondition},
      {pb::INVALID_ARGUMENT, "instance status is deleted", Reason::precondition},
      {pb::INVALID_ARGUMENT, "too many aborted txn for label=l", Reason::precondition},
      {pb::TXN_LABEL_ALREADY_USED, "Label [not found] has already been used, relate to txn [1]",
       Reason::conflict},
      {pb::TXN_DUPLICATED_REQ, "duplicated request, txn_id=1 label=l", Reason::conflict},
      {pb::KV_TXN_GET_ERR, "label not found, db_id=1 label=is already", Reason::not_found},
      {pb::TXN_ID_NOT_FOUND, "transaction [5] not found", Reason::not_found},
      {pb::TXN_ID_NOT_FOUND, "failed to get txn_info, db_id=1", Reason::not_found},
      {pb::TXN_ALREADY_ABORTED, "transaction [5] is already aborted, db_id=1",
       Reason::precondition},
      {pb::TXN_INVALID_STATUS, "running transaction not found, db_id=1 label=l",
       Reason::precondition},
      {pb::TXN_INVALID_STATUS, "transaction [5] is prepared, not precommitted, db_id=1",
       Reason::precondition},
      {pb::UNDEFINED_ERR, "txn is expired, not allow to commit txn_id=5", Reason::precondition},
      {pb::LOCK_EXPIRED, "locks of merge-on-write tables are not supported by this service",
       Reason::precondition},
      {pb::TABLET_NOT_FOUND, "tablet stats not found, tablet_id=5", Reason::not_found},
      {pb::INVALID_ARGUMENT, "there is no running compaction, tablet_id=5", Reason::not_found},
      {pb::INVALID_ARGUMENT, "unmatched job id, recorded_job={} given_job={}", Reason::not_found},
      {pb::JOB_TABLET_BUSY, "compaction has already started, tablet_id=5 job={}",
       Reason::precondition},
      {pb::JOB_TABLET_BUSY, "a stop token keeps compactions from starting, tablet_id=5",
       Reason::precondition},
      {pb::JOB_EXPIRED, "expired compaction job, tablet_id=5", Reason::precondition},
      {pb::STALE_TABLET_CACHE, "stale tablet cache, tablet_id=5", Reason::precondition},
      {pb::PROTOBUF_PARSE_ERR, "parse http request of add_cluster", Reason::usage},
  }));
  const auto local = api::meta_failure(row.code, row.text);
  CAPTURE(row.text);
  CHECK(metactl::info(local.reason()).name == metactl::info(row.reason).name);
  CHECK(std::string(local.what()) == row.text);

  // A client that is told only HTTP status, code and text comes to the same reason.
  const auto answer = local.answer().value();
  const auto remote = api::meta_failure(answer.http, answer.code, answer.message);
  CHECK(remote.reason() == local.reason());
  CHECK(remote.answer()->http == answer.http);
  CHECK(remote.answer()->code == answer.code);
  CHECK(remote.answer()->status.empty());
  CHECK(remote.answer()->message == answer.message);
}

TEST_CASE("the documents' slip in the generic code is understood", "[api][errors]") {
  const auto error = api::meta_failure(500, "INTERANAL_ERROR", "instance not found");
  CHECK(error.answer()->code == "INTERNAL_ERROR");
  CHECK(error.reason() == Reason::not_found);
}

TEST_CASE("a code that nobody knows is an internal failure", "[api][errors]") {
  const auto error = api::meta_failure(418, "TEAPOT", "not found");
  CHECK(error.reason() == Reason::internal);
  CHECK(error.answer()->http == 418);
  CHECK(error.answer()->code == "TEAPOT");
}

TEST_CASE("a state that cannot be used is 503, and what was lost is told apart", "[api][errors]") {
  using metactl::Error;
  const auto status = [](Reason reason) {
    return api::meta_answered(Error(reason, "why")).answer().value().http;
  };
  CHECK(status(Reason::integrity) == 503);
  CHECK(status(Reason::unreachable) == 503);
  CHECK(status(Reason::internal) == 500);
  CHECK(status(Reason::denied) == 500);
  const auto seen = [](const std::string& text) {
    return api::meta_failure(503, "INTERNAL_ERROR", text).reason();
  };
  CHECK(seen("cannot use state file 'a': it was moved, deleted or replaced while it was open") ==
        Reason::integrity);
  CHECK(seen("cannot use state file 'a': its log 'a-wal' lacks changes that were written to it") ==
        Reason::integrity);
}
