// SPDX-License-Identifier: Apache-2.0
#include "http/wire.h"

#include "http/broker_http.h"
#include "http/meta_http.h"
#include "http/nodemgr_http.h"
#include "http/qluster_http.h"

namespace metactl::http {
namespace {

using google::protobuf::Message;

struct Wire {
  decltype(&meta::encode_request) encode_request;
  decltype(&meta::decode_request) decode_request;
  Reply (*encode_reply)(const api::OperationInfo&, const Message& request, const Message& response,
                        const std::optional<Error>&, const api::Release&);
  decltype(&meta::failure_in) failure_in;
  decltype(&meta::decode_reply) decode_reply;
};

/// The reply of a service that has one release only.
template <auto encode>
Reply in_one_form(const api::OperationInfo& operation, const Message& request,
                  const Message& response, const std::optional<Error>& error, const api::Release&) {
  return encode(operation, request, response, error);
}

const Wire& wire_of(const api::OperationInfo& operation) {
  static constexpr Wire of_meta{meta::encode_request, meta::decode_request, meta::encode_reply,
                                meta::failure_in, meta::decode_reply};
  static constexpr Wire of_broker{broker::encode_request, broker::decode_request,
                                  in_one_form<broker::encode_reply>, broker::failure_in,
                                  broker::decode_reply};
  static constexpr Wire of_nodemgr{nodemgr::encode_request, nodemgr::decode_request,
                                   in_one_form<nodemgr::encode_reply>, nodemgr::failure_in,
                                   nodemgr::decode_reply};
  static constexpr Wire of_qluster{qluster::encode_request, qluster::decode_request,
                                   in_one_form<qluster::encode_reply>, qluster::failure_in,
                                   qluster::decode_reply};
  switch (operation.service) {
    case api::Service::broker:
      return of_broker;
    case api::Service::qluster:
      return of_qluster;
    case api::Service::nodemgr:
      return of_nodemgr;
    default:
      return of_meta;
  }
}

}  // namespace

Request encode_request(const api::OperationInfo& operation, const Message& request) {
  return wire_of(operation).encode_request(operation, request);
}

std::unique_ptr<Message> decode_request(const api::AnyOperation& operation,
                                        const Request& request) {
  return wire_of(*operation.info).decode_request(operation, request);
}

Reply encode_reply(const api::OperationInfo& operation, const Message& request,
                   const Message& response, const std::optional<Error>& error,
                   const api::Release& release) {
  return wire_of(operation).encode_reply(operation, request, response, error, release);
}

std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply) {
  return wire_of(operation).failure_in(operation, reply);
}

void decode_reply(const api::OperationInfo& operation, const Message& request, const Reply& reply,
                  Message& response) {
  wire_of(operation).decode_reply(operation, request, reply, response);
}

}  // namespace metactl::http
