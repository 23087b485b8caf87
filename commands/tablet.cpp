// SPDX-License-Identifier: Apache-2.0
// metactl tablet: tablets and their statistics.
#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/request_body.h"
#include "commands/stored_rows.h"

namespace metactl::commands {
namespace {

struct CreateOptions {
  std::string id;
  std::string db;
  std::string table;
  std::string index;
  std::string partition;
  std::string schema_version = "0";
  std::string vault;
  bool not_ready = false;
  std::string body;
};

struct TabletRef {
  std::string id;
};

struct StatsOptions {
  std::vector<std::string> ids;
};

struct ListOptions {
  std::string table;
};

pb::CreateTabletsRequest create_request(cli::Session& session, const CreateOptions& options) {
  pb::CreateTabletsRequest request;
  if (!options.body.empty()) {
    only_body({{"ID", !options.id.empty()},
               {"--db", !options.db.empty()},
               {"--table", !options.table.empty()},
               {"--index", !options.index.empty()},
               {"--partition", !options.partition.empty()}});
    session.read_body(options.body, request);
    if (!request.has_cloud_unique_id()) request.set_cloud_unique_id(session.instance_reference());
    return request;
  }
  auto& meta = *request.add_tablet_metas();
  meta.set_tablet_id(parse_number(options.id, "ID"));
  if (meta.tablet_id() <= 0)
    throw Error(Reason::usage, fmt::format("ID must be at least 1, not {}", options.id));
  meta.set_table_id(parse_number(options.table, "--table"));
  meta.set_index_id(parse_number(options.index, "--index"));
  meta.set_partition_id(parse_number(options.partition, "--partition"));
  meta.set_schema_version(
      static_cast<std::int32_t>(parse_number(options.schema_version, "--schema-version")));
  meta.set_tablet_state(options.not_ready ? pb::PB_NOTREADY : pb::PB_RUNNING);
  if (!options.db.empty()) request.set_db_id(parse_number(options.db, "--db"));
  if (!options.vault.empty()) request.set_storage_vault_name(options.vault);
  request.set_cloud_unique_id(session.instance_reference());
  return request;
}

/// The names of the tablets in a request, for people: "114739", "114739 and 3 more".
std::string name_of(const pb::CreateTabletsRequest& request) {
  if (request.tablet_metas().empty()) return "";
  const auto first = std::to_string(request.tablet_metas(0).tablet_id());
  const auto others = request.tablet_metas_size() - 1;
  return others == 0 ? first : fmt::format("{} and {} more", first, others);
}

pb::GetTabletStatsRequest stats_request(cli::Session& session,
                                        const std::vector<std::int64_t>& ids) {
  pb::GetTabletStatsRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  for (const auto id : ids) request.add_tablet_idx()->set_tablet_id(id);
  return request;
}

void create(cli::Session& session, const CreateOptions& options) {
  const auto request = create_request(session, options);
  const auto difference = [&] {
    std::vector<std::int64_t> ids;
    for (const auto& meta : request.tablet_metas()) ids.push_back(meta.tablet_id());
    session.client().call(api::get_tablet_stats, stats_request(session, ids));
    return std::string();
  };
  session.change(api::create_tablets, request, {"create", "created", "tablet", name_of(request)},
                 {.difference = difference});
}

/// What is stored about a tablet. Throws Error, not_found.
pb::TabletMetaCloudPB find_tablet(cli::Session& session, std::int64_t id) {
  const auto indexes = stored_messages<pb::TabletIndexPB>(session, "MetaTabletIdxKey",
                                                          {{"tablet_id", std::to_string(id)}});
  if (!indexes.empty()) {
    const auto& index = indexes.front();
    auto tablets =
        stored_messages<pb::TabletMetaCloudPB>(session, "MetaTabletKey",
                                               {{"table_id", std::to_string(index.table_id())},
                                                {"index_id", std::to_string(index.index_id())},
                                                {"part_id", std::to_string(index.partition_id())},
                                                {"tablet_id", std::to_string(id)}});
    if (!tablets.empty()) return std::move(tablets.front());
  }
  Error error(Reason::not_found,
              fmt::format("no tablet '{}' in instance '{}'", id, session.instance()),
              "metactl tablet list");
  error.set_object(fmt::format("tablet/{}", id));
  throw error;
}

std::string state_text(const pb::TabletMetaCloudPB& tablet) {
  if (!tablet.has_tablet_state()) return "-";
  constexpr std::size_t common = std::string_view("PB_").size();
  return pb::TabletStatePB_Name(tablet.tablet_state()).substr(common);
}

void get(cli::Session& session, const TabletRef& options) {
  refuse_raw(session);
  const auto tablet = find_tablet(session, parse_number(options.id, "ID"));
  render::Object object{
      "Tablet", std::to_string(tablet.tablet_id()), {}, session.value_of(tablet), {}};
  object.fields = {{"id", object.name},
                   {"table", std::to_string(tablet.table_id())},
                   {"index", std::to_string(tablet.index_id())},
                   {"partition", std::to_string(tablet.partition_id())},
                   {"state", state_text(tablet)},
                   {"schema_version", std::to_string(tablet.schema_version())}};
  session.print(object);
}

void list(cli::Session& session, const ListOptions& options) {
  refuse_raw(session);
  KeyFields fields;
  if (!options.table.empty())
    fields["table_id"] = std::to_string(parse_number(options.table, "--table"));
  render::List list{
      "Tablet",
      {{"ID"}, {"TABLE"}, {"INDEX"}, {"PARTITION"}, {"STATE"}, {"SCHEMA_VERSION", true}},
      {}};
  for (const auto& each :
       stored_messages<pb::TabletMetaCloudPB>(session, "MetaTabletKey", fields)) {
    const auto id = std::to_string(each.tablet_id());
    list.rows.push_back({id,
                         {id, std::to_string(each.table_id()), std::to_string(each.index_id()),
                          std::to_string(each.partition_id()), state_text(each),
                          std::to_string(each.schema_version())},
                         [&session, each] { return session.value_of(each); }});
  }
  session.print(list);
}

render::List stats_list(const cli::Session& session, const pb::GetTabletStatsResponse& response) {
  render::List list{"TabletStats",
                    {{"TABLET"},
                     {"ROWS"},
                     {"DATA_SIZE"},
                     {"ROWSETS"},
                     {"SEGMENTS"},
                     {"BASE"},
                     {"CUMULATIVE"},
                     {"POINT"},
                     {"INDEX_SIZE", true},
                     {"SEGMENT_SIZE", true}},
                    {}};
  for (const auto& each : response.tablet_stats()) {
    const auto id = std::to_string(each.idx().tablet_id());
    std::vector<std::string> cells = {id};
    for (const auto number :
         {each.num_rows(), each.data_size(), each.num_rowsets(), each.num_segments(),
          each.base_compaction_cnt(), each.cumulative_compaction_cnt(), each.cumulative_point(),
          each.index_size(), each.segment_size()})
      cells.push_back(std::to_string(number));
    list.rows.push_back(
        {id, std::move(cells), [&session, each] { return session.value_of(each); }});
  }
  return list;
}

void stats(cli::Session& session, const StatsOptions& options) {
  std::vector<std::int64_t> ids;
  for (const auto& id : options.ids) ids.push_back(parse_number(id, "ID"));
  session.show(api::get_tablet_stats, stats_request(session, ids),
               [&](const pb::GetTabletStatsResponse& response) {
                 session.print(stats_list(session, response));
               });
}

void fill_create(cli::Group& group) {
  group.command<CreateOptions>("create", "Create a tablet; one that exists is overwritten", create)
      .positional("ID", &CreateOptions::id, "Tablet")
      .option("--db", &CreateOptions::db, "Id of its database", "ID")
      .option("--table", &CreateOptions::table, "Id of its table", "ID")
      .option("--index", &CreateOptions::index, "Id of its index", "ID")
      .option("--partition", &CreateOptions::partition, "Id of its partition", "ID")
      .option("--schema-version", &CreateOptions::schema_version, "Default 0", "N")
      .option("--vault", &CreateOptions::vault, "Storage vault for its data", "NAME",
              cli::Names::vault)
      .flag("--not-ready", &CreateOptions::not_ready, "It is being made by a schema change")
      .option("--body", &CreateOptions::body, body_help, "FILE")
      .needs({"ID", "--table", "--index", "--partition"}, {"--body"})
      .example(
          "metactl tablet create 114739 --db 1000 --table 113973 --index 113974 --partition 113966")
      .runs(api::create_tablets);
}

void fill(cli::Group& group) {
  fill_create(group);
  group.command<TabletRef>("get", "Show a tablet", get)
      .positional("ID", &TabletRef::id, "Tablet")
      .needs({"ID"})
      .example("metactl tablet get 114739")
      .runs(api::scan_keys);
  group.command<StatsOptions>("stats", "Show statistics of tablets", stats)
      .positional("ID", &StatsOptions::ids, "Tablets")
      .needs({"ID"})
      .example("metactl tablet stats 114739")
      .runs(api::get_tablet_stats);
  group.command<ListOptions>("list", "List tablets", list)
      .watchable()
      .option("--table", &ListOptions::table, "Only those of this table", "ID")
      .example("metactl tablet list --table 113973")
      .runs(api::scan_keys);
}

}  // namespace

void add_tablet_commands(cli::Tree& tree) {
  tree.group("tablet", "Tablets and their statistics", fill);
}

}  // namespace metactl::commands
