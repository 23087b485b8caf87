// SPDX-License-Identifier: Apache-2.0
// A process that is stopped while it holds the lock of the state.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include "store/lock_holder.h"
#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

/// A batch that was stopped inside of its transaction. It goes on at the end.
class StoppedBatch {
 public:
  static constexpr int count = 300;

  explicit StoppedBatch(const MetactlFixture& fixture) : state_(fixture.state) {
    const auto file = (fixture.folder / "private-name").string();
    std::ofstream calls(file);
    for (int i = 0; i < count; ++i)
      calls << R"({"operation": "add_node", "request": )"
            << node_body(fmt::format("10.1.{}.{}", i / 200, i % 200), 9050) << "}\n";
    calls.close();
    process_.emplace(fixture.metactl({"-i", "i", "batch", "-f", file}));
    stop();
  }

  pid_t pid() const { return holder_->pid; }
  Outcome finish() {
    process_->signal(SIGCONT);
    return process_->wait();
  }

 private:
  /// The batch lasts for tenths of a second, and holds the lock nearly all of the time.
  void stop() {
    const auto end = std::chrono::steady_clock::now() + patient;
    while (std::chrono::steady_clock::now() < end) {
      holder_ = store::find_lock_holder(state_);
      if (!holder_) {
        std::this_thread::yield();
        continue;
      }
      process_->signal(SIGSTOP);
      do holder_ = store::find_lock_holder(state_);
      while (holder_ && !holder_->is_stopped);
      if (holder_) return;
      process_->signal(SIGCONT);
    }
    throw std::runtime_error("the batch was never seen with the lock");
  }

  const std::string state_;
  std::optional<Process> process_;
  std::optional<store::LockHolder> holder_;
};

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "who holds the lock is said, and only changes wait for it",
                 "[e2e][state][lock]") {
  create_cluster();
  StoppedBatch batch(*this);

  const auto refused = run(metactl({"--timeout", "50ms", "cluster", "add", "d"}));
  CHECK(refused.status == 6);
  INFO(refused.err);
  CHECK(contains(refused.err,
                 fmt::format("is locked by process {} (metactl batch, started ", batch.pid())));
  CHECK(contains(refused.err, fmt::format("kill -CONT {}", batch.pid())));
  CHECK_FALSE(contains(refused.err, "private-name"));

  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"cluster", "list"},
                                             {"state", "verify"},
                                             {"state", "info"},
                                             {"history"},
                                             {"state", "backup", (folder / "b").string()},
                                             {"cluster", "add", "d", "--dry-run"}}) {
    CAPTURE(arguments);
    CHECK(run(metactl(arguments)).status == 0);
  }

  {
    Serving serving(*this, {"--timeout", "50ms"});  // What it would make at its start can wait.
    CHECK(call(serving.url(), "list_instances", "{}").status == 200);
    const auto reply = call(serving.url(), "add_node", node_body("10.0.0.9", 9000));
    CHECK(reply.status != 200);
    CHECK(contains(reply.body, "metactl batch"));
    CHECK(serving.stop().status == 0);
  }

  CHECK(batch.finish().status == 0);
  CHECK(nodes().size() == StoppedBatch::count);
  CHECK(run(metactl({"cluster", "add", "d"})).status == 0);
}

}  // namespace metactl::tests
