// SPDX-License-Identifier: Apache-2.0
// A served node_mgr and clients of all kinds. Source: node-mgr-api.md, N1 to N4, N16 to N18.

#include <fmt/format.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/local.h"
#include "app/serve.h"
#include "tests/support/loopback.h"
#include "tests/support/made_state.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {
namespace {

using nlohmann::json;

constexpr auto succeed = R"({"result":"succeed"})";
constexpr auto form = "Content-Type: application/x-www-form-urlencoded\r\n";

class ServedNodemgr {
 public:
  explicit ServedNodemgr(bool allow_shell = false)
      : server_(store_, app::local_environment({.state = state_}, {.allow_shell = allow_shell}),
                {.nodemgr = server::NodemgrFrontOptions()}, "127.0.0.1", 0) {}

  std::uint16_t port() const { return port_of(server_.url()); }
  RawReply post(std::string_view body, std::string_view headers = form) const {
    return exchange(port(), raw_request("POST", "/", body, headers));
  }
  RawReply get(std::string_view path, std::string_view headers = "") const {
    return exchange(port(), raw_request("GET", path, "", headers));
  }
  /// A form with these parameters and a file.
  RawReply post_file(const std::string& parameters, const std::string& name,
                     const std::string& content) const {
    return post("--B\r\nContent-Disposition: form-data; name=\"parameters\"\r\n\r\n" + parameters +
                    "\r\n--B\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"" +
                    name + "\"\r\n\r\n" + content + "\r\n--B--\r\n",
                "Content-Type: multipart/form-data; boundary=\"B\"\r\n");
  }
  std::string status(const std::string& id = "id123456") const {
    const json job{{"ver", "0.1"}, {"job_id", id}, {"job_type", "get_status"}};
    return json::parse(post(job.dump()).body).at("job_status");
  }

  const TempDir folder;

 private:
  const std::string state_ = folder / "state.db";
  const std::shared_ptr<store::Store> store_ = made_state(state_);
  const app::StateServer server_;
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info.st_mode & 0777U;
}

}  // namespace

TEST_CASE("the README's examples are answered as printed", "[conformance][nodemgr]") {
  const ServedNodemgr machine(true);
  const auto names = [&](const std::string& job) {
    std::string all;
    const auto nodes = nlohmann::ordered_json::parse(machine.post(job).body);
    for (const auto& [name, node] : nodes.items()) all += name + " ";
    return all;
  };
  CHECK(names(R"({"ver":"0.1","job_type":"get_node","node_type":"meta_node"})") == "meta_node0 ");
  CHECK(names(R"({"ver":"0.1","job_type":"get_node"})") ==
        "meta_node0 storage_node0 storage_node1 computer_node0 ");
  CHECK(names(R"({"ver":"0.1","job_type":"get_node","node_type":"meta_node",)"
              R"("node_ip0":"127.0.0.1","node_ip1":"192.168.207.145"})") == "meta_node0 ");
  CHECK(names(R"({"ver":"0.1","job_type":"get_info"})") ==
        "cpu_used mem_used mem_free disk_used disk_free meta_node storage_node computer_node ");
  CHECK(machine.post(R"({"ver":"0.1","job_type":"update_node"})").body == succeed);
  const auto run = [&](const std::string& job) {
    CHECK(machine.post(job).body == succeed);
    return machine.status();
  };
  CHECK(machine.status() == "none");
  CHECK(run(R"({"ver":"0.1","job_id":"id123456","job_type":"delete","file_type":"table",)"
            "\n"
            R"("s_ip":"127.0.0.1","s_port":6007,"s_user":"pgx","s_pwd":"pgx_pwd",)"
            R"("s_dbname":"postgres_$$_public","s_table_name":"t13"})") == "delete succeed");
  CHECK(run(R"({"ver":"0.1","job_id":"id123456","job_type":"delete","file_type":"binlog",)"
            R"("s_ip":"127.0.0.1","s_port":6007, "s_user":"pgx","s_pwd":"pgx_pwd"})") ==
        "delete succeed");
  CHECK(run(R"({"ver":"0.1","job_id":"id123456","job_type":"send","file_type":"table",)"
            R"("s_ip":"127.0.0.1","s_port":6004,"s_user":"pgx","s_pwd":"pgx_pwd",)"
            R"("s_dbname":"postgres_$$_public","s_table_name":"t12","d_ip":"127.0.0.1",)"
            R"("d_port":6007,"d_user":"pgx","d_pwd":"pgx_pwd","d_dbname":"postgres_$$_public",)"
            R"("d_table_name":"t17"})") == "send succeed");
  CHECK(run(R"({"ver":"0.1","job_id":"id123456","job_type":"coldbackup","s_ip":"127.0.0.1",)"
            R"("s_port":6004,"s_user":"pgx","s_pwd":"pgx_pwd"})") == "coldbackup succeed");
  CHECK(run(R"({"ver":"0.1","job_id":"id123456","job_type":"coldrestore","s_ip":"127.0.0.1",)"
            R"("s_port":6004,"s_user":"pgx","s_pwd":"pgx_pwd",)"
            R"("file":"/coldbackup/clust1/shard1/coldback_20211122_234303.tgz"})") ==
        "coldrestore succeed");
  for (const auto* command :
       {R"({"ver":"0.1","job_type":"mysql_cmd","cmd":"./startmysql.sh 6001"})",
        R"({"job_type":"mysql_cmd","cmd":"./stopmysql.sh 6007"})",
        R"({"ver":"0.1","job_type":"pgsql_cmd","cmd":"python2 start_pg.py port=5401"})"})
    CHECK(machine.post(command).body == succeed);
  for (const auto* area : {"mysql", "pgsql", "cluster"})
    CHECK(machine.post_file(fmt::format(R"({{"ver":"0.1","file_type":"{}"}})", area), "f", "x")
              .body ==
          fmt::format(R"({{"result":"succeed","area":"{}","file":"f","size":1}})", area));
}

TEST_CASE("N1: a connection is closed behind one reply", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const auto job = raw_request("POST", "/", R"({"job_type":"update_node"})", form);
  Connection client(machine.port());
  client.send(job + job);
  const auto all = client.receive_rest();
  CHECK(all.find("result") != std::string::npos);
  CHECK(all.find("result") == all.rfind("result"));
}

TEST_CASE("N2: a request may arrive in any pieces, headers in any case", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const std::string body = "\r\n{\"job_type\":\n\"update_node\"} \r\n";
  const auto request = fmt::format(
      "POST /x HTTP/1.0\r\ncONTENT-tYPE: Application/X-WWW-Form-URLencoded\r\n"
      "content-LENGTH:{}\r\n\r\n{}",
      body.size(), body);
  const auto step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{60}, std::size_t{1000});
  Connection client(machine.port());
  for (std::size_t at = 0; at < request.size(); at += step)
    client.send(std::string_view(request).substr(at, step));
  const auto reply = client.receive();
  CHECK(reply.status == 200);
  CHECK(reply.body == succeed);
}

TEST_CASE("N2: a job over 64 KiB and a file over 64 MiB get a 400", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const auto large = R"({"job_type":"update_node"})" + std::string(std::size_t{1} << 20, ' ');
  CHECK(machine.post(large).status == 400);
  Connection client(machine.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n"
      "Content-Length: 70000000\r\n\r\n");
  const auto reply = client.receive();
  CHECK(reply.status == 400);
  CHECK(json::parse(reply.body)["info"] == "the body is larger than 65 MiB");
}

TEST_CASE("N2: a POST without Content-Length gets a 400", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  CHECK(exchange(machine.port(), std::string("POST / HTTP/1.0\r\n") + form + "\r\n").status == 400);
  CHECK(exchange(machine.port(), std::string("POST / HTTP/1.1\r\nHost: localhost\r\n") + form +
                                     "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
            .status == 400);
}

TEST_CASE("N2: who asks before sending is told to go on", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const std::string job = R"({"job_type":"update_node"})";
  Connection client(machine.port());
  client.send(fmt::format(
      "POST / HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
      form, job.size()));
  CHECK(client.receive().status == 100);
  client.send(job);
  CHECK(client.receive().body == succeed);
}

TEST_CASE("N2: silent connections keep nobody waiting", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  std::vector<std::unique_ptr<Connection>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(std::make_unique<Connection>(machine.port()));
    if (i % 2 == 0) silent.back()->send("POST / HTTP/1.1\r\nContent-");
  }
  CHECK(machine.post(R"({"job_type":"update_node"})").body == succeed);
  const auto begin = std::chrono::steady_clock::now();
  silent.front()->receive_rest();
  silent.back()->receive_rest();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(25));
}

TEST_CASE("N4: replies are well formed", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const auto good = machine.post(R"({"job_type":"get_node"})");
  CHECK(good.headers.at("content-type") == "application/json");
  CHECK(good.headers.at("content-length") == std::to_string(good.body.size()));
  const auto bad = machine.post("{}", "Content-Type: text/plain\r\n");
  CHECK(bad.status == 400);
  CHECK(bad.headers.at("content-length") == std::to_string(bad.body.size()));
  CHECK(json::parse(bad.body)["result"] == "error");
  CHECK(exchange(machine.port(), raw_request("BREW", "/", "")).status == 400);
}

TEST_CASE("N16: a file stands beside the state, for its owner alone", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const auto files = machine.folder / "state.db.files";
  const std::string content("\r\n--b\0--Bx\r\n", 13);
  CHECK(machine.post_file(R"({"file_type":"mysql"})", "a b.json", content).status == 200);
  CHECK(content_of(files / "mysql" / "a b.json") == content);
  CHECK(mode_of(files / "mysql" / "a b.json") == 0600);
  CHECK(mode_of(files / "mysql") == 0700);
  CHECK(machine.post_file("{}", "a b.json", "").status == 200);
  CHECK(content_of(files / "upload" / "a b.json").empty());
  machine.post_file(R"({"file_type":"mysql"})", "a b.json", "new");
  CHECK(content_of(files / "mysql" / "a b.json") == "new");
  const auto without = machine.post(
      "--B\r\nContent-Disposition: form-data; name=filename; filename=f\r\n\r\nx\r\n--B--",
      "Content-Type: multipart/form-data; boundary=B\r\n");
  CHECK(json::parse(without.body)["area"] == "upload");
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(files))
    if (entry.is_regular_file()) ++count;
  CHECK(count == 3);  // Nothing temporary is left.
}

TEST_CASE("N17: a file that is refused is not kept", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  const auto name = GENERATE("", ".x", "../x", "a/b", "a\\\\b");
  CHECK(machine.post_file("{}", name, "x").status == 400);
  CHECK(machine.post_file("[]", "f", "x").status == 400);
  CHECK(machine.post_file(R"({"file_type":7})", "f", "x").status == 400);
  CHECK(machine.post("--B\r\n", "Content-Type: multipart/form-data; boundary=B\r\n").status == 400);
  CHECK_FALSE(std::filesystem::exists(machine.folder / "state.db.files"));
}

TEST_CASE("N18: there is one page, and nothing else", "[conformance][nodemgr]") {
  const ServedNodemgr machine;
  machine.post_file(R"({"file_type":"mysql"})", "f", "x");
  const auto page = machine.get("/");
  CHECK(page.status == 200);
  CHECK(page.headers.at("content-type") == "text/html");
  CHECK(page.body.find("hello node http") != std::string::npos);
  CHECK(machine.get("/hello").body == page.body);
  const auto part = machine.get("/", "Range: bytes=0-0\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == page.body.substr(0, 1));
  CHECK(part.headers.at("content-range") == fmt::format("bytes 0-0/{}", page.body.size()));
  CHECK(machine.get("/", "Range: bytes=9999-\r\n").status == 400);
  const auto* path = GENERATE("/state.db", "/id123456", "/mysql/f", "/state.db.files/mysql/f",
                              "/../state.db", "//", "/para", "/file");
  CHECK(machine.get(path).status == 400);
}

}  // namespace metactl::tests
