// SPDX-License-Identifier: Apache-2.0
// What the planners of the kinds share.
#pragma once

#include <fmt/format.h>

#include "api/meta.h"
#include "manifest/plan.h"

namespace metactl::manifest {

/// A plan in the making, and how the instance that it is about will be after its steps.
class Planning {
 public:
  Planning(std::string instance_id, const ObservedInstance& observed, const PlanInput& input)
      : instance_id_(std::move(instance_id)), observed_(observed), input_(input) {
    if (observed.exists()) model_ = *observed.record;
  }

  template <class Request, class Response>
  void step(Action action, const std::string& object,
            const api::Operation<Request, Response>& operation, const Request& request,
            std::vector<std::string> changes) {
    steps_.push_back({{action, object, instance_id_, std::move(changes)},
                      api::find_operation(operation.info.name),
                      std::make_shared<Request>(request)});
  }

  /// Says of the last step that it loses so many things.
  void lose(std::string_view noun, std::uint64_t count = 1) {
    if (count > 0) steps_.back().losses[std::string(noun)] += count;
  }

  /// Something that cannot be made so.
  void problem(const Place& place, const std::string& text) {
    problems_.push_back(to_text(place) + ": " + text);
  }
  void problem(const std::string& text) { problems_.push_back(text); }
  /// `path` is that of the value at fault, such as "failover.active"; "": the whole manifest.
  void problem(const Object& object, const std::string& text, std::string_view path = {}) {
    problem(object.place_of(path), object.title() + ": " + text);
  }

  /// A secret that a manifest refers to; "" when it cannot be read, which is told with all others
  /// that cannot.
  std::string secret(const pb::SecretSource& source, const Place& place) {
    try {
      return input_.secret(source, place);
    } catch (const Error& error) {
      unreadable_.emplace_back(error.what());
      return "";
    }
  }

  const std::string& instance_id() const { return instance_id_; }
  const ObservedInstance& observed() const { return observed_; }
  const PlanInput& input() const { return input_; }
  pb::InstanceInfoPB& model() { return model_; }
  std::vector<Step>& steps() { return steps_; }
  std::vector<std::string>& problems() { return problems_; }
  std::vector<std::string>& unreadable() { return unreadable_; }

  /// The manifests of a kind that are about this instance.
  std::vector<const Object*> wanted(std::string_view kind) const;

 private:
  std::string instance_id_;
  const ObservedInstance& observed_;
  const PlanInput& input_;
  pb::InstanceInfoPB model_;
  std::vector<Step> steps_;
  std::vector<std::string> problems_;
  std::vector<std::string> unreadable_;  // Secrets.
};

/// "~ status NORMAL -> SUSPENDED".
std::string changed(std::string_view what, std::string_view before, std::string_view after);

void plan_instance(Planning& planning);
void plan_vaults(Planning& planning);
void plan_clusters(Planning& planning);
void plan_removal(Planning& planning);
/// All of the kinds of a memory broker.
void plan_broker(Planning& planning);
/// The same of a qluster.
void plan_qluster(Planning& planning);

/// True when an object that is there is owned, and not one that was made in its place.
bool is_owned(const Planning& planning, const Identity& identity);

/// The clusters of the model that are owned, but that no manifest is about.
std::vector<const pb::ClusterPB*> unwanted_clusters(Planning& planning);
/// Also from the model.
void drop_cluster(Planning& planning, const std::string& cluster_id);

}  // namespace metactl::manifest
