// SPDX-License-Identifier: Apache-2.0
// metactl job: compactions and schema changes of tablets.
#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "base/text.h"
#include "cli/duration.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/request_body.h"
#include "commands/stored_rows.h"
#include "commands/told_call.h"
#include "keys/load_keys.h"

namespace metactl::commands {
namespace {

constexpr auto time_help = "Unix seconds, or +TIME from now";
constexpr auto type_help =
    "cumulative (default), base, full, empty_cumulative, stop_token or schema_change";
constexpr auto recorded_type_help =
    "schema_change, or empty_cumulative to commit one; without it, a compaction of any type is "
    "meant";
constexpr std::string_view schema_change = "SCHEMA_CHANGE";

struct ListOptions {
  std::string tablet;
};

/// A job as it is typed.
struct JobRef {
  std::string tablet;
  std::string id;
  std::string initiator = "metactl";
  std::string type = "cumulative";
  std::string new_tablet;
  std::string body;
};

struct StartOptions : JobRef {
  std::string expiration = "+1h";
  std::string lease = "+10m";
  std::string versions;
};

struct FinishOptions : JobRef {
  std::string action;
  std::string lease = "+10m";
  std::string output_point;
};

/// Seconds since 1970. Throws Error, usage.
std::int64_t parse_time(const std::string& word, const std::string& name) {
  if (!word.starts_with('+')) return parse_number(word, name);
  const auto then = std::chrono::system_clock::now() + cli::parse_duration(word.substr(1));
  return std::chrono::duration_cast<std::chrono::seconds>(then.time_since_epoch()).count();
}

bool is_schema_change(const JobRef& options) {
  const auto type = text::upper(options.type);
  return type == schema_change || type == "SCHEMA-CHANGE";
}

pb::TabletCompactionJobPB::CompactionType parse_type(const std::string& word) {
  const auto& type = *pb::TabletCompactionJobPB::CompactionType_descriptor();
  if (const auto* value = type.FindValueByName(text::upper(word)))
    return static_cast<pb::TabletCompactionJobPB::CompactionType>(value->number());
  auto names = cli::value_names(type);
  names.emplace_back(schema_change);
  throw Error(
      Reason::usage,
      fmt::format("no type of job '{}'{}", word, text::did_you_mean(text::upper(word), names)),
      "types: " + text::join(names, ", "));
}

/// The job with tablet, id, initiator and kind.
pb::TabletJobInfoPB job_of(const JobRef& options) {
  pb::TabletJobInfoPB job;
  job.mutable_idx()->set_tablet_id(parse_number(options.tablet, "TABLET"));
  if (is_schema_change(options)) {
    auto& change = *job.mutable_schema_change();
    change.set_id(options.id);
    change.set_initiator(options.initiator);
    cli::require(options.new_tablet, "--new-tablet",
                 "metactl job start TABLET ID --type schema_change --new-tablet ID");
    change.mutable_new_tablet_idx()->set_tablet_id(
        parse_number(options.new_tablet, "--new-tablet"));
    return job;
  }
  auto& compaction = *job.add_compaction();
  compaction.set_id(options.id);
  compaction.set_initiator(options.initiator);
  compaction.set_type(parse_type(options.type));
  return job;
}

/// Reads a request with a body, if there is one; it names its job itself.
template <class Request>
bool read_request(cli::Session& session, const JobRef& options, Request& request) {
  if (!options.body.empty()) {
    only_body({{"TABLET", !options.tablet.empty()}, {"ID", !options.id.empty()}});
    session.read_body(options.body, request);
  }
  if (!request.has_cloud_unique_id()) request.set_cloud_unique_id(session.instance_reference());
  return !options.body.empty();
}

/// The id of a job in a request, for people.
std::string name_of(const pb::TabletJobInfoPB& job) {
  return job.compaction().empty() ? job.schema_change().id() : job.compaction(0).id();
}

/// The statistics of the tablet that a job is about. Throws cli::no_instance.
pb::TabletStatsPB stats_of(cli::Session& session, const pb::TabletJobInfoPB& job) {
  pb::GetTabletStatsRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  *request.add_tablet_idx() = job.idx();
  try {
    return session.client().call(api::get_tablet_stats, request).tablet_stats(0);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) require_instance(session);
    throw;
  }
}

/// The counters of a tablet, which who starts a compaction must know.
void add_counters(cli::Session& session, pb::TabletJobInfoPB& job) {
  const auto stats = stats_of(session, job);
  auto& compaction = *job.mutable_compaction(0);
  compaction.set_base_compaction_cnt(stats.base_compaction_cnt());
  compaction.set_cumulative_compaction_cnt(stats.cumulative_compaction_cnt());
}

/// What is recorded about the jobs of a tablet; nothing when the service cannot tell.
std::optional<std::string> recorded_jobs(cli::Session& session, const pb::TabletJobInfoPB& job) {
  try {
    const auto tablet = stats_of(session, job).idx();
    pb::KeyRequest request;
    request.set_key_type("JobTabletKey");
    request.set_key(text::hex(keys::tablet_job_key(
        session.instance(),
        {tablet.table_id(), tablet.index_id(), tablet.partition_id(), tablet.tablet_id()})));
    return session.client().call(api::get_value, request).text();
  } catch (const Error& error) {
    if (!error.answer()) throw;
    return std::nullopt;
  }
}

void add_versions(const std::string& word, pb::TabletCompactionJobPB& compaction) {
  const auto numbers = text::split(word, '-');
  if (numbers.size() != 2) throw Error(Reason::usage, "write --versions FIRST-LAST");
  for (const auto& number : numbers)
    compaction.add_input_versions(parse_number(number, "--versions"));
  if (compaction.input_versions(0) > compaction.input_versions(1))
    throw Error(Reason::usage,
                fmt::format("--versions {}: the first version is behind the last", word));
}

void start(cli::Session& session, const StartOptions& options) {
  pb::StartTabletJobRequest request;
  if (!read_request(session, options, request)) {
    auto& job = *request.mutable_job();
    job = job_of(options);
    const auto expiration = parse_time(options.expiration, "--expiration");
    if (job.has_schema_change()) {
      job.mutable_schema_change()->set_expiration(expiration);
    } else {
      auto& compaction = *job.mutable_compaction(0);
      compaction.set_expiration(expiration);
      compaction.set_lease(parse_time(options.lease, "--lease"));
      if (!options.versions.empty()) add_versions(options.versions, compaction);
      add_counters(session, job);
    }
  }
  const auto before = recorded_jobs(session, request.job());
  const cli::ChangeText text{"start", "started", "job", name_of(request.job())};
  call_told(session, api::start_tablet_job, request, text, [&](const pb::StartTabletJobResponse&) {
    // A job that is there already is answered OK, and nothing is written.
    const bool is_known = before && before == recorded_jobs(session, request.job());
    is_known ? session.unchanged(text) : session.done(text);
  });
}

pb::FinishTabletJobRequest::Action parse_action(const std::string& word) {
  const auto action = text::upper(word);
  if (action == "COMMIT") return pb::FinishTabletJobRequest::COMMIT;
  if (action == "LEASE") return pb::FinishTabletJobRequest::LEASE;
  throw Error(Reason::usage, fmt::format("no action '{}'", word),
              "write --action commit or lease; metactl job abort aborts");
}

void finish(cli::Session& session, const FinishOptions& options) {
  pb::FinishTabletJobRequest request;
  if (!read_request(session, options, request)) {
    *request.mutable_job() = job_of(options);
    request.set_action(parse_action(options.action));
    if (!request.job().has_schema_change()) {
      auto& compaction = *request.mutable_job()->mutable_compaction(0);
      if (request.action() == pb::FinishTabletJobRequest::LEASE)
        compaction.set_lease(parse_time(options.lease, "--lease"));
      if (!options.output_point.empty()) {
        compaction.set_output_cumulative_point(
            parse_number(options.output_point, "--output-point"));
      } else if (request.action() == pb::FinishTabletJobRequest::COMMIT) {
        // The service takes the point as it is sent, and 0 when none is.
        compaction.set_output_cumulative_point(stats_of(session, request.job()).cumulative_point());
      }
    }
  }
  if (request.action() == pb::FinishTabletJobRequest::ABORT)
    throw Error(Reason::usage, "finish does not abort", "metactl job abort TABLET ID");
  const bool is_lease = request.action() == pb::FinishTabletJobRequest::LEASE;
  session.change(api::finish_tablet_job, request,
                 {is_lease ? "prolong" : "commit", is_lease ? "prolonged" : "committed", "job",
                  name_of(request.job())});
}

void abort(cli::Session& session, const JobRef& options) {
  pb::FinishTabletJobRequest request;
  if (!read_request(session, options, request)) *request.mutable_job() = job_of(options);
  request.set_action(pb::FinishTabletJobRequest::ABORT);
  const auto name = name_of(request.job());
  session.confirm(fmt::format("abort job '{}'", name), "; what it has done is lost");
  session.change(api::abort_tablet_job, request, {"abort", "aborted", "job", name});
}

/// A row of the list: the job, and the tablet that it is about.
template <class Job>
render::Row row_of(const cli::Session& session, std::int64_t tablet, const std::string& type,
                   const std::string& lease, const Job& job) {
  const auto tablet_id = std::to_string(tablet);
  return {job.id(),
          {job.id(), tablet_id, type, job.initiator(), time_text(job.expiration()), lease},
          [&session, tablet_id, type, job] {
            nlohmann::ordered_json value{{"tablet_id", tablet_id}, {"type", type}};
            value.update(session.value_of(job));
            return value;
          }};
}

/// The tablet whose jobs stand under a key.
std::int64_t tablet_of(const std::string& key) {
  const auto fields = keys::match(keys::key_type("JobTabletKey"), key);
  if (!fields) throw Error(Reason::internal, "the server listed a key of another type");
  return std::get<std::int64_t>(fields->back());
}

void add_rows(const cli::Session& session, const pb::StoredRowPB& stored, render::List& list) {
  const auto jobs = message_of<pb::TabletJobInfoPB>(stored);
  const auto tablet = tablet_of(stored.key());
  for (const auto& job : jobs.compaction())
    list.rows.push_back(row_of(session, tablet,
                               pb::TabletCompactionJobPB::CompactionType_Name(job.type()),
                               time_text(job.lease()), job));
  // A schema change is recorded with the new tablet too, where `idx` still names the base tablet.
  if (jobs.has_schema_change() && jobs.idx().tablet_id() == tablet)
    list.rows.push_back(
        row_of(session, tablet, std::string(schema_change), "", jobs.schema_change()));
}

void list(cli::Session& session, const ListOptions& options) {
  refuse_raw(session);
  const auto wanted = options.tablet.empty() ? 0 : parse_number(options.tablet, "--tablet");
  render::List list{
      "Job", {{"ID"}, {"TABLET"}, {"TYPE"}, {"INITIATOR"}, {"EXPIRES"}, {"LEASE", true}}, {}};
  for (const auto& stored : stored_rows(session, "JobTabletKey", {}))
    if (options.tablet.empty() || tablet_of(stored.key()) == wanted)
      add_rows(session, stored, list);
  session.print(list);
}

/// What all commands about one job take.
template <class Options>
cli::Command<Options>& add_job(cli::Command<Options>&& command, const std::string& type) {
  return command.positional("TABLET", &Options::tablet, "Tablet")
      .positional("ID", &Options::id, "Id of the job, any text")
      .option("--type", &Options::type, type)
      .option("--initiator", &Options::initiator, "Process that runs it; default metactl")
      .option("--new-tablet", &Options::new_tablet, "The tablet that a schema change makes", "ID")
      .option("--body", &Options::body, body_help, "FILE");
}

void fill(cli::Group& group) {
  group.command<ListOptions>("list", "List jobs of tablets", list)
      .watchable()
      .option("--tablet", &ListOptions::tablet, "Only those of this tablet", "ID")
      .example("metactl job list")
      .runs(api::scan_keys);
  add_job(group.command<StartOptions>("start", "Start a job", start), type_help)
      .option("--expiration", &StartOptions::expiration,
              fmt::format("When it can no longer be finished: {}; default +1h", time_help), "TIME")
      .option("--lease", &StartOptions::lease,
              fmt::format("Until when others respect it: {}; default +10m", time_help), "TIME")
      .option("--versions", &StartOptions::versions, "Versions that a compaction takes",
              "FIRST-LAST")
      .needs({"TABLET", "ID"}, {"--body"})
      .example("metactl job start 114739 compact-1 --type base --versions 2-5")
      .example("metactl job start 114739 change-1 --type schema_change --new-tablet 114740")
      .runs(api::start_tablet_job);
  add_job(group.command<FinishOptions>("finish", "Commit or prolong a job", finish),
          recorded_type_help)
      .option("--action", &FinishOptions::action, "commit (empty_cumulative only) or lease",
              "ACTION")
      .option("--lease", &FinishOptions::lease,
              fmt::format("New lease: {}; default +10m", time_help), "TIME")
      .option("--output-point", &FinishOptions::output_point,
              "New cumulative point; default the present one", "N")
      .needs({"TABLET", "ID", "--action"}, {"--body"})
      .example("metactl job finish 114739 compact-1 --action lease --lease +10m")
      .runs(api::finish_tablet_job);
  add_job(group.command<JobRef>("abort", "Abort a job", abort), recorded_type_help)
      .needs({"TABLET", "ID"}, {"--body"})
      .example("metactl job abort 114739 compact-1 --yes")
      .destructive()
      .runs(api::abort_tablet_job);
}

}  // namespace

void add_job_commands(cli::Tree& tree) {
  tree.group("job", "Compactions and schema changes of tablets", fill);
}

}  // namespace metactl::commands
