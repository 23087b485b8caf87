// SPDX-License-Identifier: Apache-2.0
// The broker as a whole: version, metadata, settings. Source: broker-api.md, section 14.

#include "api/broker_errors.h"
#include "api/rules.h"
#include "core/broker/operations.h"

namespace metactl::core::broker {

/// Of the document that the API was given with; see section 21, T9.
pb::BrokerTextResponse version(Broker&, Context&, const pb::BrokerEmptyRequest&) {
  pb::BrokerTextResponse response;
  response.set_text("0.3.0");
  return response;
}

pb::BrokerMetadataPB get_metadata(Broker& broker, Context& context, const pb::BrokerEmptyRequest&) {
  return read(broker, context, [](Rows& rows) { return rows.metadata(); });
}

pb::BrokerEmptyResponse restore_metadata(Broker& broker, Context& context,
                                         const pb::BrokerMetadataPB& request) {
  if (!is_whole(request)) throw api::broker_malformed("not the metadata of a broker");
  api::require_plain(api::Service::broker, request);
  return change(broker, context, [&](Changes& rows) {
    if (request.version() != metadata_version) throw api::broker_failure("INVALID_META_VERSION");
    if (request.global_epoch() < rows.epoch())
      throw api::broker_failure("EPOCH_SMALLER_THAN_CURRENT");
    rows.restore(request);
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerSettingsPB get_settings(Broker& broker, Context& context, const pb::BrokerEmptyRequest&) {
  return read(broker, context, [](Rows& rows) { return rows.settings(); });
}

pb::BrokerEmptyResponse set_settings(Broker& broker, Context& context,
                                     const pb::BrokerSettingsPB& request) {
  return change(broker, context, [&](Changes& rows) {
    rows.store_settings(request);
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
