// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr job: back up and restore nodes, and look at jobs.
#include <fmt/format.h>

#include "api/nodemgr_json.h"
#include "base/text.h"
#include "commands/nodemgr.h"
#include "commands/nodemgr_options.h"
#include "commands/nodemgr_wait.h"

namespace metactl::commands {
namespace {

struct BackupOptions : NodemgrJobOptions {
  bool wait = false;
};

struct RestoreOptions : BackupOptions {
  std::string file;
  bool any_name = false;
};

struct JobRef {
  std::string id;
};

/// Tells what was received, or, when that is wanted, what was done. `verb` and `done` are those of
/// the end.
template <class Request, class Response>
void submit(cli::Session& session, const api::Operation<Request, Response>& operation,
            const Request& request, bool wait, std::string_view done) {
  const auto& id = request.job_id();
  const render::Fact job{"job_id", id, true};
  const cli::ChangeText received{"submit", nodemgr_received, nodemgr_job_kind, id, job};
  if (!wait || !can_wait(session)) {
    session.change(operation, request, received);
    if (!session.globals().dry_run)
      session.note(fmt::format("metactl nodemgr job wait {} waits for its end", id));
    return;
  }
  try {
    session.client().call(operation, request);
  } catch (const Error& error) {
    auto told = error.explained(fmt::format("cannot submit {} '{}'", nodemgr_job_kind, id));
    told.set_object(fmt::format("{}/{}", nodemgr_job_kind, id));
    throw told;
  }
  session.note(fmt::format("{}/{} {}", nodemgr_job_kind, id, nodemgr_received));
  wait_for_nodemgr_job(session, id);
  session.done({"wait for", done, nodemgr_job_kind, id, job});
}

void backup(cli::Session& session, const BackupOptions& options) {
  const auto request = nodemgr_job_request<pb::NodemgrBackupRequest>(session, options);
  warn_of_clear_text(session);
  submit(session, api::nodemgr_coldbackup, request, options.wait, "succeeded");
}

/// A server puts the last piece into a line of its shell as it is.
void check_backup_file(const std::string& file, bool any) {
  const auto slash = file.rfind('/');
  if (slash == std::string::npos)
    throw Error(Reason::usage, fmt::format("not the place of a backup: '{}'", file),
                "write it with its folders: /coldbackup/CLUSTER/SHARD/coldback_STAMP.tgz");
  if (any || text::consists_of(file.substr(slash + 1), "_.-")) return;
  throw Error(Reason::usage,
              fmt::format("the name of the backup has more than letters, digits, _ . and -: '{}'",
                          file.substr(slash + 1)),
              "a node_mgr hands it to a shell as it is; --any-name sends it all the same");
}

void restore(cli::Session& session, const RestoreOptions& options) {
  check_backup_file(options.file, options.any_name);
  auto request = nodemgr_job_request<pb::NodemgrRestoreRequest>(session, options);
  request.set_file(options.file);
  session.confirm(
      fmt::format("replace all data of {} by those of '{}'", options.node, options.file));
  warn_of_clear_text(session);
  submit(session, api::nodemgr_coldrestore, request, options.wait, "succeeded");
}

void status(cli::Session& session, const JobRef& options) {
  pb::NodemgrStatusRequest request;
  request.set_job_id(options.id);
  session.show(api::nodemgr_get_status, request, [&](const pb::NodemgrStatusResponse& response) {
    const auto progress = progress_of(response.job_status());
    render::Object object;
    object.kind = "NodemgrJob";
    object.name = options.id;
    object.fields = {{"job_id", options.id},
                     {"job_status", response.job_status()},
                     {"progress", std::string(name_of(progress))}};
    for (const auto& [name, value] : object.fields) object.value[name] = value;
    session.print(object);
    if (progress == NodemgrProgress::none)
      session.note(
          "not started yet, forgotten, or of a type that has no status: real node_mgrs have one of "
          "the newest 29 backups and restores");
  });
}

void wait(cli::Session& session, const JobRef& options) {
  session.refuse_dry_run();
  wait_for_nodemgr_job(session, options.id);
  session.checked({"wait for", "succeeded", nodemgr_job_kind, options.id});
}

}  // namespace

void add_nodemgr_backup_commands(cli::Group& job) {
  auto save = job.command<BackupOptions>("backup", "Back a node up to HDFS", backup);
  add_nodemgr_job_options(save);
  add_nodemgr_login_options(save);
  save.flag("--wait", &BackupOptions::wait, "Until the backup is there, at most --timeout")
      .needs({"NODE", "--user"})
      .details(
          "The backup gets the name /coldbackup/CLUSTER/SHARD/coldback_STAMP.tgz, for a meta node\n"
          "/coldbackup/meta/coldback_STAMP.tgz, with the server's local time as stamp; node_mgr\n"
          "tells it to nobody. A server whose tool for backups is missing ends.")
      .example(
          "metactl nodemgr job backup 127.0.0.1:6004 --user pgx --password-file pgx.pwd --wait "
          "--timeout 2h")
      .runs(api::nodemgr_coldbackup, api::nodemgr_get_status);
  auto load = job.command<RestoreOptions>("restore", "Restore a node from a backup", restore);
  add_nodemgr_job_options(load);
  load.positional("FILE", &RestoreOptions::file,
                  "The backup in HDFS: /coldbackup/CLUSTER/SHARD/coldback_STAMP.tgz");
  add_nodemgr_login_options(load);
  load.flag("--wait", &BackupOptions::wait, "Until the node is restored, at most --timeout")
      .flag("--any-name", &RestoreOptions::any_name,
            "Take a name of other characters than letters, digits, _ . and -")
      .needs({"NODE", "FILE", "--user"})
      .example(
          "metactl nodemgr job restore 127.0.0.1:6004 "
          "/coldbackup/clust1/shard1/coldback_20211122_234303.tgz --user pgx --password-file "
          "pgx.pwd --yes")
      .destructive()
      .runs(api::nodemgr_coldrestore, api::nodemgr_get_status);
  job.command<JobRef>("status", "Show how far a job is", status)
      .positional("ID", &JobRef::id, "Id of the job")
      .needs({"ID"})
      .details("The progress is none, running, succeeded or failed.")
      .example("metactl nodemgr job status id123456 -o json")
      .runs(api::nodemgr_get_status);
  job.command<JobRef>("wait", "Wait until a job has succeeded", wait)
      .positional("ID", &JobRef::id, "Id of the job")
      .needs({"ID"})
      .details(
          "--timeout says how long; 30s when it is not given. The exit status is 1 when the job\n"
          "failed or was forgotten, 3 when nobody knows it, which a server is given 30s for, and "
          "6\n"
          "when the time is over.")
      .example("metactl nodemgr job wait id123456 --timeout 2h")
      .runs(api::nodemgr_get_status);
}

}  // namespace metactl::commands
