// SPDX-License-Identifier: Apache-2.0
// What a server says of its own failures.
#include "app/failure_log.h"

#include <catch2/catch.hpp>
#include <vector>

#include "api/meta.h"
#include "core/dispatcher.h"
#include "tests/support/core_fixture.h"

namespace metactl::app {
namespace {

/// Handlers that fail as `failure` says.
class FailingServer : public tests::CoreFixture {
 public:
  std::optional<Error> failure;
  std::vector<std::string> lines;

  void create() { run(api::create_instance); }
  void look() { run(api::get_instance); }

 private:
  template <class Request, class Response>
  void run(const api::Operation<Request, Response>& operation) {
    const std::vector<core::Handler> handlers = {
        core::bind(operation, [this](core::Context&, const Request&) {
          if (failure) throw Error(*failure);
          return Response();
        })};
    const core::Dispatcher dispatcher(
        memory, environment(), handlers,
        [this](const auto& called, const auto* why) { log_.see(called, why); });
    Request request;
    Response response;
    static_cast<void>(dispatcher.call(operation.info, request, response, "me"));
  }

  FailureLog log_{[this](const std::string& line) { lines.push_back(line); }};
};

}  // namespace

TEST_CASE_METHOD(FailingServer, "a failure to save is told once, until a change succeeds",
                 "[app][serve]") {
  failure = Error(Reason::internal, "cannot write: disk\nfull");
  create();
  create();
  look();
  CHECK(lines == std::vector<std::string>{"error: create_instance: cannot write: disk\\x0afull"});
  failure = Error(Reason::denied, "cannot write: no permission");
  create();
  CHECK(lines.size() == 2);
  failure.reset();
  look();
  failure = Error(Reason::internal, "cannot write: disk full");
  create();
  CHECK(lines.size() == 2);
  failure.reset();
  create();
  failure = Error(Reason::internal, "cannot write: disk full");
  create();
  CHECK(lines.size() == 3);
}

TEST_CASE_METHOD(FailingServer, "what a service refuses is no failure of the server",
                 "[app][serve]") {
  failure = GENERATE(Error(Reason::internal, ServiceAnswer{500, "INTERNAL_ERROR", "", "why"}),
                     Error(Reason::usage, "why"), Error(Reason::unreachable, "locked"));
  create();
  CHECK(lines.empty());
}

}  // namespace metactl::app
