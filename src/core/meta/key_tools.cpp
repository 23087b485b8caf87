// SPDX-License-Identifier: Apache-2.0
// Keys without the store. Source: key-encoding.md, sections 4 and 5.
#include <fmt/format.h>

#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/stored_values.h"
#include "keys/cut.h"
#include "keys/drawing.h"
#include "keys/forms.h"

namespace metactl::core::meta {
namespace {

keys::Marks marks_of(const pb::KeyRequest& request) {
  return request.unicode() == "false" ? keys::Marks::ascii : keys::Marks::unicode;
}

/// The drawing over `hex`; throws `refusal` when the service's decoder does not take the key.
std::string drawing_of(const std::string& key, const std::string& hex,
                       const pb::KeyRequest& request, const std::string& refusal) {
  const auto cut = keys::cut(key);
  if (cut.failure) throw invalid_argument(refusal);
  return keys::drawing(cut.space, cut.fields, hex, marks_of(request));
}

}  // namespace

pb::TextResponse decode_key(Context&, const pb::KeyRequest& request) {
  if (request.key().empty()) throw invalid_argument("no key to decode");
  pb::TextResponse response;
  response.set_text(drawing_of(key_bytes(request.key()), request.key(), request,
                               "failed to decode key, key=" + request.key()));
  return response;
}

pb::TextResponse encode_key(Context&, const pb::KeyRequest& request) {
  auto parameters = parameters_of(request);
  if (request.has_versionstamp())
    parameters[std::string(keys::stamp_field)] = request.versionstamp();
  const auto key = encoded_key(service_type(request.key_type()), parameters);
  const auto hex = text::hex(key);
  pb::TextResponse response;
  response.set_text(drawing_of(key, hex, request, "failed to decode encoded key, key=" + hex) +
                    keys::to_escaped(key) + "\n");
  return response;
}

}  // namespace metactl::core::meta
