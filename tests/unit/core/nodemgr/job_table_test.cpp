// SPDX-License-Identifier: Apache-2.0
// Submission of jobs and their statuses. Source: node-mgr-api.md, N5 to N10.
#include <catch2/catch.hpp>

#include "core/undo.h"
#include "tests/support/conflicting_store.h"
#include "tests/support/nodemgr_fixture.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

using Json = NodemgrFixture::Json;

/// Commits so many transactions, and then fails.
class BreakingStore : public store::Store {
 public:
  BreakingStore(store::Store& below, int commits) : below_(below), left_(commits) {}

 protected:
  void do_transact(const std::function<void(store::Txn&)>& body) override {
    if (left_-- == 0) throw Error(Reason::unreachable, "the disk is gone");
    below_.transact([&](store::Txn& txn) { body(txn); });
  }
  void do_read(const std::function<void(store::View&)>& body) override {
    below_.read([&](store::View& view) { body(view); });
  }

 private:
  store::Store& below_;
  int left_;
};

/// The statuses that a job had, from the journal's keys: how many commits it took.
std::size_t commits_of(NodemgrFixture& machine, const Json& job) {
  const auto before = machine.journal().size();
  machine.run(job);
  return machine.journal().size() - before;
}

}  // namespace

TEST_CASE_METHOD(NodemgrFixture, "N5: an accepted job is answered with succeed alone",
                 "[core][nodemgr]") {
  CHECK(post(delete_table()) == succeed);
  CHECK(post(without(backup(), "s_ip")) == succeed);
  CHECK(post(Json{{"job_type", "update_node"}}) == succeed);
}

TEST_CASE_METHOD(NodemgrFixture, "N6: what is refused says why, and leaves nothing",
                 "[core][nodemgr]") {
  const auto [body, why] = GENERATE(table<std::string, std::string>({
      {"", "the document is not JSON"},
      {"{}", "'job_type' is missing"},
      {"[]", "the document is not an object"},
      {"\"get_node\"", "the document is not an object"},
      {"{\"job_type\":\"get_node\"} x", "the document is not JSON"},
      {"{\"job_type\":\"get_node\",\"x\":\"\xff\"}", "the document is not UTF-8"},
      {R"({"job_type":1})", "'job_type' is not a string"},
      {R"({"job_type":""})", "there is no job_type ''"},
      {R"({"job_type":"GET_NODE"})", "there is no job_type 'GET_NODE'"},
      {R"({"job_type":"auto_pullup","minutes":0})", "there is no job_type 'auto_pullup'"},
      {R"({"job_type":"recv"})", "there is no job_type 'recv'"},
      {R"({"job_type":"peek"})", "there is no job_type 'peek'"},
      {R"({"job_type":"send_file"})", "there is no job_type 'send_file'"},
      {R"({"job_type":"import"})", "there is no job_type 'import'"},
      {R"({"job_type":"get_status"})", "'job_id' is missing"},
      {R"({"job_type":"get_status","job_id":7})", "'job_id' is not a string"},
      {R"({"job_type":"get_status","job_id":""})", "'job_id' is empty"},
      {R"({"job_type":"coldbackup"})", "'job_id' is missing"},
      {R"({"job_type":"coldrestore","job_id":null})", "'job_id' is not a string"},
      {R"({"job_type":"delete","job_id":"a"})", "'file_type' is missing"},
      {R"({"job_type":"delete","job_id":"a","file_type":"x"})",
       "'file_type' cannot be 'x': it is table or binlog"},
      {R"({"job_type":"send","job_id":"a","file_type":[]})", "'file_type' is not a string"},
      {R"({"job_type":"delete","job_id":"a","file_type":"table","s_ip":1})",
       "'s_ip' is not a string"},
      {R"({"job_type":"delete","job_id":"a","file_type":"table","s_port":"6001"})",
       "'s_port' is not a whole number"},
      {R"({"job_type":"send","job_id":"a","file_type":"table","d_port":1.5})",
       "'d_port' is not a whole number"},
      {R"({"job_type":"delete","job_id":"a","file_type":"table","d_port":"x"})",
       "'d_port' is not a whole number"},
      {R"({"job_type":"coldbackup","job_id":"a","file_type":5})", "'file_type' is not a string"},
      {R"({"job_type":"update_node","cmd":null})", "'cmd' is not a string"},
      {R"({"job_type":"get_node","node_type":"node"})",
       "'node_type' cannot be 'node': it is meta_node, storage_node or computer_node"},
      {R"({"job_type":"get_node","node_type":1})", "'node_type' is not a string"},
      {R"({"job_type":"get_node","node_ip0":1})", "'node_ip0' is not a string"},
      {R"({"job_type":"update_node","node_type":""})",
       "'node_type' cannot be '': it is meta_node, storage_node or computer_node"},
      {R"({"job_type":"mysql_cmd"})", "'cmd' is missing"},
      {R"({"job_type":"mysql_cmd","cmd":"./startmysql.sh 6001"})",
       "shell commands are refused: the core was started without them"},
  }));
  CAPTURE(body);
  CHECK(refused(body) == why);
  CHECK(post(body).status == 200);
}

TEST_CASE_METHOD(NodemgrFixture, "N6: a job_id has 1 to 128 bytes", "[core][nodemgr]") {
  const auto job = GENERATE(delete_table(), send_table(), backup(), restore());
  CHECK(run(with(job, {{"job_id", std::string(128, 'j')}})).ends_with(" succeed"));
  CHECK(refused(with(job, {{"job_id", std::string(129, 'j')}}).dump()) ==
        "'job_id' is longer than 128 bytes");
  CHECK(refused(with(job, {{"job_id", ""}}).dump()) == "'job_id' is empty");
}

TEST_CASE_METHOD(NodemgrFixture, "N6: ver may be anything, and unknown members too",
                 "[core][nodemgr]") {
  CHECK(post(Json{{"ver", 1}, {"job_type", "update_node"}, {"other", {{"s_ip", 1}}}}) == succeed);
}

TEST_CASE_METHOD(NodemgrFixture, "N7: allowed commands set a mark, all others are refused",
                 "[core][nodemgr]") {
  settings.allow_shell = true;
  const auto send_command = [this](const char* type, const char* command) {
    return refused(Json{{"job_type", type}, {"cmd", command}}.dump());
  };
  CHECK(send_command("mysql_cmd", "./stopmysql.sh 6007").empty());
  CHECK(send_command("mysql_cmd", "./startmysql.sh 6007").empty());
  CHECK(send_command("pgsql_cmd", "python2 start_pg.py port=5401").empty());
  const auto [type, command] = GENERATE(table<const char*, const char*>({
      {"mysql_cmd", "./startmysql.sh 6007; rm -rf /"},
      {"mysql_cmd", "./startmysql.sh  6007"},
      {"mysql_cmd", "./startmysql.sh"},
      {"mysql_cmd", "./startmysql.sh "},
      {"mysql_cmd", "./startmysql.sh -1"},
      {"mysql_cmd", "python2 start_pg.py port=5401"},
      {"pgsql_cmd", "./startmysql.sh 6007"},
      {"cluster_cmd", "./startmysql.sh 6007"},
      {"cluster_cmd", "bash -x bin/cluster_mgr_safe --debug"},
  }));
  CHECK(send_command(type, command).starts_with("shell commands are refused: "));
  CHECK(send_command("mysql_cmd", "./stopmysql.sh 5401") == "there is no node with the port 5401");
  CHECK(send_command("pgsql_cmd", "python2 start_pg.py port=6001") ==
        "there is no node with the port 6001");
}

TEST_CASE_METHOD(NodemgrFixture, "N8: a job goes through its steps, each one in the history",
                 "[core][nodemgr]") {
  CHECK(commits_of(*this, delete_table()) == 3);
  CHECK(commits_of(*this, delete_table()) == 3);
  CHECK(commits_of(*this, send_table()) == 3);
  CHECK(commits_of(*this, backup()) == 4);
  CHECK(commits_of(*this, restore()) == 4);
}

TEST_CASE_METHOD(NodemgrFixture, "N8: a job that breaks off stands where it was",
                 "[core][nodemgr]") {
  const auto [commits, job, status] = GENERATE(table<int, Json, std::string>({
      {1, delete_table(), "delete start"},
      {2, delete_table(), "delete working"},
      {1, backup(), "coldbackup start"},
      {2, backup(), "coldbackup working"},
      {3, backup(), "coldbackup copying"},
      {2, restore(), "coldrestore copying"},
      {3, restore(), "coldrestore working"},
  }));
  BreakingStore broken(memory, commits);
  target = &broken;
  CHECK(post(job) == R"({"result":"error","info":"node_mgr failed: the disk is gone"})");
  target = &memory;
  CHECK(this->status() == status);
  now_ms += 10'000;
  CHECK(this->status() == status);
  now_ms += 1;
  const auto interrupted = job["job_type"].get<std::string>() + " interrupted error";
  CHECK(this->status() == interrupted);
  CHECK(run(job).ends_with(" succeed"));  // The id begins anew; nothing had been done.
}

TEST_CASE_METHOD(NodemgrFixture, "N9: a job that is found unfinished at the start was interrupted",
                 "[core][nodemgr]") {
  BreakingStore broken(memory, 2);
  target = &broken;
  post(delete_table());
  target = &memory;
  post(with(send_table(), {{"job_id", "other"}}));
  const auto environment = this->environment();
  core::Context context(*target, environment, now_ms, {core::Origin(""), "serve"});
  core::nodemgr::interrupt_jobs(context);
  CHECK(status() == "delete interrupted error");
  CHECK(status("other") == "send succeed");
  const auto before = content();
  core::nodemgr::interrupt_jobs(context);
  CHECK(content() == before);
}

TEST_CASE_METHOD(NodemgrFixture, "without unfinished jobs nothing is written at the start",
                 "[core][nodemgr]") {
  post(send_table());
  BreakingStore locked(memory, 0);
  const auto environment = this->environment();
  core::Context context(locked, environment, now_ms, {core::Origin(""), "serve"});
  CHECK_NOTHROW(core::nodemgr::interrupt_jobs(context));
}

TEST_CASE_METHOD(NodemgrFixture, "N9: thirty jobs are remembered, and the oldest is dropped",
                 "[core][nodemgr]") {
  const auto submit = [this](int number) {
    return run(with(backup(), {{"job_id", "job" + std::to_string(number)}}));
  };
  CHECK(status("job1") == "none");
  for (int i = 1; i <= 30; ++i) CHECK(submit(i) == "coldbackup succeed");
  for (int i = 2; i <= 30; ++i) submit(i);  // Known ones drop nothing.
  CHECK(status("job1") == "coldbackup succeed");
  submit(31);
  CHECK(status("job1") == "none");
  CHECK(status("job2") == "coldbackup succeed");
  submit(32);
  CHECK(status("job2") == "none");
  CHECK(status("job31") == "coldbackup succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N10: no password is stored or logged", "[core][nodemgr]") {
  auto job = with(send_table(), {{"s_pwd", "plain-s-one"}, {"d_pwd", "plain-s-two"}});
  run(job);
  run({{"job_type", "coldbackup"},
       {"job_id", "b"},
       {"s_user", "visible"},
       {"s_pwd", "plain-s-three"}});
  for (const auto& [key, value] : content()) CHECK(value.find("plain-s") == std::string::npos);
  bool is_user_shown = false;
  for (const auto& line : log) {
    CHECK(line.find("plain-s") == std::string::npos);
    is_user_shown = is_user_shown || line.find("\"s_user\":\"visible\"") != std::string::npos;
  }
  CHECK(is_user_shown);
  const auto request = Json::parse(journal().back().request());
  CHECK(request["s_pwd"] == "******");
  CHECK(request["s_user"] == "visible");
}

TEST_CASE_METHOD(NodemgrFixture, "jobs succeed on a store whose bodies run again",
                 "[core][nodemgr]") {
  ConflictingStore conflicting(memory, 2);
  target = &conflicting;
  const auto job = GENERATE(delete_table(), delete_binlog(), send_table(), backup(), restore());
  CHECK(run(job).ends_with(" succeed"));
}

TEST_CASE_METHOD(NodemgrFixture, "undo brings a table back and leaves the jobs alone",
                 "[core][nodemgr]") {
  const auto environment = this->environment();
  core::Context context(*target, environment, now_ms, {core::Origin(""), "undo"});
  const auto take_back = [&] {
    const auto newest = memory.read([](store::View& view) { return view.revision(); });
    const auto plan = [&](store::View& view) { return core::undo_changes(view, {newest}); };
    core::undo(context, plan, memory.read(plan));
  };
  run(delete_table());
  take_back();
  CHECK(status() == "delete succeed");
  CHECK(run(with(delete_table(), {{"job_id", "again"}})) == "delete succeed");
  run(delete_table());  // There is no such table any more.
  CHECK(thrown_by([&] { take_back(); }).reason() == Reason::precondition);
}

}  // namespace metactl::tests
