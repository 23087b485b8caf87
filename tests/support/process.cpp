// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>

#include <array>
#include <chrono>
#include <csignal>

#include "tests/support/plain_secrets.h"

namespace metactl::tests {
namespace {

constexpr std::chrono::minutes patience{1};  // Only a hanging test takes so long.
constexpr int tick_ms = 10;

std::chrono::steady_clock::time_point deadline() {
  return std::chrono::steady_clock::now() + patience;
}

bool is_over(std::chrono::steady_clock::time_point time) {
  return std::chrono::steady_clock::now() > time;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// Makes `descriptor` the child's `target`, or closes that. Allocates nothing, as a child must not.
void place(int descriptor, int target) {
  if (descriptor == Launch::closed) {
    close(target);
  } else {
    dup2(descriptor, target);
  }
}

/// So that no other child keeps the ends of this pipe open.
void keep_private(const Pipe& pipe) {
  fcntl(pipe.reader(), F_SETFD, FD_CLOEXEC);
  fcntl(pipe.writer(), F_SETFD, FD_CLOEXEC);
}

/// Appends what can be read now; false at the end.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 65536> piece;
  const auto got = read(descriptor, piece.data(), piece.size());
  if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace

Process::Process(const Launch& launch) : arguments_(launch.arguments) {
  for (const auto* pipe : {&in_, &out_, &err_}) keep_private(*pipe);
  if (write(in_.writer(), launch.input.data(), launch.input.size()) < 0)
    throw std::runtime_error("cannot write to a pipe");
  auto arguments = launch.arguments;
  std::vector<std::string> environment;
  for (const auto& [name, value] : launch.environment) environment.push_back(name + "=" + value);
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  const int input = launch.input_closed ? Launch::closed : in_.reader();
  const int output = launch.output.value_or(out_.writer());
  child_ = start_child([&] {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    std::signal(SIGPIPE, SIG_DFL);
    place(err_.writer(), STDERR_FILENO);
    place(output, STDOUT_FILENO);
    place(input, STDIN_FILENO);
    execve(argument_pointers[0], argument_pointers.data(), environment_pointers.data());
    return 127;
  });
  setpgid(child_, child_);  // Whoever is first.
  in_.close_reader();
  out_.close_writer();
  err_.close_writer();
  in_.close_writer();
}

Process::~Process() {
  kill(-child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

std::string Process::line() {
  auto& text = outcome_.out;
  for (const auto end = deadline(); text.find('\n') == std::string::npos;) {
    if (is_over(end) || ended())
      throw std::runtime_error(
          fmt::format("no line from a child, which wrote '{}' and '{}'", text, outcome_.err));
    pump(tick_ms);
  }
  const auto result = text.substr(0, text.find('\n'));
  text.erase(0, result.size() + 1);
  return result;
}

void Process::signal(int number) const {
  kill(child_, number);
}

void Process::signal_group(int number) const {
  kill(-child_, number);
}

Outcome Process::wait() {
  for (const auto end = deadline(); !ended();) {
    if (is_over(end))
      throw std::runtime_error(
          fmt::format("a child does not end; it wrote '{}' and '{}'", outcome_.out, outcome_.err));
    pump(tick_ms);
  }
  outcome_.status = *status_;
  refuse_plain_secrets(arguments_, outcome_.out);
  refuse_plain_secrets(arguments_, outcome_.err);
  return std::move(outcome_);
}

/// Reads what the child writes within the time.
void Process::pump(int timeout_ms) {
  std::array<pollfd, 2> ends = {pollfd{.fd = out_.reader(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = err_.reader(), .events = POLLIN, .revents = 0}};
  if (poll(ends.data(), ends.size(), timeout_ms) <= 0) return;
  if (ends[0].revents != 0 && !read_some(out_.reader(), outcome_.out)) out_.close_reader();
  if (ends[1].revents != 0 && !read_some(err_.reader(), outcome_.err)) err_.close_reader();
}

/// True when the child has ended and all that it wrote was read.
bool Process::ended() {
  if (!status_) {
    siginfo_t info{};
    // It is left for the destructor to reap, so that nobody else gets its number before.
    waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (info.si_pid == 0) return false;
    status_ = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  }
  std::size_t before = 0;
  do {
    before = outcome_.out.size() + outcome_.err.size();
    pump(0);
  } while (before != outcome_.out.size() + outcome_.err.size());
  return true;
}

Outcome run(const Launch& launch) {
  return Process(launch).wait();
}

}  // namespace metactl::tests
