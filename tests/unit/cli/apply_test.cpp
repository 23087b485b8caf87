// SPDX-License-Identifier: Apache-2.0
// metactl apply on a server that fails at any one of its calls, and what the next apply makes of
// it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "api/meta.h"
#include "api/meta_errors.h"
#include "base/text.h"
#include "client/client.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

using Lines = std::vector<std::string>;

enum class Fault : std::uint8_t {
  refused,  // The service says no, and did nothing.
  invalid,  // The same, as it will each time.
  lost,     // It did what was asked, and the connection broke before it said so.
};

/// Where the calls of all clients of one test fail.
struct Trouble {
  static constexpr std::size_t never = 0;

  Fault fault = Fault::refused;
  std::size_t at = never;  // The call that fails, the first is 1.
  std::size_t calls = 0;
  bool in_write = false;                            // Whether it was one that changes something.
  std::function<void()> before_together = nullptr;  // What somebody else does at that moment.

  bool happened() const { return at != never && calls >= at; }
};

/// What a server's client says of each.
Error error_of(Fault fault) {
  if (fault == Fault::refused)
    return api::meta_failure(pb::KV_TXN_COMMIT_ERR, "failed to commit txn");
  if (fault == Fault::invalid) return api::meta_failure(pb::INVALID_ARGUMENT, "no such thing");
  return Error(Reason::unknown_outcome, "connection broken: the outcome is unknown",
               "look whether the change was made before you repeat it");
}

/// Another client whose calls fail where the trouble says.
class TroubledClient : public client::Client {
 public:
  TroubledClient(std::shared_ptr<client::Client> inner, Trouble& trouble)
      : inner_(std::move(inner)), trouble_(trouble) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override {
    return inner_->call_raw(operation, request);
  }
  bool wants_read_back() const override { return inner_->wants_read_back(); }
  bool together(const std::string& name, const std::string& text, const Together& body) override {
    if (trouble_.before_together) std::exchange(trouble_.before_together, nullptr)();
    return inner_->together(name, text, [&](client::Client& client) {
      TroubledClient within({std::shared_ptr<client::Client>(), &client}, trouble_);
      body(within);
    });
  }

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    const auto call = [&] {
      response.CopyFrom(*inner_->call_any(*api::find_operation(operation.name), request));
    };
    if (++trouble_.calls != trouble_.at) return call();
    trouble_.in_write = operation.effect != api::Effect::read;
    if (trouble_.fault == Fault::lost) try_to(call);
    throw error_of(trouble_.fault);
  }

  /// What it says is lost too.
  static void try_to(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error&) {
    }
  }

  const std::shared_ptr<client::Client> inner_;
  Trouble& trouble_;
};

/// A world in which base.yaml is true and wanted.yaml is not yet.
struct TroubledWorld : CommandWorld {
  struct Manifests {
    std::string base;  // "" for nothing.
    std::string wanted;
  };

  explicit TroubledWorld(const Manifests& manifests, Mode mode = Mode::served)
      : CommandWorld(mode) {
    services.connect = [this, connect = services.connect](const cli::Connection& connection) {
      return std::make_unique<TroubledClient>(connect(connection), trouble);
    };
    environment["VAULT_SK"] = "plain-sk";
    write_file("base.yaml", manifests.base);
    write_file("wanted.yaml", manifests.wanted);
    if (!manifests.base.empty()) REQUIRE(run_line("apply -f base.yaml").status == 0);
  }

  Result apply(const std::string& flags = "--yes --no-read-back") {
    return run_line("apply -f wanted.yaml " + flags);
  }
  Result apply_with(Fault fault, std::size_t at,
                    const std::string& flags = "--yes --no-read-back") {
    trouble = {.fault = fault, .at = at};
    return apply(flags);
  }
  /// What is to do: "add_cluster cluster/etl".
  Lines plan() {
    const auto text = run_line("plan -f wanted.yaml -o json").out;
    const auto document = nlohmann::json::parse(text);
    Lines steps;
    for (const auto& step : document.at("steps"))
      steps.push_back(fmt::format("{} {}", step.at("operation").get<std::string>(),
                                  step.at("object").get<std::string>()));
    return steps;
  }
  /// All that the service has.
  std::string content() { return run_line("api get_instance -f instance_id=prod").out; }

  Trouble trouble;
};

// Every kind of object, states that need a call of their own, and a name that others depend on.
const TroubledWorld::Manifests from_nothing = {.base = "", .wanted = R"(
apiVersion: metactl/v1
kind: Instance
metadata: {name: prod}
spec: {userId: ops, alias: Production}
---
apiVersion: metactl/v1
kind: StorageVault
metadata: {instance: prod, name: hot}
spec:
  s3: {provider: S3, endpoint: s3.example, region: eu-1, bucket: data, prefix: p, ak: AKIDEXAMPLE99, skFrom: {env: VAULT_SK}}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: fe}
spec: {type: SQL, nodes: [{ip: 10.0.1.1, editLogPort: 9010, role: FE_MASTER}]}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: etl}
spec:
  type: COMPUTE
  mysqlUserNames: [jack, jill]
  nodes: [{ip: 10.0.0.1, heartbeatPort: 9050}, {ip: 10.0.0.2, heartbeatPort: 9050}]
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: web}
spec: {type: COMPUTE, status: SUSPENDED, nodes: [{ip: 10.0.0.3, heartbeatPort: 9050}]}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: night}
spec: {type: COMPUTE, status: TO_RESUME}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: both}
spec: {type: VIRTUAL, failover: {active: etl, standby: night}}
)"};

// Two clusters change their names and a node its cluster, and in no moment may two have the same.
const TroubledWorld::Manifests changed = {.base = R"(
apiVersion: metactl/v1
kind: Instance
metadata: {name: prod}
spec: {userId: ops}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: a}
spec:
  id: first
  type: COMPUTE
  mysqlUserNames: [jack]
  nodes: [{ip: 10.0.0.1, heartbeatPort: 9050}, {ip: 10.0.0.2, heartbeatPort: 9050}]
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: b}
spec: {id: second, type: COMPUTE, nodes: [{ip: 10.0.0.3, heartbeatPort: 9050}]}
)",
                                          .wanted = R"(
apiVersion: metactl/v1
kind: Instance
metadata: {name: prod}
spec: {userId: ops, alias: Production}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: b}
spec:
  id: first
  type: COMPUTE
  mysqlUserNames: [jill]
  privateEndpoint: b.internal
  status: SUSPENDED
  nodes: [{ip: 10.0.0.3, heartbeatPort: 9050}, {ip: 10.0.0.4, heartbeatPort: 9050}]
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: a}
spec: {id: second, type: COMPUTE, status: TO_RESUME, nodes: [{ip: 10.0.0.1, heartbeatPort: 9050}]}
)"};

/// What an apply says that stopped when `done` steps were made. It does not know about the step
/// that failed whether it was made when the answer was lost: "?".
Lines report(Fault fault, const Lines& steps, std::size_t done) {
  Lines lines = {fmt::format("error: stopped after {} of {} steps: {}", done, steps.size(),
                             error_of(fault).what())};
  for (std::size_t i = 0; i < steps.size(); ++i)
    lines.push_back((i < done ? "done: " : "not done: ") + steps[i]);
  if (fault == Fault::lost) lines[1 + done] = "? " + steps[done];
  lines.insert(lines.end(), {"hint: apply again to do the rest", ""});
  return lines;
}

void check_partial(const CommandWorld::Result& result, Fault fault, const Lines& steps,
                   std::size_t done) {
  CHECK(result.status == info(Reason::partial).exit_status);
  CHECK(text::split(result.out, '\n').size() == done + 1);  // A line for each.
  auto told = text::split(result.err, '\n');
  REQUIRE(told.size() == steps.size() + 3);
  auto& failed = told[1 + done];
  CHECK_FALSE(failed.starts_with("done: "));
  if (fault == Fault::lost && failed.ends_with(": " + steps[done])) failed = "? " + steps[done];
  CHECK(told == report(fault, steps, done));
}

/// An apply that stopped at its first step, or before, says just what went wrong.
void check_nothing_done(const CommandWorld::Result& result, Fault fault) {
  const auto error = error_of(fault);
  CHECK(result.status == info(error.reason()).exit_status);
  CHECK_THAT(result.err,
             Catch::StartsWith("error: ") && Catch::Contains(fmt::format("{}\n", error.what())));
  CHECK(result.out.empty());
}

/// The next apply does what `left` says, no more, and then all is as the manifests say.
void check_finished(TroubledWorld& world, const Lines& left, const std::string& wanted) {
  CHECK(world.plan() == left);
  const auto second = world.apply();
  CHECK(second.status == 0);
  CHECK(second.err.empty());
  const auto third = world.apply();
  CHECK(third.status == 0);
  CHECK(third.out == "no changes\n");
  CHECK(world.content() == wanted);
}

}  // namespace

TEST_CASE("an apply that any call of a server stops is finished by the next", "[cli][apply]") {
  const auto& manifests = GENERATE(from_nothing, changed);
  const auto fault = GENERATE(Fault::refused, Fault::lost);
  TroubledWorld smooth(manifests);
  const auto steps = smooth.plan();
  REQUIRE(steps.size() >= 8);
  REQUIRE(smooth.apply().status == 0);
  const auto wanted = smooth.content();

  std::size_t done = 0;
  for (std::size_t at = 1;; ++at) {
    TroubledWorld world(manifests);
    const auto stopped = world.apply_with(fault, at);
    if (!world.trouble.happened()) break;
    CAPTURE(int(fault), at, stopped.out, stopped.err);
    if (done > 0) {
      check_partial(stopped, fault, steps, done);
    } else {
      check_nothing_done(stopped, fault);
    }
    const bool made = fault == Fault::lost && world.trouble.in_write;
    check_finished(world, {steps.begin() + std::ptrdiff_t(done + made), steps.end()}, wanted);
    if (world.trouble.in_write) ++done;
  }
  CHECK(done == steps.size());
}

TEST_CASE("an apply that stopped tells scripts what was done", "[cli][apply]") {
  TroubledWorld world(changed);
  const auto steps = world.plan();
  const auto stopped = world.apply_with(Fault::refused, 5, "--yes -o json");
  CHECK(stopped.out.empty());
  const auto error = nlohmann::json::parse(stopped.err);
  CHECK(error.at("reason") == "partial");
  CHECK(error.at("exit") == stopped.status);
  CHECK(error.at("server_msg") == error_of(Fault::refused).what());
  const auto& details = error.at("details");
  REQUIRE(details.size() == steps.size());
  CHECK(details.front() == "done: " + steps.front());
  CHECK(details.back() == "not done: " + steps.back());
}

TEST_CASE("an apply is not to be repeated where it will be refused again", "[cli][apply]") {
  TroubledWorld world(changed);
  const auto stopped = world.apply_with(Fault::invalid, 5);
  CHECK(stopped.status == info(Reason::partial).exit_status);
  CHECK_THAT(stopped.err, !Catch::Contains("apply again"));
  CHECK_THAT(stopped.err, Catch::Contains("hint: metactl plan shows the rest"));
}

TEST_CASE("an apply asks for what is lost in the words of the plan", "[cli][apply]") {
  TroubledWorld world(changed);
  const auto summary = text::split(world.run_line("plan -f wanted.yaml").out, '\n');
  REQUIRE(summary.size() >= 2);
  const std::string words = "3 nodes, 1 user";
  CHECK_THAT(summary[summary.size() - 2], Catch::EndsWith("; " + words + " to drop"));
  world.in_is_terminal = world.err_is_terminal = true;
  const auto result = world.run_line("apply -f wanted.yaml", "n\n");
  CHECK(result.status == 2);
  CHECK_THAT(result.err, Catch::StartsWith("This will drop " + words + ": "));
  CHECK(world.plan().size() >= 8);
}

TEST_CASE("an apply on a local state that any call stops did nothing", "[cli][apply]") {
  const auto& manifests = GENERATE(from_nothing, changed);
  const auto fault = GENERATE(Fault::refused, Fault::lost);
  TroubledWorld world(manifests, Mode::sqlite);
  const auto before = world.content();
  const auto steps = world.plan();

  std::size_t writes = 0;
  for (std::size_t at = 1;; ++at) {
    const auto stopped = world.apply_with(fault, at);
    if (!world.trouble.happened()) break;
    CAPTURE(int(fault), at, stopped.err);
    check_nothing_done(stopped, fault);
    CHECK(world.content() == before);
    if (world.trouble.in_write) ++writes;
  }
  world.trouble = {};
  CHECK(writes == steps.size());
  CHECK(world.content() != before);
  CHECK(world.apply().out == "no changes\n");
}

TEST_CASE("an apply on a local state does what was planned, or nothing", "[cli][apply]") {
  const auto mode = GENERATE(Mode::memory, Mode::sqlite);
  TroubledWorld world(changed, mode);
  std::string meanwhile;
  const auto others_do = [&](const std::string& line) {
    world.trouble.before_together = [&, line] {
      REQUIRE(world.run_line(line).status == 0);
      meanwhile = world.content();
    };
  };

  SECTION("when a step is not needed any more") {
    others_do("cluster rename a b_renamed -i prod");
    const auto refused = world.apply();
    CHECK(refused.status == info(Reason::precondition).exit_status);
    CHECK(refused.err == "error: the state was changed meanwhile\nhint: apply again\n");
    CHECK(refused.out.empty());
    CHECK(world.content() == meanwhile);
    CHECK(world.apply().status == 0);
  }
  SECTION("when the plan is the same") {
    others_do("cluster add other -i prod");
    CHECK(world.apply().status == 0);
    CHECK_THAT(world.content(), Catch::Matchers::Contains("\"other\""));
  }
  CHECK(world.apply().out == "no changes\n");
}

}  // namespace metactl::tests
