// SPDX-License-Identifier: Apache-2.0
// Checks and effects of the jobs. Source: node-mgr-api.md, N15.
#include <catch2/catch.hpp>

#include "tests/support/nodemgr_fixture.h"

namespace metactl::tests {
namespace {

using Json = NodemgrFixture::Json;

/// What is wrong, and the status of a job in which it and all that follows is wrong.
struct Check {
  Json members;
  std::string status;
};

/// Each check comes before those behind it: from the end on one more is made to fail.
void check_order(NodemgrFixture& machine, Json job, const std::vector<Check>& checks) {
  for (auto check = checks.rbegin(); check != checks.rend(); ++check) {
    for (const auto& [name, value] : check->members.items()) {
      if (value.is_null()) job.erase(name);
      if (!value.is_null()) job[name] = value;
    }
    CAPTURE(job.dump());
    CHECK(machine.run(job) == check->status);
  }
}

const std::vector<Check> first_five = {
    {{{"s_ip", nullptr}}, "get s_ip error"},
    {{{"s_port", nullptr}}, "get s_port error"},
    {{{"s_ip", "10.0.0.1"}}, "10.0.0.1 is no local_ip"},
    {{{"s_user", nullptr}}, "get s_user error"},
    {{{"s_pwd", nullptr}}, "get s_pwd error"},
};

std::vector<Check> behind_first_five(std::initializer_list<Check> checks) {
  auto all = first_five;
  all.insert(all.end(), checks);
  return all;
}

}  // namespace

TEST_CASE_METHOD(NodemgrFixture, "N15: delete of a table checks in order", "[core][nodemgr]") {
  check_order(*this, delete_table(),
              behind_first_five({
                  {{{"s_dbname", nullptr}}, "get s_dbname error"},
                  {{{"s_table_name", nullptr}}, "get s_table_name error"},
                  {{{"s_table_name", "t99"}}, "delete_db_table error"},
              }));
  CHECK(run(with(delete_table(), {{"s_pwd", "wrong"}})) == "delete_db_table error");
  CHECK(run(with(delete_table(), {{"s_dbname", "postgres"}})) == "delete_db_table error");
  CHECK(run(delete_table()) == "delete succeed");
  CHECK(run(delete_table()) == "delete_db_table error");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: delete of a binlog removes the file once",
                 "[core][nodemgr]") {
  check_order(*this, delete_binlog(),
              behind_first_five({{{{"s_pwd", "wrong"}}, "get_binlog_path error"}}));
  CHECK(run(delete_binlog()) == "delete succeed");
  CHECK(run(delete_binlog()) == "delete file /sim/6007/data/dbdata/mysqld.err fail!");
  CHECK(run(with(delete_binlog(), {{"s_port", 6001}})) == "delete succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: send of a table checks both sides in order",
                 "[core][nodemgr]") {
  check_order(*this, send_table(),
              behind_first_five({
                  {{{"s_dbname", nullptr}}, "get s_dbname error"},
                  {{{"s_table_name", nullptr}}, "get s_table_name error"},
                  {{{"s_table_name", "t13"}}, "get_table_path error"},
                  {{{"d_ip", nullptr}}, "get d_ip error"},
                  {{{"d_port", nullptr}}, "get d_port error"},
                  {{{"d_ip", "10.0.0.2"}}, "10.0.0.2 is no local_ip"},
                  {{{"d_user", nullptr}}, "get d_user error"},
                  {{{"d_pwd", nullptr}}, "get d_pwd error"},
                  {{{"d_dbname", nullptr}}, "get d_dbname error"},
                  {{{"d_table_name", nullptr}}, "get d_table_name error"},
                  {{{"d_pwd", "wrong"}}, "get_table_path error"},
              }));
  CHECK(run(with(send_table(), {{"d_dbname", "public"}})) == "get_table_path error");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: a table that is sent is at both sides", "[core][nodemgr]") {
  CHECK(run(send_table()) == "send succeed");
  CHECK(run(send_table()) == "send succeed");  // It is replaced.
  CHECK(run(with(delete_table(), {{"s_table_name", "t17"}})) == "delete succeed");
  CHECK(run(with(delete_table(), {{"s_table_name", "t17"}})) == "delete_db_table error");
  CHECK(run(with(delete_table(), {{"s_port", 6004}, {"s_table_name", "t12"}})) == "delete succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: a binlog is never sent", "[core][nodemgr]") {
  CHECK(run(with(send_table(), {{"file_type", "binlog"}})) == "send binlog is not supported error");
  CHECK(run({{"job_id", "x"}, {"job_type", "send"}, {"file_type", "binlog"}}) ==
        "send binlog is not supported error");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: coldbackup adds a file that coldrestore finds",
                 "[core][nodemgr]") {
  check_order(*this, backup(), behind_first_five({{{{"s_pwd", "wrong"}}, "get_cnf_path error"}}));
  CHECK(run(with(backup(), {{"s_port", 5401}})) == "get_cnf_path error");
  const auto files = [this] {
    const auto range = keys::below(keys::build(keys::nodemgr_backup_type, {}));
    std::vector<std::string> found;
    for (const auto& row :
         memory.read([&](store::View& view) { return view.scan(range.first, range.last); }))
      found.push_back(
          std::get<std::string>(keys::match(keys::nodemgr_backup_type, row.key).value().at(0)));
    return found;
  };
  CHECK(files().size() == 1);
  CHECK(run(backup()) == "coldbackup succeed");
  CHECK(run(with(backup(), {{"s_port", 6001}})) == "coldbackup succeed");
  const auto made = files();
  REQUIRE(made.size() == 3);
  const auto of_meta = made.back();
  CHECK(of_meta.starts_with("/coldbackup/meta/coldback_20211122_"));
  CHECK(of_meta.size() == std::string("/coldbackup/meta/coldback_20211122_234303.tgz").size());
  CHECK(run(with(restore(), {{"file", of_meta}})) == "coldrestore succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N15: coldrestore checks in order", "[core][nodemgr]") {
  check_order(*this, restore(),
              behind_first_five({
                  {{{"s_pwd", "wrong"}}, "get_cnf_path error"},
                  {{{"file", nullptr}}, "get file error"},
                  {{{"file", "/coldbackup/none.tgz"}}, "job_cold_restore poll from hdfs fail!"},
              }));
  CHECK(run(restore()) == "coldrestore succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N12: nobody logs in to a computer node, or as somebody else",
                 "[core][nodemgr]") {
  CHECK(run(with(backup(), {{"s_user", "root"}})) == "get_cnf_path error");
  CHECK(run(with(backup(), {{"s_pwd", ""}})) == "get_cnf_path error");
  CHECK(run(with(backup(), {{"s_port", 6005}})) == "get_cnf_path error");
  CHECK(run(with(backup(), {{"s_port", 70000}})) == "get s_port error");
  CHECK(run(with(backup(), {{"s_port", -1}})) == "get s_port error");
}

}  // namespace metactl::tests
