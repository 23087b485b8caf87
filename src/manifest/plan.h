// SPDX-License-Identifier: Apache-2.0
// The steps that make a service show what manifests say.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/operation.h"
#include "manifest/manifest.h"
#include "manifest/observe.h"

namespace metactl::manifest {

enum class Action : std::uint8_t { create, change, destroy };

/// How an action is told.
struct ActionWords {
  std::string_view name;  // In JSON.
  std::string_view mark;
  std::string_view verb;
  std::string_view done;
};

/// In the order of Action.
inline constexpr std::array action_words = {
    ActionWords{"create", "+", "create", "created"},
    ActionWords{"change", "~", "change", "changed"},
    ActionWords{"destroy", "-", "drop", "dropped"},
};

constexpr const ActionWords& words_of(Action action) {
  return action_words.at(static_cast<std::size_t>(action));
}

/// What changes about one object.
struct ObjectChange {
  Action action = Action::change;
  std::string object;    // cluster/etl
  std::string instance;  // prod
  /// "+ node 10.0.0.1:9050", "~ status NORMAL -> SUSPENDED", "- user jack".
  std::vector<std::string> changes;
};

/// How many things are lost, by what one is called: "node" 2, "broker proxy" 1.
using Losses = std::map<std::string, std::uint64_t>;

/// One call, and what it changes.
struct Step : ObjectChange {
  const api::AnyOperation* operation = nullptr;
  std::shared_ptr<const google::protobuf::Message> request;  // With plain secrets.
  Losses losses = {};  // What is not there any more after it, or after what it begins.
  bool asks = false;   // It may lose something, though its call as such does not.
  /// Gives the request that is sent, where a step before decides something of it, such as the id
  /// of a new node; mostly empty.
  std::function<std::shared_ptr<const google::protobuf::Message>(client::Client&)> complete = {};
};

/// True for a step that must be asked for.
bool is_destructive(const Step& step);

/// What all steps lose.
Losses losses_of(const std::vector<Step>& steps);

/// Makes the call of a step.
void make(client::Client& client, const Step& step);

struct PlanInput {
  std::vector<Object> wanted;
  /// Objects that are removed when no manifest is about them.
  std::vector<Identity> owned;
  /// The secret that a manifest refers to; throws Error.
  std::function<std::string(const pb::SecretSource&, const Place&)> secret;
};

/// The fewest steps, in an order in which each can be made: instances before vaults before
/// clusters, members before the virtual clusters of them, nodes added before others are dropped
/// (but dropped first where they move between clusters or change), never a moment without or with
/// two FE_MASTERs; what is removed goes last, or where its nodes are needed first. Of a memory
/// broker: proxies before clusters, what frees proxies before what takes them, larger clusters
/// before smaller ones. Of a qluster: new nodes, then proper ones, settings, and last what is taken
/// away. Throws Error, precondition, with all that cannot be made so, one a line,
/// each with the place in its manifest; usage, with all secrets that cannot be read.
std::vector<Step> make_plan(const PlanInput& input, const Observed& observed);

/// What needs no step, but is not yet as it is wanted: clusters of a memory broker whose slots move
/// still; a line for each.
std::vector<std::string> on_their_way(const PlanInput& input, const Observed& observed);

/// What must be observed for a plan.
Subjects subjects_of(const PlanInput& input);

}  // namespace metactl::manifest
