// SPDX-License-Identifier: Apache-2.0
// metactl txn: load transactions.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/duration.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/request_body.h"
#include "commands/stored_rows.h"
#include "commands/told_call.h"

namespace metactl::commands {
namespace {

struct BeginOptions {
  std::string label;
  std::string db;
  std::vector<std::string> tables;
  std::string timeout = "10m";
  std::string precommit_timeout = "10m";
  std::string body;
};

struct TxnRef {
  std::string id;
};

struct CommitOptions : TxnRef {
  bool two_phases = false;
};

struct LabelRef : TxnRef {
  std::string db;
  std::string label;
};

struct AbortOptions : LabelRef {
  std::string reason;
};

struct ListOptions {
  std::string db;
  bool running = false;
};

bool is_running(const pb::TxnInfoPB& info) {
  return info.status() == pb::TXN_STATUS_PREPARED || info.status() == pb::TXN_STATUS_PRECOMMITTED;
}

/// PREPARED, without what all names of states begin with.
std::string status_text(pb::TxnStatusPB status) {
  constexpr std::size_t common = std::string_view("TXN_STATUS_").size();
  return pb::TxnStatusPB_Name(status).substr(common);
}

std::string joined(const google::protobuf::RepeatedField<std::int64_t>& numbers) {
  return fmt::format("{}", fmt::join(numbers, ","));
}

/// What is wrong with the state of a transaction that should have this one; "" when nothing is.
std::string difference(cli::Session& session, std::int64_t txn_id, pb::TxnStatusPB wanted) {
  pb::GetTxnRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  request.set_txn_id(txn_id);
  const auto status = session.client().call(api::get_txn, request).txn_info().status();
  return status == wanted ? "" : fmt::format("its status is {}", status_text(status));
}

pb::BeginTxnRequest begin_request(cli::Session& session, const BeginOptions& options) {
  pb::BeginTxnRequest request;
  if (!options.body.empty()) {
    only_body({{"LABEL", !options.label.empty()},
               {"--db", !options.db.empty()},
               {"--table", !options.tables.empty()}});
    session.read_body(options.body, request);
    if (!request.has_cloud_unique_id()) request.set_cloud_unique_id(session.instance_reference());
    return request;
  }
  request.set_cloud_unique_id(session.instance_reference());
  auto& info = *request.mutable_txn_info();
  info.set_label(options.label);
  info.set_db_id(parse_number(options.db, "--db"));
  for (const auto& table : options.tables) info.add_table_ids(parse_number(table, "--table"));
  info.set_timeout_ms(cli::parse_duration(options.timeout).count());
  info.set_precommit_timeout_ms(cli::parse_duration(options.precommit_timeout).count());
  return request;
}

void begin(cli::Session& session, const BeginOptions& options) {
  const auto request = begin_request(session, options);
  const cli::ChangeText text{"begin", "begun", "txn", request.txn_info().label()};
  call_told(session, api::begin_txn, request, text, [&](const pb::BeginTxnResponse& response) {
    auto begun = text;
    begun.name = std::to_string(response.txn_id());  // From now on its id is its name.
    begun.fact = {"txn_id", begun.name, true};
    session.done(begun);
  });
}

void precommit(cli::Session& session, const TxnRef& options) {
  pb::PrecommitTxnRequest request;
  request.set_txn_id(parse_number(options.id, "ID"));
  request.set_cloud_unique_id(session.instance_reference());
  session.change(api::precommit_txn, request, {"precommit", "precommitted", "txn", options.id},
                 {.difference = [&] {
                   return difference(session, request.txn_id(), pb::TXN_STATUS_PRECOMMITTED);
                 }});
}

void commit(cli::Session& session, const CommitOptions& options) {
  pb::CommitTxnRequest request;
  request.set_txn_id(parse_number(options.id, "ID"));
  request.set_cloud_unique_id(session.instance_reference());
  if (options.two_phases) request.set_is_2pc(true);
  const cli::ChangeText text{"commit", "committed", "txn", options.id};
  call_told(session, api::commit_txn, request, text, [&](const pb::CommitTxnResponse& response) {
    // The service remarks that it was visible already.
    response.status().msg().empty() ? session.done(text) : session.unchanged(text);
  });
}

/// Throws Error, usage, unless a transaction is named by its id, or by database and label.
void require_one(const LabelRef& options) {
  if (!options.id.empty() && (!options.db.empty() || !options.label.empty()))
    throw Error(Reason::usage, "only one of ID and --db with --label is possible");
  if (options.id.empty() && (options.db.empty() || options.label.empty()))
    throw Error(Reason::usage, "no transaction named", "name it by ID, or by --db and --label");
}

template <class Request>
Request request_for(cli::Session& session, const LabelRef& options) {
  require_one(options);
  Request request;
  if (!options.id.empty()) request.set_txn_id(parse_number(options.id, "ID"));
  if (!options.db.empty()) request.set_db_id(parse_number(options.db, "--db"));
  if (!options.label.empty()) request.set_label(options.label);
  request.set_cloud_unique_id(session.instance_reference());
  return request;
}

void abort(cli::Session& session, const AbortOptions& options) {
  auto request = request_for<pb::AbortTxnRequest>(session, options);
  if (!options.reason.empty()) request.set_reason(options.reason);
  const auto& name = options.id.empty() ? options.label : options.id;
  session.confirm(fmt::format("abort txn '{}'", name), "; what it has loaded is lost");
  cli::Change change;
  if (request.has_txn_id())
    change.difference = [&] {
      return difference(session, request.txn_id(), pb::TXN_STATUS_ABORTED);
    };
  session.change(api::abort_txn, request, {"abort", "aborted", "txn", name}, change);
}

void get(cli::Session& session, const LabelRef& options) {
  const auto request = request_for<pb::GetTxnRequest>(session, options);
  session.show(api::get_txn, request, [&](const pb::GetTxnResponse& response) {
    const auto& info = response.txn_info();
    render::Object object{"Txn", std::to_string(info.txn_id()), {}, session.value_of(info), {}};
    object.fields = {{"id", object.name},
                     {"db", std::to_string(info.db_id())},
                     {"label", info.label()},
                     {"status", status_text(info.status())},
                     {"tables", joined(info.table_ids())},
                     {"timeout_ms", std::to_string(info.timeout_ms())}};
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) object.fields.emplace_back(name, value);
    };
    add("prepared", time_text_ms(info.prepare_time()));
    add("precommitted", time_text_ms(info.precommit_time()));
    add("committed", time_text_ms(info.commit_time()));
    add("finished", time_text_ms(info.finish_time()));
    add("reason", info.reason());
    session.print(object);
  });
}

void list(cli::Session& session, const ListOptions& options) {
  refuse_raw(session);
  KeyFields fields;
  if (!options.db.empty()) fields["db_id"] = std::to_string(parse_number(options.db, "--db"));
  render::List list{"Txn",
                    {{"ID"},
                     {"DB"},
                     {"LABEL"},
                     {"STATUS"},
                     {"PREPARED"},
                     {"TABLES", true},
                     {"FINISHED", true},
                     {"REASON", true}},
                    {}};
  for (const auto& each : stored_messages<pb::TxnInfoPB>(session, "TxnInfoKey", fields)) {
    if (options.running && !is_running(each)) continue;
    const auto id = std::to_string(each.txn_id());
    list.rows.push_back(
        {id,
         {id, std::to_string(each.db_id()), each.label(), status_text(each.status()),
          time_text_ms(each.prepare_time()), joined(each.table_ids()),
          time_text_ms(each.finish_time()), each.reason()},
         [&session, each] { return session.value_of(each); }});
  }
  session.print(list);
}

void fill_begin(cli::Group& group) {
  group.command<BeginOptions>("begin", "Begin a load transaction, and print its id", begin)
      .positional("LABEL", &BeginOptions::label,
                  "Label, of which only one transaction in a database can succeed")
      .option("--db", &BeginOptions::db, "Id of the database", "ID")
      .option("--table", &BeginOptions::tables, "Id of a table that is written to; repeatable",
              "ID")
      .option("--timeout", &BeginOptions::timeout, "Time in which it can be committed; default 10m",
              "TIME")
      .option("--precommit-timeout", &BeginOptions::precommit_timeout,
              "Time from precommit to commit; default 10m", "TIME")
      .option("--body", &BeginOptions::body, body_help, "FILE")
      .needs({"LABEL", "--db", "--table"}, {"--body"})
      .example("metactl txn begin nightly-1 --db 1000 --table 113973")
      .runs(api::begin_txn);
}

void fill_end(cli::Group& group) {
  group.command<TxnRef>("precommit", "End the first of two phases", precommit)
      .positional("ID", &TxnRef::id, "Transaction")
      .needs({"ID"})
      .example("metactl txn precommit 126419752960")
      .runs(api::precommit_txn);
  group.command<CommitOptions>("commit", "Commit a transaction without rowsets", commit)
      .positional("ID", &CommitOptions::id, "Transaction")
      .flag("--two-phases", &CommitOptions::two_phases, "Refuse unless it was precommitted")
      .needs({"ID"})
      .example("metactl txn commit 126419752960")
      .runs(api::commit_txn);
  group.command<AbortOptions>("abort", "Abort a transaction", abort)
      .positional("ID", &AbortOptions::id, "Transaction")
      .option("--db", &AbortOptions::db, "Database of the label", "ID")
      .option("--label", &AbortOptions::label, "Label, whose running transaction is meant")
      .option("--reason", &AbortOptions::reason, "Why; default 'User Abort'")
      .example("metactl txn abort 126419752960 --reason 'wrong file' --yes")
      .example("metactl txn abort --db 1000 --label nightly-1 --yes")
      .destructive()
      .runs(api::abort_txn);
}

void fill(cli::Group& group) {
  fill_begin(group);
  fill_end(group);
  group.command<LabelRef>("get", "Show a transaction", get)
      .positional("ID", &LabelRef::id, "Transaction")
      .option("--db", &LabelRef::db, "Database of the label", "ID")
      .option("--label", &LabelRef::label, "Label, whose newest transaction is meant")
      .example("metactl txn get --db 1000 --label nightly-1")
      .runs(api::get_txn);
  group.command<ListOptions>("list", "List transactions", list)
      .watchable()
      .option("--db", &ListOptions::db, "Only those of this database", "ID")
      .flag("--running", &ListOptions::running, "Only those that have not ended")
      .example("metactl txn list --running")
      .runs(api::scan_keys);
}

}  // namespace

void add_txn_commands(cli::Tree& tree) {
  tree.group("txn", "Load transactions", fill);
}

}  // namespace metactl::commands
