// SPDX-License-Identifier: Apache-2.0
#include "app/first_services.h"

#include "api/nodemgr.h"
#include "api/qluster.h"
#include "app/embedded_client.h"

namespace metactl::app {
namespace {

constexpr auto first_address = "127.0.0.1";
constexpr std::uint64_t first_db_port = 5432;
constexpr std::uint64_t first_api_port = 8080;

/// What cannot be read for another reason was made, and is damaged.
template <class Request, class Response>
bool is_missing(client::Client& core, const api::Operation<Request, Response>& look) {
  try {
    core.call(look, Request());
    return false;
  } catch (const Error& error) {
    return error.reason() == Reason::not_found;
  }
}

}  // namespace

void make_first_services(const std::shared_ptr<store::Store>& store,
                         const core::Environment& environment, const core::Origin& origin,
                         const std::set<api::Service>& services) {
  EmbeddedClient core(store, environment, origin);
  if (services.contains(api::Service::qluster) && is_missing(core, api::qluster_get_map)) {
    pb::QlusterInitRequest request;
    request.set_ip(first_address);
    request.set_db_port(first_db_port);
    request.set_api_port(first_api_port);
    core.call(api::qluster_init, request);
  }
  if (services.contains(api::Service::nodemgr) && is_missing(core, api::nodemgr_get_node)) {
    pb::NodemgrImportRequest request;
    request.set_sample(true);
    core.call(api::nodemgr_import, request);
  }
}

}  // namespace metactl::app
