// SPDX-License-Identifier: Apache-2.0
// Calls that make no sense here. Source: meta-service-api.md, sections 8.9 to 8.11.
#include "core/meta/handlers.h"
#include "core/meta/instances.h"

namespace metactl::core::meta {

pb::StatusResponse show_meta_ranges(Context&, const pb::ShowMetaRangesRequest&) {
  throw invalid_argument("meta ranges need FoundationDB as store, this service has another one");
}

pb::StatusResponse injection_point(Context&, const pb::InjectionPointRequest&) {
  throw invalid_argument("injection points are for test builds of the service only");
}

}  // namespace metactl::core::meta
