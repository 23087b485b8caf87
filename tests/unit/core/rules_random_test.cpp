// SPDX-License-Identifier: Apache-2.0
// What can be written can be verified: programs of random requests over the cores of all services,
// with hostile names and numbers, after which `state verify` finds no damage.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "api/operations.h"
#include "app/first_services.h"
#include "core/broker/handlers.h"
#include "core/meta/handlers.h"
#include "core/nodemgr/handlers.h"
#include "core/qluster/handlers.h"
#include "core/state/verify.h"
#include "tests/support/core_fixture.h"
#include "tests/support/random_requests.h"

namespace metactl::tests {
namespace {

/// These store something before they are refused, as do all calls of a broker.
constexpr std::array in_steps = {"begin_txn", "create_tablets"};

/// These take what they are given without a look at it, as their services do.
constexpr std::array unchecked = {"set_value", "delete_value", "broker_restore_metadata"};

std::vector<const api::AnyOperation*> changes_of(api::Service service) {
  std::vector<const api::AnyOperation*> found;
  for (const auto* operation : api::operations())
    if (operation->info->service == service && operation->info->effect != api::Effect::read &&
        std::find(unchecked.begin(), unchecked.end(), operation->info->name) == unchecked.end())
      found.push_back(operation);
  return found;
}

class Program : public CoreFixture {
 public:
  Program(api::Service service, unsigned seed)
      : service_(service), requests_(seed), operations_(changes_of(service)) {
    const auto add = [&](const auto& handlers) {
      handlers_.insert(handlers_.end(), handlers.begin(), handlers.end());
    };
    if (service == api::Service::meta) add(core::meta::handlers());
    if (service == api::Service::broker) add(core::broker::handlers({}));
    if (service == api::Service::qluster) add(core::qluster::handlers());
    if (service == api::Service::nodemgr) add(core::nodemgr::handlers());
    app::make_first_services(std::shared_ptr<store::Store>(&memory, [](auto*) {}), environment(),
                             core::Origin(actor), {service});
  }

  /// Runs one request. Returns it when it was done, else "".
  std::string step() {
    now_ms += static_cast<std::int64_t>(requests_.pick(20'000));
    const auto& operation = *operations_[requests_.pick(operations_.size())];
    const auto request = requests_.fill(operation.request());
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    const core::Dispatcher dispatcher(*target, environment(), handlers_);
    const auto before = revision();
    const auto error = dispatcher.call(*operation.info, *request, *response, actor);
    done += error ? 0 : 1;
    const bool may_keep_some =
        std::find(in_steps.begin(), in_steps.end(), operation.info->name) != in_steps.end();
    if (error && service_ != api::Service::broker && !may_keep_some) CHECK(revision() == before);
    return error ? "" : fmt::format("{} {}", operation.info->name, request->ShortDebugString());
  }

  /// What `state verify` calls damage, a line each; and control characters, which are only warned
  /// of.
  std::string damage() {
    api::Verification result;
    memory.read([&](store::View& view) { core::verify_rows(view, environment().secrets, result); });
    std::string text;
    for (const auto& each : result.findings)
      if (each.severity == api::Severity::error || each.id == "control-characters")
        text += fmt::format("{} {}: {}\n", each.id, each.object, each.message);
    return text;
  }

  int done = 0;

 private:
  std::uint64_t revision() {
    return memory.read([](store::View& view) { return view.revision(); });
  }

  const api::Service service_;
  RandomRequests requests_;
  const std::vector<const api::AnyOperation*> operations_;
  std::vector<core::Handler> handlers_;
};

void run(api::Service service, unsigned programs, int length) {
  int done = 0;
  for (unsigned seed = 1; seed <= programs; ++seed) {
    Program program(service, seed);
    for (int i = 0; i < length; ++i) {
      const auto request = program.step();
      if (request.empty()) continue;
      const auto damage = program.damage();
      const auto shown = request.substr(0, 2'000);
      CAPTURE(seed, i, shown);
      REQUIRE(damage == "");
    }
    done += program.done;
  }
  CHECK(done > 0);
}

}  // namespace

TEST_CASE("no program of requests to a Meta Service makes what verify calls damage",
          "[core][state][random]") {
  run(api::Service::meta, 20, 250);
}

TEST_CASE("no program of requests to a broker makes what verify calls damage",
          "[core][state][random]") {
  run(api::Service::broker, 10, 150);
}

TEST_CASE("no program of requests to a qluster makes what verify calls damage",
          "[core][state][random]") {
  run(api::Service::qluster, 10, 150);
}

TEST_CASE("no program of requests to a node_mgr makes what verify calls damage",
          "[core][state][random]") {
  run(api::Service::nodemgr, 10, 150);
}

}  // namespace metactl::tests
