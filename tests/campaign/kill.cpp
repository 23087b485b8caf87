// SPDX-License-Identifier: Apache-2.0
// Kills `metactl serve` and commands at random moments, and checks after each round that every
// acknowledged change is in the state: metactl_campaign MINUTES PROGRAM [SEED].
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "base/error.h"
#include "http/transport.h"
#include "tests/campaign/objects.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace metactl::campaign {
namespace {

using namespace std::literals;
using Clock = std::chrono::steady_clock;
using tests::Launch;
using tests::Outcome;
using tests::Process;

constexpr int clients = 4;              // Threads that change the state through the server.
constexpr int commands = 2;             // Threads that change it by commands.
constexpr int objects_a_worker = 9;     // Of each kind a third.
constexpr auto longest_round = 250ms;   // From the start of the server to its end.
constexpr auto longest_command = 30ms;  // From the start of a command to its end, if it is killed.

/// What is counted, from all threads.
struct Counts {
  std::atomic<long> rounds = 0;
  std::atomic<long> serve_kills = 0;
  std::atomic<long> command_kills = 0;
  std::atomic<long> acknowledged = 0;
  std::atomic<long> open = 0;  // Begun, and nobody said how they ended.
  std::atomic<long> refused = 0;
  std::atomic<long> verified = 0;
};

/// A random number from 0 to `most`.
long random_up_to(std::mt19937& random, long most) {
  return std::uniform_int_distribution<long>(0, most)(random);
}

/// A thread's own objects, which nobody else changes.
struct Worker {
  std::vector<Object> objects;
  std::mt19937 random;

  Worker(int number, unsigned seed) : random(seed) {
    for (int i = 0; i < objects_a_worker; ++i)
      objects.emplace_back(kinds.at(static_cast<std::size_t>(i) % kinds.size()),
                           1 + number * objects_a_worker + i);
  }

  /// One whose state is known; null when there is none.
  Object* next() {
    for (int tries = 0; tries < 2 * objects_a_worker; ++tries) {
      auto& object =
          objects.at(static_cast<std::size_t>(random_up_to(random, objects_a_worker - 1)));
      if (!object.is_open()) return &object;
    }
    return nullptr;
  }
};

class Campaign {
 public:
  Campaign(std::string program, unsigned seed) : program_(std::move(program)), random_(seed) {
    for (int i = 0; i < clients + commands; ++i)
      workers_.emplace_back(i, static_cast<unsigned>(random_()));
    for (const auto& words : preparations()) require(run_command(words), words);
  }

  void run(std::chrono::minutes time) {
    const auto end = Clock::now() + time;
    for (auto shown = Clock::now(); Clock::now() < end; ++counts_.rounds) {
      play_round();
      check_objects();
      if (counts_.rounds % 10 == 0) verify();
      if (Clock::now() - shown < 1min) continue;
      shown = Clock::now();
      show();
    }
    verify();
    check_files();
    show();
  }

  void show() const {
    fmt::print(
        "{} rounds: {} kills of serve, {} of commands; {} changes acknowledged, {} open, {} "
        "refused; "
        "{} times verified\n",
        counts_.rounds.load(), counts_.serve_kills.load(), counts_.command_kills.load(),
        counts_.acknowledged.load(), counts_.open.load(), counts_.refused.load(),
        counts_.verified.load());
    std::fflush(stdout);
  }

  /// Leaves the folder for whoever looks into a failure, and returns its name.
  std::string keep_folder() { return folder_.release()->path(); }

 private:
  Launch launch(std::vector<std::string> words) const {
    words.insert(words.begin(), program_);
    return {
        .arguments = std::move(words),
        .environment = {
            {"HOME", folder_->path()}, {"METACTL_STATE", state()}, {"METACTL_TOKEN", "secret"}}};
  }
  std::string state() const { return *folder_ / "state.db"; }
  Outcome run_command(std::vector<std::string> words) const {
    return tests::run(launch(std::move(words)));
  }

  static void require(const Outcome& outcome, const std::vector<std::string>& words) {
    if (outcome.status != 0)
      throw std::runtime_error(fmt::format("metactl {}: exit {}: {}", fmt::join(words, " "),
                                           outcome.status, outcome.err + outcome.out));
  }

  /// Starts a server and the workers, and kills the server while they work.
  void play_round() {
    auto server = std::make_unique<Process>(launch({"serve", "--listen", "127.0.0.1:0"}));
    const auto url = server->line().substr("listening on "sv.size());
    std::atomic<bool> is_over = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
      threads.emplace_back([&, i] { call_server(workers_.at(static_cast<std::size_t>(i)), url); });
    for (int i = clients; i < clients + commands; ++i)
      threads.emplace_back(
          [&, i] { run_commands(workers_.at(static_cast<std::size_t>(i)), is_over); });
    std::this_thread::sleep_for(
        std::chrono::milliseconds(random_up_to(random_, longest_round.count())));
    server->signal(SIGKILL);
    ++counts_.serve_kills;
    is_over = true;
    for (auto& thread : threads) thread.join();
  }

  /// Changes objects until the server is gone.
  void call_server(Worker& worker, const std::string& url) {
    http::CurlTransport transport(url, 60s);
    while (auto* object = worker.next()) {
      object->begin();
      try {
        const auto reply = transport.send(object->request());
        if (Object::acknowledges(object->kind(), reply)) {
          object->acknowledge();
          ++counts_.acknowledged;
        } else {
          ++counts_.refused;
        }
      } catch (const Error&) {
        ++counts_.open;
        return;
      }
    }
  }

  void run_commands(Worker& worker, const std::atomic<bool>& is_over) {
    while (!is_over) {
      if (random_up_to(worker.random, 4) == 0) {
        run_or_kill(upkeep(worker.random), worker.random);
      } else if (auto* object = worker.next()) {
        object->begin();
        const int status = run_or_kill(object->command(), worker.random);
        if (status == 0) {
          object->acknowledge();
          ++counts_.acknowledged;
        } else {
          ++(status < 0 ? counts_.open : counts_.refused);
        }
      } else {
        return;
      }
    }
  }

  /// Gives the exit status, or minus the signal.
  int run_or_kill(const std::vector<std::string>& words, std::mt19937& random) {
    Process process(launch(words));
    if (random_up_to(random, 1) == 0) {
      const auto longest = std::chrono::microseconds(longest_command).count();
      std::this_thread::sleep_for(std::chrono::microseconds(random_up_to(random, longest)));
      process.signal(SIGKILL);
    }
    const int status = process.wait().status;
    if (status == -SIGKILL) ++counts_.command_kills;
    return status;
  }

  /// What an operator does with a state while others work on it.
  std::vector<std::string> upkeep(std::mt19937& random) const {
    switch (random_up_to(random, 3)) {
      case 0:
        return {"state", "backup", *folder_ / "state.backup", "--force"};
      case 1:
        return {"state", "compact"};
      case 2:
        return {"state", "rekey"};
      default:
        return {"state", "verify"};
    }
  }

  void check_objects() {
    for (const auto kind : kinds) {
      const auto words = list_command(kind);
      const auto outcome = run_command(words);
      require(outcome, words);
      const auto seen = names_in(outcome.out);
      for (auto& worker : workers_)
        for (auto& object : worker.objects)
          if (object.kind() == kind && !object.settle(seen.contains(object.name())))
            throw std::runtime_error(
                fmt::format("'{}' is {} though the opposite was acknowledged", object.name(),
                            seen.contains(object.name()) ? "shown" : "missing"));
    }
  }

  void verify() {
    require(run_command({"state", "verify"}), {"state", "verify"});
    ++counts_.verified;
  }

  /// After one more change of each kind no file of a killed command is left.
  void check_files() const {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"cluster", "add", "-i", "i", "last"},
             {"state", "backup", *folder_ / "state.backup", "--force"},
             {"state", "rekey"}})
      require(run_command(words), words);
    const std::set<std::string> known = {"state.db", "state.db-wal", "state.db-shm", "state.db.key",
                                         "state.backup"};
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(folder_->path()))
      if (!known.contains(entry.path().filename())) left.push_back(entry.path().filename());
    if (!left.empty())
      throw std::runtime_error(fmt::format("files are left: {}", fmt::join(left, ", ")));
  }

  const std::string program_;
  std::unique_ptr<tests::TempDir> folder_ = std::make_unique<tests::TempDir>();
  std::mt19937 random_;
  std::vector<Worker> workers_;
  Counts counts_;
};

}  // namespace
}  // namespace metactl::campaign

int main(int argc, char** argv) {
  using metactl::campaign::Campaign;
  if (argc < 3) {
    fmt::print(stderr, "usage: metactl_campaign MINUTES PROGRAM [SEED]\n");
    return 2;
  }
  const auto seed = argc > 3 ? static_cast<unsigned>(std::stoul(argv[3])) : std::random_device()();
  fmt::print("seed {}\n", seed);
  std::fflush(stdout);
  std::unique_ptr<Campaign> campaign;
  try {
    campaign = std::make_unique<Campaign>(argv[2], seed);
    campaign->run(std::chrono::minutes(std::stol(argv[1])));
    return 0;
  } catch (const std::exception& error) {
    if (campaign) campaign->show();
    fmt::print(stderr, "FAILED: {}\n", error.what());
    if (campaign) fmt::print(stderr, "the state is kept in {}\n", campaign->keep_folder());
    return 1;
  }
}
