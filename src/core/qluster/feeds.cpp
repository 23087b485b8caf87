// SPDX-License-Identifier: Apache-2.0
// Events and messages. Source: qluster-api.md, section 8.

#include <fmt/format.h>

#include "api/qluster_errors.h"
#include "core/qluster/operations.h"

namespace metactl::core::qluster {
namespace {

/// Feeds have no other failure than 500.
template <class Body>
auto feed(Context& context, const Body& body) {
  try {
    return context.read(body);
  } catch (const Error& error) {
    auto failure = error;
    failure.set_answer(*api::qluster_failure(500, error.what()).answer());
    throw Error(failure);
  }
}

}  // namespace

pb::QlusterEventsResponse get_events(Context& context, const pb::QlusterFeedRequest& request) {
  return feed(context, [&](store::View& view) {
    pb::QlusterEventsResponse response;
    for (auto& event : events(view))
      if (event.seq() > request.since()) *response.add_events() = std::move(event);
    return response;
  });
}

pb::QlusterRpcResponse get_rpc(Context& context, const pb::QlusterFeedRequest& request) {
  return feed(context, [&](store::View& view) {
    const auto sent = messages(view);
    auto message = sent.begin();
    std::string text;
    const auto tell_messages_before = [&](std::uint64_t seq) {
      for (; message != sent.end() && message->after() < seq; ++message)
        if (message->after() >= request.since())
          text += fmt::format("{} RPC {}\n", message->time(), message->text());
    };
    for (const auto& event : events(view)) {
      tell_messages_before(event.seq());
      if (event.seq() > request.since())
        text += fmt::format("{} EVENT {}\n", event.time(), event.text());
    }
    tell_messages_before(UINT64_MAX);
    pb::QlusterRpcResponse response;
    response.set_text(std::move(text));
    return response;
  });
}

}  // namespace metactl::core::qluster
