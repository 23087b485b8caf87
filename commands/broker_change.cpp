// SPDX-License-Identifier: Apache-2.0
#include "commands/broker_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace metactl::commands {
namespace {

struct Hint {
  std::string_view code;
  std::string_view text;
  bool names_object = false;  // The cluster or proxy stands behind the text.
};

constexpr std::array hints = {
    Hint{"CLUSTER_NOT_FOUND", "metactl broker cluster list"},
    Hint{"PROXY_NOT_FOUND", "metactl broker proxy list"},
    Hint{"IN_USE", "metactl broker proxy get ", true},
    Hint{"NO_AVAILABLE_RESOURCE",
         "metactl broker proxy list --free shows what can be taken: half of the nodes, and no more "
         "than half of that on one host"},
    Hint{"PROXY_RESOURCE_OUT_OF_ORDER", "metactl broker proxy list -o wide"},
    Hint{"ONE_CLUSTER_ALREADY_EXISTED", "metactl broker cluster list"},
    Hint{"MISSING_SERVER_PROXY_INDEX", "--index says which place of the StatefulSet it has"},
    Hint{"MIGRATION_RUNNING", "metactl broker cluster migration list ", true},
    Hint{"FREE_NODE_FOUND", "metactl broker cluster remove-free-nodes ", true},
    Hint{"NODE_NUMBER_CHANGING",
         "the broker changes the nodes of one cluster at a time: try again when it is done"},
    Hint{"PROXY_NOT_SYNC",
         "the nodes were added: mend the proxies, and type the same again to move the slots"},
    Hint{"EPOCH_SMALLER_THAN_CURRENT", "metactl broker epoch get"},
    Hint{"INVALID_CONFIG", "metactl broker cluster config get ", true},
};

}  // namespace

std::string_view code_of(const Error& error) {
  return error.answer() ? std::string_view(error.answer()->code) : std::string_view();
}

Error with_broker_hint(const Error& error, const std::string& name) {
  const auto code = code_of(error);
  const auto* found =
      std::find_if(hints.begin(), hints.end(), [&](const Hint& hint) { return hint.code == code; });
  if (found == hints.end() || !error.hint().empty()) return error;
  auto result = error;
  result.set_hint(fmt::format("{}{}", found->text, found->names_object ? name : ""));
  return result;
}

Error broker_refusal(const Error& error, const cli::ChangeText& text) {
  auto told = error.explained(fmt::format("cannot {} {} '{}'", text.verb, text.kind, text.name));
  told.set_object(fmt::format("{}/{}", text.kind, text.name));
  return with_broker_hint(told, text.name);
}

}  // namespace metactl::commands
