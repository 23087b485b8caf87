// SPDX-License-Identifier: Apache-2.0
#include "commands/nodemgr_wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "api/nodemgr.h"
#include "cli/duration.h"
#include "commands/nodemgr_options.h"
#include "commands/waiting.h"

namespace metactl::commands {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds pause{1000};
constexpr milliseconds grace{30'000};  // A MySQL that does not answer alone takes so long.

constexpr std::array<std::string_view, 4> jobs = {"coldbackup", "coldrestore", "delete", "send"};
constexpr std::array<std::string_view, 3> steps = {"start", "working", "copying"};

struct Hint {
  std::string_view part;  // Of a failure.
  std::string_view text;
};

constexpr std::array hints = {
    Hint{"is no local_ip", "name the node by an address of its own machine; 127.0.0.1 is one"},
    Hint{"get_cnf_path", "the login failed: look at port, user and password"},
    Hint{"get_binlog_path", "the login failed: look at port, user and password"},
    Hint{"get_table_path",
         "the login failed, there is no such table, or the database has no _$$_ in its name"},
    Hint{"delete_db_table", "the login failed, or there is no such table"},
    Hint{"poll from hdfs", "there is no such backup"},
    Hint{"popen", "look into the log of the node_mgr: its tool for backups failed"},
    Hint{"get node info", "metactl nodemgr node refresh"},
    Hint{"interrupted", "the server ended meanwhile: submit the job again"},
};

Error told(Reason reason, const std::string& job_id, const std::string& what,
           std::string_view hint) {
  Error error(reason, what, std::string(hint));
  error.set_object(fmt::format("{}/{}", nodemgr_job_kind, job_id));
  return error;
}

Error failed(const std::string& job_id, const std::string& status) {
  const auto found = std::find_if(hints.begin(), hints.end(), [&](const Hint& hint) {
    return status.find(hint.part) != std::string::npos;
  });
  return told(Reason::internal, job_id, fmt::format("job '{}' failed: {}", job_id, status),
              found == hints.end() ? "" : found->text);
}

class Watch {
 public:
  Watch(cli::Session& session, const std::string& job_id) : session_(session), id_(job_id) {}

  /// What is missing; "" when the job has succeeded.
  std::string look(milliseconds waited) {
    std::string status;
    try {
      status = nodemgr_status(session_, id_);
    } catch (const Error& error) {
      if (error.reason() != Reason::unreachable) throw;
      return error.what();
    }
    switch (progress_of(status)) {
      case NodemgrProgress::succeeded:
        return "";
      case NodemgrProgress::failed:
        throw failed(id_, status);
      case NodemgrProgress::running:
        was_seen_ = true;
        return fmt::format("job '{}' is at '{}'", id_, status);
      case NodemgrProgress::none:
        break;
    }
    return unknown(waited);
  }

 private:
  std::string unknown(milliseconds waited) const {
    if (was_seen_)
      throw told(Reason::internal, id_, fmt::format("job '{}' was forgotten before it ended", id_),
                 "the node_mgr was started again, or had 29 newer jobs: look whether it was done "
                 "before you repeat it");
    if (waited >= grace || !session_.client().wants_read_back())
      throw told(Reason::not_found, id_, fmt::format("no job '{}'", id_),
                 "real node_mgrs know the newest 29 backups and restores since their start, and no "
                 "other jobs");
    return fmt::format("job '{}' is not known yet", id_);
  }

  cli::Session& session_;
  const std::string& id_;
  bool was_seen_ = false;
};

}  // namespace

NodemgrProgress progress_of(std::string_view status) {
  if (status == "none") return NodemgrProgress::none;
  if (status.ends_with(" succeed")) return NodemgrProgress::succeeded;
  for (const auto job : jobs)
    for (const auto step : steps)
      if (status == fmt::format("{} {}", job, step)) return NodemgrProgress::running;
  return NodemgrProgress::failed;
}

std::string_view name_of(NodemgrProgress progress) {
  constexpr std::array<std::string_view, 4> names = {"none", "running", "succeeded", "failed"};
  return names.at(static_cast<std::size_t>(progress));
}

std::string nodemgr_status(cli::Session& session, const std::string& job_id) {
  pb::NodemgrStatusRequest request;
  request.set_job_id(job_id);
  return session.client().call(api::nodemgr_get_status, request).job_status();
}

void wait_for_nodemgr_job(cli::Session& session, const std::string& job_id) {
  const auto limit = cli::parse_duration(session.setting("timeout").value);
  const auto start = Clock::now();
  Watch watch(session, job_id);
  ProgressLine progress(session);
  std::string told_last;
  for (milliseconds slept{0};; slept += pause) {
    const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    const auto waited = std::max(slept, passed);
    const auto lack = watch.look(waited);
    if (lack.empty()) return;
    if (waited >= limit)
      throw told(Reason::unreachable, job_id, "the wait is over, but " + lack,
                 fmt::format("metactl nodemgr job wait {} --timeout 2h", job_id));
    if (lack != told_last && session.io().err_is_terminal) progress.tell(lack);
    told_last = lack;
    cli::sleep_for(session.io(), std::min(pause, limit - waited));
  }
}

bool can_wait(const cli::Session& session) {
  return !session.globals().dry_run && session.style().format != render::Format::raw;
}

}  // namespace metactl::commands
