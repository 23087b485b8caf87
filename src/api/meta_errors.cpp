// SPDX-License-Identifier: Apache-2.0
#include "api/meta_errors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/service.h"

namespace metactl::api {
namespace {

struct WireCode {
  pb::MetaServiceCode code;
  int http;
  std::string_view name;
};

/// Codes that are not listed travel as the last row.
constexpr std::array wire_codes = {
    WireCode{pb::INVALID_ARGUMENT, 400, "INVALID_ARGUMENT"},
    WireCode{pb::PROTOBUF_PARSE_ERR, 400, "INVALID_ARGUMENT"},
    WireCode{pb::CLUSTER_NOT_FOUND, 404, "NOT_FOUND"},
    WireCode{pb::TABLET_NOT_FOUND, 404, "NOT_FOUND"},
    WireCode{pb::ALREADY_EXISTED, 409, "ALREADY_EXISTED"},
    WireCode{pb::UNDEFINED_ERR, 500, "INTERNAL_ERROR"},
};

struct Meaning {
  std::string_view code;      // on the wire
  std::string_view fragment;  // of the text; "" fits every text
  Reason reason;
};

/// The first row that fits decides. The five codes are too coarse to tell an operator what to do
/// (an unknown instance is 400, 404 or 500), so the text decides where it must; it is the same text
/// whether the core answers in this process or behind a server.
constexpr std::array meanings = {
    Meaning{"NOT_FOUND", "try later", Reason::precondition},
    Meaning{"NOT_FOUND", "try again later", Reason::precondition},
    Meaning{"NOT_FOUND", "", Reason::not_found},
    Meaning{"ALREADY_EXISTED", "virtual cluster", Reason::precondition},
    Meaning{"ALREADY_EXISTED", "", Reason::conflict},
    Meaning{"INVALID_ARGUMENT", "try later", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "try again later", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "cant modify", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "node endpoint has been added", Reason::conflict},
    Meaning{"INVALID_ARGUMENT", "failed to parse", Reason::integrity},
    Meaning{"INVALID_ARGUMENT", "not found", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "there is no running", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "unmatched job id", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "failed to get vault id", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "too many aborted", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "invalid new tablet state", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "failed to find", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "empty instance_id", Reason::not_found},
    Meaning{"INVALID_ARGUMENT", "same name exists", Reason::conflict},
    Meaning{"INVALID_ARGUMENT", "name eq original", Reason::conflict},
    Meaning{"INVALID_ARGUMENT", "failed to drop", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "has enabled", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "has disabled", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "failed to set", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "deleted", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "has been set delete", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "eq original", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "instance has", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "not supported", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "is not on S3", Reason::precondition},
    Meaning{"INVALID_ARGUMENT", "already", Reason::conflict},
    Meaning{"INVALID_ARGUMENT", "", Reason::usage},
    // What the service says of its store: nothing was written, but for the last.
    Meaning{"INTERNAL_ERROR", "err=Conflict", Reason::unreachable},
    Meaning{"INTERNAL_ERROR", "err=TxnTooOld", Reason::unreachable},
    Meaning{"INTERNAL_ERROR", "err=RetryableNotCommitted", Reason::unreachable},
    Meaning{"INTERNAL_ERROR", "err=MaybeCommitted", Reason::unknown_outcome},
    // Texts with a label in them first.
    Meaning{"INTERNAL_ERROR", "has already been used", Reason::conflict},
    Meaning{"INTERNAL_ERROR", "duplicated request", Reason::conflict},
    Meaning{"INTERNAL_ERROR", "label not found", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "has not found", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "running transaction not found", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "has already started", Reason::precondition},
    // Releases of the older document answer these with the generic error.
    Meaning{"INTERNAL_ERROR", "is already occupied", Reason::conflict},
    Meaning{"INTERNAL_ERROR", "failed to rename cluster", Reason::conflict},
    Meaning{"INTERNAL_ERROR", "failed to find", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "can not find to drop", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "has no such node", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "cluster is SQL type", Reason::usage},
    Meaning{"INTERNAL_ERROR", "no mysql user name", Reason::usage},
    Meaning{"INTERNAL_ERROR", "is already", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "not precommitted", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "txn is expired", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "expired compaction job", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "expired schema change", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "failed to get txn_info", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "stale tablet cache", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "does not fit the running schema change", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "stop token", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "has already succeeded", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "missing private endpoint", Reason::usage},
    Meaning{"INTERNAL_ERROR", "reached the limit", Reason::unreachable},
    Meaning{"INTERNAL_ERROR", "instance already has", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "instance has no", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "not supported", Reason::precondition},
    Meaning{"INTERNAL_ERROR", "already existed", Reason::conflict},
    Meaning{"INTERNAL_ERROR", "KeyNotFound", Reason::not_found},
    Meaning{"INTERNAL_ERROR", "not found", Reason::not_found},
};

struct StoreCode {
  std::string_view name;
  Reason reason;
};

/// Codes of the store and of limits, which decide without the text: nothing was written, but for
/// the last. By HTTP most travel as INTERNAL_ERROR, from some servers as they are.
constexpr std::array store_codes = {
    StoreCode{"KV_TXN_CONFLICT", Reason::unreachable},
    StoreCode{"KV_TXN_CONFLICT_RETRY_EXCEEDED_MAX_TIMES", Reason::unreachable},
    StoreCode{"KV_TXN_TOO_OLD", Reason::unreachable},
    StoreCode{"KV_TXN_STORE_GET_RETRYABLE", Reason::unreachable},
    StoreCode{"KV_TXN_STORE_COMMIT_RETRYABLE", Reason::unreachable},
    StoreCode{"KV_TXN_STORE_CREATE_RETRYABLE", Reason::unreachable},
    StoreCode{"MAX_QPS_LIMIT", Reason::unreachable},
    StoreCode{"MS_TOO_BUSY", Reason::unreachable},
    StoreCode{"KV_TXN_MAYBE_COMMITTED", Reason::unknown_outcome},
};

/// `status` is the service's own code, `code` what it becomes on the wire.
Reason reason_of(std::string_view status, std::string_view code, std::string_view message) {
  const auto* of_store = std::find_if(store_codes.begin(), store_codes.end(),
                                      [&](const StoreCode& each) { return each.name == status; });
  if (of_store != store_codes.end()) return of_store->reason;
  // Behind the first '=' of a refusal stand names that somebody chose, and they must not decide.
  if (code == "INVALID_ARGUMENT") message = message.substr(0, message.find('='));
  const auto* row = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& meaning) {
    return meaning.code == code && message.find(meaning.fragment) != std::string_view::npos;
  });
  return row == meanings.end() ? Reason::internal : row->reason;
}

}  // namespace

Error meta_failure(pb::MetaServiceCode code, const std::string& message) {
  const auto* row = std::find_if(wire_codes.begin(), wire_codes.end() - 1,
                                 [&](const WireCode& wire) { return wire.code == code; });
  const auto& status = pb::MetaServiceCode_Name(code);
  return Error(reason_of(status, row->name, message),
               ServiceAnswer{row->http, std::string(row->name), status, message});
}

Error meta_failure(int http, std::string_view code, const std::string& message) {
  // The documents, and servers of their time, write the generic code with a slip.
  const std::string_view known = code == "INTERANAL_ERROR" ? "INTERNAL_ERROR" : code;
  const auto reason = reason_of_status(http, message).value_or(reason_of(known, known, message));
  return Error(reason, ServiceAnswer{http, std::string(known), "", message});
}

Error as_rpc(Error failure, int http) {
  auto answer = failure.answer().value();
  answer.http = http;
  answer.code = answer.status;
  if (const auto reason = reason_of_status(http, answer.message))
    return Error(*reason, std::move(answer));
  failure.set_answer(std::move(answer));
  return failure;
}

void require_ok(const pb::MetaServiceResponseStatus& status) {
  if (status.code() != pb::OK) throw meta_failure(status.code(), status.msg());
}

Error meta_answered(const Error& error) {
  if (error.answer()) return error;
  Error result = error;
  result.set_answer({failure_status(error), "INTERNAL_ERROR",
                     pb::MetaServiceCode_Name(pb::UNDEFINED_ERR), error.what()});
  return result;
}

}  // namespace metactl::api
