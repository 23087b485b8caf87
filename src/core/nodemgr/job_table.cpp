// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/job_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "api/nodemgr_errors.h"
#include "core/nodemgr/handlers.h"
#include "core/nodemgr/operations.h"
#include "core/nodemgr/rows.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::nodemgr {
namespace {

using Jobs = std::map<std::string, pb::NodemgrStoredJobPB>;

constexpr std::size_t most_jobs = 30;
constexpr std::size_t longest_id = 128;
/// A job that began so long ago is run by nobody any more; it takes a moment.
constexpr std::int64_t interrupted_after_ms = 10'000;

std::string job_key(const std::string& id) {
  return keys::build(keys::nodemgr_job_type, {id});
}

void check_id(const std::string& id) {
  if (id.empty()) throw api::nodemgr_refused("'job_id' is empty");
  if (id.size() > longest_id)
    throw api::nodemgr_refused(fmt::format("'job_id' is longer than {} bytes", longest_id));
}

Jobs jobs(store::View& view) {
  Jobs found;
  const auto range = keys::below(keys::build(keys::nodemgr_job_type, {}));
  for (const auto& row : view.scan(range.first, range.last)) {
    const auto fields = keys::match(keys::nodemgr_job_type, row.key);
    if (!fields) continue;
    const auto& id = std::get<std::string>(fields->at(0));
    found[id] =
        parse_record<pb::NodemgrStoredJobPB>(row.value, fmt::format("node_mgr's job '{}'", id));
  }
  return found;
}

std::optional<pb::NodemgrStoredJobPB> find_job(store::View& view, const std::string& id) {
  return find_record<pb::NodemgrStoredJobPB>(view, job_key(id), "a job of node_mgr");
}

void put_job(store::Txn& txn, const std::string& id, const pb::NodemgrStoredJobPB& job) {
  txn.put(job_key(id), job.SerializeAsString());
}

bool is_unfinished(const pb::NodemgrStoredJobPB& job) {
  constexpr std::array<std::string_view, 3> steps = {"start", "working", "copying"};
  return std::any_of(steps.begin(), steps.end(), [&](std::string_view step) {
    return job.status() == fmt::format("{} {}", job.job_type(), step);
  });
}

void interrupt(pb::NodemgrStoredJobPB& job) {
  job.set_status(job.job_type() + " interrupted error");
}

void drop_oldest(store::Txn& txn, const Jobs& all) {
  const auto oldest = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.second.number() < b.second.number();
  });
  txn.erase(job_key(oldest->first));
}

/// Returns the number by which the job is known from one that takes its id later.
std::uint64_t accept(Context& context, const Job& job) {
  return context.transact([&](store::Txn& txn) {
    Rows(txn).require_made();
    const auto all = jobs(txn);
    if (all.size() >= most_jobs && !all.contains(job.id)) drop_oldest(txn, all);
    pb::NodemgrStoredJobPB record;
    for (const auto& [id, other] : all)
      record.set_number(std::max(record.number(), other.number() + 1));
    record.set_job_type(job.type);
    record.set_status(job.type + " start");
    record.set_submitted_ms(static_cast<std::uint64_t>(context.now_ms()));
    put_job(txn, job.id, record);
    return record.number();
  });
}

/// One transaction; nothing happens when the job was interrupted, forgotten, or begun anew.
void proceed(Context& context, const Job& job, std::uint64_t number,
             const std::function<std::string(store::Txn&)>& body) {
  context.transact([&](store::Txn& txn) {
    auto record = find_job(txn, job.id);
    if (!record || record->number() != number || !is_unfinished(*record)) return;
    record->set_status(body(txn));
    put_job(txn, job.id, *record);
  });
}

}  // namespace

void run(Context& context, const Job& job, const std::function<std::string(store::Txn&)>& body) {
  check_id(job.id);
  const auto number = accept(context, job);
  for (const auto step : job.steps)
    proceed(context, job, number,
            [&](store::Txn&) { return fmt::format("{} {}", job.type, step); });
  proceed(context, job, number, body);
}

pb::NodemgrStatusResponse get_status(Context& context, const pb::NodemgrStatusRequest& request) {
  check_id(request.job_id());
  auto job = context.read([&](store::View& view) {
    Rows(view).require_made();
    return find_job(view, request.job_id());
  });
  if (job && is_unfinished(*job) &&
      context.now_ms() - static_cast<std::int64_t>(job->submitted_ms()) > interrupted_after_ms)
    interrupt(*job);
  pb::NodemgrStatusResponse response;
  response.set_job_id(request.job_id());
  response.set_job_status(job ? job->status() : "none");
  return response;
}

void interrupt_jobs(Context& context) {
  const auto is_any_unfinished = context.read([](store::View& view) {
    const auto all = jobs(view);
    return std::any_of(all.begin(), all.end(),
                       [](const auto& each) { return is_unfinished(each.second); });
  });
  if (!is_any_unfinished) return;  // Without a change nobody has to wait for the lock.
  context.transact([&](store::Txn& txn) {
    for (auto& [id, job] : jobs(txn)) {
      if (!is_unfinished(job)) continue;
      interrupt(job);
      put_job(txn, id, job);
    }
  });
}

}  // namespace metactl::core::nodemgr
